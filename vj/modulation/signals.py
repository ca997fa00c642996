"""All signals that a modulation row may use: what is heard, and what else moves."""

from vj.audio import features
from vj.core.types import Signal
from vj.modulation import sources

SIGNALS: tuple[Signal, ...] = (*features.SIGNALS, *sources.SIGNALS)
