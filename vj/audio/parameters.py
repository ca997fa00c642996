"""Parameters of the analysis on their way to the ears: the newest counts, and nobody waits."""

from collections.abc import Mapping

import numpy as np

from vj.audio.features import PARAMS
from vj.core.types import frozen
from vj.params.registry import Registry, Snapshot
from vj.runtime.ring import Ring

REGISTRY = Registry(PARAMS)
_TRIGGERS = np.array([p.kind == "trigger" for p in PARAMS])
#: Changes that the ears can be behind and still see every tap among them.
_CAPACITY = 64


def parameter_ring(name: str | None = None) -> Ring:
    """A ring of all parameters of the analysis, f32[n_params]: a new one, or that of another process."""
    return Ring(np.dtype([("values", "f4", (len(REGISTRY),))]), _CAPACITY, name)


class ParameterWriter:
    """The side of whoever turns the knobs. Belongs to one thread."""

    def __init__(self, values: Mapping[str, float]) -> None:
        """`values` of the analysis' parameters, by id; those that are missing have their defaults."""
        self._now = REGISTRY.defaults()
        self._ring = parameter_ring()
        self.set(values)

    @property
    def name(self) -> str:
        """The name under which another process attaches."""
        return self._ring.name

    def set(self, values: Mapping[str, float]) -> None:
        """Change some. Raises PresetError for one that the analysis does not have, or that is out of its range."""
        self._now = self._now.with_values(values)
        row = np.zeros(1, self._ring.dtype)
        row["values"][0] = self._now.array
        self._ring.write(row)

    def close(self) -> None:
        """Let go of the memory, and remove it."""
        self._ring.close()


class ParameterReader:
    """The ears' side. A trigger that was pressed and let go of between two looks is seen as pressed all the same."""

    def __init__(self, ring: Ring) -> None:
        self._ring, self._at = ring, max(ring.written - 1, 0)
        self._now = REGISTRY.defaults().array
        self._pressed = np.zeros(len(REGISTRY), bool)

    def look(self) -> Snapshot:
        """The parameters as they are now, a trigger pressed where it was since `used` was last called."""
        if self._ring.written != self._at:
            rows, first = self._ring.since(self._at)
            self._at = first + len(rows)
            if len(rows):
                self._now = rows["values"][-1]
                self._pressed |= _TRIGGERS & (rows["values"] >= 0.5).any(0)
        return Snapshot(REGISTRY, frozen(np.where(self._pressed, np.float32(1.0), self._now)))

    def used(self) -> None:
        """Sound was analysed with these: what was pressed is done."""
        self._pressed[:] = False
