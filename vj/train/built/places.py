"""Where each pixel is: the blocks below 16×16, which make up for the zeros around each layer.

Products of four functions of x and four of y (1, the place, what marks either end) are carried up: from these and their
shifts 1, x and y can be put together at the next size, the edges included.
"""

import numpy as np

from vj.core.types import F32, F64

#: Places are moved aside by so much (in picture sides, from the middle), so that they are above 0.
ASIDE = 1.3
COUNT = 16
_BLUR = np.array([0.25, 0.75, 0.75, 0.25])


def names() -> list[str]:
    """Of the products, in order."""
    return [f"place{i}" for i in range(COUNT)]


def products(side: int) -> F64:
    """f64[COUNT, side, side]: products of the functions down and across."""
    p = _profiles(side)
    out: F64 = np.einsum("ay,bx->abyx", p, p).reshape(COUNT, side, side)
    return out


def wanted(side: int) -> F64:
    """f64[3, side, side]: 1, x, y, the latter moved aside."""
    one, x = _profiles(side)[:2]
    return np.stack([np.outer(one, one), np.outer(one, x), np.outer(x, one)])


def taps(below: F64, above: F64) -> F32:
    """f32[n, k, 3, 3]: kernels of an upsampling layer that make above f64[n, 2s, 2s] of below f64[k, s, s]."""
    m = [_upsampled(below.shape[-1], tap) for tap in range(3)]
    seen = np.stack([m[down] @ b @ m[across].T for b in below for down in range(3) for across in range(3)])
    found = np.linalg.lstsq(seen.reshape(len(seen), -1).T, above.reshape(len(above), -1).T, rcond=1e-5)[0]
    out: F32 = found.T.reshape(len(above), len(below), 3, 3).astype(np.float32)
    return out


def _profiles(side: int) -> F64:
    x = (np.arange(side) + 0.5) / side - 0.5
    return np.stack([np.ones(side), x + ASIDE, np.eye(side)[0], np.eye(side)[-1]])


def _upsampled(side: int, tap: int) -> F64:
    """f64[2 side, side]: one tap of a stride-2 transposed convolution along one axis, blurred by [1, 3, 3, 1] / 4."""
    at = 2 * np.arange(side)[None] + tap - np.arange(2 * side)[:, None] + 1
    out: F64 = np.where((at >= 0) & (at < 4), _BLUR[np.clip(at, 0, 3)], 0.0)
    return out
