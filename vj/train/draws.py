"""Everything random that one training step needs, drawn with NumPy outside the graph.

So a step is a function of its inputs under TensorFlow and JAX alike, and a checkpoint that keeps the generator's state
resumes to the bit.
"""

import numpy as np

from vj.core.types import F32
from vj.generator.arch import Arch


def latents(arch: Arch, n: int, rng: np.random.Generator) -> F32:
    """Normal latents f32[n, z_dim]."""
    return rng.standard_normal((n, arch.z_dim), np.float32)


def noises(arch: Arch, n: int, rng: np.random.Generator) -> list[F32]:
    """One normal picture per convolution layer: f32[n, side, side, 1]."""
    return [rng.standard_normal((n, side, side, 1), np.float32) for side in arch.noise_sides]


def mixed_rows(arch: Arch, n: int, chance: float, rng: np.random.Generator) -> F32:
    """Which style inputs take the second latent: f32[n, num_ws, 1] of 0 and 1.

    With `chance`, a picture's styles from a random row onward come from another latent (style mixing: Karras et al.,
    "A Style-Based Generator Architecture for GANs", 2019).
    """
    cut = np.where(rng.random(n) < chance, rng.integers(1, arch.num_ws, n), arch.num_ws)
    return (np.arange(arch.num_ws)[None, :, None] >= cut[:, None, None]).astype(np.float32)
