"""The network by OpenVINO draws what XLA draws, bent or not, and compiles nothing while it draws."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import openvino_engine as child
import pytest
import tiny

from vj.generator.xla import XlaEngine

pytest.importorskip("openvino", reason="OpenVINO has no wheels for this machine")
HERE = Path(__file__).parent
REFERENCES = HERE.parents[2] / "shared" / "data" / "models"
#: Loads a program that is there already and draws; prints which of the heavy packages that took.
WARM = """
import json, sys
from pathlib import Path
from vj.generator.openvino.engine import opened
opened(Path(sys.argv[1]), folder=Path(sys.argv[2]), bf16=False)
print(json.dumps(sorted({"keras", "tensorflow"} & sys.modules.keys())))
"""


def run(command):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), *sys.path]))}
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("openvino")


@pytest.fixture(scope="module")
def found(folder):
    return run([sys.executable, str(HERE / "openvino_engine.py"), str(folder)])


@pytest.fixture(scope="module")
def drawn(folder, found):
    return np.load(folder / "drawn.npz")


@pytest.mark.parametrize("name", child.NETWORKS)
def test_in_float32_it_is_the_definition_of_the_network(drawn, name):
    model = child.network(name)
    arch, rng = model.arch, np.random.default_rng(1)
    ws = rng.standard_normal((arch.num_ws, arch.w_dim), np.float32)
    expected = tiny.reference_synthesis(model, ws.astype(np.float64), [None] * arch.n_conv)
    assert np.abs(drawn[f"{name} exact"] - expected).max() < 1e-4 * expected.std()
    z = rng.standard_normal((3, arch.z_dim), np.float32)
    assert drawn[f"{name} map"] == pytest.approx(np.stack([tiny.reference_mapping(model, one) for one in z]), abs=1e-4)


@pytest.mark.parametrize("name", ["skip", "resnet"])
def test_each_bend_at_each_depth_does_what_it_does_by_xla(drawn, name):
    engine = XlaEngine(child.network(name), noise_seed=3)
    seen = set()
    for frame, given in child.frames(engine.arch, engine.w_avg):
        ours, theirs = drawn[f"{name} {frame}"].astype(int), engine.frame(given).astype(int)
        assert np.abs(ours - theirs).mean() <= 0.5, frame
        seen.add(ours.tobytes())
        if name == "skip":
            assert np.abs(drawn[f"rough {frame}"] - theirs).mean() <= 2.0, frame
    assert len(seen) > 40


@pytest.mark.shared_data
def test_the_pictures_of_the_original_come_out():
    if not REFERENCES.is_dir():
        pytest.skip("no reference networks beside the checkout (shared/data/models)")
    found = run([sys.executable, str(HERE / "openvino_parity.py"), str(REFERENCES)])
    assert len(found) >= 3
    for name, one in found.items():
        w_off, picture_off, mean_levels, most_levels = one["off"]
        assert w_off <= 1e-5, name
        assert picture_off <= 1e-4, name
        assert mean_levels <= 2.0, name
        assert most_levels <= 16.0, name


def test_nothing_that_moves_compiles_anew(found):
    assert found["compiled while drawing"] == []


def test_both_ways_to_read_features_are_the_same(found):
    assert found["resampled"] < 1e-5


def test_what_is_no_number_is_an_error_also_where_the_network_clamps(found):
    assert found["not a number"].startswith("WorkerError: the network's picture holds NaN")
    assert found["shape"].startswith("ModelError: styles of shape (2, 8)")


def test_a_program_that_lost_its_end_is_compiled_anew(found):
    # What was drawn with it is compared above.
    assert found["whole"]


def test_a_warm_start_loads_neither_keras_nor_tensorflow(folder, found):
    assert run([sys.executable, "-c", WARM, str(folder / "clamped.safetensors"), str(folder)]) == []
