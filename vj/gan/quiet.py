"""Imports TensorFlow without the lines that its libraries write to stderr before any setting can stop them."""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator


def import_tensorflow() -> None:
    """Import TensorFlow and Keras; call `configure_tensorflow` first. With VJ_DEBUG set nothing is hidden."""
    with contextlib.nullcontext() if os.environ.get("VJ_DEBUG") else _native_stderr_closed():
        importlib.import_module("tensorflow")
        importlib.import_module("keras")


@contextlib.contextmanager
def _native_stderr_closed() -> Iterator[None]:
    """File descriptor 2 leads nowhere inside; Python exceptions pass as ever."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
