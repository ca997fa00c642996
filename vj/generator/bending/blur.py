"""Blur: each feature shared with its neighbours."""

from vj.generator.bending.spec import Bend, Encoded, neighbours
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """Over 3×3 pixels at 1, over 7×7 at 2."""
    return neighbours(blur=amount)


BEND = Bend(
    "blur",
    encode,
    (Param("bend/blur/amount", 0.0, 0.0, 2.0, doc="Over 3×3 pixels of the layer at 1, over 7×7 at 2."),),
)
