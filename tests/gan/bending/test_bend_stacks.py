"""`dense_image_warp` equals the original's vectors, and bends mean the same under both stacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
GOLDEN = HERE.parents[1] / "golden" / "dense_image_warp.npz"


@pytest.fixture(scope="module")
def found():
    out = {}
    for backend in ("tensorflow", "jax"):
        environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
        command = [sys.executable, str(HERE / "on_stack.py"), str(GOLDEN)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        out[backend] = json.loads(done.stdout.splitlines()[-1])
        assert out[backend]["backend"] == backend
    return out


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_dense_image_warp_equals_the_addons(found, backend):
    assert len(found[backend]["warps"]) == 9
    assert max(found[backend]["warps"].values()) <= 1e-6 * 5, found[backend]["warps"]


def test_bends_mean_the_same_under_both_stacks(found):
    assert len(found["jax"]["bends"]) >= 14
    assert found["jax"]["bends"] == pytest.approx(found["tensorflow"]["bends"], rel=2e-3)
