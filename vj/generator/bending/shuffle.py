"""Shuffle: the channels' features in another order."""

from vj.generator.bending.spec import Bend, Encoded, channels
from vj.params.spec import Param


def encode(amount: float, seed: float) -> Encoded:
    """From the channels' own order (0) to a shuffled one (1)."""
    return channels(shuffle=amount, seed=round(seed))


BEND = Bend(
    "shuffle",
    encode,
    (
        Param("bend/shuffle/amount", 0.0, doc="From the channels' own order to the shuffled one."),
        Param("bend/shuffle/seed", 1.0, 0.0, 999.0, doc="Another seed, another order."),
    ),
    layer=0.3,
)
