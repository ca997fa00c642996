"""Sharpen: what sets a feature apart from its neighbours, exaggerated."""

from vj.generator.bending.spec import Bend, Encoded, neighbours
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """So many times what a blur over 3×3 pixels would take away."""
    return neighbours(sharpen=amount)


BEND = Bend(
    "sharpen",
    encode,
    (Param("bend/sharpen/amount", 0.0, 0.0, 6.0, doc="So many times what a blur over 3×3 pixels would take away."),),
)
