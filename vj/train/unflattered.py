"""Measures of a set of pictures that neither garish colours nor sharp noise can flatter. Pure."""

import numpy as np

from vj.core.types import F32, F64, U8
from vj.train.perceptual import perceptual_maps

#: Side at which layouts are compared.
_LAYOUT = 16
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def vendi(features: F32, data: F32) -> float:
    """The Vendi score of n pictures, 1 … n: how many different ones there are, as it were.

    It is exp of the entropy of the eigenvalues of their cosine similarities (Friedman and Dieng, "The Vendi score",
    TMLR 2023).

    features  f32[n, d]; only scores of equal n compare
    data      f32[m, d], features of the data set: similarities are seen from its mean, in its deviations. Seen from a
              mean of their own, pictures that are nearly one would seem all different.
    """
    unit = (features - data.mean(0)) / (data.std(0) + 1e-6)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    values = np.linalg.eigvalsh(unit.astype(np.float64) @ unit.T.astype(np.float64) / len(unit))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def shared_layout(images: U8) -> float:
    """Mean correlation, −1 … 1, of the luma of every two of u8[n, side, side, 3], n ≥ 2, at 16×16.

    Near 0 where layouts have nothing in common, near 1 where all are one. Raises ValueError for a side that is not a
    multiple of 16.
    """
    n, side = images.shape[:2]
    if side % _LAYOUT:
        raise ValueError(f"pictures of {side} pixels a side, expected a multiple of {_LAYOUT}")
    factor = side // _LAYOUT
    luma = (images.reshape(n, _LAYOUT, factor, _LAYOUT, factor, 3).mean((2, 4)) @ _LUMA).reshape(n, -1)
    centred = luma - luma.mean(1, keepdims=True)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    # The sum over all pairs is the squared length of the sum, less every picture with itself.
    total = float(np.square(unit.sum(0)).sum() - np.square(unit).sum())
    return total / float(n * (n - 1))


def steps(walk: U8) -> F64:
    """Perceptual distances f64[n − 1] from each to the next of u8[n, side, side, 3]."""
    maps = perceptual_maps(walk).astype(np.float64)
    out: F64 = np.sqrt(np.square(np.diff(maps, axis=0)).sum(1))
    return out


def unevenness(walk: U8) -> float:
    """The largest step of a walk u8[n, side, side, 3] over its median one; 1 for an even walk, 0 where nothing moves.

    Raises ValueError for n < 2 and for sides below 16.
    """
    taken = steps(walk)
    return float(taken.max() / max(np.median(taken), 1e-12))
