"""Where the pictures of a data set come from: one file a kind.

A source gives the same items in the same order every time, from any point on, so that an interrupted data set can go
on exactly where it was.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from vj.core.errors import DatasetError
from vj.core.types import U8

#: Why a picture is left out: its file cannot be read; it is smaller than the data set's pictures; it is there already.
Dropped: TypeAlias = Literal["broken", "small", "duplicate"]

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Item:
    """One step of a source: a picture, or the reason why there is none.

    cursor   where the next item begins; only its source understands it
    rgb      u8[size, size, 3], or None
    values   what it was made from, 0..1, one for each of the source's `parameters`
    file     the file that was dropped
    """

    cursor: int
    rgb: U8 | None
    values: tuple[float, ...] = ()
    dropped: Dropped | None = None
    file: str = ""


class Source(Protocol):
    """A shader, a clip or a folder. `wanted` pictures are kept of it at most; `expected` is a guess of how many."""

    kind: str
    name: str
    parameters: tuple[str, ...]
    wanted: int
    expected: int

    def about(self) -> dict[str, Any]:
        """What decides its pictures, for the manifest: kind, name, sha256, seed, parameters …; JSON values."""

    def items(self, cursor: int) -> Iterator[Item]:
        """Its items from `cursor` on; 0 is the beginning. Raises VjError where nothing more can be had."""

    def close(self) -> None:
        """Let go of what it holds."""


def source_seed(seed: int, kind: str, name: str) -> int:
    """A seed of its own for every source, which does not depend on which other sources there are."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{kind}/{name}".encode()).digest()[:4], "big")


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes. Raises DatasetError."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as e:
        raise DatasetError(f"{path}: cannot be read: {e.strerror or e}") from None
    return digest.hexdigest()
