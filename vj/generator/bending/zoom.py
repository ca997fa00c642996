"""Zoom: the features grow or shrink about the centre; shrunk ones repeat, mirrored."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(ratio: float) -> Encoded:
    """Enlarge by a ratio."""
    return resample((1.0 / ratio, 0.0, 0.0, 1.0 / ratio))


BEND = Bend(
    "zoom",
    encode,
    (Param("bend/zoom/ratio", 1.0, 0.25, 4.0, curve="exp", doc="Magnification."),),
)
