"""Which latent a picture with known parameters belongs to, so that a generator can be taught by regression.

A shader's picture is a function of known numbers. Each of them is given a coordinate of z, the same name the same
coordinate in every source. Which source it is, is told by the first coordinates: the sources are the leaves of a tree
of halves, and at each fork one coordinate tells whether it lies below or above the quantile that shares the sources
out. The other coordinates stay free. Latents drawn this way for pictures drawn evenly are distributed as normal
latents are, so that afterwards any normal z means a picture: nothing can collapse. What the numbers leave open is
sharpened adversarially.

(That the largest of as many coordinates as there are sources names the source was tried first: a mapping network had
learned nothing of it after 50,000 pictures of twelve sources.)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from vj.core.errors import ModelError
from vj.core.types import F32
from vj.train.dataset import I32

#: Keeps the normal quantile of 0 and 1 finite: ±2.88.
_EDGE = 0.002
_ROOM = 16


@dataclass(frozen=True, slots=True)
class Coordinates:
    """z[0 : forks] name the source, z[known_from : known_from + known] the parameters, the rest are free."""

    sources: int
    known: int
    z_dim: int

    def __post_init__(self) -> None:
        if self.known_from + self.known > self.z_dim:
            raise ModelError(
                f"a data set of {self.sources} sources and {self.known} parameters needs more latent coordinates "
                f"than the network's {self.z_dim}"
            )

    @property
    def forks(self) -> int:
        """Depth of the tree of sources."""
        return (self.sources - 1).bit_length()

    @property
    def known_from(self) -> int:
        """Where the parameters begin: after room for more sources, so that they keep their places."""
        return max(self.forks, min(_ROOM, self.z_dim - self.known))

    @property
    def taught(self) -> npt.NDArray[np.intp]:
        """The coordinates that have a meaning: i64[forks + known], ascending."""
        return np.concatenate([np.arange(self.forks), self.known_from + np.arange(self.known)])

    def latents(self, source: I32, known: F32, rng: np.random.Generator) -> F32:
        """Latents f32[n, z_dim] for pictures of `source` i32[n] made from `known` f32[n, K], 0..1 or NaN."""
        z = rng.standard_normal((len(source), self.z_dim), np.float32)
        for fork, (lo, hi) in enumerate(self._bounds(source)):
            # A normal number between two quantiles, from the one that was drawn.
            z[:, fork] = ndtri(lo + (hi - lo) * np.clip(ndtr(z[:, fork]), 1e-6, 1.0 - 1e-6))
        quantile = ndtri(np.clip(known, _EDGE, 1.0 - _EDGE)).astype(np.float32)
        wanted = z[:, self.known_from : self.known_from + self.known]
        wanted[...] = np.where(np.isnan(known), wanted, quantile)
        return self._on_sphere(z)

    def _on_sphere(self, z: F32) -> F32:
        """With free coordinates so long that the mapping network's normalisation changes nothing.

        Otherwise it would stretch what the taught ones say by what the free ones happen to be.
        """
        free = np.setdiff1d(np.arange(self.z_dim), self.taught)
        left = self.z_dim - np.square(np.delete(z, free, axis=1)).sum(1)
        length = np.sqrt(np.square(z[:, free]).sum(1) + 1e-8)
        z[:, free] *= (np.sqrt(np.maximum(left, 1.0)) / length)[:, None]
        return z

    def _bounds(self, source: I32) -> list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
        """At each fork, between which quantiles the coordinate of each source lies."""
        first, count = np.zeros(len(source), np.int64), np.full(len(source), self.sources)
        out = []
        for _ in range(self.forks):
            left = (count + 1) // 2
            share = left / count
            below = source < first + left
            out.append((np.where(below, 0.0, share), np.where(below, share, 1.0)))
            first, count = np.where(below, first, first + left), np.where(below, left, count - left)
            # A leaf leaves the coordinates of deeper forks free.
            count = np.maximum(count, 1)
        return out


def attentive(weight: F32, taught: npt.NDArray[np.intp], free_gain: float = 0.03) -> F32:
    """The mapping network's first weights f32[w_dim, z_dim], made to hear the taught coordinates above the free ones.

    `taught` i64[k] are their indices; the others are scaled by `free_gain` beside them.

    Otherwise a few coordinates that mean something drown among hundreds that do not, and much of the training goes
    into finding them. The layer's output keeps its variance.
    """
    z_dim = weight.shape[1]
    gains = np.full(z_dim, free_gain, np.float32)
    gains[taught] = 1.0
    out: F32 = weight * (gains * np.float32(np.sqrt(z_dim / np.square(gains).sum())))
    return out
