"""Pictures of `vj.train.world`, stored, each with the numbers it was drawn from."""

from collections.abc import Iterator
from typing import Any

from scipy.special import ndtr

from vj.train.sources import Item, source_seed
from vj.train.world.numbers import NAMES
from vj.train.world.picture import draw
from vj.train.world.pictures import VERSION, numbers_of


class WorldSource:
    """As many pictures as are wanted, of `size` pixels a side."""

    kind = "world"
    name = "luminous liquid"
    parameters = NAMES

    def __init__(self, size: int, wanted: int, seed: int) -> None:
        self.wanted = self.expected = wanted
        self._size, self._seed = size, source_seed(seed, self.kind, self.name)

    def about(self) -> dict[str, Any]:
        """See `Source`."""
        return {
            "kind": self.kind, "name": self.name, "version": VERSION, "seed": self._seed, "parameters": list(NAMES)
        }  # fmt: skip

    def items(self, cursor: int) -> Iterator[Item]:
        """See `Source`. The cursor counts pictures; near-duplicates are left out, so there may be more than wanted."""
        for index in range(cursor, 4 * self.wanted):
            z = numbers_of(self._seed, index)
            yield Item(index + 1, draw(z, self._size), tuple(map(float, ndtr(z))))

    def close(self) -> None:
        """See `Source`: nothing is held."""
