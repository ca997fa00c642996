"""What tests of several folders share."""

import os
import subprocess
import sys
import tempfile

import pytest

# What whoever runs the tests has saved must neither be read nor changed.
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="vj-tests-")
# JAX, which Keras imports where it is installed, would make TensorFlow talkative in every process that a test starts:
# enough to fill a pipe that nobody reads.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Programs are compiled for one use each: less optimising is faster in all.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=1 --xla_llvm_disable_expensive_passes=true")

MAKE_MODEL = """
import sys
from pathlib import Path
from vj.generator.arch import Arch
from vj.generator.random_model import random_model
from vj.generator.weights import save_model
arch = Arch(resolution=32, channels=(16, 12, 8, 8), z_dim=32, w_dim=32, mapping_layers=2)
save_model(Path(sys.argv[1]), random_model(arch, seed=1))
"""


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """A 32×32 network with random weights, made in a process of its own: TensorFlow must not come into this one."""
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    subprocess.run([sys.executable, "-c", MAKE_MODEL, str(path)], check=True, timeout=200, capture_output=True)
    return path
