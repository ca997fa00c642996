"""A step under JAX is the step under TensorFlow, and a training begun under one goes on under the other."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from conftest import write_toy_dataset

WORKER = Path(__file__).parent / "jax_worker.py"


def run(backend, *arguments):
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_kind_of_step_is_the_same_under_both(tmp_path):
    data = write_toy_dataset(tmp_path / "data", side=64, count=16)
    found = {}
    for backend in ("tensorflow", "jax"):
        out = tmp_path / f"{backend}.npz"
        run(backend, WORKER, out, data)
        with np.load(out) as saved:
            found[backend] = dict(saved)
    assert found["jax"].pop("backend") == "jax"
    assert found["tensorflow"].pop("backend") == "tensorflow"
    assert found["jax"].keys() == found["tensorflow"].keys()
    for name, ours in found["jax"].items():
        # Adam's first step divides a gradient by its own size, rounding included: moments tell more than weights.
        if ".m." in name or " m." in name or " ema." in name or "figure" in name or " step" in name:
            theirs = found["tensorflow"][name]
            size = max(np.abs(theirs).max(), 1e-3)
            assert np.abs(ours - theirs).max() < 2e-3 * size, name


def test_a_training_goes_on_under_the_other(tmp_path):
    data = write_toy_dataset(tmp_path / "data")
    said = []
    for engine, schedule in (("jax", "teach@8x8:0.064k"), ("tensorflow", "teach@8x8:0.064k,gan@16x8:0.064k")):
        command = [
            "-m", "vj", "train", data, "-o", tmp_path / "run", "--schedule", schedule,
            "--engine", engine, "--fid", "0", "--precision", "float32",
        ]  # fmt: skip
        said.append(run(engine, *command).splitlines()[-1])
    assert said[0].endswith("0.1 kimg, done")
    names = sorted(p.name for p in (tmp_path / "run").glob("checkpoint-*"))
    assert names == ["checkpoint-000000064.safetensors", "checkpoint-000000128.safetensors"]
