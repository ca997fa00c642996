"""The other stack: the tests of this folder once more, in a process where Keras runs on JAX."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_everything_holds_under_jax():
    modules = sorted(str(p) for p in HERE.glob("test_bend_*.py") if p != Path(__file__))
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *modules]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    print(done.stdout.splitlines()[-1])
