"""Where motion gets its latents from: seeded sequences that never end. Pure but for a cache."""

import zlib
from collections.abc import Callable

import numpy as np

from vj.types import F32, N_COMPONENTS, frozen


class SeededLatents:
    """Latents in w space, drawn from named, seeded sequences: the same seed and name give the same latents for ever.

    map_z   the mapping network: f32[n, z_dim] → f32[n, w_dim]
    w_avg   f32[w_dim], the centre of w space, towards which truncation pulls
    """

    def __init__(self, seed: int, z_dim: int, map_z: Callable[[F32], F32], w_avg: F32) -> None:
        self.seed = seed
        self.w_avg = w_avg
        self._z_dim = z_dim
        self._map_z = map_z
        self._recent: dict[tuple[str, int], F32] = {}
        self.components = frozen(map_z(np.concatenate([self._z("component", i) for i in range(N_COMPONENTS)])))

    def w(self, sequence: str, index: int) -> F32:
        """f32[w_dim], the latent number `index` of the sequence named `sequence`."""
        key = (sequence, index)
        if key not in self._recent:
            # Motion asks for the latest few of each sequence; a bounded cache keeps a long night from filling memory.
            if len(self._recent) >= 64:
                self._recent.pop(next(iter(self._recent)))
            self._recent[key] = frozen(self._map_z(self._z(sequence, index))[0])
        return self._recent[key]

    def _z(self, sequence: str, index: int) -> F32:
        rng = np.random.default_rng([self.seed, zlib.crc32(sequence.encode()), index])
        return rng.standard_normal((1, self._z_dim), np.float32)
