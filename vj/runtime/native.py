"""What Python has no words for: C libraries that write to stderr whatever one tells them, and a system call."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1


def signal_at_parents_end(name: str) -> None:
    """Linux sends this process the signal, "SIGKILL" say, when its parent is gone: the thread that started it, that is.

    Elsewhere nothing happens.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.Signals[name].value)


@contextlib.contextmanager
def native_stderr_closed() -> Iterator[None]:
    """File descriptor 2 leads nowhere inside; Python exceptions pass as ever. With VJ_DEBUG set nothing is hidden."""
    if os.environ.get("VJ_DEBUG"):
        yield
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
