"""Files that are written whole or not at all: the one place where that is done."""

import contextlib
import glob
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

#: Whatever is written comes further than this in less time.
_LEFT_S = 3600.0


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to: it takes the place of `path` when the block ends, and is removed when it fails.

    A link stays one, and a file that was there keeps its mode. Raises OSError.
    """
    target = path.resolve()
    # Two shows may write the same file; each has a part of its own.
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    _remove_leftovers(target)
    try:
        yield part
        with part.open("rb+") as written:
            # Without this a power cut can leave an empty file under the new name.
            os.fsync(written.fileno())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _remove_leftovers(target: Path) -> None:
    """Parts of processes that were killed while they wrote."""
    for left in target.parent.glob(f"{glob.escape(target.name)}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_S:
                left.unlink()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; its folder is made. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all; its folder is made. Raises OSError."""
    write_bytes(path, text.encode("utf-8"))


def reason(error: Exception) -> str:
    """Why a file cannot be read or written, in one line."""
    lines = (getattr(error, "strerror", None) or str(error)).splitlines()
    return lines[0] if lines else type(error).__name__
