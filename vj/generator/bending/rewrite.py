"""Rewrite: noise on what a layer does, as if its weights had been changed at random.

The layer's output is mixed with a random mixture of its channels. As a convolution is linear in its weights, a random
change of them along its output channels would give the same before the non-linearity; the bend comes after it. Compare
Bau and others, "Rewriting a Deep Generative Model", ECCV 2020, where the change of the weights is sought, not random.
"""

from vj.generator.bending.spec import Bend, Encoded, channels
from vj.params.spec import Param


def encode(amount: float, seed: float) -> Encoded:
    """Add so much of the mixture that the seed gives."""
    return channels(mix=amount, seed=round(seed))


BEND = Bend(
    "rewrite",
    encode,
    (
        Param("bend/rewrite/amount", 0.0, -1.0, 1.0, doc="How much of the mixture is added."),
        Param("bend/rewrite/seed", 1.0, 0.0, 999.0, doc="Another seed, other weights."),
    ),
    layer=0.25,
)
