"""Which learning rate each tensor has in each kind of step. Pure."""

from collections.abc import Iterable

from vj.train.adam import Rates
from vj.train.settings import Settings


def generator_rates(settings: Settings, names: Iterable[str], kind: str) -> dict[str, Rates]:
    """For a generator's tensors in a step of kind "teach", "sharpen", "gan" or "path"."""
    if kind == "teach":
        # Regression is no contest between two networks: momentum helps, and the mapping has much to learn.
        slow = Rates(settings.teach_rate, 0.9, 0.99)
        fast = Rates(settings.teach_rate * settings.mapping_rate, 0.9, 0.99)
        return {name: fast if name.startswith("mapping.") else slow for name in names}
    rates = Rates(settings.rate)
    if settings.path_weight:
        rates = rates.lazy(settings.path_every)
    return dict.fromkeys(names, rates)


def discriminator_rates(settings: Settings, names: Iterable[str]) -> dict[str, Rates]:
    """For a discriminator's tensors, in every kind of step."""
    rates = Rates(settings.heads_rate if settings.projected else settings.rate)
    return dict.fromkeys(names, rates.lazy(settings.r1_every) if settings.gamma else rates)
