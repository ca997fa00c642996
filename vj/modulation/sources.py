"""What moves parameters besides the sound: macros, LFOs, envelopes and the beat. Pure but for what they remember.

Their values are signals like those of the analysis, so any modulation row may use them: "macro/1", "lfo/2",
"envelope/1", "bar_phase". How they move is parameters, so hands can play that too.
"""

import math

import numpy as np

from vj.core.types import Beat, Params, Signal
from vj.params.spec import Param, choice, trigger

MACROS, LFOS, ENVELOPES = 8, 4, 4
SHAPES = ("sine", "triangle", "saw", "square", "steps", "walk")
#: Length of one turn of an LFO that follows the beat.
_BEATS = {"free": 0.0, "quarter beat": 0.25, "half beat": 0.5, "one beat": 1.0} | {
    f"{n} beats": float(n) for n in (2, 4, 8, 16, 32)
}
_SOURCES = ("hand", "onset", "beat", "bar")
#: The analysis' choice of sawtooth lengths, in beats (`vj.audio.features.beat`).
_SAW_BEATS = (1, 2, 4, 8, 16)


def _lfo(n: int) -> tuple[Param, ...]:
    id = f"lfo/{n}"
    return (
        choice(f"{id}/shape", "sine", SHAPES, "Form of LFO's turn; steps and walk are random, the same at each show."),
        choice(f"{id}/beats", "free", tuple(_BEATS), "Length of a turn in beats, or free: as lfo/…/rate_hz says."),
        Param(f"{id}/rate_hz", 0.1, 0.005, 20.0, "Hz", "exp", doc="Turns a second, where it does not follow the beat."),
        Param(f"{id}/phase", 0.0, 0.0, 1.0, "turn", bound="wrap", doc="Where in its turn it stands on the first beat."),
    )


def _envelope(n: int) -> tuple[Param, ...]:
    id = f"envelope/{n}"
    return (
        choice(f"{id}/source", "onset", _SOURCES, "What begins it; the hand always may, by envelope/…/fire."),
        trigger(f"{id}/fire", "Begin it now."),
        Param(f"{id}/attack_s", 0.01, 0.0, 10.0, "s", doc="Time in which it rises to 1."),
        Param(f"{id}/hold_s", 0.0, 0.0, 10.0, "s", doc="Time for which it stays there."),
        Param(f"{id}/release_s", 0.5, 0.0, 30.0, "s", doc="Time in which it falls to 0."),
    )


def _macro(n: int) -> Param:
    return Param(f"macro/{n}", 0.0, slew_s=0.06, doc="One knob for what the preset lays on it by modulation rows.")


PARAMS: tuple[Param, ...] = (
    *(_macro(n) for n in range(1, MACROS + 1)),
    *(p for n in range(1, LFOS + 1) for p in _lfo(n)),
    *(p for n in range(1, ENVELOPES + 1) for p in _envelope(n)),
)
SIGNALS = (
    Signal("macro", 0.0, 1.0, width=MACROS, first=1, doc="The macros, as knobs set them."),
    Signal("lfo", 0.0, 1.0, width=LFOS, first=1, doc="Low-frequency oscillators, free or on the beat."),
    Signal("envelope", 0.0, 1.0, width=ENVELOPES, first=1, doc="Attack, hold and release after an onset, beat or hit."),
    Signal("bar_phase", 0.0, 1.0, doc="0 on the first beat of a bar, rising to 1 at the next."),
)
#: What one frame is moved by: the signals above, the selected clock's, and how far a morph has come (1: over).
MOVES_DTYPE = np.dtype(
    [*((s.name, s.dtype) if s.width == 1 else (s.name, s.dtype, (s.width,)) for s in SIGNALS),
     ("bpm", "f4"), ("beat_phase", "f4"), ("sawtooth", "f4"), ("arrived", "f4")],
)  # fmt: skip


def at_rest() -> np.void:
    """A row of MOVES_DTYPE in which nothing moves."""
    out: np.void = np.zeros(1, MOVES_DTYPE)[0]
    out["arrived"] = 1.0
    return out


class ModulationSources:
    """Call `step` once a frame. The same times and parameters give the same values."""

    def __init__(self) -> None:
        self._turns = np.zeros(LFOS)
        self._levels, self._held_s = [0.0] * ENVELOPES, [math.inf] * ENVELOPES
        self._rising = [False] * ENVELOPES
        self._fired = [False] * ENVELOPES
        self._beats = 0.0

    def step(self, p: Params, beat: Beat, onsets: int, dt_s: float, arrived: float = 1.0) -> np.void:
        """A row of MOVES_DTYPE for parameters as set by hand, a time in beats, and the onsets of the frame."""
        out = at_rest()
        out["macro"] = [p[f"macro/{n}"] for n in range(1, MACROS + 1)]
        out["lfo"] = [self._lfo(i, p, beat, dt_s) for i in range(LFOS)]
        struck = {
            "onset": onsets > 0,
            "beat": math.floor(beat.beats) > math.floor(self._beats),
            "bar": math.floor(beat.beats / beat.per_bar) > math.floor(self._beats / beat.per_bar),
        }
        self._beats = beat.beats
        out["envelope"] = [self._envelope(i, p, struck, dt_s) for i in range(ENVELOPES)]
        out["bar_phase"] = beat.beats / beat.per_bar % 1.0
        out["bpm"], out["beat_phase"] = beat.bpm, beat.beats % 1.0
        saw = _SAW_BEATS[round(p["audio/sawtooth/beats"])]
        out["sawtooth"] = beat.beats / saw % 1.0
        out["arrived"] = arrived
        return out

    def _lfo(self, i: int, p: Params, beat: Beat, dt_s: float) -> float:
        id = f"lfo/{i + 1}"
        self._turns[i] += p[f"{id}/rate_hz"] * dt_s
        beats = tuple(_BEATS.values())[round(p[f"{id}/beats"])]
        turns = beat.beats / beats if beats else self._turns[i]
        return wave(SHAPES[round(p[f"{id}/shape"])], float(turns) + p[f"{id}/phase"], i)

    def _envelope(self, i: int, p: Params, struck: dict[str, bool], dt_s: float) -> float:
        id = f"envelope/{i + 1}"
        fire = p[f"{id}/fire"] >= 0.5
        by_hand, self._fired[i] = fire and not self._fired[i], fire
        if by_hand or struck.get(_SOURCES[round(p[f"{id}/source"])], False):
            self._rising[i], self._held_s[i] = True, 0.0
        level = self._levels[i]
        if self._rising[i]:
            level = _towards(level, 1.0, dt_s, p[f"{id}/attack_s"])
            self._rising[i] = level < 1.0
        elif self._held_s[i] < p[f"{id}/hold_s"]:
            self._held_s[i] += dt_s
        else:
            level = _towards(level, 0.0, dt_s, p[f"{id}/release_s"])
        self._levels[i] = level
        return level


def wave(shape: str, turns: float, seed: int = 0) -> float:
    """One of SHAPES at a number of turns since the start, 0..1. The random ones differ from turn to turn."""
    x, turn = turns % 1.0, math.floor(turns)
    if shape == "sine":
        return 0.5 - 0.5 * math.cos(2.0 * math.pi * x)
    if shape == "triangle":
        return 1.0 - abs(2.0 * x - 1.0)
    if shape == "saw":
        return x
    if shape == "square":
        return 1.0 if x < 0.5 else 0.0
    here = _random(turn, seed)
    if shape == "steps":
        return here
    return here + (_random(turn + 1, seed) - here) * x * x * (3.0 - 2.0 * x)


def _random(n: int, seed: int) -> float:
    """The same 0..1 for the same numbers, by the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    z = (n * 0x9E3779B97F4A7C15 + (seed + 1) * 0xD1B54A32D192ED03) & (2**64 - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return (z ^ (z >> 31)) / 2**64


def _towards(value: float, target: float, dt_s: float, span_s: float) -> float:
    most = dt_s / span_s if span_s > 0.0 else 1.0
    return value + min(max(target - value, -most), most)
