"""Clamp: the features no larger than a limit, so that peaks become plateaus."""

from vj.generator.bending.spec import Bend, Encoded, value_map
from vj.params.spec import Param


def encode(amount: float, limit: float) -> Encoded:
    """From the features (0) to what is held within ±limit (1)."""
    return value_map(held=amount, limit=limit)


BEND = Bend(
    "clamp",
    encode,
    (
        Param("bend/clamp/amount", 0.0, doc="From the features to the clamped ones."),
        Param("bend/clamp/limit", 0.5, 0.05, 2.0, curve="exp", doc="The largest value, either way."),
    ),
)
