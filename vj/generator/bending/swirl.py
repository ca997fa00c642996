"""Swirl: the features turn about the centre, the more the nearer to it they are."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(turns: float) -> Encoded:
    """Turn the centre clockwise; what is half a picture away stays."""
    return resample(swirl_turns=turns)


BEND = Bend(
    "swirl",
    encode,
    (Param("bend/swirl/turns", 0.0, -2.0, 2.0, "turn", doc="How far the centre turns, clockwise."),),
)
