"""Without TensorFlow the person is told what to install."""

import sys

import pytest

from vj.core.errors import UsageError
from vj.generator.load_tensorflow import import_tensorflow


def test_a_missing_tensorflow_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(UsageError, match=r"needs tensorflow, which is not installed: pip install 'vj\[cpu\]'"):
        import_tensorflow()
