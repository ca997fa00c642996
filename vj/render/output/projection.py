"""How a picture lies on what it is projected on: its corners, turned or mirrored, with soft edges and a mask. Pure.

Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989 (the projective map of a square to four points).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

#: (x, y) in shares of a width and a height, from the upper left corner.
Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
F64: TypeAlias = npt.NDArray[np.float64]

#: A corner may lie so far beyond the screen.
NEAREST, FARTHEST = -1.0, 2.0
MOST_POINTS = 32
SOFTEST_EDGE = 0.5
_SAME_SHAPE = 0.01
#: Corners that turn less than this, as an area in shares of the screen, make no picture.
_FLATTEST = 1e-4


@dataclass(frozen=True, slots=True)
class Projection:
    """What belongs to one monitor.

    corners    where the picture's upper left, upper right, lower right and lower left corner lie on the screen;
               None: as large as fits without distortion
    turns      quarter turns of the picture, clockwise, 0 … 3; mirrored: left for right, as for a screen lit from behind
    edges      over which share of the picture its left, upper, right and lower edge fade out, 0 … 0.5
    gamma      of the projector: two edges that overlap add up to an even light
    mask       a polygon in shares of the picture as it is seen, black outside; fewer than three points are none
    mask_soft  the width of the mask's edge, in picture heights, 0 … 0.5
    """

    corners: Quad | None = None
    turns: int = 0
    mirrored: bool = False
    edges: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    gamma: float = 2.2
    mask: tuple[Point, ...] = ()
    mask_soft: float = 0.01

    def quad(self, screen: tuple[int, int], picture: tuple[int, int]) -> Quad:
        """The corners, in shares of a screen of (width, height) pixels; `picture`: the picture's size."""
        if self.corners is not None:
            return self.corners
        w, h = _shares(screen, picture[::-1] if self.turns % 2 else picture)
        x, y = (1.0 - w) / 2.0, (1.0 - h) / 2.0
        return (x, y), (1.0 - x, y), (1.0 - x, 1.0 - y), (x, 1.0 - y)

    def with_corner(self, i: int, to: Point, quad: Quad) -> "Projection":
        """Corner `i` of `quad` moved; unchanged where the four would make no picture (see `is_convex`)."""
        moved = tuple(_held(to) if k == i else point for k, point in enumerate(quad))
        corners: Quad = (moved[0], moved[1], moved[2], moved[3])
        return replace(self, corners=corners) if is_convex(corners) else self


def homography(corners: Sequence[Point]) -> F64:
    """f64[3, 3]: (u, v, 1) of the square (0, 0), (1, 0), (1, 1), (0, 1) → the four corners, in homogeneous (x, y, w).

    The corners are convex: then w > 0 inside.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    across, along = np.array([x1 - x2, y1 - y2]), np.array([x3 - x2, y3 - y2])
    bent = np.array([x0 - x1 + x2 - x3, y0 - y1 + y2 - y3])
    g, h = np.linalg.solve(np.stack([across, along], axis=1), bent)
    return np.array([
        [x1 - x0 + g * x1, x3 - x0 + h * x3, x0],
        [y1 - y0 + g * y1, y3 - y0 + h * y3, y0],
        [g, h, 1.0],
    ])  # fmt: skip


def placed(point: Point, quad: Quad) -> Point:
    """A point of the picture as it is seen → where it is on the screen, both in shares."""
    x, y, w = homography(quad) @ (*point, 1.0)
    return float(x / w), float(y / w)


def found(at: Point, quad: Quad) -> Point:
    """A point on the screen → which of the picture it is: the other way round."""
    x, y, w = np.linalg.solve(homography(quad), (*at, 1.0))
    return float(x / w), float(y / w)


def is_convex(corners: Sequence[Point]) -> bool:
    """Whether four corners bound a picture: each turns the same way, and none lies on the line of its neighbours."""
    around = [*corners, *corners[:2]]
    ways = [
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        for (a, b), c in zip(pairwise(around), around[2:], strict=False)
    ]
    return min(ways) > _FLATTEST or max(ways) < -_FLATTEST


def _held(point: Point) -> Point:
    return min(max(point[0], NEAREST), FARTHEST), min(max(point[1], NEAREST), FARTHEST)


def _shares(screen: tuple[int, int], picture: tuple[int, int]) -> tuple[float, float]:
    """How much of the screen's width and height the picture takes, undistorted."""
    ratio = (picture[0] / picture[1]) / (screen[0] / screen[1])
    # A size drawn inside that was rounded to whole pixels is no reason for black lines at the edge.
    if abs(ratio - 1.0) < _SAME_SHAPE:
        return 1.0, 1.0
    return min(ratio, 1.0), min(1.0 / ratio, 1.0)
