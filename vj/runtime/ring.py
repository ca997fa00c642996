"""Rows of numbers in shared memory: one process writes, any others read, nobody waits.

Readers take what is there. One that comes late finds the oldest rows overwritten, skips them, and knows how many. There
is no lock: each row carries its number, written after the row and cleared before it is written over, and a reader takes
only rows whose number was right before and after it copied them (a seqlock for each row).
"""

from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from vj.runtime.memory import shared_memory

Rows = npt.NDArray[Any]
_HEADER = np.dtype([("written", "u8"), ("beat_s", "f8"), ("rest", "u1", (48,))])


class Ring:
    """`capacity` rows of a structured dtype. Without a `name` the memory is created, with one it is attached.

    The process that creates the memory removes it; should that process be killed, Python's resource tracker does.
    Raises WorkerError where there is no such memory.
    """

    def __init__(self, dtype: np.dtype[Any], capacity: int, name: str | None = None) -> None:
        self._owner, self.capacity, self.dtype = name is None, capacity, dtype
        slot = np.dtype([("number", "u8"), ("row", dtype)], align=True)
        self._memory = shared_memory(_HEADER.itemsize + capacity * slot.itemsize, name)
        self._header: Rows | None = np.ndarray((1,), _HEADER, self._memory.buf)
        self._slots: Rows | None = np.ndarray((capacity,), slot, self._memory.buf, _HEADER.itemsize)
        if self._owner:
            self._header[:] = 0
            self._slots["number"] = 0

    @property
    def name(self) -> str:
        """The name under which another process attaches."""
        return self._memory.name

    @property
    def written(self) -> int:
        """Rows written so far; the newest has the index `written` − 1."""
        return int(self._head()["written"][0])

    @property
    def beat_s(self) -> float:
        """When the writer last said that it lives, on the clock that it uses; 0 before."""
        return float(self._head()["beat_s"][0])

    def beat(self, now_s: float) -> None:
        """The writer lives."""
        self._head()["beat_s"][0] = now_s

    def write(self, rows: Rows) -> None:
        """Append rows [n] of the ring's dtype."""
        header, slots = self._head(), self._all()
        index = int(header["written"][0])
        for row in rows:
            at = index % self.capacity
            slots["number"][at] = 0
            slots["row"][at] = row
            index += 1
            slots["number"][at] = index
            header["written"][0] = index

    def since(self, index: int) -> tuple[Rows, int]:
        """(a copy of the rows from `index` on, index of the first one): later than asked where some were overwritten.

        The next call goes on at that index + the number of rows.
        """
        written = self.written
        # The writer may be at work on the oldest row that is still there.
        first = max(index, written - self.capacity + 1, 0)
        wanted = np.arange(first, max(written, first), dtype=np.uint64)
        slots, places = self._all(), (wanted % np.uint64(self.capacity)).astype(np.intp)
        copy = slots[places]
        whole = (copy["number"] == wanted + 1) & (slots["number"][places] == wanted + 1)
        # Rows are lost from the oldest on.
        skipped = int(np.flatnonzero(~whole)[-1]) + 1 if not whole.all() else 0
        return copy["row"][skipped:], first + skipped

    def newest(self) -> Any:
        """A copy of the newest row; None where nothing was written yet."""
        rows, _ = self.since(max(self.written - 1, 0))
        return rows[-1] if len(rows) else None

    def close(self) -> None:
        """Let go of the memory; its creator removes it."""
        # The arrays must go first: shared memory cannot be unmapped while a view of it lives.
        self._header = self._slots = None
        self._memory.close()
        if self._owner:
            self._memory.unlink()

    def _head(self) -> Rows:
        if self._header is None:
            raise ValueError("the ring is closed")
        return self._header

    def _all(self) -> Rows:
        if self._slots is None:
            raise ValueError("the ring is closed")
        return self._slots

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
