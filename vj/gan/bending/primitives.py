"""What a compiled graph can do to a layer's features: resample, map values, grow, add noise.

Written with `keras.ops`. Four primitives serve all bends because the graph holds a copy of them for every layer: with
a branch per bend it took half a minute to trace and compile.
"""

import math

import numpy as np

from vj.gan import ops
from vj.gan.bending import WIDTH
from vj.gan.bending.spec import N_ARGUMENTS
from vj.gan.warp import Tensor, resample, resize_matrix
from vj.types import FLOW_SIZE


def bend_layer(x: Tensor, site: int, values: Tensor, flow: Tensor) -> Tensor:
    """x f32[n, h, w, c] with the bends of `site` applied in turn.

    values f32[N_VALUES] as `bending.pack` makes it, flow f32[FLOW_SIZE, FLOW_SIZE, 2].
    """
    rows = ops.reshape(values, (-1, WIDTH))
    first = ops.sum(ops.cast(rows[:, 0] < site, "int32"))
    end = ops.sum(ops.cast(rows[:, 0] <= site, "int32"))

    def one(k: Tensor, x: Tensor) -> Tensor:
        row = ops.take(rows, k, axis=0)
        arguments = [row[5 + i] for i in range(N_ARGUMENTS)]
        branches = [
            lambda: _resample(x, arguments, flow),
            lambda: _map(x, arguments),
            lambda: _grow(x, arguments),
            lambda: _noise(x, arguments, row[4]),
        ]
        bent = ops.switch(ops.cast(row[1], "int32"), branches)
        return ops.where(_chosen(x.shape[-1], row), bent, x)

    return ops.fori_loop(first, end, one, x)


def _chosen(channels: int, row: Tensor) -> Tensor:
    """bool[channels]: those whose place, in order or shuffled by the seed, lies between the row's two ends."""
    in_order = (np.arange(channels, dtype=np.float32) + 0.5) / channels
    shuffled = _fraction(ops.sin(np.arange(channels, dtype=np.float32) * 12.9898 + row[4] * 78.233) * 43758.5453)
    place = ops.where(row[4] < 0.5, in_order, shuffled)
    return ops.logical_and(place >= row[2], place < row[3] + 1e-6)


def _resample(x: Tensor, a: list[Tensor], flow: Tensor) -> Tensor:
    h, w = x.shape[1:3]
    y0 = ((2.0 * np.arange(h, dtype=np.float32) + 1.0) / h - 1.0)[:, None]
    x0 = ((2.0 * np.arange(w, dtype=np.float32) + 1.0) / w - 1.0)[None]
    at_y = a[0] * y0 + a[1] * x0 + a[4]
    at_x = a[2] * y0 + a[3] * x0 + a[5]
    at_y = at_y + a[6] * (ops.abs(at_y) - at_y)
    at_x = at_x + a[7] * (ops.abs(at_x) - at_x)
    down, across = resize_matrix(FLOW_SIZE, h), resize_matrix(FLOW_SIZE, w).T
    at_y = at_y - a[8] * ops.matmul(ops.matmul(down, flow[..., 0]), across)
    at_x = at_x - a[8] * ops.matmul(ops.matmul(down, flow[..., 1]), across)
    return resample(x, _to_pixels(at_y, h), _to_pixels(at_x, w))


def _to_pixels(t: Tensor, size: int) -> Tensor:
    """From −1..1, mirrored back and forth beyond, to pixel numbers."""
    folded = ops.abs(ops.mod(t - 1.0, 4.0) - 2.0) - 1.0
    return ((folded + 1.0) * size - 1.0) / 2.0


def _map(x: Tensor, a: list[Tensor]) -> Tensor:
    return (x + a[2] * (ops.cast(x > a[3], "float32") - x)) * a[0] + a[1]


def _grow(x: Tensor, a: list[Tensor]) -> Tensor:
    x = x * a[1]
    for step in (1, 2):
        share = ops.clip(a[0] - (step - 1), 0.0, 1.0)
        x = x + share * (_maximum(_maximum(x, step, 1), step, 2) - x)
    return x * a[1]


def _maximum(x: Tensor, step: int, axis: int) -> Tensor:
    """The maximum of each value and those `step` before and after it; the border repeats."""
    pad = [(0, 0)] * 4
    pad[axis] = (step, step)
    padded = ops.pad(x, pad, mode="constant", constant_values=-1e30)
    size = x.shape[axis]
    if axis == 1:
        return ops.maximum(x, ops.maximum(padded[:, :size], padded[:, 2 * step :]))
    return ops.maximum(x, ops.maximum(padded[:, :, :size], padded[:, :, 2 * step :]))


def _noise(x: Tensor, a: list[Tensor], seed: Tensor) -> Tensor:
    """Box and Muller's transform of two hashed numbers per value; turning its angle keeps the distribution."""
    radius = ops.sqrt(-2.0 * ops.log(0.0005 + 0.999 * _hash(x.shape, seed + 12.9898)))
    return x + a[0] * radius * ops.cos(2.0 * math.pi * (_hash(x.shape, seed + 78.233) + a[1]))


def _hash(shape: tuple[int, ...], k: Tensor) -> Tensor:
    """A number 0..1 for each place in f32[1, h, w, c] that looks random.

    k must be known at run time only: of constants, XLA would make tens of megabytes of folded noise.
    """
    y, x, c = (np.arange(n, dtype=np.float32) for n in shape[1:])
    place = y[:, None, None] * (k * 0.7548777) + x[:, None] * (k * 0.5698403) + c * (k * 0.4384)
    return _fraction(ops.sin(ops.mod(place + k, 2.0 * math.pi))[None] * 43758.5453)


def _fraction(x: Tensor) -> Tensor:
    return x - ops.floor(x)
