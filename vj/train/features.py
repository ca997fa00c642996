"""A fixed description of pictures by numbers, to compare sets of pictures by. NumPy alone; nothing in it is learnt.

It takes the place that the Inception network has in the usual figures, whose weights are not ours to ship. Every
number is a statistic that decides how a texture looks to people, from three well-known sets of them:

- energies, sparsities and correlations of the bands of a Laplacian pyramid and of their differences along four
  directions, within a scale and between neighbouring ones (Portilla and Simoncelli, "A parametric texture model based
  on joint statistics of complex wavelet coefficients", IJCV 2000);
- how the energies of a band vary over larger and larger places: a scattering transform's second order (Bruna and
  Mallat, "Invariant scattering convolution networks", PAMI 2013), and where in the picture they lie, on a grid of
  4 × 4 (Oliva and Torralba, "Modeling the shape of the scene", IJCV 2001);
- colours: on a grid of 4 × 4, their moments, and a joint histogram.

Energies are logarithms, the rest is bounded, and each group has a fixed weight, so that no group outshouts the others.
Pictures are u8[n, side, side, 3]; the same number of features always means the same features in the same order.
"""

from collections.abc import Iterator

import numpy as np

from vj.core.types import F32, U8

#: Sides below this leave too few places to take statistics over.
MIN_SIDE = 16
#: Bands are taken while a level has at least this side.
_LAST_SIDE = 8
#: Root mean squares below this (of 1: a level of 255 and less) cannot be told from rounding to 8 bits.
_FLOOR = 0.004
#: Pixels worked on at a time: what fits the processor's cache.
_CHUNK = 1 << 18
#: Places a side of the layout, and steps of each channel in the joint histogram.
_GRID = 4
_HISTOGRAM = 4
#: Weights of the groups of features; docs/quality.md has the shares that follow.
_WEIGHTS = {
    "energy": 1.0,
    "shape": 2.0,
    "correlation": 2.0,
    "clumps": 1.0,
    "layout": 0.5,
    "colour": 2.0,
    "palette": 4.0,
}


def features(images: U8) -> F32:
    """u8[n, side, side, 3] → f32[n, d]; d follows from the side alone: 405 at 256, 258 at 32.

    Raises ValueError for other shapes or types, and for sides below 16.
    """
    return np.concatenate(list(grouped_features(images).values()), 1)


def grouped_features(images: U8) -> dict[str, F32]:
    """`features` by group, each f32[n, …] and weighted."""
    parts = [_described(chunk) for chunk in chunks(images)]
    return {name: np.float32(weight) * np.concatenate([p[name] for p in parts]) for name, weight in _WEIGHTS.items()}


def chunks(images: U8) -> Iterator[U8]:
    """The pictures u8[n, side, side, 3] in pieces u8[…, side, side, 3] that fit the cache.

    Raises ValueError as `features`.
    """
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8 or not len(images):
        raise ValueError(f"pictures {images.dtype}{list(images.shape)}, expected uint8[n, side, side, 3], n > 0")
    if min(images.shape[1:3]) < MIN_SIDE:
        raise ValueError(f"pictures of {images.shape[2]}×{images.shape[1]}, expected at least {MIN_SIDE} a side")
    step = max(_CHUNK // (images.shape[1] * images.shape[2]), 1)
    for start in range(0, len(images), step):
        yield images[start : start + step]


def opponents(images: U8) -> F32:
    """f32[n, 3, h, w]: luma 0..1, red against green, yellow against blue (each −1..1)."""
    r, g, b = np.moveaxis(images, 3, 0).astype(np.float32) / np.float32(255)
    return np.stack([0.299 * r + 0.587 * g + 0.114 * b, r - g, 0.5 * (r + g) - b], 1)


def pyramid(x: F32) -> Iterator[tuple[F32, F32]]:
    """(band, what is left after it at half the side) of f32[n, c, h, w], from the finest to the coarsest.

    Burt and Adelson, "The Laplacian pyramid as a compact image code", 1983, with the kernel [1, 3, 3, 1] / 8.
    """
    while min(x.shape[2:]) >= _LAST_SIDE:
        x = _even(x)
        low = _halved(_halved(x, 2), 3)
        yield x - _doubled(_doubled(low, 3), 2), low
        x = low


def slopes(x: F32) -> F32:
    """f32[n, h, w] → f32[n, 4, h, w]: magnitudes of the differences to the right, below, and along both diagonals."""
    p = np.pad(x, ((0, 0), (0, 1), (0, 1)), "edge")
    here, right, below, across = p[:, :-1, :-1], p[:, :-1, 1:], p[:, 1:, :-1], p[:, 1:, 1:]
    out = np.empty((len(x), 4, *x.shape[1:]), np.float32)
    np.subtract(right, here, out[:, 0])
    np.subtract(below, here, out[:, 1])
    np.subtract(across, here, out[:, 2])
    np.subtract(right, below, out[:, 3])
    return np.abs(out, out)


def pooled(x: F32) -> F32:
    """f32[…, h, w] → f32[…, h // 2, w // 2]: means of 2 × 2; an odd last row or column is left out."""
    x = _even(x)
    rows = x[..., ::2, :] + x[..., 1::2, :]
    out: F32 = (rows[..., ::2] + rows[..., 1::2]) * np.float32(0.25)
    return out


def _described(images: U8) -> dict[str, F32]:
    x = opponents(images)
    found: dict[str, list[F32]] = {name: [] for name in _WEIGHTS}
    finer: F32 | None = None
    for band, _ in pyramid(x):
        slope = slopes(band[:, 0])
        _band(found, band, slope)
        if finer is not None:
            found["correlation"].append(_matched(pooled(finer), slope))
        finer = slope
    _colours(found, x)
    return {name: np.concatenate(parts, 1, dtype=np.float32) for name, parts in found.items()}


def _band(found: dict[str, list[F32]], band: F32, slope: F32) -> None:
    """Everything about one scale: its bands f32[n, 3, h, w] and the slopes of the first, f32[n, 4, h, w]."""
    products, crossed = _products(band), _products(slope)
    power = np.diagonal(products, axis1=1, axis2=2)
    sloped = np.diagonal(crossed, axis1=1, axis2=2)
    mean_of_slopes = slope.mean((2, 3))
    found["energy"] += [_log_rms(power), _log_rms(sloped)]
    size: F32 = np.abs(band)
    cubed = np.einsum("nhw,nhw,nhw->n", band[:, 0], band[:, 0], band[:, 0], optimize=["einsum_path", (0, 1), (0, 1)])
    skew = cubed / band[0, 0].size / (power[:, 0] + _FLOOR**2) ** 1.5
    found["shape"] += [
        _sparsity(size.mean((2, 3)), power),
        _sparsity(mean_of_slopes, sloped),
        0.5 * np.arcsinh(skew)[:, None],
    ]
    covariance = crossed - mean_of_slopes[:, :, None] * mean_of_slopes[:, None]
    found["correlation"] += [_correlations(products), _correlations(covariance)]
    _places(found, size[:, 0] + 0.5 * (size[:, 1] + size[:, 2]))


def _places(found: dict[str, list[F32]], size: F32) -> None:
    """How the magnitude of a band, f32[n, h, w], clumps at ever larger scales, and its layout."""
    floor = np.float32(_FLOOR)
    mean = size.mean((1, 2)) + floor
    while min(size.shape[1:]) >= 2 * _GRID:
        size = pooled(size)
        found["clumps"].append(np.log(size.std((1, 2)) / mean + 0.02)[:, None])
    found["layout"].append(np.log(_grid(size[:, None]) + floor))


def _grid(x: F32) -> F32:
    """f32[n, c, h, w] → f32[n, 16 c], means of 4 × 4 places."""
    n, c, h, w = (*x.shape[:2], x.shape[2] // _GRID, x.shape[3] // _GRID)
    x = x[:, :, : h * _GRID, : w * _GRID]
    out: F32 = x.reshape(n, c, _GRID, h, _GRID, w).mean((3, 5)).reshape(n, -1)
    return out


def _colours(found: dict[str, list[F32]], x: F32) -> None:
    while min(x.shape[2:]) >= 64:
        x = pooled(x)
    mean, spread = x.mean((2, 3)), x.std((2, 3))
    unit = (x - mean[:, :, None, None]) / (spread[:, :, None, None] + 0.02)
    skew, peak = (unit**3).mean((2, 3)), (unit**4).mean((2, 3))
    found["colour"] += [_grid(x), mean, spread, 0.1 * np.arcsinh(skew), 0.1 * np.log1p(peak)]
    found["palette"].append(np.sqrt(_histogram(x)))


def _histogram(x: F32) -> F32:
    """Joint histogram of the three channels, f32[n, 64]; a colour counts for its neighbouring cells by nearness."""
    n, last = len(x), _HISTOGRAM - 1
    place = np.stack([x[:, 0], x[:, 1] + 0.5, x[:, 2] + 0.5]).reshape(3, n, -1)
    place = np.clip(place, 0.0, 1.0) * last
    low = np.minimum(place.astype(np.int64), last - 1)
    part = place - low
    out = np.zeros(n * _HISTOGRAM**3)
    start = np.arange(n)[:, None] * _HISTOGRAM**3
    for corner in np.ndindex(2, 2, 2):
        a, b, c = (low[axis] + step for axis, step in enumerate(corner))
        near = np.prod([part[axis] if step else 1.0 - part[axis] for axis, step in enumerate(corner)], 0)
        cell = start + (a * _HISTOGRAM + b) * _HISTOGRAM + c
        out += np.bincount(cell.ravel(), near.ravel(), len(out))
    return (out / place.shape[2]).reshape(n, -1).astype(np.float32)


def _products(maps: F32) -> F32:
    """Mean products of every two of f32[n, k, h, w]: f32[n, k, k]."""
    flat = maps.reshape(*maps.shape[:2], -1)
    out: F32 = np.matmul(flat, flat.swapaxes(1, 2)) / np.float32(flat.shape[2])
    return out


def _correlations(products: F32) -> F32:
    """Those above the diagonal, each −1..1; near 0 where there is nothing to correlate."""
    row, column = np.triu_indices(products.shape[1], 1)
    power = np.diagonal(products, axis1=1, axis2=2)
    scale = np.sqrt((power[:, row] + _FLOOR**2) * (power[:, column] + _FLOOR**2))
    return np.asarray(products[:, row, column] / scale, np.float32)


def _matched(finer: F32, coarser: F32) -> F32:
    """Correlation over places of each of f32[n, 4, h, w] with the same of the next scale: f32[n, 4]."""
    h, w = coarser.shape[2:]
    a = finer[:, :, :h, :w] - finer[:, :, :h, :w].mean((2, 3), keepdims=True)
    b = coarser - coarser.mean((2, 3), keepdims=True)
    powers = ((a * a).mean((2, 3)) + _FLOOR**2) * ((b * b).mean((2, 3)) + _FLOOR**2)
    return np.asarray((a * b).mean((2, 3)) / np.sqrt(powers), np.float32)


def _log_rms(power: F32) -> F32:
    out: F32 = 0.5 * np.log(power + _FLOOR**2)
    return out


def _sparsity(mean_size: F32, power: F32) -> F32:
    """log(mean magnitude / root mean square): −0.23 for a normal distribution, lower for few large values."""
    out: F32 = np.log((mean_size + _FLOOR) / (np.sqrt(power) + _FLOOR))
    return out


def _even(x: F32) -> F32:
    h, w = x.shape[-2:]
    return x[..., : h // 2 * 2, : w // 2 * 2]


def _halved(x: F32, axis: int) -> F32:
    """Blurred by [1, 3, 3, 1] / 8 and every second kept; pixels are cells, borders repeat."""
    x = np.moveaxis(x, axis, -1)
    even, odd = x[..., ::2], x[..., 1::2]
    out = even + odd
    out *= np.float32(3.0)
    out[..., 1:] += odd[..., :-1]
    out[..., :-1] += even[..., 1:]
    out[..., 0] += even[..., 0]
    out[..., -1] += odd[..., -1]
    out *= np.float32(0.125)
    return np.moveaxis(out, -1, axis)


def _doubled(x: F32, axis: int) -> F32:
    """Twice as many, between cells by [1, 3] / 4; borders repeat."""
    shape = list(x.shape)
    shape[axis] *= 2
    out = np.empty(shape, np.float32)
    x, y = np.moveaxis(x, axis, -1), np.moveaxis(out, axis, -1)
    near, far = np.float32(0.75) * x, np.float32(0.25) * x
    np.add(near[..., 1:], far[..., :-1], y[..., 2::2])
    np.add(near[..., :-1], far[..., 1:], y[..., 1:-1:2])
    y[..., 0], y[..., -1] = x[..., 0], x[..., -1]
    return out
