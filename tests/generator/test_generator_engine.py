"""The compiled network: nothing that changes from frame to frame compiles anew, noise turns, NaN is an error."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tiny

from vj.core.errors import ModelError, WorkerError
from vj.core.types import FLOW_SIZE, GeneratorInput
from vj.generator import bending
from vj.generator.engine import noise_field, turned_noise
from vj.generator.model_tools import draw
from vj.generator.weights import checked_model, save_model
from vj.generator.xla import XlaEngine

STILL = np.zeros((FLOW_SIZE, FLOW_SIZE, 2), np.float32)

CHANGING = """
import json, sys
from pathlib import Path
import numpy as np
from vj.generator.xla import XlaEngine, configure_tensorflow
from vj.generator import bending
from vj.generator.weights import load_model
from vj.core.types import GeneratorInput
cache = Path(sys.argv[2])
configure_tensorflow(cache)
rng = np.random.default_rng(0)
engine = XlaEngine(load_model(Path(sys.argv[1])))
engine.warm()
before = sorted(p.name for p in cache.iterdir())
pictures = set()
neutral = {p.id: p.default for p in bending.PARAMS}
for i in range(3 * len(bending.BENDS)):
    bend = bending.BENDS[i % len(bending.BENDS)]
    p = dict(neutral)
    for a in bend.amounts:
        p[a.id] = float(rng.uniform(a.lo, a.hi))
    p[f"bend/{bend.name}/layer"] = float(rng.uniform())
    p[f"bend/{bend.name}/channels_hi"] = float(rng.uniform(0.3, 1))
    p[f"bend/{bend.name}/channels_seed"] = float(i)
    w = engine.map(rng.standard_normal((1, engine.z_dim)))
    ws = engine.w_avg + rng.uniform(0, 1.5) * (np.repeat(w, engine.num_ws, 0) - engine.w_avg)
    n = engine.n_noise
    given = GeneratorInput(ws.astype("f4"), rng.uniform(size=n).astype("f4"), rng.uniform(size=n).astype("f4"),
                           bending.pack(p, n), rng.uniform(-1, 1, (16, 16, 2)).astype("f4"))
    pictures.add(engine.frame(given).tobytes())
after = sorted(p.name for p in cache.iterdir())
print(json.dumps({"before": before, "after": after, "pictures": len(pictures)}))
"""


@pytest.fixture(scope="module")
def engine():
    return XlaEngine(tiny.model(tiny.SKIP, scale=0.5), noise_seed=3)


def given(engine, bends=None, turns=0.0, sigma=0.0, w=None):
    n = engine.n_noise
    ws = np.repeat((engine.w_avg if w is None else w)[None], engine.num_ws, 0)
    whole = np.full(n, turns, np.float32), np.full(n, sigma, np.float32)
    return GeneratorInput(ws, *whole, bending.neutral() if bends is None else bends, STILL)


def test_nothing_that_moves_compiles_anew(tmp_path):
    save_model(tmp_path / "m.safetensors", tiny.model(tiny.SKIP, scale=0.5))
    (tmp_path / "cache").mkdir()
    command = [sys.executable, "-c", CHANGING, str(tmp_path / "m.safetensors"), str(tmp_path / "cache")]
    environment = {k: v for k, v in os.environ.items() if k != "TF_XLA_FLAGS"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found["before"]) == 1
    assert found["after"] == found["before"]
    assert found["pictures"] > 30


def test_the_picture_is_the_networks(engine):
    rgba = engine.frame(given(engine))
    assert rgba.shape == (16, 16, 4)
    assert rgba.dtype == np.uint8
    assert (rgba[..., 3] == 255).all()
    plain = draw(tiny.model(tiny.SKIP, scale=0.5), 0, 0.0, "none")
    assert np.abs(rgba[..., :3].astype(int) - np.clip(plain * 127.5 + 128, 0, 255).astype(int)).max() <= 1


def test_the_same_input_gives_the_same_picture(engine):
    assert np.array_equal(engine.frame(given(engine, sigma=1.0)), engine.frame(given(engine, sigma=1.0)))


def test_noise_and_bends_reach_the_picture(engine):
    plain = engine.frame(given(engine))
    assert not np.array_equal(engine.frame(given(engine, sigma=1.0)), plain)
    assert not np.array_equal(engine.frame(given(engine, sigma=1.0, turns=0.3)), engine.frame(given(engine, sigma=1.0)))
    p = {q.id: q.default for q in bending.PARAMS} | {"bend/flip/x": 1.0, "bend/flip/layer": 1.0}
    flipped = engine.frame(given(engine, bending.pack(p, engine.n_noise)))
    assert np.abs(flipped.astype(int) - plain[:, ::-1].astype(int)).max() <= 1


def test_turning_the_noise_keeps_its_strength_and_a_turn_brings_it_back():
    field = noise_field(1, 64)
    for turns in (0.0, 0.13, 0.5, 0.8):
        assert np.std(turned_noise(*field, np.float32(turns), 0.7)) == pytest.approx(0.7, rel=0.03)
    start, quarter, whole = (np.asarray(turned_noise(*field, np.float32(t), 1.0)) for t in (0, 0.25, 1))
    assert whole == pytest.approx(start, abs=1e-5)
    assert abs(np.corrcoef(start.ravel(), quarter.ravel())[0, 1]) < 0.05


def test_a_picture_that_is_not_a_number_is_an_error(engine):
    with pytest.raises(WorkerError, match="NaN or infinity"):
        engine.frame(given(engine, w=np.full(engine.w_dim, np.nan, np.float32)))


def test_styles_of_the_wrong_shape_are_an_error(engine):
    wrong = given(engine)
    with pytest.raises(ModelError, match=r"styles of shape \(2, 10\)"):
        engine.frame(GeneratorInput(wrong.ws[:2], wrong.noise_turns, wrong.noise_sigma, wrong.bends, wrong.flow))


def test_other_noise_seeds_are_other_noise():
    model = checked_model(tiny.CLAMPED, tiny.model(tiny.CLAMPED).tensors, {})
    a, b = (XlaEngine(model, noise_seed=s) for s in (1, 2))
    assert not np.array_equal(a.frame(given(a, sigma=1.0)), b.frame(given(b, sigma=1.0)))
