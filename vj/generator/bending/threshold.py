"""Threshold: the features become black and white."""

from vj.generator.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(amount: float, level: float, height: float) -> Encoded:
    """From the features (0) to a binary mask of them (1)."""
    return value_map(mask=amount, level=level, height=height)


BEND = Bend(
    "threshold",
    encode,
    (
        Param("bend/threshold/amount", 0.0, doc="From the features to their binary mask."),
        Param("bend/threshold/level", 0.5, -2.0, 4.0, doc="Where the mask is cut."),
        Param("bend/threshold/height", 2.0, 0.0, 8.0, doc="Value of what is above; below is 0."),
    ),
    layer=0.45,
)
