"""Roll: each channel's features in the place of another's further on."""

from vj.generator.bending.spec import Bend, Encoded, channels
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """So far along as a share of all channels; between two of them both."""
    return channels(roll=amount)


BEND = Bend(
    "roll",
    encode,
    (Param("bend/roll/amount", 0.0, -0.5, 0.5, "turn", bound="wrap", doc="How far along: a share of all."),),
    layer=0.3,
)
