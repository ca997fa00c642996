"""Reading a data set: batches as written, and one line for whatever is wrong with a folder."""

import json
import shutil

import numpy as np
import pytest
from conftest import write_toy_dataset

from vj.core.errors import DatasetError
from vj.train.dataset import open_dataset


@pytest.fixture
def folder(tmp_path):
    return write_toy_dataset(tmp_path / "data", side=16, count=12)


def change(folder, **values):
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_pictures_come_in_any_order_and_any_smaller_size(folder):
    data = open_dataset(folder)
    stored = np.load(folder / "images-00000.npy")
    assert np.array_equal(data.batch([7, 0, 7], 16), stored[[7, 0, 7]])
    half = stored.reshape(12, 8, 2, 8, 2, 3).astype(float).mean((2, 4))
    assert np.abs(data.batch(np.arange(12), 8) - half).max() <= 0.5
    assert data.batch([], 16).shape == (0, 16, 16, 3)
    assert data.count == 12
    assert data.known.shape == (12, 2)
    assert data.source.tolist() == [0, 1] * 6
    assert data.digest == open_dataset(folder).digest


def test_what_was_read_cannot_be_changed(folder):
    data = open_dataset(folder)
    with pytest.raises(ValueError, match="read-only"):
        data.known[0] = 0
    data.batch([0], 16)[:] = 0
    assert data.batch([0], 16).any()


@pytest.mark.parametrize(
    ("indices", "side", "error"), [([0], 5, ValueError), ([12], 16, IndexError), ([-1], 16, IndexError)]
)
def test_what_is_not_there_cannot_be_read(folder, indices, side, error):
    with pytest.raises(error):
        open_dataset(folder).batch(indices, side)


SPOILT = {
    "no such folder": (shutil.rmtree, "no such folder"),
    "a file": (lambda f: (shutil.rmtree(f), f.write_text("")), "is a file"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), r"holds no manifest\.json"),
    "unfinished": (lambda f: (f / "manifest.json").rename(f / "progress.json"), "is not finished"),
    "no JSON": (lambda f: (f / "manifest.json").write_text("{"), "is not JSON"),
    "a list": (lambda f: (f / "manifest.json").write_text("[]"), "format 'list', expected 1"),
    "deep": (lambda f: (f / "manifest.json").write_text("[" * 100_000), "is not JSON"),
    "a newer format": (lambda f: change(f, format=9), "format 9, expected 1"),
    "no shards": (lambda f: change(f, shards=[]), "is damaged"),
    "a resolution that is none": (lambda f: change(f, resolution=True), "is damaged"),
    "another resolution": (lambda f: change(f, resolution=8), r"found uint8 \[12, 16, 16, 3\], expected uint8 \[12, 8"),
    "another count": (lambda f: change(f, count=13), "shards of 12 pictures, expected 13"),
    "a source too few": (lambda f: change(f, sources=[{"name": "disc"}]), r"sources 0\.\.1"),
    "a way out of the folder": (
        lambda f: change(f, shards=[{"count": 12, "images": "../data/images-00000.npy", "known": "known-00000.npy"}]),
        "is damaged",
    ),
    "a shard gone": (lambda f: (f / "images-00000.npy").unlink(), "cannot be read: No such file"),
    "a shard cut short": (lambda f: truncate(f / "images-00000.npy", 5000), "damaged or cut short"),
    "an empty shard": (lambda f: truncate(f / "known-00000.npy", 0), "damaged or cut short"),
    "a pickle": (
        lambda f: np.save(f / "known-00000.npy", np.array([{"a": 1}] * 12, object), allow_pickle=True),
        "damaged or cut short",
    ),
    "an archive": (lambda f: archived(f / "known-00000.npy"), "found an archive"),
}


def truncate(file, size):
    file.write_bytes(file.read_bytes()[:size])


def archived(file):
    with file.open("wb") as out:
        np.savez(out, a=np.zeros(3))


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_folder_is_one_line(folder, what):
    spoil, expected = SPOILT[what]
    spoil(folder)
    with pytest.raises(DatasetError, match=expected) as told:
        open_dataset(folder)
    assert str(folder) in str(told.value)
    assert len(str(told.value).splitlines()) == 1
