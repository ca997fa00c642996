"""Fresh weights for both networks, and weights for a larger network from those of a smaller one."""

from collections.abc import Mapping

import numpy as np

from vj.core.errors import ModelError
from vj.core.types import F32
from vj.generator.arch import Arch
from vj.train.discriminator import DiscriminatorArch
from vj.train.projected import HeadsArch, fresh_heads

_MAPPING_LR_MULTIPLIER = 0.01


def generator(arch: Arch, rng: np.random.Generator) -> dict[str, F32]:
    """Tensors f32[…], named and shaped as `arch.tensors()` says, as the paper draws them.

    They are unit normals: the equalised learning rate scales them when they are used.
    """
    return {name: _generator_tensor(name, shape, rng) for name, shape in arch.tensors().items()}


def discriminator(arch: DiscriminatorArch | HeadsArch, rng: np.random.Generator) -> dict[str, F32]:
    """Tensors f32[…], named and shaped as `arch.tensors()` says: unit normals (smaller in heads), biases 0."""
    if isinstance(arch, HeadsArch):
        return fresh_heads(arch, rng)
    return {
        name: rng.standard_normal(shape, np.float32) if name.endswith("weight") else np.zeros(shape, np.float32)
        for name, shape in arch.tensors().items()
    }


def grown_generator(old: Mapping[str, F32], arch: Arch, rng: np.random.Generator) -> dict[str, F32]:
    """The tensors f32[…] of `old`, a network of fewer blocks, and fresh ones for the new blocks.

    A new block begins by adding nothing to the picture: its toRGB is zero, so that growing is seamless. Raises
    ModelError where the old network is not the lower part of the new one.
    """
    out: dict[str, F32] = {}
    for name, fresh in generator(arch, rng).items():
        if name not in old:
            out[name] = np.zeros_like(fresh) if "torgb." in name and "affine" not in name else fresh
        elif old[name].shape != fresh.shape:
            raise ModelError(f"tensor {name}: found shape {old[name].shape}, expected {fresh.shape}")
        else:
            out[name] = old[name]
    if extra := old.keys() - out.keys():
        raise ModelError(f"tensor {min(extra)} does not belong to the lower part of the network to be trained")
    return out


def _generator_tensor(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> F32:
    if name.endswith("affine.bias"):
        return np.ones(shape, np.float32)
    if name.endswith(("bias", "noise_strength", "w_avg")):
        return np.zeros(shape, np.float32)
    normal = rng.standard_normal(shape, np.float32)
    return normal / np.float32(_MAPPING_LR_MULTIPLIER) if name.startswith("mapping.fc") else normal
