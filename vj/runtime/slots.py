"""A fixed set of picture slots in shared memory.

Used in lock-step: who may write a slot is told by the messages between the two processes, so the memory itself needs
no locks. The process that creates the slots removes them.
"""

from types import TracebackType
from typing import Self

import numpy as np

from vj.core.types import U8
from vj.runtime.memory import shared_memory


class FrameSlots:
    """`count` slots of u8[height, width, 4]. Without a `name` the memory is created, with one it is attached."""

    def __init__(self, count: int, height: int, width: int, name: str | None = None) -> None:
        self._owner = name is None
        self._memory = shared_memory(count * height * width * 4, name)
        self._pictures: U8 | None = np.ndarray((count, height, width, 4), np.uint8, self._memory.buf)
        self.count = count

    @property
    def name(self) -> str:
        """The name under which another process attaches."""
        return self._memory.name

    def __getitem__(self, i: int) -> U8:
        """The picture in slot `i`: a view, valid until the slot is given back."""
        if self._pictures is None:
            raise ValueError("the slots are closed")
        picture: U8 = self._pictures[i]
        return picture

    def close(self) -> None:
        """Let go of the memory; its creator removes it."""
        # The array must go first: shared memory cannot be unmapped while a view of it lives.
        self._pictures = None
        self._memory.close()
        if self._owner:
            self._memory.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
