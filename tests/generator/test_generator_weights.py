"""Model files: written whole, read whole, and refused with one line when they are not."""

import json

import numpy as np
import pytest
import tiny
from safetensors.numpy import load_file, save_file

from vj.core.errors import ModelError
from vj.generator.arch import Arch
from vj.generator.random_model import A256
from vj.generator.weights import checked_model, load_model, read_card, save_model


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "m.safetensors"
    save_model(path, tiny.model(tiny.SKIP))
    return path


def rewrite(path, change, metadata=None):
    tensors = load_file(path)
    arch, card = read_card(path)
    change(tensors)
    save_file(tensors, path, metadata or {"vj": "1", "card": json.dumps(card | {"arch": arch.as_dict()})})


@pytest.mark.parametrize("arch", tiny.ALL)
def test_there_and_back(tmp_path, arch):
    before = tiny.model(arch)
    save_model(tmp_path / "m.safetensors", before)
    after = load_model(tmp_path / "m.safetensors")
    assert after.arch == arch
    assert after.card == {"name": "test", "licence": "CC0-1.0"}
    assert all(np.array_equal(after.tensors[k], v) for k, v in before.tensors.items())
    assert not next(iter(after.tensors.values())).flags.writeable


def test_half_precision_is_half_the_size_and_float32_in_memory(tmp_path):
    save_model(tmp_path / "half.safetensors", tiny.model(tiny.SKIP), half=True)
    save_model(tmp_path / "full.safetensors", tiny.model(tiny.SKIP))
    sizes = [(tmp_path / f"{n}.safetensors").stat().st_size for n in ("half", "full")]
    assert sizes[0] < 0.8 * sizes[1]
    assert load_model(tmp_path / "half.safetensors").tensors["synthesis.b4.const"].dtype == np.float32


def test_numbers_that_half_precision_cannot_hold_are_kept(tmp_path):
    before = tiny.model(tiny.SKIP)
    tensors = dict(before.tensors) | {"mapping.w_avg": np.full_like(before.tensors["mapping.w_avg"], 70000.0)}
    save_model(tmp_path / "m.safetensors", checked_model(before.arch, tensors, before.card), half=True)
    assert (load_model(tmp_path / "m.safetensors").tensors["mapping.w_avg"] == 70000.0).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.pop("synthesis.b8.conv0.weight"), r"synthesis\.b8\.conv0\.weight is missing, expected shape"),
        (lambda t: t.update(extra=np.zeros(3, np.float32)), "tensor extra does not belong"),
        (lambda t: t.update({"synthesis.b4.const": np.zeros((8, 4, 5), np.float32)}), r"found shape \(8, 4, 5\)"),
        (lambda t: t["mapping.w_avg"].fill(np.nan), "mapping.w_avg: holds NaN"),
        (lambda t: t.update({"mapping.w_avg": np.zeros(10, np.int64)}), "found int64"),
    ],
)
def test_wrong_tensors_are_named(file, change, says):
    rewrite(file, change)
    with pytest.raises(ModelError, match=says) as caught:
        load_model(file)
    assert str(file) in str(caught.value)


def test_files_that_are_no_models(file, tmp_path):
    data = file.read_bytes()
    for name, content in {
        "short": data[: len(data) // 2], "header": data[:5], "empty": b"", "text": b"hello" * 100,
    }.items():  # fmt: skip
        bad = tmp_path / f"{name}.safetensors"
        bad.write_bytes(content)
        with pytest.raises(ModelError, match=f"{name}.safetensors: not a whole safetensors file"):
            load_model(bad)
    with pytest.raises(ModelError, match="no such file"):
        load_model(tmp_path / "gone.safetensors")
    with pytest.raises(ModelError, match="is a folder"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"format": "pt"}, "without vj's card"),
        ({"vj": "1", "card": "{"}, "card is not JSON"),
        ({"vj": "1", "card": "[]"}, "card is not a table"),
        (
            {"vj": "1", "card": '{"arch": {"resolution": 48, "channels": [1]}}'},
            "resolution 48: expected a power of two",
        ),
        ({"vj": "1", "card": '{"arch": {"resolution": 16, "channels": [1]}}'}, "1 channel counts for a 16×16"),
        (
            {"vj": "1", "card": '{"arch": {"resolution": "big", "channels": [1]}}'},
            "found 'big', expected a whole number",
        ),
        ({"vj": "1", "card": '{"arch": {"channels": []}}'}, "resolution is missing"),
        ({"vj": "1", "card": '{"arch": {"depth": 3}}'}, "unknown field 'depth'"),
    ],
)
def test_cards_that_make_no_sense(file, metadata, says):
    rewrite(file, lambda t: None, metadata)
    with pytest.raises(ModelError, match=says):
        load_model(file)


def test_a_path_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(ModelError, match="cannot be written"):
        save_model(tmp_path / "no" / "m.safetensors", tiny.model(tiny.SKIP))
    assert not list(tmp_path.iterdir())


def test_work_of_the_known_tables():
    assert A256.gmac() == pytest.approx(0.94, abs=0.02)
    full = (512, 512, 512, 512, 512, 256, 128, 64, 32)
    assert Arch(1024, full).gmac() == pytest.approx(74, abs=1)
    assert checked_model(tiny.SKIP, tiny.model(tiny.SKIP).tensors, {}).arch.num_ws == 6
