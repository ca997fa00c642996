"""Which layer makes a show late: told how long layers take, says which is to be left out. Pure."""

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)

#: No layer alone may take longer, for so long in all without a frame between in which it does not.
LIMIT_S = 0.1
PATIENCE_S = 0.5


class SlowLayers(Generic[T]):
    """Call `layers` for each frame. The first frame of a layer does not count: drivers finish compiling in it."""

    def __init__(self) -> None:
        self._over_s: dict[T, float] = {}

    def layers(self, took_s: Mapping[T, float]) -> list[T]:
        """What each layer of a frame took; returns those whose time is up."""
        before = self._over_s
        self._over_s = {one: before[one] + s if one in before and s > LIMIT_S else 0.0 for one, s in took_s.items()}
        return [one for one, s in self._over_s.items() if s >= PATIENCE_S]
