"""Imports TensorFlow without the lines that its libraries write to stderr before any setting can stop them."""

import importlib

from vj.core.errors import UsageError
from vj.runtime.native import native_stderr_closed


def import_tensorflow() -> None:
    """Import TensorFlow and Keras; call `configure_tensorflow` first. With VJ_DEBUG set nothing is hidden.

    Raises UsageError where they are not installed.
    """
    try:
        with native_stderr_closed():
            importlib.import_module("tensorflow")
            importlib.import_module("keras")
    except ModuleNotFoundError as e:
        raise UsageError(
            f"the network needs {e.name}, which is not installed: pip install 'vj[cpu]', or 'vj[gpu]' for NVIDIA"
        ) from e
