"""Where motion gets its latents from: seeded sequences that never end. Pure but for a cache."""

import zlib
from collections.abc import Callable

import numpy as np

from vj.core.types import F32, N_COMPONENTS, frozen


class SeededLatents:
    """Latents drawn from named, seeded sequences: the same seed and name give the same latents for ever.

    map_z   the mapping network: f32[n, z_dim] → f32[n, w_dim]
    w_avg   f32[w_dim], the centre of w space, towards which truncation pulls
    names   of the first numbers of z, where the model gives them a meaning
    directions  f32[at most 16, w_dim], each as long as a standard deviation; None where the model has none
    """

    def __init__(
        self, seed: int, z_dim: int, map_z: Callable[[F32], F32], w_avg: F32, names: tuple[str, ...] = (),
        directions: F32 | None = None,
    ) -> None:  # fmt: skip
        self.names = names[:z_dim]
        self.seed = seed
        self.w_avg = w_avg
        self.directions = np.zeros((0, len(w_avg)), np.float32) if directions is None else directions
        self._z_dim = z_dim
        self.map_z = map_z
        self._recent: dict[tuple[str, int], F32] = {}
        #: Those of the twelve components, f32[12, z_dim] and f32[12, w_dim].
        self.components_z = frozen(np.stack([self.z("component", i) for i in range(N_COMPONENTS)]))
        self.components = frozen(map_z(self.components_z))

    def w(self, sequence: str, index: int) -> F32:
        """f32[w_dim], the latent number `index` of the sequence named `sequence`."""
        key = (sequence, index)
        if key not in self._recent:
            # Motion asks for the latest few of each sequence; a bounded cache keeps a long night from filling memory.
            if len(self._recent) >= 64:
                self._recent.pop(next(iter(self._recent)))
            self._recent[key] = frozen(self.map_z(self.z(sequence, index)[None])[0])
        return self._recent[key]

    def z(self, sequence: str, index: int) -> F32:
        """f32[z_dim], the normal latent that `w` maps."""
        rng = np.random.default_rng([self.seed, zlib.crc32(sequence.encode()), index])
        return rng.standard_normal(self._z_dim, np.float32)
