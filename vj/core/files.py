"""Files that are written whole or not at all, and what a name means to the system: the one place for both."""

import contextlib
import errno
import glob
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

#: Whatever is written comes further than this in less time.
_LEFT_S = 3600.0


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to: it takes the place of `path` when the block ends, and is removed when it fails.

    A link stays one, and a file that was there keeps its mode. A device or a pipe is written to as it is.
    Raises OSError.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        yield target
        return
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


def check_writable(path: Path) -> None:
    """Raises OSError where a file of this name cannot be written: found out before the work, not after it."""
    target = path.resolve()
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if not target.exists() or target.is_file():
        # The only sure answer is to try; the trial has no name, so nothing of it can stay.
        tempfile.TemporaryFile(dir=target.parent).close()


def ffmpeg_name(path: Path) -> str:
    """A path as FFmpeg takes it: without a scheme it reads "set-12:30.wav" as a protocol named "set-12"."""
    return f"file:{path}"


def reason(error: Exception) -> str:
    """Why a file cannot be read or written, in one line."""
    lines = (getattr(error, "strerror", None) or str(error)).splitlines()
    return lines[0] if lines else type(error).__name__
