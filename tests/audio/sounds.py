"""Sounds made for the tests, with truth that can be worked out by hand."""

import numpy as np
import soundfile

RATE_HZ = 44100


def clicks(times_s, length_s, rate_hz=RATE_HZ, seed=0, gain=0.7):
    """Noise bursts of 60 ms that decay, at the given times."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(length_s * rate_hz), np.float32)
    burst = rng.standard_normal(round(0.06 * rate_hz)) * np.exp(-np.arange(round(0.06 * rate_hz)) / (0.012 * rate_hz))
    for t_s in times_s:
        at = round(t_s * rate_hz)
        n = min(len(burst), len(out) - at)
        out[at : at + n] += gain * burst[:n] / 3
    return out


def pulse_train(bpm, length_s, rate_hz=RATE_HZ, start_s=0.25):
    """A click on every beat; returns (sound, beat times)."""
    times_s = np.arange(start_s, length_s - 0.1, 60 / bpm)
    return clicks(times_s, length_s, rate_hz), times_s


def chord(frequencies_hz, length_s, rate_hz=RATE_HZ, gain=0.2):
    """Steady sines."""
    t_s = np.arange(round(length_s * rate_hz)) / rate_hz
    return (gain * sum(np.sin(2 * np.pi * f * t_s) for f in frequencies_hz)).astype(np.float32)


def song(length_s=12.0, rate_hz=RATE_HZ):
    """Drums over chords, with a second of silence in the middle."""
    beat, _ = pulse_train(120, length_s, rate_hz)
    half = len(beat) // 2
    notes = np.concatenate([chord((220, 277), length_s / 2, rate_hz), chord((196, 247), length_s / 2, rate_hz)])
    out = beat + notes[: len(beat)]
    out[half : half + rate_hz] = 0
    return out


def write(path, samples, rate_hz=RATE_HZ, subtype="PCM_16"):
    """A sound file; samples f32[n] or [n, channels]."""
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    return path
