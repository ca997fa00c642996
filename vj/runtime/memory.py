"""Shared memory: the one place where it is asked for, and where what nobody uses any more is removed.

Whoever makes memory removes it, and where that process is killed Python's resource tracker does. Where that is killed
as well (all of a show at once) the next one does: everybody who uses a block holds a lock on it, which ends with them.
"""

import contextlib
import os
import secrets
import sys
import time
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from vj.core.errors import WorkerError
from vj.core.files import reason

#: Where Linux has its blocks as files, and how the names of ours begin.
FOLDER, PREFIX = Path("/dev/shm"), "vj_"
#: A block that is so young may not be locked yet.
_YOUNG_S = 10.0


class _Block(SharedMemory):
    """Python's own, without tracebacks where its tracker was killed: that may not know a block, or have removed it."""

    def unlink(self) -> None:
        """Remove it, where it is still there."""
        if os.name != "posix":
            return super().unlink()
        resource_tracker.register(self._name, "shared_memory")  # type: ignore[attr-defined]
        try:
            super().unlink()
        except FileNotFoundError:
            # A process that lost the tracker started one of its own, which removes what that process had open.
            resource_tracker.unregister(self._name, "shared_memory")  # type: ignore[attr-defined]


def shared_memory(size: int, name: str | None = None) -> SharedMemory:
    """Memory of `size` bytes, all of it there: without a `name` new, with one that of another process.

    Raises WorkerError where there is none.
    """
    try:
        memory = _Block(name or PREFIX + secrets.token_hex(8), create=name is None, size=size)
        _lock(memory)
        if name is None:
            _claim(memory, size)
    except OSError as e:
        where = f" in {FOLDER}" if sys.platform == "linux" else ""
        raise WorkerError(f"no shared memory of {max(size, 1) / 1e6:.2g} MB is to be had{where}: {reason(e)}") from e
    return memory


def remove_left(folder: Path = FOLDER) -> int:
    """Remove blocks whose users were all killed; returns how many. Elsewhere than on Linux nothing happens."""
    if sys.platform != "linux":
        return 0
    return sum(_removed(path) for path in folder.glob(f"{PREFIX}*"))


def _removed(path: Path) -> bool:
    import fcntl

    # Another user's, or one that was removed meanwhile.
    with contextlib.suppress(OSError), path.open("rb") as block:
        if time.time() - os.fstat(block.fileno()).st_mtime < _YOUNG_S:
            return False
        fcntl.flock(block, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
        return True
    return False


def _lock(memory: SharedMemory) -> None:
    """Say that it is in use, for as long as this process has it open."""
    if sys.platform == "linux":
        import fcntl

        # Waits for nobody: who removes what is left may be stopped.
        with contextlib.suppress(OSError):
            fcntl.flock(memory._fd, fcntl.LOCK_SH | fcntl.LOCK_NB)  # type: ignore[attr-defined]


def _claim(memory: SharedMemory, size: int) -> None:
    """Have the system set all of it aside; what it promises only kills whoever writes to it when there is no more."""
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(memory._fd, 0, size)  # type: ignore[attr-defined]
    except OSError:
        memory.close()
        memory.unlink()
        raise
