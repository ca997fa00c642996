"""Functions of one number as sums of leaky ReLUs at knots."""

from collections.abc import Callable

import numpy as np

from vj.core.types import F32, F64
from vj.train.built.wiring import SLOPE


def knots(low: float, high: float, n: int) -> F32:
    """n knots, evenly: f32[n]; the first lies on `low`, below which a fitted function goes on straight."""
    return np.linspace(low, high, n, endpoint=False, dtype=np.float32)


def sums(of: Callable[[F64], F64], at: F32, high: float) -> F32:
    """c f32[n]: of(v) ≈ Σ c leaky(v − knot) between the first knot and `high`, least squares."""
    v = np.linspace(float(at[0]), high, 600)
    found = np.linalg.lstsq(leaky(v[:, None] - at), of(v), rcond=1e-6)[0]
    return found.astype(np.float32)


def fitted(at: F32, v: F64, values: F64) -> F64:
    """What leaky ReLUs at n knots, and 1, are multiplied by to be closest to values f64[m] at v f64[m].

    f64[n + 1], the constant last.
    """
    basis = np.concatenate([leaky(v[:, None] - at), np.ones((len(v), 1))], 1)
    out: F64 = np.linalg.lstsq(basis, values, rcond=1e-9)[0]
    return out


def through(at: F32) -> F64:
    """What 1 and leaky ReLUs at n − 1 knots are multiplied by to be 1 at one of n knots and 0 at the others.

    f64[n, n], a row for each function (1 is the first), a column for each knot.
    """
    values: F64 = leaky(at[:, None] - np.concatenate([at[:1] - 1.0, at[:-1]])).astype(np.float64)
    values[:, 0] = 1.0
    out: F64 = np.linalg.inv(values).astype(np.float64)
    return out


def level_outside(at: F32, values: F64) -> F64:
    """What leaky ReLUs at n knots, and 1, are multiplied by to have `values` at the knots and be level outside.

    f64[n + 1], the constant last.
    """
    v = np.concatenate([[at[0] - 1.0], at, [at[-1] + 1.0]]).astype(np.float64)
    return fitted(at, v, np.concatenate([values[:1], values, values[-1:]]))


def leaky(v: F64 | F32) -> F64:
    """The leaky ReLU of StyleGAN2, before its gain: f64[…] of f64[…]."""
    out: F64 = np.maximum(v, SLOPE * v).astype(np.float64)
    return out


def named(prefix: str, n: int) -> list[str]:
    """Names of n hinges."""
    return [f"{prefix}{m}" for m in range(n)]
