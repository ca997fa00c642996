"""Mirror: one half of the features folds over onto the other."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(y: float, x: float) -> Encoded:
    """From the features as they are (0) to symmetric ones (1), folding on the way."""
    return resample(mirror=(y, x))


BEND = Bend(
    "mirror",
    encode,
    (
        Param("bend/mirror/y", 0.0, doc="The lower half is mirrored upwards."),
        Param("bend/mirror/x", 0.0, doc="The right half is mirrored to the left."),
    ),
    drives=2,
)
