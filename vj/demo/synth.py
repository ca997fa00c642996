"""The instruments of the bundled track: one function a sound, each from numbers to f64[2, n] samples. Pure.

Everything random comes from the `numpy.random.RandomState` that is handed in, whose stream never changes between
versions of NumPy. Tonal sounds read band-limited wavetables, so that nothing aliases.
"""

from functools import lru_cache

import numpy as np
from numpy.random import RandomState
from scipy.signal import butter, sosfilt

from vj.core.types import F64

TABLE = 2048


def hz(midi: float) -> float:
    """Frequency of a MIDI note, equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69) / 12))


def seconds(length_s: float, rate_hz: int) -> F64:
    """Time of each sample, f64[n]."""
    return np.arange(round(length_s * rate_hz)) / rate_hz


def both(mono: F64) -> F64:
    """The same on both channels: f64[n] → f64[2, n]."""
    return np.stack([mono, mono])


def noise(n: int, low_hz: float, high_hz: float, rate_hz: int, rng: RandomState) -> F64:
    """White noise between two corners, f64[2, n], independent channels, peak about 1."""
    sos = butter(2, (low_hz, min(high_hz, 0.49 * rate_hz)), "bandpass", fs=rate_hz, output="sos")
    filtered = sosfilt(sos, rng.uniform(-1, 1, (2, n)), axis=1)
    return np.asarray(filtered / max(float(np.abs(filtered).max()), 1e-9))


@lru_cache(maxsize=256)
def _tables(n_harmonics: int, odd: bool) -> tuple[F64, F64]:
    """A dark and a bright single cycle with this many harmonics, f64[TABLE + 1] each."""
    h = np.arange(1, n_harmonics + 1)
    amplitude = (1.0 / h) * ((h % 2 == 1) if odd else 1.0)
    cycle = np.sin(2 * np.pi * np.outer(h, np.arange(TABLE + 1) / TABLE))
    return np.asarray((amplitude * np.exp(-h / 2.0) * 1.6) @ cycle), np.asarray(amplitude * np.exp(-h / 40.0) @ cycle)


def voice(freq_hz: F64, brightness: F64, rate_hz: int, turn: float = 0.0, odd: bool = False) -> F64:
    """A saw (or a square, `odd`) of changing frequency and brightness 0..1, f64[n]; `turn`: where its cycle begins."""
    dark, bright = _tables(max(1, int(0.45 * rate_hz / freq_hz.max())) if freq_hz.max() > 60 else 300, odd)
    position = (turn + np.cumsum(freq_hz) / rate_hz) % 1.0 * TABLE
    index = np.arange(TABLE + 1)
    low, high = np.interp(position, index, dark), np.interp(position, index, bright)
    return np.asarray(low + brightness * (high - low))


def swell(t: F64, length_s: float, attack_s: float, release_s: float) -> F64:
    """An envelope that rises, holds until `length_s` and falls, f64[n]."""
    return np.asarray(np.minimum(1 - np.exp(-3 * t / attack_s), np.exp(-np.maximum(t - length_s, 0) / release_s)))


def kick(velocity: float, rate_hz: int) -> F64:
    """A sine that drops from a click to 47 Hz; f64[2, n], −1..1."""
    t = seconds(0.42, rate_hz)
    freq_hz = 47 + 130 * np.exp(-t / 0.03) + 900 * np.exp(-t / 0.003)
    body = np.sin(2 * np.pi * np.cumsum(freq_hz) / rate_hz) * np.exp(-t / 0.12)
    return both(velocity * np.tanh(2.2 * body) * np.minimum(1, (0.42 - t) / 0.02))


def clap(velocity: float, rate_hz: int, rng: RandomState) -> F64:
    """Three bursts of noise and a tail, over a short body; f64[2, n], −1..1."""
    t = seconds(0.4, rate_hz)
    bursts = sum(np.where(t >= at, np.exp(-np.maximum(t - at, 0) / 0.006), 0) for at in (0.0, 0.010, 0.021))
    tail = np.where(t >= 0.021, 0.7 * np.exp(-np.maximum(t - 0.021, 0) / 0.085), 0)
    body = 0.5 * np.sin(2 * np.pi * 195 * t) * np.exp(-t / 0.04)
    return np.asarray(velocity * (noise(len(t), 900, 7000, rate_hz, rng) * np.maximum(bursts, tail) + body))


def snare(velocity: float, rate_hz: int, rng: RandomState) -> F64:
    """A drum's body and its wires; f64[2, n], −1..1."""
    t = seconds(0.25, rate_hz)
    body = np.sin(2 * np.pi * np.cumsum(185 + 120 * np.exp(-t / 0.01)) / rate_hz) * np.exp(-t / 0.06)
    return np.asarray(velocity * (0.6 * body + 0.8 * noise(len(t), 1800, 12000, rate_hz, rng) * np.exp(-t / 0.07)))


def tom(velocity: float, rate_hz: int) -> F64:
    """A tuned drum; f64[2, n], −1..1."""
    t = seconds(0.4, rate_hz)
    return both(velocity * np.sin(2 * np.pi * np.cumsum(95 + 90 * np.exp(-t / 0.05)) / rate_hz) * np.exp(-t / 0.12))


def hat(velocity: float, decay_s: float, rate_hz: int, rng: RandomState) -> F64:
    """Metal: high noise that decays; closed at 0.03 s, open at 0.13 s, a crash at 0.6 s; f64[2, n], −1..1."""
    t = seconds(6 * decay_s, rate_hz)
    low_hz = 3500 if decay_s > 0.3 else 7500
    return np.asarray(velocity * noise(len(t), low_hz, 16000, rate_hz, rng) * np.exp(-t / decay_s))


def bass(midi: int, length_s: float, bright: float, rate_hz: int) -> F64:
    """A saw that closes, over a sine an octave of weight; the same on both sides; f64[2, n], −1..1."""
    t = seconds(length_s + 0.05, rate_hz)
    freq_hz = np.full(len(t), hz(midi))
    saw = voice(freq_hz, (0.15 + 0.85 * bright) * np.exp(-t / 0.09), rate_hz)
    sub = np.sin(2 * np.pi * hz(midi) * t)
    return both(np.tanh(1.3 * (0.6 * saw + 0.7 * sub)) * swell(t, length_s, 0.006, 0.015))


def arp(midi: int, velocity: float, bright: float, rate_hz: int) -> F64:
    """A pluck of two saws, a little apart in tune and place; f64[2, n], −1..1."""
    t = seconds(0.7, rate_hz)
    opening = (0.15 + 1.1 * bright) * np.exp(-t / (0.06 + 0.16 * bright))
    left, right = (voice(np.full(len(t), hz(midi) * 2 ** (cents / 1200)), opening, rate_hz) for cents in (-6, 6))
    envelope = (1 - np.exp(-t / 0.0015)) * np.exp(-t / 0.17)
    return np.asarray(velocity * envelope * np.stack([0.8 * left + 0.2 * right, 0.2 * left + 0.8 * right]))


def pad(midi: int, length_s: float, bright: float, rate_hz: int, rng: RandomState) -> F64:
    """Three saws a side, drifting; swells in and out; f64[2, n], −1..1."""
    t = seconds(length_s + 0.9, rate_hz)
    opening = 0.12 + 0.5 * bright * np.sin(np.pi * np.minimum(t / length_s, 1)) ** 2
    sides = [
        sum(voice(np.full(len(t), hz(midi) * 2 ** (c / 1200)), opening, rate_hz, rng.uniform()) for c in cents)
        for cents in ((-9, 1, 7), (-7, -1, 9))
    ]
    return np.asarray(np.stack(sides) / 3 * swell(t, length_s, 0.35, 0.22))


def lead(midi: int, length_s: float, velocity: float, bright: float, rate_hz: int) -> F64:
    """A square with a late vibrato; f64[2, n], −1..1."""
    t = seconds(length_s + 0.15, rate_hz)
    vibrato = 0.006 * np.sin(2 * np.pi * 5.4 * t) * np.clip((t - 0.18) / 0.2, 0, 1)
    sides = [
        voice(hz(midi) * (1 + vibrato) * detune, 0.25 + 0.5 * bright * np.exp(-t / 0.3), rate_hz, odd=True)
        for detune in (0.9975, 1.0025)
    ]
    return np.asarray(velocity * np.stack(sides) * swell(t, length_s, 0.01, 0.03))


def riser(length_s: float, rate_hz: int, rng: RandomState) -> F64:
    """Noise that grows and climbs through four bands, and stops dead; f64[2, n], −1..1."""
    t = seconds(length_s, rate_hz)
    along = t / length_s * 3.0
    corners = ((300, 900), (800, 2400), (2000, 6000), (5000, 15000))
    bands = [
        noise(len(t), *corner, rate_hz, rng) * np.maximum(0, 1 - np.abs(along - i)) for i, corner in enumerate(corners)
    ]
    return np.asarray(sum(bands) * (t / length_s) ** 2)
