"""What moves parameters besides the sound: macros, LFOs, envelopes and the beat. Pure.

Their values are signals like those of the analysis, so any modulation row may use them: "macro/1", "lfo/2",
"envelope/1", "bar_phase". How they move is parameters, so hands can play that too.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vj.core.types import Beat, Params, Signal, frozen
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
#: What one frame is moved by: the signals above, the selected clock's, how far a morph has come (1: over), and how many
#: beats of that clock fell so far.
MOVES_DTYPE = np.dtype(
    [*((s.name, s.dtype) if s.width == 1 else (s.name, s.dtype, (s.width,)) for s in SIGNALS),
     ("bpm", "f4"), ("beat_phase", "f4"), ("sawtooth", "f4"), ("arrived", "f4"), ("beats", "i8")],
)  # fmt: skip


def at_rest() -> np.void:
    """A row of MOVES_DTYPE in which nothing moves; it may be written to."""
    out: np.void = np.zeros(1, MOVES_DTYPE)[0]
    out["arrived"] = 1.0
    return out


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where an envelope stands: level 0..1, time held at the top, whether it rises, whether a hand presses `fire`."""

    level: float = 0.0
    held_s: float = math.inf
    rising: bool = False
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class SourcesState:
    """What the sources remember from one frame to the next: turns of the free LFOs, and envelopes."""

    turns: tuple[float, ...] = (0.0,) * LFOS
    envelopes: tuple[Envelope, ...] = (Envelope(),) * ENVELOPES


def step(
    state: SourcesState, p: Params, beat: Beat, onsets: int, dt_s: float, arrived: float = 1.0
) -> tuple[SourcesState, np.void]:
    """A frame later: the new state, and a row of MOVES_DTYPE, read-only.

    p        parameters as set by hand; beat  where the music stands; onsets  how many there were in this frame
    dt_s     length of the frame; arrived  how far a morph has come, 0..1
    """
    struck = {"onset": onsets > 0, "beat": beat.fell > 0, "bar": beat.begins_bar}
    turns = tuple(turns + p[f"lfo/{i + 1}/rate_hz"] * dt_s for i, turns in enumerate(state.turns))
    envelopes = tuple(_envelope_step(one, i, p, struck, dt_s) for i, one in enumerate(state.envelopes))
    out = np.zeros(1, MOVES_DTYPE)
    row = out[0]
    row["macro"] = [p[f"macro/{n}"] for n in range(1, MACROS + 1)]
    row["lfo"] = [_lfo_level(i, p, beat, turns[i]) for i in range(LFOS)]
    row["envelope"] = [one.level for one in envelopes]
    row["bar_phase"] = beat.beats / beat.per_bar % 1.0
    row["bpm"], row["beat_phase"] = beat.bpm, beat.beats % 1.0
    saw = _SAW_BEATS[round(p["audio/sawtooth/beats"])]
    row["sawtooth"] = beat.beats / saw % 1.0
    row["arrived"], row["beats"] = arrived, beat.number
    return SourcesState(turns, envelopes), frozen(out)[0]


def _lfo_level(i: int, p: Params, beat: Beat, turns: float) -> float:
    id = f"lfo/{i + 1}"
    beats = tuple(_BEATS.values())[round(p[f"{id}/beats"])]
    turns = beat.beats / beats if beats else turns
    return wave(SHAPES[round(p[f"{id}/shape"])], float(turns) + p[f"{id}/phase"], i)


def _envelope_step(state: Envelope, i: int, p: Params, struck: Mapping[str, bool], dt_s: float) -> Envelope:
    id = f"envelope/{i + 1}"
    pressed = p[f"{id}/fire"] >= 0.5
    by_hand = pressed and not state.pressed
    level, held_s, rising = state.level, state.held_s, state.rising
    if by_hand or struck.get(_SOURCES[round(p[f"{id}/source"])], False):
        rising, held_s = True, 0.0
    if rising:
        level = _towards(level, 1.0, dt_s, p[f"{id}/attack_s"])
        rising = level < 1.0
    elif held_s < p[f"{id}/hold_s"]:
        held_s += dt_s
    else:
        level = _towards(level, 0.0, dt_s, p[f"{id}/release_s"])
    return Envelope(level, held_s, rising, pressed)


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
