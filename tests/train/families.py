"""Four families of pictures with colours of their own, small and quick, to try measures of quality on."""

import numpy as np
from scipy.ndimage import gaussian_filter

FAMILIES = ("discs", "waves", "clouds", "cells")


def pictures(n: int, side: int = 32, seed: int = 0, families: tuple[str, ...] = FAMILIES) -> np.ndarray:
    """u8[n, side, side, 3], families in turns."""
    rng = np.random.default_rng(seed)
    return np.stack([_picture(families[i % len(families)], side, rng) for i in range(n)])


def _picture(family: str, side: int, rng: np.random.Generator) -> np.ndarray:
    y, x = (np.indices((side, side)) + 0.5) / side
    if family == "discs":
        centre = rng.uniform(0.2, 0.8, 2)
        mask = 1 / (1 + np.exp((np.hypot(x - centre[0], y - centre[1]) - rng.uniform(0.1, 0.4)) * side))
    elif family == "waves":
        angle, count = rng.uniform(0, np.pi), rng.uniform(2, 6)
        mask = 0.5 + 0.5 * np.sin(2 * np.pi * (count * (x * np.cos(angle) + y * np.sin(angle)) + rng.random()))
    elif family == "clouds":
        field = gaussian_filter(rng.standard_normal((side, side)), side / 12, mode="wrap")
        mask = 0.5 + 0.2 * field / field.std()
    else:
        points = rng.random((10, 2))
        mask = np.sqrt(((x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2).min(-1)) * 3
    low, high = rng.uniform(20, 120, 3), rng.uniform(120, 235, 3)
    return np.clip(low + mask[..., None] * (high - low), 0, 255).astype(np.uint8)


def u8(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    return u8(gaussian_filter(images.astype(np.float32), (0, sigma, sigma, 0)))
