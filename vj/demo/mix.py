"""From notes to a mastered stereo track: stems, side-chain, delay, reverb, loudness. Pure."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.random import RandomState
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from vj.core.types import F64
from vj.demo import synth
from vj.demo.annotation import Span
from vj.demo.score import Note

#: Level of each instrument in the mix, dB.
LEVELS_DB = {
    "kick": -2.0, "clap": -4.5, "snare": -5.5, "tom": -6.0, "hat": -12.5, "open_hat": -12.5, "crash": -11.0,
    "bass": -9.5, "arp": -17.5, "pad": -22.0, "lead": -18.5, "riser": -14.0,
}  # fmt: skip
#: How much of an instrument goes to the reverb and to the delay.
REVERB = {"clap": 0.16, "snare": 0.10, "crash": 0.2, "arp": 0.22, "pad": 0.35, "lead": 0.3, "riser": 0.3}
DELAY = {"arp": 0.24, "lead": 0.3}
#: How far the kick pushes an instrument down, 0..1.
DUCKED = {"bass": 0.75, "pad": 0.7, "arp": 0.4, "lead": 0.25, "riser": 0.4, "reverb": 0.6}
DUCK_S = 0.22
LOUDNESS_LUFS = -14.0
CEILING = 10 ** (-1.5 / 20)


def render_note(note: Note, rate_hz: int, rng: RandomState) -> F64:  # noqa: C901 (a case an instrument)
    """One note of any instrument, f64[2, n]."""
    match note.instrument:
        case "kick":
            return synth.kick(note.velocity, rate_hz)
        case "clap":
            return synth.clap(note.velocity, rate_hz, rng)
        case "snare":
            return synth.snare(note.velocity, rate_hz, rng)
        case "tom":
            return synth.tom(note.velocity, rate_hz)
        case "hat":
            return synth.hat(note.velocity, 0.03, rate_hz, rng)
        case "open_hat":
            return synth.hat(note.velocity, 0.1, rate_hz, rng)
        case "crash":
            return synth.hat(note.velocity, 0.6, rate_hz, rng)
        case "bass":
            return synth.bass(note.midi, note.length_s, note.bright, rate_hz)
        case "arp":
            return synth.arp(note.midi, note.velocity, note.bright, rate_hz)
        case "pad":
            return synth.pad(note.midi, note.length_s, note.bright, rate_hz, rng)
        case "lead":
            return synth.lead(note.midi, note.length_s, note.velocity, note.bright, rate_hz)
        case "riser":
            return synth.riser(note.length_s, rate_hz, rng)
    raise ValueError(f"note at {note.t_s} s: no instrument {note.instrument!r}")


def stems(notes: Iterable[Note], n: int, rate_hz: int, seed: int) -> dict[str, F64]:
    """Each instrument alone at its level, name → f64[2, n]."""
    rng = RandomState(seed)
    found: dict[str, F64] = {}
    for note in notes:
        stem = found.setdefault(note.instrument, np.zeros((2, n)))
        begin = round(note.t_s * rate_hz)
        sound = render_note(note, rate_hz, rng)[:, : n - begin]
        stem[:, begin : begin + sound.shape[1]] += 10 ** (LEVELS_DB[note.instrument] / 20) * sound
    return found


def duck(kick_times_s: Iterable[float], n: int, rate_hz: int) -> F64:
    """1 at a kick, back to 0 within `DUCK_S`, f64[n]: how far the others are pushed down. Starts 4 ms early."""
    shape = np.cos(np.linspace(0, np.pi / 2, round(DUCK_S * rate_hz))) ** 2
    ramp = np.linspace(0, 1, round(0.004 * rate_hz), endpoint=False)
    shape = np.concatenate([ramp, shape])
    depth = np.zeros(n + len(shape))
    for t_s in kick_times_s:
        begin = max(round(t_s * rate_hz) - len(ramp), 0)
        depth[begin : begin + len(shape)] = np.maximum(depth[begin : begin + len(shape)], shape)
    return depth[:n]


def reverb(dry: F64, rate_hz: int, seed: int) -> F64:
    """A plate of 1.6 s with 18 ms before it, f64[2, n] → f64[2, n]: stereo noise that decays, darker as it goes."""
    rng = RandomState(seed)
    t = synth.seconds(1.6, rate_hz)
    dark = synth.noise(len(t), 250, 2500, rate_hz, rng) * np.exp(-t / 0.35)
    bright = synth.noise(len(t), 1500, 9000, rate_hz, rng) * np.exp(-t / 0.14)
    response = (0.6 * dark + 0.4 * bright) * 0.06
    response = np.pad(response, ((0, 0), (round(0.018 * rate_hz), 0)))
    return np.asarray(fftconvolve(dry, response, axes=1)[:, : dry.shape[1]])


def ping_pong(dry: F64, delay_s: float, rate_hz: int) -> F64:
    """Echoes of f64[2, n] that change sides, four of them, each 5 dB softer, f64[2, n]."""
    n, step = dry.shape[1], round(delay_s * rate_hz)
    wet = np.zeros_like(dry)
    for echo in range(1, 5):
        shifted = dry[:, : n - echo * step] * 0.56 ** (echo - 1)
        wet[:, echo * step :] += shifted[::-1] if echo % 2 else shifted
    return wet


def mix(parts: Mapping[str, F64], kick_times_s: Iterable[float], rate_hz: int, seed: int) -> F64:
    """All stems with their effects, f64[2, n], not yet mastered."""
    n = next(iter(parts.values())).shape[1]
    pushed = duck(kick_times_s, n, rate_hz)
    wet = {name: ping_pong(DELAY[name] * stem, 0.341, rate_hz) for name, stem in parts.items() if name in DELAY}
    dry = {name: stem * (1 - DUCKED.get(name, 0) * pushed) for name, stem in parts.items()}
    echoes: F64 = sum(wet.values(), np.zeros((2, n)))
    room: F64 = sum((REVERB[name] * stem for name, stem in parts.items() if name in REVERB), 0.3 * echoes)
    ducked_room = 1.6 * reverb(room, rate_hz, seed) * (1 - DUCKED["reverb"] * pushed)
    return np.asarray(sum(dry.values(), echoes * (1 - 0.4 * pushed) + ducked_room))


def master(mixed: F64, silences: Iterable[Span], rate_hz: int) -> F64:
    """At `LOUDNESS_LUFS`, below `CEILING`, the silences exactly zero, f64[2, n]."""
    clean = np.asarray(sosfilt(butter(2, 28, "highpass", fs=rate_hz, output="sos"), mixed, axis=1))
    n = clean.shape[1]
    for silence in silences:
        begin, end = round(silence.start_s * rate_hz), round(silence.end_s * rate_hz)
        fade = round(0.02 * rate_hz)
        clean[:, begin - fade : begin] *= np.linspace(1, 0, fade)
        clean[:, begin:end] = 0
    clean[:, n - rate_hz :] *= np.linspace(1, 0, rate_hz)
    for _ in range(4):
        clean = limit(clean * 10 ** ((LOUDNESS_LUFS - loudness_lufs(clean, rate_hz)) / 20))
    return clean


def limit(sound: F64) -> F64:
    """f64[2, n] → f64[2, n]: soft from half the ceiling on, never above it."""
    knee = 0.6 * CEILING
    over = np.maximum(np.abs(sound) - knee, 0)
    soft = knee + (CEILING - knee) * np.tanh(over / (CEILING - knee))
    return np.where(over > 0, np.sign(sound) * soft, sound)


def loudness_lufs(sound: F64, rate_hz: int) -> float:
    """Integrated loudness of f64[2, n] at 48 kHz, ITU-R BS.1770-4: K-weighting, 400 ms blocks, both gates."""
    if rate_hz != 48_000:
        raise ValueError(f"loudness: the filters are those for 48000 Hz, found {rate_hz}")
    shelf = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
    high = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    weighted = lfilter(*high, lfilter(*shelf, sound, axis=1), axis=1)
    power = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=0))])
    block, hop = 19_200, 4_800
    starts = np.arange(0, sound.shape[1] - block + 1, hop)
    blocks = np.maximum((power[starts + block] - power[starts]) / block, 1e-12)
    loud = blocks[-0.691 + 10 * np.log10(blocks) > -70]
    if not len(loud):
        return -70.0
    gated = loud[10 * np.log10(loud) > 10 * np.log10(loud.mean()) - 10]
    return float(-0.691 + 10 * np.log10(gated.mean()))
