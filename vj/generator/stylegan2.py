"""StyleGAN2's mapping and synthesis networks as pure functions over a dict of weights.

Written with `keras.ops`, so that TensorFlow's XLA and JAX run the same code. Tensors are float32, NHWC. The shapes
and conventions are those of stylegan2-ada-pytorch; the arithmetic is arranged for speed: activations are scaled by
the style instead of the weights, so weights are constant and can be laid out once (`prepare`), and the stride-2
transposed convolution is matrix products to nine taps, which are added up and blurred by shifts.

Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020 (weight demodulation, skip and residual
architectures); Karras et al., "Training Generative Adversarial Networks with Limited Data", 2020 (clamping).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from vj.core.types import F32
from vj.generator import ops
from vj.generator.arch import Arch

#: A tensor of whichever stack Keras runs on.
Tensor = Any
Weights = Mapping[str, Tensor]
#: Called as bend(site, x) after each convolution layer (sites 0 … n_conv − 1) and on the picture (site n_conv).
Bend = Callable[[int, Tensor], Tensor]


class Passing(NamedTuple):
    """What goes from one layer to the next.

    x         features f32[n, h, w, c]
    picture   what was drawn so far, f32[n, h, w, 3]; None before the first toRGB
    residual  what goes around a residual block, f32[n, h, w, c]; None but between its two layers
    """

    x: Tensor
    picture: Tensor | None = None
    residual: Tensor | None = None


_LRELU_GAIN = math.sqrt(2.0)
_MAPPING_LR_MULTIPLIER = 0.01


def prepare(raw: Mapping[str, F32], arch: Arch) -> dict[str, F32]:
    """`laid_out` once and for all, f32[…] in and out: what is played has weights that stand still."""
    return {k: np.asarray(v, np.float32, order="C") for k, v in laid_out(raw, arch).items()}


def laid_out(raw: Weights, arch: Arch) -> dict[str, Tensor]:
    """The weights as the functions below read them: gains folded in, kernels laid out for NHWC. Differentiable.

    `raw` is named and shaped as `arch.tensors()` says, f32[…].
    """
    out: dict[str, Tensor] = {"w_avg": raw["mapping.w_avg"]}
    if arch.c_dim:
        out["embed.w"] = ops.transpose(raw["mapping.embed.weight"]) / math.sqrt(arch.c_dim)
        out["embed.b"] = raw["mapping.embed.bias"]
    for i in range(arch.mapping_layers):
        w = raw[f"mapping.fc{i}.weight"]
        out[f"fc{i}.w"] = ops.transpose(w) * (_MAPPING_LR_MULTIPLIER / math.sqrt(w.shape[1]))
        out[f"fc{i}.b"] = raw[f"mapping.fc{i}.bias"] * _MAPPING_LR_MULTIPLIER
    out["const"] = ops.transpose(raw["synthesis.b4.const"], (1, 2, 0))[None]
    for side in arch.resolutions:
        block = f"synthesis.b{side}."
        if side > 4:
            out |= _laid_out_conv(raw, block + "conv0.", f"{side}.conv0.")
        out |= _laid_out_conv(raw, block + "conv1.", f"{side}.conv1.")
        if arch.has_torgb(side):
            out |= _laid_out_torgb(raw, block + "torgb.", f"{side}.torgb.")
        if block + "skip.weight" in raw:
            w = raw[block + "skip.weight"]
            out[f"{side}.skip"] = ops.transpose(w[:, :, 0, 0]) / math.sqrt(w.shape[1])
    return out


def _laid_out_conv(raw: Weights, name: str, to: str) -> dict[str, Tensor]:
    w = raw[name + "weight"]
    return {
        to + "kernel": ops.transpose(w, (2, 3, 1, 0)),
        to + "power": ops.transpose(ops.sum(ops.square(w), (2, 3))),
        to + "bias": raw[name + "bias"],
        to + "strength": raw[name + "noise_strength"],
        **_laid_out_affine(raw, name, to, 1.0),
    }


def _laid_out_torgb(raw: Weights, name: str, to: str) -> dict[str, Tensor]:
    w = ops.transpose(raw[name + "weight"][:, :, 0, 0])
    return {to + "kernel": w, to + "bias": raw[name + "bias"], **_laid_out_affine(raw, name, to, w.shape[0] ** -0.5)}


def _laid_out_affine(raw: Weights, name: str, to: str, gain: float) -> dict[str, Tensor]:
    w = raw[name + "affine.weight"]
    scale = gain / math.sqrt(w.shape[1])
    return {to + "affine": ops.transpose(w) * scale, to + "affine_bias": raw[name + "affine.bias"] * gain}


class Arithmetic:
    """The four steps that take the time, as they are fastest inside one XLA program. Training has others."""

    def convolved(self, x: Tensor, style: Tensor, kernel: Tensor, *, up: bool) -> Tensor:
        """x f32[n, h, w, i] scaled by style [n, i], convolved by kernel [3, 3, i, o]; `up` doubles the size."""
        x = x * style[:, None, None, :]
        return _up_conv(x, kernel) if up else ops.conv(x, kernel, padding="same", data_format="channels_last")

    def activated(
        self, x: Tensor, scale: Tensor, noise: Tensor | None, bias: Tensor, gain: float, clamp: float, *, up: bool
    ) -> Tensor:
        """clamp(gain · √2 · lrelu(x · scale + noise + bias)) of x f32[n, h, w, o].

        scale f32[n, o], noise f32[n or 1, h, w, 1], bias f32[o]
        """
        del up
        return activation(x, scale, noise, bias, gain, clamp)

    def coloured(self, x: Tensor, style: Tensor, kernel: Tensor, bias: Tensor, clamp: float) -> Tensor:
        """Features [n, h, w, i] to colours f32[n, h, w, 3]."""
        return _clamp(ops.matmul(x * style[:, None, None, :], kernel) + bias, clamp)

    def doubled(self, picture: Tensor) -> Tensor:
        """`upsample`: f32[n, h, w, c] → f32[n, 2h, 2w, c]."""
        return upsample(picture)


_INFERENCE = Arithmetic()


def mapping(p: Weights, arch: Arch, z: Tensor, label: Tensor | None = None) -> Tensor:
    """z f32[n, z_dim] (and, for a conditional network, labels f32[n, c_dim]) → w f32[n, w_dim], not truncated."""
    x = _normalised(z)
    if arch.c_dim:
        if label is None:
            label = ops.zeros((z.shape[0], arch.c_dim), "float32")
        x = ops.concatenate([x, _normalised(ops.matmul(label, p["embed.w"]) + p["embed.b"])], axis=1)
    for i in range(arch.mapping_layers):
        x = _lrelu(ops.matmul(x, p[f"fc{i}.w"]) + p[f"fc{i}.b"]) * _LRELU_GAIN
    return x


def truncate(w: Tensor, w_avg: Tensor, psi: float) -> Tensor:
    """w f32[…, w_dim] pulled towards the average f32[w_dim]: psi 0 gives w_avg, 1 gives w."""
    return w_avg + psi * (w - w_avg)


def synthesis(
    p: Weights,
    arch: Arch,
    ws: Tensor,
    noises: Sequence[Tensor | None],
    bend: Bend | None = None,
    steps: Arithmetic = _INFERENCE,
) -> Tensor:
    """ws f32[n, num_ws, w_dim] → picture f32[n, resolution, resolution, 3], about −1 … 1 but not clipped.

    noises   one per convolution layer, shapes as `arch.noise_sides` ([side, side] or [n, side, side, 1]), in units of
             the layer's trained strength; None for no noise
    bend     transforms the features of each layer; see `Bend`
    steps    how the heavy steps are computed
    """
    _, picture = blocks(p, arch, arch.resolutions, ws, noises, constant(p, ws.shape[0]), None, bend, steps)
    return bend(arch.n_conv, picture) if bend else picture


def constant(p: Weights, n: int) -> Tensor:
    """What the first block begins with: f32[n, 4, 4, channels]."""
    return ops.broadcast_to(p["const"], (n, *p["const"].shape[1:]))


def blocks(
    p: Weights,
    arch: Arch,
    sides: Sequence[int],
    ws: Tensor,
    noises: Sequence[Tensor | None],
    x: Tensor,
    picture: Tensor | None,
    bend: Bend | None = None,
    steps: Arithmetic = _INFERENCE,
) -> tuple[Tensor, Tensor]:
    """The blocks of `sides`, a stretch of `arch.resolutions`: (features, picture) after them.

    x, picture  what comes before them, f32[n, h, w, c] and f32[n, h, w, 3] or None

    The features may be any part of the plane: then the noises of these blocks cover the same part. `ws` and `noises`
    are those of the whole network.
    """
    bend = bend or (lambda site, x: x)
    passed = Passing(x, picture)
    for side in sides:
        first = max(2 * arch.resolutions.index(side) - 1, 0)
        for layer in range(first, 2 * arch.resolutions.index(side) + 1):
            passed = convolved_layer(p, arch, layer, passed, ws, noises, steps)
            passed = passed._replace(x=bend(layer, passed.x))
        passed = coloured_block(p, arch, side, passed, ws, steps)
    return passed.x, passed.picture


def convolved_layer(
    p: Weights,
    arch: Arch,
    layer: int,
    passed: Passing,
    ws: Tensor,
    noises: Sequence[Tensor | None],
    steps: Arithmetic = _INFERENCE,
) -> Passing:
    """One convolution layer, 0 … n_conv − 1: the first of a block, which doubles the size, or its second.

    ws f32[n, num_ws, w_dim], noises as for `synthesis`: that of this layer is read
    """
    x, picture, residual = passed
    side, noise, w = arch.noise_sides[layer], noises[layer], ws[:, layer]
    if layer % 2:
        if arch.architecture == "resnet":
            gain = math.sqrt(0.5)
            residual = _clamp(upsample(ops.matmul(x, p[f"{side}.skip"])) * gain, arch.conv_clamp * gain)
        return Passing(_conv_layer(p, f"{side}.conv0.", arch, x, w, noise, 1.0, steps), picture, residual)
    gain = 1.0 if residual is None else math.sqrt(0.5)
    x = _conv_layer(p, f"{side}.conv1.", arch, x, w, noise, gain, steps)
    return Passing(x if residual is None else x + residual, picture)


def coloured_block(
    p: Weights, arch: Arch, side: int, passed: Passing, ws: Tensor, steps: Arithmetic = _INFERENCE
) -> Passing:
    """The picture grown to the size of the block that ends here, with what the block adds to it.

    ws f32[n, num_ws, w_dim]
    """
    picture = passed.picture if passed.picture is None else steps.doubled(passed.picture)
    if arch.has_torgb(side):
        rgb = _torgb(p, f"{side}.torgb.", arch, passed.x, ws[:, 2 * arch.resolutions.index(side) + 1], steps)
        picture = rgb if picture is None else picture + rgb
    return passed._replace(picture=picture)


def upsample(x: Tensor) -> Tensor:
    """f32[n, h, w, c] → f32[n, 2h, 2w, c] by the FIR filter [1, 3, 3, 1] / 4 on each axis, zero beyond the border."""
    return _upsample_axis(_upsample_axis(x, 1), 2)


def _upsample_axis(x: Tensor, axis: int) -> Tensor:
    zero = ops.zeros_like(_part(x, axis, 0, 1))
    before = ops.concatenate([zero, _part(x, axis, 0, -1)], axis=axis)
    after = ops.concatenate([_part(x, axis, 1, None), zero], axis=axis)
    return _interleave(0.25 * before + 0.75 * x, 0.75 * x + 0.25 * after, axis)


def _conv_layer(
    p: Weights, name: str, arch: Arch, x: Tensor, w: Tensor, noise: Tensor | None, gain: float, steps: Arithmetic
) -> Tensor:
    """One modulated, demodulated convolution with noise and activation; `conv0` layers double the size."""
    up = name.endswith("conv0.")
    style = ops.matmul(w, p[name + "affine"]) + p[name + "affine_bias"]
    demodulation = ops.rsqrt(ops.matmul(ops.square(style), p[name + "power"]) + 1e-8)
    if noise is not None:
        noise = (noise if len(noise.shape) == 4 else noise[None, :, :, None]) * p[name + "strength"]
    x = steps.convolved(x, style, p[name + "kernel"], up=up)
    return steps.activated(x, demodulation, noise, p[name + "bias"], gain, arch.conv_clamp, up=up)


def _torgb(p: Weights, name: str, arch: Arch, x: Tensor, w: Tensor, steps: Arithmetic) -> Tensor:
    style = ops.matmul(w, p[name + "affine"]) + p[name + "affine_bias"]
    return steps.coloured(x, style, p[name + "kernel"], p[name + "bias"], arch.conv_clamp)


def activation(x: Tensor, scale: Tensor, noise: Tensor | None, bias: Tensor, gain: float, clamp: float) -> Tensor:
    """What follows a convolution of f32[n, h, w, o]; see `Arithmetic.activated`."""
    return broadcast_activation(x, scale[:, None, None, :], noise, bias, gain, clamp)


def broadcast_activation(
    x: Tensor, scale: Tensor, noise: Tensor | None, bias: Tensor, gain: float, clamp: float
) -> Tensor:
    """The same of tensors f32[…] whose shapes go together as they stand, in whatever order of axes."""
    x = x * scale
    if noise is not None:
        x = x + noise
    return _clamp(_lrelu(x + bias) * (_LRELU_GAIN * gain), clamp * gain)


def _up_conv(x: Tensor, kernel: Tensor) -> Tensor:
    """Stride-2 transposed 3×3 convolution followed by the blur [1, 3, 3, 1]² / 16, [n, h, w, i] → [n, 2h, 2w, o].

    Each of the nine products gives what one tap contributes to the output; each axis then adds its taps up and blurs
    in one go, because both are shifts and sums.
    """
    x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    taps = [[ops.matmul(x, kernel[row, column]) for row in range(3)] for column in range(3)]
    columns = [_scatter_and_blur(of_column, axis=1) for of_column in taps]
    rows = [_interleave(*_scatter_and_blur(of_row, axis=2), axis=2) for of_row in zip(*columns, strict=True)]
    return _interleave(rows[0], rows[1], axis=1)


def _scatter_and_blur(taps: Sequence[Tensor], axis: int) -> tuple[Tensor, Tensor]:
    """The three taps of one axis, added up at stride 2 and blurred by [1, 3, 3, 1] / 4: its even and odd samples.

    Taps come with a border of one; before the blur, sample 2m is t0[m] + t2[m − 1] and sample 2m + 1 is t1[m].
    """
    t0, t1, t2 = taps
    before, here, after = ((0, -2), (1, -1), (2, None))
    even_here = _part(t0, axis, *here) + _part(t2, axis, *before)
    even_after = _part(t0, axis, *after) + _part(t2, axis, *here)
    odd_here = _part(t1, axis, *here)
    first = 0.25 * _part(t1, axis, *before) + 0.75 * (even_here + odd_here) + 0.25 * even_after
    second = 0.25 * even_here + 0.75 * (odd_here + even_after) + 0.25 * _part(t1, axis, *after)
    return first, second


def _interleave(a: Tensor, b: Tensor, axis: int) -> Tensor:
    """a₀ b₀ a₁ b₁ … along an axis."""
    shape = list(a.shape)
    shape[axis] *= 2
    return ops.reshape(ops.stack([a, b], axis=axis + 1), shape)


def _part(x: Tensor, axis: int, start: int, stop: int | None) -> Tensor:
    return x[:, start:stop] if axis == 1 else x[:, :, start:stop]


def _normalised(x: Tensor) -> Tensor:
    return x * ops.rsqrt(ops.mean(ops.square(x), axis=1, keepdims=True) + 1e-8)


def _lrelu(x: Tensor) -> Tensor:
    return ops.leaky_relu(x, negative_slope=0.2)


def _clamp(x: Tensor, limit: float) -> Tensor:
    return ops.clip(x, -limit, limit) if limit else x
