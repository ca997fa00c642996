"""A model's directions in a file: they come back, and what is none is one line that ends nothing."""

import numpy as np
import pytest
from safetensors.numpy import save

from vj.core.errors import ModelError
from vj.generator.directions_file import directions_of, load, path_beside, write

FOUND = np.random.default_rng(0).standard_normal((3, 8)).astype(np.float32)


@pytest.fixture
def model(tmp_path):
    return tmp_path / "liquid.safetensors"


def test_what_is_written_comes_back(model):
    assert load(model, 8).shape == (0, 8)
    assert write(model, FOUND, "pca") == path_beside(model)
    np.testing.assert_array_equal(load(model, 8), FOUND)
    assert [path.name for path in model.parent.iterdir()] == ["liquid.directions"]


def marked(tensors):
    return save(tensors, {"vj_directions": "1"})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "not a whole safetensors file"),
        (b"<html>", "not a whole safetensors file"),
        (save({"directions": FOUND}), "is no file of directions; `vj model directions` makes one"),
        (marked({"other": FOUND}), "is no file of directions"),
        (marked({"directions": FOUND[:, :7]}), "found shape (3, 7), expected 1 to 16 of the model's 8 numbers"),
        (marked({"directions": np.tile(FOUND, (6, 1))}), "found shape (18, 8)"),
        (marked({"directions": FOUND[:0]}), "found shape (0, 8)"),
        (marked({"directions": FOUND[0]}), "found shape (8,)"),
        (marked({"directions": FOUND * np.inf}), "expected finite float16 or float32"),
        (marked({"directions": FOUND.astype(np.int32)}), "found int32"),
        (marked({"directions": FOUND})[:-4], "not a whole safetensors file"),
    ],
)
def test_what_is_none_is_one_line_and_the_model_is_played_without(model, data, expected):
    path_beside(model).write_bytes(data)
    with pytest.raises(ModelError) as e:
        load(model, 8)
    assert expected in str(e.value)
    assert str(e.value).startswith(f"directions {path_beside(model)}: ")
    told = []
    assert directions_of(model, 8, told.append) is None
    assert told == [str(e.value)]
    assert "\n" not in told[0]


def test_a_folder_and_a_file_of_gigabytes_are_not_read(model):
    with path_beside(model).open("wb") as f:
        f.truncate(3 << 30)
    with pytest.raises(ModelError, match="expected at most"):
        load(model, 8)
    path_beside(model).unlink()
    path_beside(model).mkdir()
    with pytest.raises(ModelError, match=r"liquid\.directions"):
        load(model, 8)


def test_a_disk_that_is_full_is_one_line(tmp_path):
    with pytest.raises(ModelError, match="cannot be written"):
        write(tmp_path / "nowhere" / "m.safetensors", FOUND, "pca")
