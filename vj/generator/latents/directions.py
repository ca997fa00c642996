"""Directions of w space in which a network's pictures change the most: found once, then played as sliders. Pure.

Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", CVPR 2021 (SeFa); Härkönen, Hertzmann, Lehtinen,
Paris, "GANSpace: Discovering Interpretable GAN Controls", NeurIPS 2020 (principal components).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from vj.core.types import F32, Params
from vj.params.spec import Param

#: How many have a slider.
COUNT = 16
#: In standard deviations of w along the direction.
REACH = 3.0
Method = Literal["sefa", "pca"]

PARAMS = (
    *(
        Param(f"direction/{i}", 0.0, -REACH, REACH, slew_s=0.1,
              doc=f"So far along the model's direction {i}, in standard deviations; `vj model directions` finds them.")
        for i in range(1, COUNT + 1)
    ),
    Param("direction/from", 0.0, doc="The blocks that directions move begin at this share of all, coarse ones first …"),
    Param("direction/to", 1.0, doc="… and end at this one: a block in part where the end lies inside it."),
)  # fmt: skip


def moved(blocks: F32, p: Params, directions: F32) -> F32:
    """Latents f32[blocks, w_dim] with the sliders' steps along `directions` f32[at most 16, w_dim] added."""
    steps = np.array([p[f"direction/{i}"] for i in range(1, len(directions) + 1)], np.float32)
    if not steps.any():
        return blocks
    edge = np.arange(len(blocks), dtype=np.float32)
    begin, end = p["direction/from"] * len(blocks), p["direction/to"] * len(blocks)
    share = np.clip(np.minimum(edge + 1.0, end) - np.maximum(edge, begin), 0.0, 1.0).astype(np.float32)
    out: F32 = blocks + share[:, None] * (steps @ directions)
    return out


def by_weights(affines: Sequence[F32], count: int = COUNT) -> F32:
    """SeFa: the unit vectors f32[count, w_dim] that affine weights f32[c, w_dim] of all layers answer most together.

    They are eigenvectors of AᵀA of all rows at length 1, the largest eigenvalue first. Fewer where w_dim is smaller.
    """
    rows = np.concatenate([np.asarray(a, np.float64) for a in affines])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = rows / np.maximum(lengths, 1e-12)
    _, vectors = np.linalg.eigh(rows.T @ rows)
    return _signed(vectors.T[::-1][:count])


def by_variance(w: F32, count: int = COUNT) -> F32:
    """The unit vectors f32[count, w_dim] along which w f32[n, w_dim] is spread most, one after another."""
    centred = np.asarray(w, np.float64) - np.mean(w, axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return _signed(vectors.T[::-1][:count])


def in_deviations(units: F32, w: F32) -> F32:
    """Unit vectors f32[k, w_dim], each as long as one standard deviation of w f32[n, w_dim] along it."""
    spread = np.std(w @ units.T, axis=0, dtype=np.float64)
    return np.asarray(units * spread[:, None], np.float32)


def _signed(vectors: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> F32:
    """The same whichever way a library turns them: the largest number of each is positive."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return np.asarray(vectors * np.where(largest < 0.0, -1.0, 1.0), np.float32)
