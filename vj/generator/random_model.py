"""Writes a network with random weights: `python -m vj.generator.random_model OUT.safetensors`.

Untrained, and honest about it. What makes its pictures worth looking at, chosen by eye on sheets of samples:

- kernels weigh their middle most, so that the network is nearly a function of the place that is folded by one layer
  after another (a compositional pattern-producing network, Stanley 2007): clouds and edges instead of hiss;
- every channel is centred on the pictures of a few latents, so that each layer folds in the middle of its range;
- only the finest blocks give colour, and noise is strong where the layers are coarse: shapes waver, grain is faint.
"""

import sys
from pathlib import Path

import numpy as np

from vj.core.types import F32
from vj.generator import stylegan2
from vj.generator.arch import Arch
from vj.generator.weights import Model, checked_model, save_model

#: A table that two CPU cores play at the rate of a display: 0.94 GMAC a picture. Four mapping layers are enough for a
#: network without training, and keep the file small.
A256 = Arch(resolution=256, channels=(128, 128, 128, 128, 64, 32, 16), mapping_layers=4)
_AVERAGE_OF = 4096
_CENTRED_ON = 16
_COLOUR_BLOCKS = 2
_COLOUR_SPREAD = 0.48


def random_model(arch: Arch, seed: int) -> Model:
    """A skip network of the given shape; its colours have a mean of mid-grey and fill the range."""
    rng = np.random.default_rng(seed)
    tensors = {name: _drawn(rng, arch, name, shape) for name, shape in arch.tensors().items()}
    z = rng.standard_normal((_AVERAGE_OF, arch.z_dim), np.float32)
    w: F32 = np.asarray(stylegan2.mapping(stylegan2.prepare(tensors, arch), arch, z))
    tensors["mapping.w_avg"] = w.mean(0)
    ws = np.repeat(w[:_CENTRED_ON, None], arch.num_ws, axis=1)
    _centre(rng, tensors, arch, ws)
    _level_colours(tensors, arch, ws)
    card = {
        "name": "random weights",
        "training": "none: weights drawn at random by vj.generator.random_model",
        "training_data": "none",
        "seed": seed,
        "licence": "CC0-1.0",
    }
    return checked_model(arch, tensors, card)


def _drawn(rng: np.random.Generator, arch: Arch, name: str, shape: tuple[int, ...]) -> F32:
    normal = rng.standard_normal(shape, np.float32)
    if name.startswith("mapping.fc") and name.endswith("weight"):
        return normal * np.float32(100.0)  # the learning-rate multiplier of 0.01 divides it again
    if name.startswith("mapping.") or name.endswith(("noise_const", "skip.weight")):
        return normal
    side = int(name.split(".")[1].removeprefix("b"))
    if name.endswith("const"):
        return normal * np.float32(3.0)
    if name.endswith("affine.weight"):
        return normal * np.float32(0.3 if "torgb" in name else 1.3 if side <= 32 else 0.9)
    if name.endswith("affine.bias"):
        return np.ones(shape, np.float32)
    if name.endswith("noise_strength"):
        return np.full(shape, 0.2 if side <= 32 else 0.02, np.float32)
    if name.endswith("bias"):
        return np.zeros(shape, np.float32)
    if "torgb" in name:
        colours: F32 = (normal - normal.mean(1, keepdims=True)) * np.float32(side << _COLOUR_BLOCKS > arch.resolution)
        return colours
    return _kernel(normal, around=0.2 if 16 <= side <= 64 else 0.02)


def _kernel(normal: F32, around: float) -> F32:
    """Kernels [o, i, 3, 3] that weigh the middle by 1 and what is around it less, and sum to zero over the inputs."""
    weights = np.full((3, 3), around, np.float32)
    weights[1, 1] = 1.0
    out: F32 = (normal - normal.mean(1, keepdims=True)) * weights
    return out


def _centre(rng: np.random.Generator, tensors: dict[str, F32], arch: Arch, ws: F32) -> None:
    """Set each layer's bias so that what enters the activation is centred, but for a random third of its spread."""
    gain = np.float32(np.sqrt(2.0))
    names = [f"synthesis.b{side}.conv{(layer + 1) % 2}.bias" for layer, side in enumerate(arch.noise_sides)]

    def centred(site: int, activated: F32) -> F32:
        if site == arch.n_conv:
            return activated
        x = np.asarray(activated) / gain
        x = np.where(x < 0, x / np.float32(0.2), x)
        shift = 0.3 * rng.standard_normal(x.shape[-1], np.float32) * x.std() - x.mean((0, 1, 2))
        tensors[names[site]] = shift
        out: F32 = np.maximum(x + shift, np.float32(0.2) * (x + shift)) * gain
        return out

    stylegan2.synthesis(stylegan2.prepare(tensors, arch), arch, ws, [None] * arch.n_conv, centred)


def _level_colours(tensors: dict[str, F32], arch: Arch, ws: F32) -> None:
    """Scale the toRGB layers and set the last one's bias so that the pictures of `ws` have mean 0 and a set spread."""
    prepared = stylegan2.prepare(tensors, arch)
    pictures: F32 = np.asarray(stylegan2.synthesis(prepared, arch, ws, [None] * arch.n_conv))
    gain = np.float32(_COLOUR_SPREAD / pictures.std())
    for side in arch.resolutions:
        tensors[f"synthesis.b{side}.torgb.weight"] *= gain
    tensors[f"synthesis.b{arch.resolution}.torgb.bias"] = -gain * pictures.mean((0, 1, 2))


if __name__ == "__main__":
    save_model(Path(sys.argv[1]), random_model(A256, seed=3), half=True)
