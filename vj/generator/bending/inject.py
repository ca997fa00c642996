"""Noise injection: the features drown in noise that turns smoothly."""

from vj.generator.bending.spec import Bend, Encoded, noise
from vj.params.spec import Param


def encode(sigma: float, phase: float) -> Encoded:
    """Add normal noise of the given sigma."""
    return noise(sigma, phase)


BEND = Bend(
    "inject",
    encode,
    (
        Param("bend/inject/sigma", 0.0, 0.0, 2.0, doc="Standard deviation of the noise."),
        Param("bend/inject/phase", 0.0, 0.0, 1.0, "turn", bound="wrap", doc="Turns the noise; comes round at 1."),
    ),
    layer=0.5,
)
