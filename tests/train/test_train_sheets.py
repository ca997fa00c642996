"""Sheets, the figure of a training, and the commands that measure and show a model."""

import io
import itertools
import json
import subprocess
import sys

import families
import numpy as np
import pytest
from conftest import write_toy_dataset
from PIL import Image

from vj.core.errors import UsageError
from vj.generator.directions_file import load as load_directions
from vj.train.sampler import chain, latents, straight_chain
from vj.train.sheets import SMALL_BYTES, beside, contact_sheet, save_sheet, training_figure

ROWS = [
    {"kimg": 1.0, "stage": "teach@32x8:2k", "images_per_s": 30.0, "distance": 0.5},
    {"kimg": 2.0, "stage": "teach@32x8:2k", "images_per_s": 31.0, "distance": 0.3},
    {"kimg": 2.0, "stage": "teach@32x8:2k", "fid": 40.0},
    {"kimg": 3.0, "stage": "gan@32x8:1k", "images_per_s": 10.0, "g_loss": 1.0, "d_loss": 0.9, "r1": 0.1, "ada_p": 0.0},
]


def test_a_sheet_holds_every_picture_whole():
    images = families.pictures(5)
    sheet = contact_sheet(images, 3, 32)
    assert sheet.shape == (2 * 34 + 2, 3 * 34 + 2, 3)
    assert np.array_equal(sheet[2:34, 2:34], images[0])
    assert np.array_equal(sheet[36:68, 36:68], images[4])
    assert contact_sheet(images, 3, 16).shape == (2 * 18 + 2, 3 * 18 + 2, 3)
    assert beside(sheet, sheet).shape[1] > 2 * sheet.shape[1]


def test_a_jpeg_is_as_small_as_asked_and_a_png_exact(tmp_path):
    sheet = np.random.default_rng(0).integers(0, 256, (900, 900, 3)).astype(np.uint8)
    save_sheet(tmp_path / "s.jpg", sheet, 700_000)
    save_sheet(tmp_path / "full.jpg", sheet, None)
    assert (tmp_path / "s.jpg").stat().st_size <= 700_000 < (tmp_path / "full.jpg").stat().st_size
    save_sheet(tmp_path / "s.png", sheet)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "s.png")), sheet)


def test_a_sheet_that_cannot_be_written_is_one_line(tmp_path):
    sheet = contact_sheet(families.pictures(1), 1, 32)
    with pytest.raises(UsageError, match=r"expected \.png or \.jpg"):
        save_sheet(tmp_path / "sheet.gif", sheet)
    with pytest.raises(UsageError, match="cannot be written"):
        save_sheet(tmp_path / "missing" / "sheet.png", sheet)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
def test_the_figure_of_a_training_is_drawn_from_any_rows(tmp_path, rows):
    training_figure(rows, tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as found:
        assert found.format == "PNG"
        assert found.width > 500


def test_the_figure_has_a_panel_for_what_is_told(tmp_path):
    heights = []
    for rows in (ROWS[:1], ROWS):
        training_figure(rows, tmp_path / "curves.png")
        heights.append(Image.open(io.BytesIO((tmp_path / "curves.png").read_bytes())).height)
    assert heights[1] > heights[0] + 300


def test_chains_begin_at_each_end_and_keep_their_length():
    ends = latents(3, 64, 0)
    walk = chain(ends, 4)
    assert walk.shape == (8, 64)
    assert np.allclose(walk[[0, 4]], ends[:2], atol=1e-6)
    lengths = np.linalg.norm(ends, axis=1)
    assert np.linalg.norm(walk[2]) == pytest.approx((lengths[0] + lengths[1]) / 2, rel=1e-5)
    assert np.allclose(straight_chain(ends, 4)[2], (ends[0] + ends[1]) / 2)
    assert np.array_equal(latents(5, 64, 0)[:3], ends)


def vj(*arguments):
    command = [sys.executable, "-m", "vj", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=250)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_toy_dataset(tmp_path_factory.mktemp("toy") / "data", side=32, count=32)


def test_a_model_is_measured_and_shown_beside_its_data(data, tiny_model, tmp_path):
    done = vj("model", "quality", tiny_model, "--data", data, "--n", 40, "--json", "-o", tmp_path / "both.jpg")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # The data set has 32 pictures.
    assert (found["pictures"], found["side"], found["frechet"]["halves_of"]) == (32, 32, 16)
    assert found["frechet"]["model"] > found["frechet"]["halves"] > 0
    assert found["frechet"]["random_weights"] > found["frechet"]["halves"]
    assert 0 < found["variety"]["share"] == pytest.approx(found["variety"]["model"] / found["variety"]["data"])
    distances, scores = found["pretrained"]["frechet"], found["pretrained"]["vendi"]
    assert 0 < distances["data"] < distances["model"]
    assert 1 <= scores["random_weights"] < scores["data"] <= 32
    assert found["shared_layout"].keys() == {"model", "data", "random_weights"}
    assert all(-1 <= value <= 1 for value in found["shared_layout"].values())
    # Nobody knows what lies between two stored pictures.
    assert found["walks"].keys() == {"model"}
    assert 1 <= found["walks"]["model"]["mean"] <= found["walks"]["model"]["largest"]
    assert 0 < (tmp_path / "both.jpg").stat().st_size <= SMALL_BYTES


def test_a_sheet_between_latents(tiny_model, tmp_path):
    out = tmp_path / "strip.png"
    done = vj("model", "sheet", tiny_model, "--rows", 2, "--columns", 6, "--between", "z", "-o", out)
    assert done.returncode == 0, done.stderr
    sheet = np.asarray(Image.open(out)).astype(int)
    tiles = [[sheet[2 + 34 * r : 34 + 34 * r, 2 + 34 * c : 34 + 34 * c] for c in range(6)] for r in range(2)]
    step = np.mean([np.abs(a - b).mean() for row in tiles for a, b in itertools.pairwise(row)])
    assert 0 < step < np.abs(tiles[0][0] - tiles[1][0]).mean()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--data", "nowhere"), "nowhere: no such folder"),
        (("--data", "{data}", "-o", "sheet.gif"), "expected .png or .jpg"),
        (("--data", "{small}"), "draws 32×32"),
    ],
)
def test_what_cannot_be_measured_is_one_line(data, tiny_model, tmp_path, arguments, expected):
    small = write_toy_dataset(tmp_path / "small", side=16, count=16)
    done = vj("model", "quality", tiny_model, *(a.format(data=data, small=small) for a in arguments))
    assert done.returncode in (1, 2)
    assert expected in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("method", ["pca", "sefa"])
def test_directions_are_found_kept_and_shown(tiny_model, tmp_path, method):
    model = tmp_path / "m.safetensors"
    model.write_bytes(tiny_model.read_bytes())
    command = [sys.executable, "-m", "vj", "model", "directions", str(model), "--method", method, "-o"]
    done = subprocess.run([*command, str(tmp_path / "d.png")], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "m.directions"), str(tmp_path / "d.png")]
    found = load_directions(model, 32)
    assert found.shape == (16, 32)
    shown = np.asarray(Image.open(tmp_path / "d.png"))
    assert shown.shape == (16 * 34 + 2, 10 * 34 + 2, 3)
    # The middle of each row is as it is; what lies beside it is moved.
    tiles = [[shown[2 + 34 * i : 34 + 34 * i, 2 + 34 * j : 34 + 34 * j] for j in range(10)] for i in (0, 1)]
    np.testing.assert_array_equal(tiles[0][2], tiles[1][2])
    assert np.any(tiles[0][0] != tiles[0][2])
    assert np.any(tiles[0][0] != tiles[1][0])
