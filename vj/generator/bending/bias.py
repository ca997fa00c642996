"""Bias: something added to the features."""

from vj.generator.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """Add the same to every value."""
    return value_map(offset=amount)


BEND = Bend(
    "bias",
    encode,
    (Param("bend/bias/amount", 0.0, -1.0, 1.0, doc="Added to the features."),),
)
