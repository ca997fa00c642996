"""Signals move parameters: value = bound(base + Σ depth · curve(signal))."""

import numpy as np
import pytest

from vj.core.errors import PresetError
from vj.core.types import Signal
from vj.modulation.matrix import MOST_ROWS, Matrix, Row, fields, signal_names
from vj.params.registry import Registry
from vj.params.spec import Param, toggle

SIGNALS = (Signal("level", 0, 1), Signal("bpm", 60, 200, "bpm"), Signal("components", 0, 1, width=3))
DTYPE = [("level", "f4"), ("bpm", "f4"), ("components", "f4", 3)]
REGISTRY = Registry(
    [Param("a/x", 0.2), Param("a/turn", 0.5, bound="wrap"), Param("a/still", 0.7), toggle("a/on", False, "")]
)


def heard(level=0.0, bpm=60.0, components=(0, 0, 0)):
    return np.array([(level, bpm, components)], DTYPE)[0]


def moved(features, *rows):
    return Matrix(REGISTRY, SIGNALS, rows).apply(REGISTRY.defaults(), fields(features))[0]


def test_every_value_of_a_wide_signal_has_a_name():
    assert signal_names(SIGNALS) == ("level", "bpm", "components/0", "components/1", "components/2")


def test_rows_add_up_and_leave_the_rest_alone():
    p = moved(heard(level=0.5, components=(0, 0, 1)), Row("level", "a/x", 0.4), Row("components/2", "a/x", 0.1))
    assert p["a/x"] == pytest.approx(0.2 + 0.2 + 0.1)
    assert p["a/still"] == pytest.approx(0.7)


def test_a_signal_counts_within_its_own_range():
    assert moved(heard(bpm=130), Row("bpm", "a/x", 1.0))["a/x"] == pytest.approx(0.2 + 0.5)


@pytest.mark.parametrize(
    ("curve", "shaped"), [("lin", 0.25), ("square", 0.0625), ("sqrt", 0.5), ("s", 0.15625), ("inverse", 0.75)]
)
def test_curves(curve, shaped):
    assert moved(heard(level=0.25), Row("level", "a/x", 0.5, curve))["a/x"] == pytest.approx(0.2 + 0.5 * shaped)


def test_the_sum_is_bound_once_and_in_the_parameters_own_way():
    assert moved(heard(level=1), Row("level", "a/x", 9.0))["a/x"] == 1.0
    assert moved(heard(level=1), Row("level", "a/turn", 0.75))["a/turn"] == pytest.approx(0.25)


def test_a_signal_that_is_not_a_number_moves_nothing():
    assert moved(heard(level=np.nan), Row("level", "a/x", 0.5))["a/x"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (Row("loudness", "a/x", 1), "unknown signal"),
        (Row("level", "a/y", 1), "did you mean"),
        (Row("level", "a/x", 1, "cube"), "curve"),
        (Row("level", "a/on", 1), "toggle cannot be modulated"),
        (Row("level", "a/x", float("nan")), "depth: found nan"),
        (Row("level", "a/x", 1, attack_s=-1.0), "attack_s: found -1, expected 0..60"),
        (Row("level", "a/x", 1, release_s=float("nan")), "release_s"),
    ],
)
def test_a_row_that_fits_nothing_is_refused(row, says):
    with pytest.raises(PresetError, match=says):
        Matrix(REGISTRY, SIGNALS, [row])


def test_an_id_can_be_declared_once_only():
    with pytest.raises(PresetError, match="declared twice"):
        Registry([Param("a/x", 0), Param("a/x", 1)])


def test_a_snapshot_is_read_only_and_a_change_makes_a_new_one():
    before = REGISTRY.defaults()
    after = before.with_values({"a/x": 0.9})
    assert (before["a/x"], after["a/x"]) == (pytest.approx(0.2), pytest.approx(0.9))
    with pytest.raises(ValueError, match="read-only"):
        after.array[0] = 1


def test_attack_and_release():
    matrix = Matrix(REGISTRY, SIGNALS, [Row("level", "a/x", 0.5, attack_s=0.3, release_s=3.0)])
    base = REGISTRY.defaults()
    _, stands = matrix.apply(base, fields(heard(0.0)))

    def followed(level, frames):
        nonlocal stands
        out = []
        for _ in range(frames):
            p, stands = matrix.apply(base, fields(heard(level)), stands, 0.1)
            out.append(p["a/x"])
        return out

    rising = followed(1.0, 3)
    assert rising[0] == pytest.approx(0.2 + 0.5 * (1 - np.exp(-1)), abs=1e-4)
    assert rising[2] == pytest.approx(0.2 + 0.5 * 0.95, abs=0.001)
    falling = followed(0.0, 30)
    assert falling[2] > 0.5
    assert falling[-1] == pytest.approx(0.2 + 0.5 * 0.95 * 0.05, abs=0.001)


def test_rows_of_the_preset_before_leave_as_a_morph_goes_on():
    stays, goes, comes = Row("level", "a/x", 0.1), Row("level", "a/still", -0.4), Row("level", "a/x", 0.4)
    matrix = Matrix(REGISTRY, SIGNALS, [stays, comes], leaving=[stays, goes])
    for arrived in (0.0, 0.25, 1.0):
        p = matrix.apply(REGISTRY.defaults(), {**fields(heard(1.0)), "arrived": arrived})[0]
        assert p["a/x"] == pytest.approx(0.2 + 0.1 + 0.4 * arrived)
        assert p["a/still"] == pytest.approx(0.7 - 0.4 * (1 - arrived))


def test_sixty_four_rows_and_no_more():
    rows = [Row("level", "a/x", 0.001)] * MOST_ROWS
    assert moved(heard(1.0), *rows)["a/x"] == pytest.approx(0.264)
    with pytest.raises(PresetError, match="found 65 rows, expected at most 64"):
        moved(heard(1.0), *rows, rows[0])


def test_a_bipolar_row_changes_nothing_in_the_middle():
    row = Row("level", "a/still", 0.2, "bipolar")
    assert [moved(heard(x), row)["a/still"] for x in (0.0, 0.5, 1.0)] == pytest.approx([0.5, 0.7, 0.9])
