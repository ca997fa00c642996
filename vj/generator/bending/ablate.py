"""Ablate: the chosen features fade away."""

from vj.generator.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """From x (0) to nothing (1)."""
    return value_map(scale=1.0 - amount)


BEND = Bend(
    "ablate",
    encode,
    (Param("bend/ablate/amount", 0.0, doc="How much of the features is taken away."),),
)
