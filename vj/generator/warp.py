"""Resampling inside the graph: bilinear reading at chosen places, and `dense_image_warp`.

Few operations, on both axes at once: a compiled network holds a copy of `resample` for each of its layers, and every
operation costs time at start-up.
"""

from typing import Any

import numpy as np

from vj.core.types import F32
from vj.generator import ops

Tensor = Any


def dense_image_warp(image: Tensor, flow: Tensor) -> Tensor:
    """out[b, y, x] = image[b, y − flow[b, y, x, 0], x − flow[b, y, x, 1]], bilinear, clamped at the border.

    image f32[n, h, w, c] with h, w ≥ 2, flow f32[n, h, w, 2] in pixels. Equal to `tfa.image.dense_image_warp` of
    TensorFlow Addons 0.23, where positions are clamped as the addon does it: the whole part to 0 … size − 2, the
    fraction to 0 … 1.
    """
    n, h, w, _ = image.shape
    grid = np.stack(np.meshgrid(np.arange(h), np.arange(w), indexing="ij")).astype(np.float32)
    at = grid - ops.transpose(flow, (0, 3, 1, 2))
    return ops.concatenate([resample(image[i : i + 1], at[i]) for i in range(n)])


def resample(image: Tensor, at: Tensor) -> Tensor:
    """image f32[n, h, w, c] read at the pixel positions at f32[2, p, q] (y, x) → f32[n, p, q, c], border clamped."""
    n, h, w, c = image.shape
    # In a size of one there is no next pixel; its fraction is always 0.
    whole = ops.clip(ops.floor(at), 0.0, _per_axis(max(h - 2, 0), max(w - 2, 0)))
    fy, fx = ops.unstack(ops.clip(at - whole, 0.0, _per_axis(min(h - 1, 1), min(w - 1, 1))), 2)
    # Pixel numbers of a picture are exact in float32 up to 4096 × 4096.
    first = ops.cast(ops.sum(whole * _per_axis(w, 1), axis=0), "int32")
    down, right = (w if h > 1 else 0), (1 if w > 1 else 0)
    corners = first + np.asarray([0, right, down, down + right], np.int32)[:, None, None]
    a, b, d, e = ops.unstack(ops.take(ops.reshape(image, (n, h * w, c)), corners, axis=1), 4, axis=1)
    fy, fx = fy[..., None], fx[..., None]
    top = a + fx * (b - a)
    return top + fy * (d + fx * (e - d) - top)


def _per_axis(y: float, x: float) -> F32:
    return np.asarray([y, x], np.float32)[:, None, None]


def resize_matrix(size: int, to: int) -> F32:
    """f32[to, size]: the matrix that resizes `size` values to `to`: bilinear, pixel centres aligned, border clamped."""
    at = np.clip((np.arange(to) + 0.5) * (size / to) - 0.5, 0.0, size - 1.0)
    out: F32 = np.maximum(1.0 - np.abs(at[:, None] - np.arange(size)), 0.0).astype(np.float32)
    return out
