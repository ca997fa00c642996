"""Imports TensorFlow without the lines that its libraries write to stderr before any setting can stop them."""

import importlib

from vj.runtime.native import native_stderr_closed


def import_tensorflow() -> None:
    """Import TensorFlow and Keras; call `configure_tensorflow` first. With VJ_DEBUG set nothing is hidden."""
    with native_stderr_closed():
        importlib.import_module("tensorflow")
        importlib.import_module("keras")
