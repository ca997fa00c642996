"""Gain: the features louder or quieter."""

from vj.generator.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(db: float) -> Encoded:
    """Multiply by a gain in decibels."""
    return value_map(scale=10.0 ** (db / 20.0))


BEND = Bend(
    "gain",
    encode,
    (Param("bend/gain/db", 0.0, -24.0, 12.0, "dB", doc="Gain on the features."),),
)
