"""dense_image_warp equals that of TensorFlow Addons 0.23, whose results are in tests/golden."""

from pathlib import Path

import keras
import numpy as np
import pytest
from bend_tools import compiled

from vj.generator.warp import dense_image_warp, resize_matrix

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "dense_image_warp.npz")
CASES = sorted({name.split("/")[0] for name in GOLDEN.files})


def test_the_vectors_hold_what_matters():
    flow = GOLDEN["border_far/flow"]
    assert np.abs(flow).max() > 30
    assert {GOLDEN[f"{case}/image"].shape[:3] for case in CASES} >= {(1, 2, 2), (1, 17, 3), (3, 8, 7)}
    # The sign is not symmetric: what is at (2, 3) moves to (3, 3) by a flow of (+1, 0).
    assert GOLDEN["sign_down_one/out"][0, 3, 3, 0] == 1.0


@pytest.mark.parametrize("case", CASES)
def test_it_equals_the_original(case):
    image, flow, out = (GOLDEN[f"{case}/{part}"] for part in ("image", "flow", "out"))
    found = np.asarray(dense_image_warp(keras.ops.convert_to_tensor(image), keras.ops.convert_to_tensor(flow)))
    np.testing.assert_allclose(found, out, rtol=0, atol=1e-6)


@pytest.mark.parametrize("case", ["batch", "border_edge", "tiny_2x9"])
def test_it_equals_the_original_when_compiled(case):
    image, flow, out = (GOLDEN[f"{case}/{part}"] for part in ("image", "flow", "out"))
    np.testing.assert_allclose(np.asarray(compiled(dense_image_warp)(image, flow)), out, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("size", "to"), [(16, 4), (16, 16), (16, 37)])
def test_resizing_keeps_a_constant_and_a_slope(size, to):
    matrix = resize_matrix(size, to)
    np.testing.assert_allclose(matrix.sum(1), 1.0, atol=1e-6)
    slope = matrix @ ((np.arange(size) + 0.5) / size)
    inside = (np.arange(to) + 0.5) / to
    kept = (inside > 0.5 / size) & (inside < 1 - 0.5 / size)
    np.testing.assert_allclose(slope[kept], inside[kept], atol=1e-6)
