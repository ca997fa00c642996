"""Files that are written whole or not at all, and what a name means to the system: the one place for both."""

import contextlib
import errno
import glob
import os
import shutil
import stat
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


def can_keep_in(folder: Path) -> bool:
    """Whether files can be written to a folder, which is made where there is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def check_ordinary(path: Path) -> None:
    """Raises OSError where a pipe or a device is: to open one may wait for ever, and to read it may never end."""
    _check_ordinary(path.stat().st_mode)


def read_bytes(path: Path, most: int) -> bytes:
    """All of an ordinary file of at most `most` bytes. Raises OSError: no file, a pipe or a device, a larger one."""
    # Whoever only opened it would wait for somebody to write into a pipe.
    with open(path, "rb", opener=_without_waiting) as file:
        found = os.fstat(file.fileno())
        _check_ordinary(found.st_mode)
        if found.st_size > most:
            raise OSError(errno.EFBIG, f"{found.st_size} bytes, expected at most {most}")
        # What is appended meanwhile comes with the next reading.
        return file.read(found.st_size)


def read_text(path: Path, most: int, errors: str = "strict") -> str:
    """The text of an ordinary file of at most `most` bytes of UTF-8: plain ends of lines, no byte order mark.

    errors  what is done about bytes that are no UTF-8: as for `bytes.decode`
    Raises OSError as `read_bytes`, UnicodeDecodeError.
    """
    return read_bytes(path, most).decode("utf-8-sig", errors).replace("\r\n", "\n").replace("\r", "\n")


def _without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _check_ordinary(mode: int) -> None:
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "a pipe or a device, expected a file")


def ffmpeg_name(path: Path) -> str:
    """A path as FFmpeg takes it: without a scheme it reads "set-12:30.wav" as a protocol named "set-12"."""
    return f"file:{path}"


def reason(error: Exception) -> str:
    """Why a file cannot be read or written, in one line."""
    lines = (getattr(error, "strerror", None) or str(error)).splitlines()
    return lines[0] if lines else type(error).__name__
