"""Invert: strong features become weak ones."""

from vj.gan.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """From x (0) to 1 − x (1)."""
    return value_map(scale=1.0 - 2.0 * amount, offset=amount)


BEND = Bend(
    "invert",
    encode,
    (Param("bend/invert/amount", 0.0, doc="From the features to one minus them."),),
    layer=0.7,
)
