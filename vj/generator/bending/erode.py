"""Erode: bright spots of the features shrink."""

from vj.generator.bending.spec import Bend, Encoded, neighbours
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """The minimum over a growing square."""
    return neighbours(amount, -1.0)


BEND = Bend(
    "erode",
    encode,
    (Param("bend/erode/amount", 0.0, 0.0, 2.0, doc="Size of the square: 1 is 3×3 pixels of the layer, 2 is 7×7."),),
)
