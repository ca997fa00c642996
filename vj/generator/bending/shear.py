"""Shear: rows or columns of the features slide past each other."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(y: float, x: float) -> Encoded:
    """y moves with x and x with y; 1 is 45 degrees."""
    return resample((1.0, -y, -x, 1.0))


BEND = Bend(
    "shear",
    encode,
    (
        Param("bend/shear/y", 0.0, -1.0, 1.0, doc="Columns slide; 1 is 45 degrees."),
        Param("bend/shear/x", 0.0, -1.0, 1.0, doc="Rows slide; 1 is 45 degrees."),
    ),
    drives=2,
)
