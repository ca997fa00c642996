"""The network equals its definition and the original, under both stacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REFERENCES = Path(__file__).parents[3] / "shared" / "data" / "models"
HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=["tensorflow", "jax"])
def parity(request):
    """What differs under a stack, in one process: one takes longer to start than to draw."""
    environment = os.environ | {"KERAS_BACKEND": request.param, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, str(HERE / "parity.py"), *([str(REFERENCES)] if REFERENCES.is_dir() else [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["backend"] == request.param
    print(json.dumps(found))
    return found


def test_every_form_equals_an_independent_float64_reference(parity):
    assert len(parity["tiny"]) == 6
    for name, (w_off, picture_off) in parity["tiny"].items():
        assert w_off < 1e-5, name
        assert picture_off < 2e-5, name


@pytest.mark.shared_data
def test_the_pictures_of_the_original_come_out(parity):
    if not REFERENCES.is_dir():
        pytest.skip("no reference networks beside the checkout (shared/data/models)")
    assert len(parity["original"]) >= 3
    for name, (w_off, picture_off) in parity["original"].items():
        assert w_off <= 1e-5, name
        assert picture_off <= 1e-4, name
