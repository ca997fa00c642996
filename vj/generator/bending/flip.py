"""Flip: the features upside down or left to right, as a switch."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(y: float, x: float) -> Encoded:
    """Reverse an axis while its amount is a half or more."""
    return resample((-1.0 if y >= 0.5 else 1.0, 0.0, 0.0, -1.0 if x >= 0.5 else 1.0))


BEND = Bend(
    "flip",
    encode,
    (
        Param("bend/flip/y", 0.0, doc="Upside down from 0.5 on."),
        Param("bend/flip/x", 0.0, doc="Left to right from 0.5 on."),
    ),
    layer=0.6,
    drives=2,
)
