"""C libraries that write to stderr whatever one tells them: ALSA, JACK, TensorFlow."""

import contextlib
import os
import sys
from collections.abc import Iterator


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
