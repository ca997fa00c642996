"""Networks, losses and penalties equal a float64 reference written from their definitions, under both stacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_losses_and_penalties_equal_an_independent_float64_reference(backend):
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, str(HERE / "step_parity.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["backend"] == backend
    print(json.dumps(found))
    assert found["difference"].keys() >= {"logits", "r1", "path", "path mean", "generator loss", "distance"}
    for name, off in found["difference"].items():
        assert off < 2e-5, name
