"""Dense displacement: every pixel of the features follows the flow field."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(amount: float) -> Encoded:
    """Read at y − flow, x − flow, as `dense_image_warp` does."""
    return resample(displace=amount)


BEND = Bend(
    "displace",
    encode,
    (Param("bend/displace/amount", 0.0, -1.0, 1.0, doc="Strength of the displacement, in half pictures."),),
)
