"""A projected discriminator: small trained heads that see pictures through a frozen network.

Sauer, Chitta, Müller and Geiger, "Projected GANs Converge Faster", NeurIPS 2021. The frozen network's maps at four
depths are mixed by fixed random 1×1 convolutions, within a depth and from the deeper ones into the shallower, so that
no head can rely on a few of the maps; each head judges one depth. Kernels have spectral norm 1 (Miyato et al.,
"Spectral Normalization for Generative Adversarial Networks", 2018).

Unlike the paper's: pictures are enlarged twice rather than to 224 pixels; mixed maps keep the size of their depth;
heads are narrower and have no batch normalisation, which takes out of a batch of drawn pictures what is wrong with all
of them and lets heads be as steep as they like. Instead the mixed maps have mean 0 and variance 1 over the data set.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vj.core.types import F32
from vj.generator import ops
from vj.generator.stylegan2 import Tensor, Weights
from vj.train import efficientnet
from vj.train.fused import Fused

#: The frozen network learnt photographs of 224 pixels: pictures below `_LARGE` are enlarged twice, and to this side.
SEEN_SIDE, _LARGE = 64, 128
#: Maps of a depth after mixing within it, and after the deeper ones are mixed in (the paper's).
_WITHIN, _ACROSS = (64, 128, 256, 512), (64, 64, 128, 256)
_WIDTHS = (64, 128, 128)
#: Squarings of a Gram matrix: what is left are the singular values within a percent of the largest.
_SQUARINGS = 8


@dataclass(frozen=True, slots=True)
class HeadsArch:
    """The shape of what is trained: one head for each depth, shallow first.

    mixed   maps that each head sees
    widths  maps after a head's blocks, counted from its last before the smallest side: the shallowest head has all
            of these blocks, each deeper one a block less, the deepest none; one block more keeps the last width
    """

    mixed: tuple[int, ...] = _ACROSS
    widths: tuple[int, ...] = _WIDTHS

    def blocks(self, head: int) -> tuple[tuple[int, int, int], ...]:
        """(side of the kernel, maps in, maps out) of a head's blocks: those of side 4 halve the maps' side."""
        widths = (self.mixed[head], *self.widths[head:])
        halving = tuple((4, a, b) for a, b in itertools.pairwise(widths))
        return (*halving, (3, widths[-1], self.widths[-1]))

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name → shape of every tensor."""
        shapes: dict[str, tuple[int, ...]] = {}
        for head in range(len(self.mixed)):
            for i, (side, wide, narrow) in enumerate(self.blocks(head)):
                name = f"head{head}.conv{i}"
                shapes |= {f"{name}.weight": (side, side, wide, narrow), f"{name}.bias": (narrow,)}
            shapes |= {f"head{head}.out.weight": (3, 3, self.widths[-1], 1), f"head{head}.out.bias": (1,)}
        return shapes


def fresh_heads(arch: HeadsArch, rng: np.random.Generator) -> dict[str, F32]:
    """Tensors f32[…], named and shaped as `arch.tensors()` says: normals, biases 0."""
    return {name: _fresh(name, shape, rng) for name, shape in arch.tensors().items()}


def _fresh(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> F32:
    if name.endswith("weight"):
        # Their spectral norm is 1 whatever their size; against the step of Adam their size counts.
        return rng.standard_normal(shape, np.float32) / np.float32(math.sqrt(math.prod(shape[:3])))
    return np.zeros(shape, np.float32)


@dataclass(frozen=True, slots=True)
class Projection:
    """What is never trained: the frozen network's weights f32[…], and the mixing's, f32[1, 1, in, out] each.

    within, across   one kernel for each depth, shallow first
    centres, spreads of the mixed maps over the data set, f32[c] each
    """

    frozen: Mapping[str, F32]
    within: tuple[F32, ...]
    across: tuple[F32, ...]
    centres: tuple[F32, ...]
    spreads: tuple[F32, ...]

    @staticmethod
    def of(frozen: Mapping[str, F32], seed: int, pictures: Tensor) -> "Projection":
        """Mixing drawn from the seed alone: a training that goes on sees through the same.

        pictures  f32[n, side, side, 3], −1 … 1, of the data set, always the same
        """
        # Its numbers are the same in every version of NumPy, unlike a Generator's.
        rng = np.random.RandomState([seed & 0xFFFFFFFF, seed >> 32])
        taps = efficientnet.tap_channels(frozen)
        within = tuple(_random_kernel(rng, a, b) for a, b in zip(taps, _WITHIN, strict=True))
        across = tuple(_random_kernel(rng, a, b) for a, b in zip(_WITHIN, _ACROSS, strict=True))
        plain = Projection(frozen, within, across, *(tuple(np.full(n, v, np.float32) for n in _ACROSS) for v in (0, 1)))
        maps = [np.asarray(x, np.float64) for x in plain.features(pictures, Fused())]
        centres = tuple(x.mean(axis=(0, 1, 2)).astype(np.float32) for x in maps)
        spreads = tuple((x.std(axis=(0, 1, 2)) + 1e-6).astype(np.float32) for x in maps)
        return replace(plain, centres=centres, spreads=spreads)

    def features(self, pictures: Tensor, steps: Fused) -> list[Tensor]:
        """pictures f32[n, side, side, 3], −1 … 1, → mixed maps f32[n, h, w, c] of each depth, shallow first."""
        taps = efficientnet.taps(self.frozen, seen(pictures), steps)
        within = [steps.conv(x, kernel) for x, kernel in zip(taps, self.within, strict=True)]
        out: list[Tensor] = []
        for x, kernel in zip(reversed(within), reversed(self.across), strict=True):
            out.append(steps.conv(x + _doubled(out[-1]) if out else x, kernel))
        mixed = (ops.cast(x, pictures.dtype) for x in reversed(out))
        return [(x - m) / s for x, m, s in zip(mixed, self.centres, self.spreads, strict=True)]


def _random_kernel(rng: np.random.RandomState, wide: int, narrow: int) -> F32:
    """f32[1, 1, wide, narrow] that keeps the variance of what it mixes, on average."""
    return (rng.standard_normal((1, 1, wide, narrow)) / math.sqrt(wide)).astype(np.float32)


def _doubled(x: Tensor) -> Tensor:
    return ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)


def seen(pictures: Tensor) -> Tensor:
    """f32[n, side, side, 3] as the frozen network gets them: enlarged, and clipped to −1 … 1 as on a screen."""
    pictures = ops.clip(pictures, -1.0, 1.0)
    if (side := pictures.shape[1]) >= _LARGE:
        return pictures
    size = (max(2 * side, SEEN_SIDE),) * 2
    return ops.image.resize(pictures, size, interpolation="bilinear", data_format="channels_last")


def judged(d: Weights, arch: HeadsArch, features: Sequence[Tensor], steps: Fused) -> Tensor:
    """Features as `Projection.features` returns them → logits f32[n, k] of all heads at all their places.

    `d` is named and shaped as `arch.tensors()` says, f32[…].
    """
    logits = [judged_by(d, arch, i, x, steps) for i, x in enumerate(features)]
    return ops.concatenate([ops.reshape(x, (x.shape[0], -1)) for x in logits], axis=1)


def judged_by(d: Weights, arch: HeadsArch, head: int, x: Tensor, steps: Fused) -> Tensor:
    """One head's logits f32[n, h, w, 1] of what it sees, x f32[n, h, w, c]; the shallowest head is number 0."""
    for i, (side, _, _) in enumerate(arch.blocks(head)):
        name = f"head{head}.conv{i}"
        kernel = with_unit_norm(d[f"{name}.weight"])
        if side == 4:
            x = steps.conv(ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), kernel, strides=2)
        else:
            x = steps.conv(x, kernel)
        x = steps.biased(x, d[f"{name}.bias"], 1.0, 0.0)
    bias = d[f"head{head}.out.bias"]
    return ops.cast(steps.conv(x, with_unit_norm(d[f"head{head}.out.weight"])), bias.dtype) + bias


def with_unit_norm(kernel: Tensor) -> Tensor:
    """A kernel f32[h, w, in, out] divided by its spectral norm, as a matrix of h·w·in by out.

    The norm is a function of the kernel alone: the largest singular vector is found anew from the Gram matrix, squared
    until nothing else is left, so that no estimate must be carried from step to step.
    """
    matrix = ops.reshape(kernel, (-1, kernel.shape[3]))
    direction = ops.stop_gradient(_largest(matrix))
    return kernel / ops.sqrt(ops.sum(ops.square(ops.matmul(matrix, direction))) + 1e-12)


def _largest(matrix: Tensor) -> Tensor:
    """The right singular vector f32[out, 1], of length 1, of the largest singular value of f32[in, out]."""
    gram = ops.matmul(ops.transpose(matrix), matrix)
    for _ in range(_SQUARINGS):
        gram = gram / (ops.sqrt(ops.sum(ops.square(gram))) + 1e-30)
        gram = ops.matmul(gram, gram)
    # All columns are multiples of it by now; the longest is the surest.
    column = ops.take(gram, ops.argmax(ops.diagonal(gram)), axis=1)[:, None]
    return column / (ops.sqrt(ops.sum(ops.square(column))) + 1e-30)
