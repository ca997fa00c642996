"""Which layer makes a show late: told how long frames and layers take, says which is to be left out. Pure."""

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)

#: No layer alone may take longer, for so long in all while no frame comes in time.
LIMIT_S = 0.1
PATIENCE_S = 1.0


class SlowLayers(Generic[T]):
    """`watching`: layers are to be timed, as a frame came late. Timing each makes the card wait, so not always."""

    def __init__(self) -> None:
        self.watching = False
        self._over_s: dict[T, float] = {}

    def frame(self, took_s: float) -> None:
        """A frame took so long to draw."""
        self.watching = took_s > LIMIT_S
        if not self.watching:
            self._over_s.clear()

    def layers(self, took_s: Mapping[T, float]) -> list[T]:
        """What each layer of a frame took; returns those whose time is up."""
        self._over_s = {one: self._over_s.get(one, 0.0) + s for one, s in took_s.items() if s > LIMIT_S}
        return [one for one, s in self._over_s.items() if s >= PATIENCE_S]
