"""Luminous liquid: any normal vector is a picture, near vectors are near pictures, and nothing is nearly black."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from vj.cli import main
from vj.core.errors import DatasetError, UsageError
from vj.core.types import F32
from vj.train import dataset_build
from vj.train.dataset import MANIFEST, open_dataset
from vj.train.world import numbers, palette, waves
from vj.train.world.picture import draw, shares
from vj.train.world.pictures import numbers_of, write_world
from vj.train.world.scene import DYE, symmetry

SIDE = 32


def some(n: int, seed: int = 0) -> F32:
    return np.random.default_rng(seed).standard_normal((n, numbers.COUNT), np.float32)


def with_material(z: F32, at: float) -> F32:
    out = z.copy()
    out[0] = at
    return out


@pytest.mark.parametrize("material", [-1.5, 0.25, 1.5], ids=["oil", "veils", "cells"])
def test_a_small_step_in_any_number_is_a_small_step_in_the_picture(material: float) -> None:
    z = with_material(some(1)[0], material)
    here = draw(z, SIDE).astype(float)
    for i in range(numbers.COUNT):
        near, far = z.copy(), z.copy()
        near[i] += 0.01
        far[i] += 0.08
        step, leap = (np.abs(draw(at, SIDE) - here).mean() for at in (near, far))
        # A jump would be as large for a small step as for a large one; 0.6 is what rounding to bytes can make.
        assert step < 0.5 * leap + 0.6


def test_every_number_says_something() -> None:
    moved = np.zeros(numbers.COUNT)
    for z in some(12, 4):
        here = draw(z, SIDE).astype(float)
        for i in range(numbers.COUNT):
            other = z.copy()
            other[i] += 1.0
            moved[i] = max(moved[i], np.abs(draw(other, SIDE) - here).mean())
    assert moved.min() > 2.0, numbers.NAMES[int(moved.argmin())]


def test_no_picture_is_nearly_black_or_all_one_colour() -> None:
    pictures = np.stack([draw(z, SIDE) for z in some(150, 1)])
    luma = (pictures @ np.array([0.2126, 0.7152, 0.0722])).mean((1, 2)) / 255.0
    assert luma.min() > 0.06
    assert pictures.std((1, 2)).max(1).min() > 3.0


def test_palettes_go_round_the_whole_circle_of_hues() -> None:
    # The most saturated entry of palettes drawn at random: which of red, yellow, green, cyan, blue, magenta it is.
    kinds = np.zeros(6, int)
    for z in some(600, 2):
        first, _ = palette.palettes(numbers.read(z))
        rgb = first[(first.max(1) - first.min(1)).argmax()]
        high, low = rgb.max(), rgb.min()
        a, b = rgb - np.roll(rgb, -1), high - low
        sector = {0: 60 * (a[1] / b), 1: 120 + 60 * (a[2] / b), 2: 240 + 60 * (a[0] / b)}[int(rgb.argmax())]
        kinds[round(sector / 60) % 6] += 1
    assert kinds.min() > 0.05 * kinds.sum()


def test_rich_palettes_stay_within_what_srgb_shows() -> None:
    for hue in np.linspace(0, 2 * np.pi, 25):
        for lightness in (-2.0, 0.0, 2.0):
            path = palette.path(hue, 1.0, lightness, 1.0)
            assert path.shape == (palette.ENTRIES, 3)
            assert path[0].max() < 0.2
            assert path[-1].min() > 0.75
            assert np.abs(np.diff(path, axis=0)).max() < 0.1


@pytest.mark.parametrize("fold", [3, 5, 6])
def test_a_symmetric_field_is_the_same_after_a_part_of_a_turn(fold: int) -> None:
    z = np.random.default_rng(3).standard_normal((len(DYE.weights), 2)).astype(np.float32)
    field = waves.waves(DYE, z, waves.Symmetry(fold, 1.0))
    turned = waves.table(field.turned(2 * np.pi / fold))
    np.testing.assert_allclose(waves.table(field), turned, atol=2e-4)
    plain = waves.waves(DYE, z, waves.Symmetry(fold, 0.0))
    assert np.abs(waves.table(plain) - waves.table(plain.turned(2 * np.pi / fold))).max() > 0.5


def test_slopes_are_the_gradient_of_the_table() -> None:
    z = np.random.default_rng(3).standard_normal((len(DYE.weights), 2)).astype(np.float32)
    field = waves.waves(DYE, z, waves.Symmetry(5, 0.5))
    step = 2.0 * waves.REACH / (waves.TABLE - 1)
    down, across = np.gradient(waves.table(field).astype(float), step)
    inner = np.s_[2:-2, 2:-2]
    slope = waves.slopes(field)
    assert np.abs(slope[inner][..., 0] - across[inner]).max() < 0.02 * np.abs(across).max()
    assert np.abs(slope[inner][..., 1] - down[inner]).max() < 0.02 * np.abs(down).max()


def test_symmetry_comes_and_goes_through_none() -> None:
    along = [symmetry(float(at)) for at in np.linspace(0, 1, 1001)]
    assert {s.fold for s in along if s.weight == 1.0} == {3, 5, 6}
    for before, after in itertools.pairwise(along):
        assert abs(before.weight - after.weight) < 0.02
        assert before.fold == after.fold or before.weight < 0.02 or after.weight < 0.02


def test_materials_follow_one_another_and_fill_the_range() -> None:
    along = np.array([shares(float(at)) for at in np.linspace(0, 1, 501)])
    np.testing.assert_allclose(along.sum(1), 1.0, atol=1e-6)
    assert np.abs(np.diff(along, axis=0)).max() < 0.05
    assert (along.mean(0) > 0.2).all()


def test_the_same_picture_at_any_size() -> None:
    for z in some(6, 5):
        small, large = draw(z, 64).astype(float), draw(z, 128).astype(float)
        halved = large.reshape(64, 2, 64, 2, 3).mean((1, 3))
        assert np.corrcoef(small.ravel(), halved.ravel())[0, 1] > 0.97


def test_a_world_is_a_data_set_without_end(tmp_path: Path) -> None:
    write_world(tmp_path / "world", 64, seed=3)
    world = open_dataset(tmp_path / "world")
    picked = world.known_ones(5, np.random.default_rng(0))
    source, known = world.made_from(picked)
    assert world.taught
    assert known.shape == (5, numbers.COUNT)
    assert (source == 0).all()
    batch = world.batch(picked, 32)
    assert np.array_equal(batch[2], draw(numbers_of(3, int(picked[2])), 32))
    # The same again, whatever was asked before.
    assert np.array_equal(batch[[3, 1]], open_dataset(tmp_path / "world").batch(picked[[3, 1]], 32))
    assert [p.name for p in (tmp_path / "world").iterdir()] == [MANIFEST]


def test_a_world_that_keeps_its_pictures_draws_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_world(tmp_path / "world", 64, seed=3, keep=20)
    first = open_dataset(tmp_path / "world")
    assert first.count == 20
    whole, small = first.batch([4, 7, 4], 32), first.batch([4], 16)
    np.testing.assert_allclose(whole[0].reshape(16, 2, 16, 2, 3).mean((1, 3)), small[0], atol=0.51)
    monkeypatch.setattr("vj.train.world.pictures.draw", None)
    again = open_dataset(tmp_path / "world")
    assert np.array_equal(again.batch([7, 4], 32), whole[[1, 0]])
    with pytest.raises(TypeError):
        again.batch([5], 32)


def test_a_folder_that_holds_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    request = dataset_build.Request(tmp_path / "data", 32, per_source=3, world=True)
    dataset_build.build(request, lambda done, total: None)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "list.txt").write_text("mine")
    write_world(tmp_path / "world", 64, seed=3)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    write_world(tmp_path / "world", 64, seed=3)
    for folder, seed in (("data", 3), ("notes", 3), ("world", 4)):
        with pytest.raises(UsageError, match="expected a new or an empty folder") as e:
            write_world(tmp_path / folder, 64, seed)
        assert "\n" not in str(e.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "arguments", [("--keep", "5"), ("--flow", "0.5"), ("--endless", "--own")], ids=["keep", "flow", "own"]
)
def test_arguments_that_do_not_go_together_are_one_line(
    tmp_path: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dataset", "-o", str(tmp_path / "data"), *arguments]) != 0
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    write_world(tmp_path / "world", 64, seed=3, keep=20)
    (tmp_path / "world" / "drawn-32.u8").symlink_to("/dev/full")
    with pytest.raises(DatasetError, match=r"drawn-32\.u8: cannot be written: No space left") as e:
        open_dataset(tmp_path / "world").batch([5], 32)
    assert "\n" not in str(e.value)


def test_a_stored_world_keeps_what_each_picture_was_drawn_from(tmp_path: Path) -> None:
    dataset_build.build(
        dataset_build.Request(tmp_path / "data", 32, per_source=6, world=True), lambda done, total: None
    )
    data = open_dataset(tmp_path / "data")
    assert data.count == 6
    assert data.known_names == numbers.NAMES
    everything = np.arange(6)
    _, known = data.made_from(everything)
    for picture, made_from in zip(data.batch(everything, 32), known, strict=True):
        again = draw(ndtri(made_from.astype(float)).astype(np.float32), 32)
        assert np.abs(picture.astype(int) - again.astype(int)).max() <= 2


@pytest.mark.parametrize(
    "found",
    [{"version": 0, "seed": 1, "flow": 1.0}, {"version": 1, "seed": 1, "flow": 2}, {"version": 1}, "world", None],
)
def test_a_world_of_another_version_is_refused_in_one_line(tmp_path: Path, found: object) -> None:
    write_world(tmp_path, 64, seed=3)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    (tmp_path / MANIFEST).write_text(json.dumps(manifest | {"world": found}))
    with pytest.raises(DatasetError, match="expected version 1, a seed and a flow") as e:
        open_dataset(tmp_path)
    assert "\n" not in str(e.value)
