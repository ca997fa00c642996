"""One reference that one thread replaces and another reads, neither waiting for the other."""

import contextlib
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Published(Generic[T]):
    """`replace` belongs to the writer's thread, `reading` to one reader's.

    The reader announces what it is about to use and looks again whether that still counts; the writer replaces first
    and then asks what is announced (a hazard pointer: M. Michael, IEEE TPDS 15 (6), 2004). So the writer knows when
    the reader can no longer hold what was replaced, and may close it.
    """

    def __init__(self) -> None:
        self._value: T | None = None
        self._announced: T | None = None

    @property
    def value(self) -> T | None:
        """What is published now. Whoever is not the writer must not use what the writer may close."""
        return self._value

    def replace(self, value: T | None) -> T | None:
        """Publish another value, or none; returns the one before."""
        before, self._value = self._value, value
        return before

    def in_use(self, value: T) -> bool:
        """Whether the reader may still hold a value that was replaced."""
        return self._announced is value

    @contextlib.contextmanager
    def reading(self) -> Iterator[T | None]:
        """The value, which stays usable inside; None where there is none, or where it is being replaced."""
        value = self._announced = self._value
        try:
            # The writer may have looked between the two, and have closed it.
            yield value if self._value is value else None
        finally:
            self._announced = None
