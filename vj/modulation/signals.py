"""All signals that a modulation row may use: what is heard, and what else moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vj.audio import events, features
from vj.core.types import I64, FeatureFrame, Signal
from vj.modulation import sources
from vj.modulation.matrix import fields

SIGNALS: tuple[Signal, ...] = (*features.SIGNALS, *sources.SIGNALS)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a reader saw of events: the counts of a row, i64[n_pulses], and beats that fell; None before it looked."""

    events: I64 | None = None
    beats: int | None = None


def look(seen: Seen, row: Any, beats: int) -> tuple[Seen, dict[str, int]]:
    """(what is seen now, how many events of each of PULSES came since).

    row    the newest one of features, or its fields by name; None: nothing is heard
    beats  how many fell so far by the clock that rules, which need not be that of the analysis
    """
    counts, new = events.look(seen.events, row)
    fell = 0 if seen.beats is None else max(beats - seen.beats, 0)
    return Seen(counts, beats), new | {"beat": fell}


def together(heard: FeatureFrame, moves: Any, new: Mapping[str, int]) -> dict[str, Any]:
    """The signals of a frame by name.

    heard  the newest row of features; moves  a row of MOVES_DTYPE, whose clock counts before that of the analysis
    new    events that came since the frame before (`look`), of which the row knows its own alone
    """
    return fields(heard, moves) | events.pulses(new)
