"""Invert: strong features become weak ones."""

from vj.generator.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(amount: float, pivot: float) -> Encoded:
    """From x (0) to 2 · pivot − x (1)."""
    return value_map(scale=1.0 - 2.0 * amount, offset=2.0 * amount * pivot)


BEND = Bend(
    "invert",
    encode,
    (
        Param("bend/invert/amount", 0.0, doc="From the features to their negative."),
        Param("bend/invert/pivot", 0.5, -1.0, 1.0, doc="Value that stays: 0.5 gives 1 − x; 0 suits the picture."),
    ),
    layer=0.7,
)
