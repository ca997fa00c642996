"""A file with a place for every picture of one size, filled as they are drawn; what is not there yet is all black."""

import threading
from pathlib import Path

import numpy as np

from vj.core.errors import DatasetError
from vj.core.types import U8


class Kept:
    """Pictures u8[side, side, 3] by number, in FILE; the file grows as far as they are put, with holes between.

    Not a memory map: a full disk is an error here, and the end of the process there. Threads may share it.
    """

    def __init__(self, file: Path, side: int) -> None:
        self._path, self._shape, self._bytes = file, (side, side, 3), 3 * side * side
        self._lock = threading.Lock()
        try:
            file.touch()
            self._file = file.open("r+b", buffering=0)
        except OSError as e:
            raise DatasetError(f"{file}: cannot be opened: {e.strerror or e}") from None

    def get(self, index: int) -> U8 | None:
        """A picture u8[side, side, 3], or None where it was not put yet or is all black.

        Raises DatasetError where it cannot be read.
        """
        try:
            with self._lock:
                self._file.seek(index * self._bytes)
                found = self._file.read(self._bytes)
        except OSError as e:
            raise DatasetError(f"{self._path}: cannot be read: {e.strerror or e}") from None
        picture = np.frombuffer(found, np.uint8)
        return picture.reshape(self._shape) if len(found) == self._bytes and picture.any() else None

    def put(self, index: int, picture: U8) -> None:
        """Keep a picture u8[side, side, 3]. Raises DatasetError where it cannot be written, as on a full disk."""
        try:
            with self._lock:
                self._file.seek(index * self._bytes)
                written = self._file.write(picture.tobytes())
        except OSError as e:
            raise DatasetError(f"{self._path}: cannot be written: {e.strerror or e}") from None
        if written != self._bytes:
            raise DatasetError(f"{self._path}: cannot be written: no space left")
