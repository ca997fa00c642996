"""`keras.ops`, imported at first use.

Bends describe their parameters in the file that computes them, and the parameter tree is needed by processes that
must never load TensorFlow. So gan/ modules write `from vj.generator import ops`, and Keras is imported when the first
operation is called.
"""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(importlib.import_module("keras.ops"), name)
