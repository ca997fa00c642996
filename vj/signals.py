"""All signals that a modulation row may use: what is heard, and what else moves."""

from vj.audio import features
from vj.params import movers
from vj.types import Signal

SIGNALS: tuple[Signal, ...] = (*features.SIGNALS, *movers.SIGNALS)
