"""Kaleidoscope: the features fold into sectors about the centre, each the mirror image of its neighbours."""

from vj.generator.bending.spec import Bend, Encoded, resample
from vj.params.spec import Param


def encode(amount: float, mirrors: float) -> Encoded:
    """From the features (0) to the folded ones (1), closing like a fan on the way."""
    return resample(fold=amount, mirrors=max(round(mirrors), 1))


BEND = Bend(
    "kaleidoscope",
    encode,
    (
        Param("bend/kaleidoscope/amount", 0.0, doc="From the features to the folded ones."),
        Param("bend/kaleidoscope/mirrors", 6.0, 1.0, 16.0, doc="Pairs of sectors, a whole number."),
    ),
    layer=0.3,
)
