"""The script that makes models/beat from BeatNet's wheel: it writes what was in it, and takes nothing else."""

import hashlib
import zipfile

import beatnet_weights
import lite0
import numpy as np
import pytest
from safetensors import safe_open

from vj.audio.beat_network import SHAPES, load_weights
from vj.core.errors import ModelError, UsageError


@pytest.fixture
def tensors():
    rng = np.random.default_rng(0)
    return {name: rng.standard_normal(shape).astype(np.float32) for name, shape in SHAPES.items()}


def wheel(folder, tensors, monkeypatch, *, known=True):
    """A wheel with these tensors; known: they are those that are expected."""
    data = lite0.archive(tensors)
    path = folder / "BeatNet.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(beatnet_weights.MEMBER, data)
    if known:
        monkeypatch.setattr(beatnet_weights, "SHA256", hashlib.sha256(data).hexdigest())
    return path


def test_weights_and_licence_are_written(tmp_path, tensors, monkeypatch):
    beatnet_weights.main([str(wheel(tmp_path, tensors, monkeypatch)), str(tmp_path)])
    found = load_weights(tmp_path / "beatnet.safetensors")
    for name, a in tensors.items():
        np.testing.assert_array_equal(found[name], a.astype(np.float16).astype(np.float32), err_msg=name)
    assert (tmp_path / "LICENCE.txt").read_text() == beatnet_weights.LICENCE


def test_the_shipped_file_says_where_it_is_from():
    assert (beatnet_weights.FOLDER / "LICENCE.txt").read_text() == beatnet_weights.LICENCE
    with safe_open(beatnet_weights.FOLDER / "beatnet.safetensors", "numpy") as file:
        assert file.metadata() == beatnet_weights.METADATA


def test_other_wheels_are_refused_and_write_nothing(tmp_path, tensors, monkeypatch):
    other = wheel(tmp_path, tensors, monkeypatch, known=False)
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelError, match=r"SHA-256 .* expected"):
        beatnet_weights.main([str(other), str(tmp_path / "out")])
    with pytest.raises(ModelError, match="no wheel"):
        beatnet_weights.main([str(tmp_path / "none.whl"), str(tmp_path / "out")])
    del tensors["conv1.bias"]
    with pytest.raises(ModelError, match="expected"):
        beatnet_weights.main([str(wheel(tmp_path, tensors, monkeypatch)), str(tmp_path / "out")])
    with pytest.raises(UsageError, match="0 arguments"):
        beatnet_weights.main([])
    assert not list((tmp_path / "out").iterdir())
