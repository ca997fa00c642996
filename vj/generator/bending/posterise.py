"""Posterise: the features in a few steps, as terraces on a map."""

from vj.generator.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(amount: float, step: float) -> Encoded:
    """From the features (0) to whole steps of them (1)."""
    return value_map(stepped=amount, step=step)


BEND = Bend(
    "posterise",
    encode,
    (
        Param("bend/posterise/amount", 0.0, doc="From smooth features to stepped ones."),
        Param("bend/posterise/step", 1.0, 0.1, 4.0, curve="exp", doc="From one step to the next."),
    ),
    layer=0.6,
)
