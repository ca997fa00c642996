"""Which latent a picture with known parameters belongs to, so that a generator can be taught by regression.

A shader's picture is a function of known numbers. Each of them is given a coordinate of z, the same name the same
coordinate in every source, and the source itself is which of its own coordinates is largest; the other coordinates
stay free. Latents drawn this way for pictures drawn evenly are distributed as normal latents are, so that afterwards
any normal z means a picture: nothing can collapse. What the numbers leave open is sharpened adversarially.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from vj.errors import ModelError
from vj.train.dataset import I32
from vj.types import F32

#: Keeps the normal quantile of 0 and 1 finite: ±2.88.
_EDGE = 0.002
_ROOM = 64


@dataclass(frozen=True, slots=True)
class Coordinates:
    """z[0 : sources] name the source, z[known_from : known_from + known] the parameters, the rest are free."""

    sources: int
    known: int
    z_dim: int

    def __post_init__(self) -> None:
        if self.known_from + self.known > self.z_dim:
            raise ModelError(
                f"a data set of {self.sources} sources and {self.known} parameters needs as many latent coordinates; "
                f"the network has {self.z_dim}"
            )

    @property
    def known_from(self) -> int:
        """Where the parameters begin: after room for more sources, so that a network can go on with more of them."""
        return max(self.sources, min(_ROOM, self.z_dim - self.known))

    @property
    def taught(self) -> npt.NDArray[np.intp]:
        """The coordinates that have a meaning."""
        sources = np.arange(self.sources if self.sources > 1 else 0)
        return np.concatenate([sources, self.known_from + np.arange(self.known)])

    def latents(self, source: I32, known: F32, rng: np.random.Generator) -> F32:
        """Latents f32[n, z_dim] for pictures of `source` int32[n] made from `known` f32[n, K], 0..1 or NaN."""
        z = rng.standard_normal((len(source), self.z_dim), np.float32)
        if self.sources > 1:
            rows = np.arange(len(source))
            largest = z[:, : self.sources].argmax(1)
            own, top = z[rows, source].copy(), z[rows, largest].copy()
            z[rows, largest], z[rows, source] = own, top
        quantile = ndtri(np.clip(known, _EDGE, 1.0 - _EDGE)).astype(np.float32)
        wanted = z[:, self.known_from : self.known_from + self.known]
        wanted[...] = np.where(np.isnan(known), wanted, quantile)
        return z


def attentive(weight: F32, taught: npt.NDArray[np.intp], free_gain: float = 0.1) -> F32:
    """The mapping network's first weights [w_dim, z_dim], made to hear the taught coordinates above the free ones.

    Otherwise a few coordinates that mean something drown among hundreds that do not, and much of the training goes
    into finding them. The layer's output keeps its variance.
    """
    z_dim = weight.shape[1]
    gains = np.full(z_dim, free_gain, np.float32)
    gains[taught] = 1.0
    out: F32 = weight * (gains * np.float32(np.sqrt(z_dim / np.square(gains).sum())))
    return out
