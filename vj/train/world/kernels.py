"""The loops over pixels, compiled by numba: tables read between their points, coordinates carried along a flow."""

import math

import numpy as np

from vj.core.errors import DatasetError
from vj.core.types import F32
from vj.train.world.waves import REACH, Table

try:
    from numba import njit
except ImportError as e:
    raise DatasetError("the world is drawn with numba, which is not installed: pip install 'vj[world]'") from e

_compiled = njit(cache=True, fastmath=True, nogil=True)


@_compiled
def _cubic(u: float) -> tuple[float, float, float, float]:
    """Weights of four points around u 0..1 between the middle two (Catmull-Rom)."""
    square = u * u
    return (
        u * (-0.5 + u * (1.0 - 0.5 * u)),
        1.0 + square * (1.5 * u - 2.5),
        u * (0.5 + u * (2.0 - 1.5 * u)),
        square * (0.5 * u - 0.5),
    )


@_compiled
def read(table: Table, x: float, y: float) -> float:
    """A table f32[n, n] at (x, y), centred; cubic (Catmull-Rom), held at the edges."""
    n = table.shape[0]
    u = min(max((x + REACH) / (2.0 * REACH) * (n - 1), 1.0), n - 2.001)
    v = min(max((y + REACH) / (2.0 * REACH) * (n - 1), 1.0), n - 2.001)
    i, j = int(u), int(v)
    a0, a1, a2, a3 = _cubic(u - i)
    b0, b1, b2, b3 = _cubic(v - j)
    t = table
    r0 = a0 * t[j - 1, i - 1] + a1 * t[j - 1, i] + a2 * t[j - 1, i + 1] + a3 * t[j - 1, i + 2]
    r1 = a0 * t[j, i - 1] + a1 * t[j, i] + a2 * t[j, i + 1] + a3 * t[j, i + 2]
    r2 = a0 * t[j + 1, i - 1] + a1 * t[j + 1, i] + a2 * t[j + 1, i + 1] + a3 * t[j + 1, i + 2]
    r3 = a0 * t[j + 2, i - 1] + a1 * t[j + 2, i] + a2 * t[j + 2, i + 1] + a3 * t[j + 2, i + 2]
    out: float = b0 * r0 + b1 * r1 + b2 * r2 + b3 * r3
    return out


@_compiled
def _velocity(flow: Table, x: float, y: float) -> tuple[float, float]:
    """A flow f32[n, n, 2] at (x, y), linear: it is smoothed by being followed."""
    n = flow.shape[0]
    u = min(max((x + REACH) / (2.0 * REACH) * (n - 1), 0.0), n - 1.001)
    v = min(max((y + REACH) / (2.0 * REACH) * (n - 1), 0.0), n - 1.001)
    i, j = int(u), int(v)
    u, v = u - i, v - j
    p, q, r, s = (1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v
    return (
        p * flow[j, i, 0] + q * flow[j, i + 1, 0] + r * flow[j + 1, i, 0] + s * flow[j + 1, i + 1, 0],
        p * flow[j, i, 1] + q * flow[j, i + 1, 1] + r * flow[j + 1, i, 1] + s * flow[j + 1, i + 1, 1],
    )


@_compiled
def carried(flow: Table, side: int, half: float, steps: int) -> F32:
    """Where a grid of side × side points over −half … half arrives after following the flow for a time of 1.

    flow   f32[n, n, 2], x and y, in picture sides
    steps  of the midpoint rule

    Returns f32[side, side, 2], x and y. A flow with its sign turned tells where what is seen came from.
    """
    out = np.empty((side, side, 2), np.float32)
    dt = 1.0 / steps
    for j in range(side):
        for i in range(side):
            x = half * (2.0 * (i + 0.5) / side - 1.0)
            y = half * (2.0 * (j + 0.5) / side - 1.0)
            for _ in range(steps):
                a, b = _velocity(flow, x, y)
                a, b = _velocity(flow, x + 0.5 * dt * a, y + 0.5 * dt * b)
                x += dt * a
                y += dt * b
            out[j, i, 0], out[j, i, 1] = x, y
    return out


@_compiled
def read_at(table: Table, places: F32) -> F32:
    """A table at f32[h, w, 2] places: f32[h, w]."""
    h, w = places.shape[:2]
    out = np.empty((h, w), np.float32)
    for j in range(h):
        for i in range(w):
            out[j, i] = read(table, places[j, i, 0], places[j, i, 1])
    return out


@_compiled
def gathered(places: F32, dye: Table, half: float, side: int) -> tuple[F32, F32]:
    """How dense points of an even grid, carried to `places` f32[n, n, 2], lie in the picture; and their mean dye.

    f32[side, side] each; a density of 1 is that of the grid before it was carried. Where the grid is drawn apart,
    points are put between its own, so that no single one is seen.
    """
    n = places.shape[0]
    mass, dyed = np.zeros((side, side), np.float32), np.zeros((side, side), np.float32)
    cell = 2.0 * half / n
    for j in range(n - 1):
        for i in range(n - 1):
            x0, y0 = places[j, i, 0], places[j, i, 1]
            x1, y1 = places[j, i + 1, 0], places[j, i + 1, 1]
            x2, y2 = places[j + 1, i, 0], places[j + 1, i, 1]
            x3, y3 = places[j + 1, i + 1, 0], places[j + 1, i + 1, 1]
            wide = max(abs(x1 - x0), abs(x2 - x0), abs(x3 - x0), abs(y1 - y0), abs(y2 - y0), abs(y3 - y0)) * side
            k = min(max(math.ceil(1.3 * wide), 1), 9)
            q = read(dye, half * (2.0 * (i + 1.0) / n - 1.0), half * (2.0 * (j + 1.0) / n - 1.0))
            share = (cell * side / k) ** 2
            for b in range(k):
                v = (b + 0.5) / k
                for a in range(k):
                    u = (a + 0.5) / k
                    x = (x0 * (1 - u) + x1 * u) * (1 - v) + (x2 * (1 - u) + x3 * u) * v
                    y = (y0 * (1 - u) + y1 * u) * (1 - v) + (y2 * (1 - u) + y3 * u) * v
                    px, py = (x + 0.5) * side - 0.5, (y + 0.5) * side - 0.5
                    if px <= 0.0 or py <= 0.0 or px >= side - 1 or py >= side - 1:
                        continue
                    c, r = int(px), int(py)
                    px, py = px - c, py - r
                    for dr in range(2):
                        for dc in range(2):
                            w = share * (px if dc else 1.0 - px) * (py if dr else 1.0 - py)
                            mass[r + dr, c + dc] += w
                            dyed[r + dr, c + dc] += w * q
    for r in range(side):
        for c in range(side):
            dyed[r, c] /= mass[r, c] + 1e-9
    return mass, dyed


@_compiled
def relief(height: F32, rgb: F32, gloss: float) -> None:
    """Light a surface f32[n, n] (in picture sides) from above left, on colours f32[n, n, 3] 0..1, in place."""
    n = height.shape[0]
    for j in range(n):
        up, down = max(j - 1, 0), min(j + 1, n - 1)
        for i in range(n):
            left, right = max(i - 1, 0), min(i + 1, n - 1)
            gx = (height[j, right] - height[j, left]) * n / (right - left)
            gy = (height[down, i] - height[up, i]) * n / (down - up)
            length = 1.0 / math.sqrt(1.0 + gx * gx + gy * gy)
            light = min(max((0.5 * gx - 0.6 * gy + 0.9) * length / 1.2, 0.0), 2.0)
            shine = min(max((0.45 * gx - 0.55 * gy + 0.75) * length, 0.0), 1.0) ** 30 * gloss
            for c in range(3):
                rgb[j, i, c] = min(rgb[j, i, c] * (0.5 + 0.55 * light) + shine, 1.0)
