"""Writes a network with random weights: `python -m vj.gan.random_model OUT.safetensors`.

Untrained, and honest about it: a StyleGAN2's random features already make coloured shapes that move with its latents.
The scales are chosen by eye so that latents differ strongly, and so that the pictures fill the colour range.
"""

import sys
from pathlib import Path

import numpy as np

from vj.gan import stylegan2
from vj.gan.arch import Arch
from vj.gan.weights import Model, checked_model, save_model
from vj.types import F32

#: A table that two CPU cores play at the rate of a display: 0.94 GMAC a picture.
A256 = Arch(resolution=256, channels=(128, 128, 128, 128, 64, 32, 16), mapping_layers=4)
_AVERAGE_OF = 4096


def random_model(arch: Arch, seed: int, *, style_gain: float = 1.0, noise_gain: float = 0.05) -> Model:
    """A network of the given shape with normal weights; colours are brought to mid-grey and a spread of 0.6.

    style_gain  how strongly latents act on the features; noise_gain: strength of the noise inputs.
    """
    rng = np.random.default_rng(seed)
    tensors = {name: _drawn(rng, name, shape, style_gain, noise_gain) for name, shape in arch.tensors().items()}
    z = rng.standard_normal((_AVERAGE_OF, arch.z_dim), np.float32)
    w = _mapped(tensors, arch, z)
    tensors["mapping.w_avg"] = w.mean(0)
    _level_colours(tensors, arch, w[:8])
    card = {
        "name": "random weights",
        "training": "none: weights drawn at random by vj.gan.random_model",
        "seed": seed,
        "licence": "CC0-1.0",
    }
    return checked_model(arch, tensors, card)


def _drawn(rng: np.random.Generator, name: str, shape: tuple[int, ...], style_gain: float, noise_gain: float) -> F32:
    normal = rng.standard_normal(shape, np.float32)
    if name.startswith("mapping.fc") and name.endswith("weight"):
        return normal * np.float32(100.0)  # the learning-rate multiplier of 0.01 divides it again
    if name.endswith("affine.weight"):
        return normal * np.float32(style_gain)
    if name.endswith("affine.bias"):
        return np.ones(shape, np.float32)
    if name.endswith("noise_strength"):
        return np.full(shape, noise_gain, np.float32)
    if name.endswith("bias"):
        return normal * np.float32(0.1 if "conv" in name else 0.0)
    return normal


def _mapped(tensors: dict[str, F32], arch: Arch, z: F32) -> F32:
    out: F32 = np.asarray(stylegan2.mapping(stylegan2.prepare(tensors, arch), arch, z))
    return out


def _level_colours(tensors: dict[str, F32], arch: Arch, w: F32) -> None:
    """Scale all toRGB layers so that the pictures of some latents have mean 0 and spread 0.6."""
    prepared = stylegan2.prepare(tensors, arch)
    ws = np.repeat(w[:, None], arch.num_ws, axis=1)
    pictures = np.asarray(stylegan2.synthesis(prepared, arch, ws, [None] * arch.n_conv))
    gain = np.float32(0.6 / pictures.std())
    for side in arch.resolutions:
        if arch.has_torgb(side):
            tensors[f"synthesis.b{side}.torgb.weight"] *= gain
    tensors[f"synthesis.b{arch.resolution}.torgb.bias"] = -gain * pictures.mean((0, 1, 2))


if __name__ == "__main__":
    save_model(Path(sys.argv[1]), random_model(A256, seed=3), half=True)
