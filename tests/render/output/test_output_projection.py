"""Four corners and what lies between them, against a linear system that knows nothing of squares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vj.render.output.projection import Projection, found, homography, is_convex, placed

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
#: Each corner of the square moved by less than a third: convex, whichever way.
QUADS = st.tuples(*(st.tuples(*(st.floats(c - 0.3, c + 0.3) for c in corner)) for corner in SQUARE))
SHARES = st.floats(0.0, 1.0)


def by_least_squares(corners):
    """f64[3, 3] by the usual eight equations for eight unknowns (direct linear transform)."""
    rows, to = [], []
    for (u, v), (x, y) in zip(SQUARE, corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        to += [x, y]
    return np.append(np.linalg.solve(np.array(rows), to), 1.0).reshape(3, 3)


@given(QUADS)
def test_it_is_the_projective_map_of_the_square(corners):
    np.testing.assert_allclose(homography(corners), by_least_squares(corners), atol=1e-9)


@given(QUADS, SHARES, SHARES)
def test_there_and_back(corners, u, v):
    assert found(placed((u, v), corners), corners) == pytest.approx((u, v), abs=1e-7)


def test_corners_land_on_corners_and_lines_stay_straight():
    corners = ((0.1, 0.0), (0.9, 0.2), (1.0, 0.8), (0.0, 1.0))
    for point, corner in zip(SQUARE, corners, strict=True):
        assert placed(point, corners) == pytest.approx(corner)
    # The middle lies where the diagonals cross.
    x, y = placed((0.5, 0.5), corners)
    for a, c in ((0, 2), (1, 3)):
        (ax, ay), (cx, cy) = corners[a], corners[c]
        assert (x - ax) * (cy - ay) - (y - ay) * (cx - ax) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("corners", "convex"),
    [
        (SQUARE, True),
        (SQUARE[::-1], True),  # seen from behind
        (((0, 0), (1, 0), (0.2, 0.2), (0, 1)), False),  # dented
        (((0, 0), (1, 1), (1, 0), (0, 1)), False),  # crossed
        (((0, 0), (0.5, 0), (1, 0), (0, 1)), False),  # three on a line
        (((0, 0), (0, 0), (0, 0), (0, 0)), False),
    ],
)
def test_what_makes_a_picture(corners, convex):
    assert is_convex(corners) is convex


def test_without_corners_it_is_as_large_as_fits():
    # 16:9 on 4:3: bars above and below; turned by a quarter: left and right.
    whole = Projection().quad((640, 480), (1280, 720))
    assert whole == ((0.0, 0.125), (1.0, 0.125), (1.0, 0.875), (0.0, 0.875))
    assert Projection(turns=1).quad((640, 480), (1280, 720))[0] == pytest.approx(((1 - 27 / 64) / 2, 0.0))
    # Rounded by a pixel it fills the screen all the same.
    assert Projection().quad((640, 360), (321, 180))[0] == (0.0, 0.0)


def test_a_corner_goes_nowhere_that_makes_no_picture():
    whole = Projection()
    moved = whole.with_corner(2, (0.9, 0.8), SQUARE)
    assert moved.corners == ((0.0, 0.0), (1.0, 0.0), (0.9, 0.8), (0.0, 1.0))
    assert moved.with_corner(2, (0.1, 0.1), moved.corners) is moved
    assert whole.with_corner(1, (9.0, -9.0), SQUARE).corners[1] == (2.0, -1.0)
