"""StyleGAN2's residual discriminator as pure functions over a dict of weights.

Shaped and named as in stylegan2-ada-pytorch.

Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020, appendix B; minibatch standard deviation
from Karras et al., "Progressive Growing of GANs", 2018.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from vj.core.errors import ModelError
from vj.generator import ops
from vj.generator.stylegan2 import Tensor, Weights
from vj.train.fused import Fused


@dataclass(frozen=True, slots=True)
class DiscriminatorArch:
    """A discriminator's shape.

    resolution  side of the pictures
    channels    feature maps that each block reads, from 4×4 upward: one number for each of 4, 8, …, resolution
    group       pictures over which the standard deviation is taken; batches are multiples of it or smaller than it
    conv_clamp  activations are clamped to ±this; 0 for no clamp
    """

    resolution: int
    channels: tuple[int, ...]
    group: int = 4
    conv_clamp: float = 0.0

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The sides of the blocks: 4, 8, …, resolution."""
        return tuple(4 << i for i in range(len(self.channels)))

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name → shape of every tensor."""
        shapes: dict[str, tuple[int, ...]] = {}
        for i in range(len(self.channels) - 1, 0, -1):
            wide, narrow, block = self.channels[i], self.channels[i - 1], f"b{self.resolutions[i]}"
            if self.resolutions[i] == self.resolution:
                shapes |= {f"{block}.fromrgb.weight": (wide, 3, 1, 1), f"{block}.fromrgb.bias": (wide,)}
            shapes |= {f"{block}.conv0.weight": (wide, wide, 3, 3), f"{block}.conv0.bias": (wide,)}
            shapes |= {f"{block}.conv1.weight": (narrow, wide, 3, 3), f"{block}.conv1.bias": (narrow,)}
            shapes |= {f"{block}.skip.weight": (narrow, wide, 1, 1)}
        last = self.channels[0]
        return shapes | {
            "b4.conv.weight": (last, last + 1, 3, 3),
            "b4.conv.bias": (last,),
            "b4.fc.weight": (last, last * 16),
            "b4.fc.bias": (last,),
            "b4.out.weight": (1, last),
            "b4.out.bias": (1,),
        }

    def as_dict(self) -> dict[str, Any]:
        """For checkpoints."""
        return asdict(self) | {"channels": list(self.channels)}


class Shaped(Protocol):
    """What knows the shapes of its tensors."""

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name → shape of every tensor."""


def grown(tensors: Mapping[str, Any], arch: Shaped) -> dict[str, Any]:
    """Those of a smaller (or equal) discriminator's tensors that one of `arch` goes on using."""
    shapes = arch.tensors()
    return {name: value for name, value in tensors.items() if shapes.get(name) == tuple(value.shape)}


def discriminate(p: Weights, arch: DiscriminatorArch, pictures: Tensor, steps: Fused) -> Tensor:
    """pictures f32[n, resolution, resolution, 3], −1 … 1 → logits f32[n]: positive where they look real.

    `p` is named and shaped as `arch.tensors()` says, f32[…]. Raises ModelError for pictures of another side.
    """
    side, clamp = arch.resolution, arch.conv_clamp
    if pictures.shape[1] != side:
        raise ModelError(f"pictures of {pictures.shape[1]} pixels a side, expected {side}")
    x = steps.conv(pictures, _kernel(p, f"b{side}.fromrgb"))
    x = steps.biased(x, p[f"b{side}.fromrgb.bias"], 1.0, clamp)
    for side in reversed(arch.resolutions[1:]):
        x = _block(p, f"b{side}", x, clamp, steps)
    x = ops.cast(x, pictures.dtype)
    x = ops.concatenate([x, _deviation(x, arch.group)], axis=3)
    x = steps.biased(steps.conv(x, _kernel(p, "b4.conv")), p["b4.conv.bias"], 1.0, clamp)
    # The original flattens channels first.
    x = ops.reshape(ops.transpose(ops.cast(x, pictures.dtype), (0, 3, 1, 2)), (x.shape[0], -1))
    x = ops.leaky_relu(_dense(p, "b4.fc", x), negative_slope=0.2) * math.sqrt(2.0)
    return _dense(p, "b4.out", x)[:, 0]


def _block(p: Weights, name: str, x: Tensor, clamp: float, steps: Fused) -> Tensor:
    """One residual block, [n, h, w, i] → [n, h/2, w/2, o]."""
    half = math.sqrt(0.5)
    short = steps.conv(steps.blurred(x, 1)[:, ::2, ::2], _kernel(p, f"{name}.skip")) * half
    x = steps.biased(steps.conv(x, _kernel(p, f"{name}.conv0")), p[f"{name}.conv0.bias"], 1.0, clamp)
    x = steps.conv(steps.blurred(x, 2), _kernel(p, f"{name}.conv1"), strides=2)
    return steps.biased(x, p[f"{name}.conv1.bias"], half, clamp) + short


def _kernel(p: Weights, name: str) -> Tensor:
    """Laid out for NHWC, scaled for an equalised learning rate."""
    w = p[f"{name}.weight"]
    return ops.transpose(w, (2, 3, 1, 0)) / math.sqrt(w.shape[1] * w.shape[2] * w.shape[3])


def _dense(p: Weights, name: str, x: Tensor) -> Tensor:
    w = p[f"{name}.weight"]
    return ops.matmul(x, ops.transpose(w)) / math.sqrt(w.shape[1]) + p[f"{name}.bias"]


def _deviation(x: Tensor, group: int) -> Tensor:
    """The standard deviation over groups of the batch, averaged over everything else, as one more channel."""
    n, h, w, c = x.shape
    size = min(group, n)
    y = ops.reshape(x, (size, n // size, h, w, c))
    y = y - ops.mean(y, axis=0, keepdims=True)
    y = ops.mean(ops.sqrt(ops.mean(ops.square(y), axis=0) + 1e-8), axis=(1, 2, 3))
    return ops.broadcast_to(ops.tile(y, (size,))[:, None, None, None], (n, h, w, 1))
