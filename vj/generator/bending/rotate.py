"""Rotate: the features turn about the centre."""

from vj.generator.bending.spec import Bend, Encoded, resample, rotation
from vj.params.spec import Param


def encode(turns: float) -> Encoded:
    """Turn clockwise by a fraction of a whole turn."""
    return resample(rotation(turns))


BEND = Bend(
    "rotate",
    encode,
    (Param("bend/rotate/turns", 0.0, -0.5, 0.5, "turn", bound="wrap", doc="Angle, clockwise."),),
)
