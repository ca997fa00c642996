"""Augmentation of what a discriminator sees, for small data sets: flips, turns, shifts, stretches and colours.

Karras et al., "Training Generative Adversarial Networks with Limited Data", 2020 (arXiv 2006.06676), appendix B, groups
"blit", "geometry" and "colour" with its probabilities and spreads. Each transformation happens with probability p, so
that below p ≈ 0.8 the generator cannot learn it as part of the data. What is drawn at random is drawn outside the
graph; `augment` is a differentiable function of pictures, twice, the same under TensorFlow and JAX.

Unlike the paper's, which resamples at twice the resolution through wavelets, pictures are sampled by cubic convolution
(Keys, 1981): pixels that land on pixels keep their values to rounding, and the rest of the batch is hardly blurred.
"""

import numpy as np
import numpy.typing as npt

from vj.core.types import F32, F64
from vj.generator import ops
from vj.generator.stylegan2 import Tensor

GROUPS = ("blit", "geometry", "colour")
#: Integer shifts reach this share of the side; others have this standard deviation.
_SHIFT = 0.125
_LUMA = np.ones(3) / np.sqrt(3.0)


def draw(rng: np.random.Generator, n: int, p: float, side: int, groups: tuple[str, ...] = GROUPS) -> dict[str, F32]:
    """What is done to each of n pictures of `side`, where every transformation happens with probability p.

    Returns {"where": f32[n, 2, 3], "colour": f32[n, 3, 4]}: where in the picture (x, y from −½ to ½) each place of the
    result comes from, and the affine map of colours −1 … 1.
    """
    where, colour = _identities(n, 3), _identities(n, 4)
    if "blit" in groups:
        where = where @ _blits(rng, n, p, side)
    if "geometry" in groups:
        where = where @ _geometry(rng, n, p)
    if "colour" in groups:
        colour = _colours(rng, n, p)
    return {"where": where[:, :2].astype(np.float32), "colour": colour[:, :3].astype(np.float32)}


def augment(pictures: Tensor, drawn: dict[str, Tensor]) -> Tensor:
    """f32[n, h, w, 3] of −1 … 1 as `drawn` says; beyond the border pictures are mirrored."""
    x = warped(pictures, drawn["where"])
    colour = drawn["colour"]
    n, h, w, _ = x.shape
    flat = ops.matmul(ops.reshape(x, (n, h * w, 3)), ops.transpose(colour[:, :, :3], (0, 2, 1)))
    return ops.reshape(flat + colour[:, None, :, 3], (n, h, w, 3))


def warped(x: Tensor, where: Tensor) -> Tensor:
    """[n, h, w, c] sampled where f32[n, 2, 3] takes each place, x and y from −½ to ½."""
    n, h, w, c = x.shape
    across, down = (np.arange(w) + 0.5) / w - 0.5, (np.arange(h) + 0.5) / h - 0.5
    places = np.stack([*np.meshgrid(across, down), np.ones((h, w))]).reshape(3, h * w).astype(np.float32)
    source = ops.matmul(where, places)
    column, row = ((source[:, axis] + 0.5) * size - 0.5 for axis, size in enumerate((w, h)))
    columns, across_weights = _taps(column, w)
    rows, down_weights = _taps(row, h)
    first = ops.reshape(ops.arange(n, dtype="int32") * (h * w), (n, 1, 1, 1))
    index = first + rows[..., None] * w + columns[..., None, :]
    weight = down_weights[..., None] * across_weights[..., None, :]
    near = ops.take(ops.reshape(x, (n * h * w, c)), ops.reshape(index, (n, h * w, 16)), axis=0)
    out = ops.sum(near * ops.reshape(weight, (n, h * w, 16, 1)), axis=2)
    return ops.reshape(out, (n, h, w, c))


def _taps(place: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The four pixels around a place [n, m] along one axis, i32[n, m, 4], and their weights."""
    below = ops.floor(place)
    t = (place - below)[..., None]
    steps = np.arange(-1, 3, dtype=np.float32)
    d = ops.abs(t - steps)
    near = (1.5 * d - 2.5) * d * d + 1.0
    far = ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0
    # Mirrored: …2 1 0 1 2…, with the border itself once.
    period = max(2 * (size - 1), 1)
    index = ops.mod(ops.cast(below, "int32")[..., None] + steps.astype(np.int32), period)
    return ops.minimum(index, period - index), ops.where(d < 1.0, near, far)


def _blits(rng: np.random.Generator, n: int, p: float, side: int) -> F64:
    """Mirror images, quarter turns and shifts by whole pixels."""
    mirrored = _chosen(rng, n, p, 1.0 - 2.0 * rng.integers(0, 2, n), 1.0)
    turns = _chosen(rng, n, p, rng.integers(0, 4, n), 0) * (np.pi / 2)
    shift = np.round(rng.uniform(-_SHIFT, _SHIFT, (n, 2)) * side) / side
    shift = np.where(rng.random((n, 1)) < p, shift, 0.0)
    return _scaled(mirrored, np.ones(n)) @ _turned(turns) @ _shifted(shift)


def _geometry(rng: np.random.Generator, n: int, p: float) -> F64:
    """Size, angle, proportions and shift. There are two chances to be turned, which together come to p."""
    half = 1.0 - np.sqrt(1.0 - p)
    size = _chosen(rng, n, p, 2.0 ** rng.normal(0, 0.2, n), 1.0)
    before = _chosen(rng, n, half, rng.uniform(-np.pi, np.pi, n), 0.0)
    stretch = _chosen(rng, n, p, 2.0 ** rng.normal(0, 0.2, n), 1.0)
    after = _chosen(rng, n, half, rng.uniform(-np.pi, np.pi, n), 0.0)
    shift = np.where(rng.random((n, 1)) < p, rng.normal(0, _SHIFT, (n, 2)), 0.0)
    return _scaled(size, size) @ _turned(before) @ _scaled(stretch, 1.0 / stretch) @ _turned(after) @ _shifted(shift)


def _colours(rng: np.random.Generator, n: int, p: float) -> F64:
    """Brightness, contrast, luma turned over, hue and saturation: f64[n, 4, 4]."""
    out = _identities(n, 4)
    out[:, :3, 3] = _chosen(rng, n, p, rng.normal(0, 0.2, n), 0.0)[:, None]
    contrast = _chosen(rng, n, p, 2.0 ** rng.normal(0, 0.5, n), 1.0)
    out = _spread(contrast[:, None, None] * np.eye(3)) @ out
    grey = np.outer(_LUMA, _LUMA)
    over = _chosen(rng, n, p, rng.integers(0, 2, n), 0)
    out = _spread(np.eye(3) - 2.0 * grey * over[:, None, None]) @ out
    out = _spread(_hue(_chosen(rng, n, p, rng.uniform(-np.pi, np.pi, n), 0.0))) @ out
    saturation = _chosen(rng, n, p, 2.0 ** rng.normal(0, 1.0, n), 1.0)
    return _spread(grey + (np.eye(3) - grey) * saturation[:, None, None]) @ out


def _chosen(rng: np.random.Generator, n: int, p: float, value: npt.ArrayLike, rest: float) -> F64:
    """`value` f64[n] with probability p, otherwise `rest`."""
    return np.where(rng.random(n) < p, np.asarray(value, np.float64), rest)


def _hue(angle: F64) -> F64:
    """Turns about the grey axis, f64[n, 3, 3] (Rodrigues' formula)."""
    x, y, z = _LUMA
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    a = angle[:, None, None]
    out: F64 = np.eye(3) + np.sin(a) * cross + (1.0 - np.cos(a)) * (cross @ cross)
    return out


def _identities(n: int, d: int) -> F64:
    return np.repeat(np.eye(d)[None], n, 0)


def _spread(linear: F64) -> F64:
    """[n, 3, 3] → [n, 4, 4]."""
    out = _identities(len(linear), 4)
    out[:, :3, :3] = linear
    return out


def _scaled(across: F64, down: F64) -> F64:
    """Where places of a picture come from that was made larger by these factors; negative ones mirror it."""
    out = _identities(len(across), 3)
    out[:, 0, 0], out[:, 1, 1] = 1.0 / across, 1.0 / down
    return out


def _turned(angle: F64) -> F64:
    out = _identities(len(angle), 3)
    out[:, 0, 0] = out[:, 1, 1] = np.cos(angle)
    out[:, 0, 1], out[:, 1, 0] = -np.sin(angle), np.sin(angle)
    return out


def _shifted(by: F64) -> F64:
    out = _identities(len(by), 3)
    out[:, :2, 2] = -by
    return out
