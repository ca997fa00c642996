"""All signals that a modulation row may use: what is heard, and what else moves."""

from collections.abc import Mapping
from typing import Any

from vj.audio import events, features
from vj.core.types import FeatureFrame, Signal
from vj.modulation import sources
from vj.modulation.matrix import fields

SIGNALS: tuple[Signal, ...] = (*features.SIGNALS, *sources.SIGNALS)


def together(heard: FeatureFrame, moves: Any, new: Mapping[str, int]) -> dict[str, Any]:
    """The signals of a frame by name.

    heard  the newest row of features; moves  a row of MOVES_DTYPE, whose clock counts before that of the analysis
    new    events that came since the frame before (`vj.audio.events.look`), of which the row knows its own alone
    """
    return fields(heard, moves) | events.pulses(new)
