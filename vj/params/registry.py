"""All parameters of the instrument in one immutable tree, and what they are at one moment. Pure."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from vj.core.errors import PresetError
from vj.core.types import F32, frozen
from vj.params.bounds import checked
from vj.params.spec import Param


class Registry:
    """Parameters by id, in a fixed order that gives each its place in a snapshot's array.

    Raises PresetError when two parameters share an id.
    """

    def __init__(self, params: Iterable[Param]) -> None:
        self.params = tuple(params)
        self.index = {p.id: i for i, p in enumerate(self.params)}
        if len(self.index) != len(self.params):
            seen = [p.id for p in self.params]
            twice = next(i for i in seen if seen.count(i) > 1)
            raise PresetError(f"parameter {twice!r} is declared twice; every id stands for one parameter")

    def __len__(self) -> int:
        return len(self.params)

    def __iter__(self) -> Iterator[Param]:
        return iter(self.params)

    def __contains__(self, id: object) -> bool:
        return id in self.index

    def __getitem__(self, id: str) -> Param:
        """The row of `id`. Raises PresetError with the nearest known id when there is none."""
        if id not in self.index:
            near = difflib.get_close_matches(id, self.index, n=1)
            raise PresetError(f"unknown parameter {id!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return self.params[self.index[id]]

    def defaults(self) -> "Snapshot":
        """Every parameter at its default."""
        return Snapshot(self, frozen(np.array([p.default for p in self.params], np.float32)))


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot(Mapping[str, float]):
    """The values of all parameters at one moment: f32[n_params], read by id in natural units."""

    registry: Registry
    array: F32

    def __getitem__(self, id: str) -> float:
        return float(self.array[self.registry.index[id]])

    def __iter__(self) -> Iterator[str]:
        return iter(self.registry.index)

    def __len__(self) -> int:
        return len(self.registry)

    def with_values(self, changes: Mapping[str, object]) -> "Snapshot":
        """A new snapshot with `changes` (id → number, name of a choice, on/off), each checked against its row.

        Raises PresetError at the first that does not fit; this snapshot stays as it is.
        """
        values = self.array.copy()
        for id, found in changes.items():
            values[self.registry.index[self.registry[id].id]] = checked(self.registry[id], found)
        return Snapshot(self.registry, frozen(values))
