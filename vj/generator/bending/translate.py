"""Translate: the features slide; what leaves on one side comes back mirrored."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(y: float, x: float) -> Encoded:
    """Shift by fractions of the size; positive moves down and right."""
    return resample(shift=(-2.0 * y, -2.0 * x))


BEND = Bend(
    "translate",
    encode,
    (
        Param("bend/translate/y", 0.0, -1.0, 1.0, doc="Shift downwards, in heights of the picture."),
        Param("bend/translate/x", 0.0, -1.0, 1.0, doc="Shift to the right, in widths of the picture."),
    ),
    drives=2,
)
