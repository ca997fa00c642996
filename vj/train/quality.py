"""How far a set of pictures is from another, and how much it varies: numbers over `vj.train.features`.

The Fréchet distance is that of Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash
equilibrium", NIPS 2017, over our features instead of Inception's: its values compare with one another, never with
published ones. It is biased upwards for few pictures (Bińkowski et al., "Demystifying MMD GANs", ICLR 2018), so that
only distances between sets of the same sizes compare.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vj.core.types import F32, F64, U8
from vj.train.dataset import Pictures
from vj.train.features import features

I64: TypeAlias = npt.NDArray[np.int64]
_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """What the distance needs of a set of pictures.

    mean        f64[d], of their features
    covariance  f64[d, d], unbiased; not shrunk, as nothing inverts it
    count       how many pictures
    """

    mean: F64
    covariance: F64
    count: int


def statistics(images: U8) -> Statistics:
    """Of pictures u8[n, side, side, 3], n ≥ 2, side ≥ 16. Raises ValueError for others."""
    return feature_statistics(features(images))


def feature_statistics(described: F32) -> Statistics:
    """The same of features f32[n, d], n ≥ 2. Raises ValueError for fewer."""
    if len(described) < 2:
        raise ValueError(f"features of {len(described)} pictures, expected 2 or more")
    x = described.astype(np.float64)
    mean = x.mean(0)
    centred = x - mean
    return Statistics(mean, centred.T @ centred / (len(x) - 1), len(x))


def frechet(a: Statistics, b: Statistics) -> float:
    """|μa − μb|² + tr(Σa + Σb − 2 (Σa Σb)^½), ≥ 0; 0 for equal statistics.

    The trace of the root is the sum of the roots of the eigenvalues of Σa^½ Σb Σa^½, which is symmetric and positive:
    unlike a general matrix root it is stable for covariances of fewer pictures than features.
    Raises ValueError for pictures of different sizes, which have other features.
    """
    if a.mean.shape != b.mean.shape:
        raise ValueError(f"{len(a.mean)} and {len(b.mean)} features, expected pictures of the same size")
    root = _root(a.covariance)
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ b.covariance @ root), 0.0)).sum()
    apart = float(((a.mean - b.mean) ** 2).sum())
    return max(apart + float(np.trace(a.covariance) + np.trace(b.covariance) - 2.0 * shared), 0.0)


def _root(covariance: F64) -> F64:
    values, vectors = np.linalg.eigh(covariance)
    out: F64 = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return out


def precision_recall(data: F32, drawn: F32, k: int = 3) -> tuple[float, float]:
    """(share of drawn pictures that lie among the data, share of the data that lies among the drawn pictures).

    A picture lies among others when it is nearer to one of them than that one's k-th neighbour is. Kynkäänniemi et al.,
    "Improved precision and recall metric for assessing generative models", NeurIPS 2019. Features f32[n, d], n > k.
    """
    return _among(drawn, data, k), _among(data, drawn, k)


def _among(points: F32, others: F32, k: int) -> float:
    within = _squared_distances(others, others)
    # The nearest of all is the picture itself.
    radius = np.partition(within, k, axis=1)[:, k]
    return float((_squared_distances(points, others) <= radius).any(1).mean())


def _squared_distances(a: F32, b: F32) -> F64:
    middle = b.mean(0, dtype=np.float64)
    x, y = a - middle, b - middle
    out: F64 = np.maximum((x**2).sum(1)[:, None] + (y**2).sum(1) - 2.0 * x @ y.T, 0.0)
    return out


class RunningFid:
    """The distance of drawn pictures to a data set, for a training.

    What it needs of the data set is worked out once for each side.

    count  pictures of the data set, at most; the same ones for every side
    """

    def __init__(self, dataset: Pictures, count: int = 2000, seed: int = 0) -> None:
        self._dataset = dataset
        self._chosen = chosen(dataset.count, count, seed)
        self._references: dict[int, Statistics] = {}

    def __call__(self, images: U8) -> float:
        """Distance of u8[n, side, side, 3] to the data set at that side, which divides the data set's."""
        side = images.shape[1]
        if side not in self._references:
            self._references[side] = feature_statistics(dataset_features(self._dataset, self._chosen, side))
        return frechet(self._references[side], statistics(images))


def chosen(total: int, count: int, seed: int) -> I64:
    """Different numbers from 0 to below `total`, in random order: i64[min(count, total)]."""
    return np.random.default_rng(seed).choice(total, min(count, total), replace=False)


def dataset_features(dataset: Pictures, indices: I64, side: int) -> F32:
    """f32[len(indices), d] of pictures averaged down to `side`; at no time are all of them in memory."""
    starts = range(0, len(indices), _BATCH)
    return np.concatenate([features(dataset.batch(indices[i : i + _BATCH], side)) for i in starts])
