"""The network equals its definition and the original, under both stacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REFERENCES = Path(__file__).parents[3] / "shared" / "data" / "models"
HERE = Path(__file__).parent


def parity(backend, folder):
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, str(HERE / "parity.py"), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["backend"] == backend
    print(json.dumps(found))
    return found["difference"]


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_every_form_equals_an_independent_float64_reference(backend):
    difference = parity(backend, "-")
    assert len(difference) == 5
    for name, (w_off, picture_off) in difference.items():
        assert w_off < 1e-5, name
        assert picture_off < 2e-5, name


@pytest.mark.shared_data
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_pictures_of_the_original_come_out(backend):
    if not REFERENCES.is_dir():
        pytest.skip("no reference networks beside the checkout (shared/data/models)")
    difference = parity(backend, REFERENCES)
    assert len(difference) >= 3
    for name, (w_off, picture_off) in difference.items():
        assert w_off <= 1e-5, name
        assert picture_off <= 1e-4, name
