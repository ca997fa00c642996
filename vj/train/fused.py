"""How the heavy steps of both networks are computed while training.

A training step as one XLA program is slow on a CPU (XLA's convolution gradients are), and one without XLA spends most
of its time passing over memory between convolutions. So convolutions stay outside, in bfloat16 where asked, and what
lies between two of them is one fused program each.
"""

from collections.abc import Callable
from typing import Any

from vj.generator import ops
from vj.generator.stylegan2 import Arithmetic, Tensor, activation, upsample

#: Wraps a function of tensors into one compiled program (`tf.function(jit_compile=True)`), or returns it as it is.
Fuse = Callable[[Callable[..., Any]], Callable[..., Any]]


def unfused(function: Callable[..., Any]) -> Callable[..., Any]:
    """The `Fuse` that leaves functions alone: for JAX, which compiles the whole step, and for float64 tests."""
    return function


class Fused(Arithmetic):
    """The steps of `Arithmetic` for training, and those that only a discriminator has.

    dtype  of activations between the fused programs and of convolutions: "float32", "bfloat16" or "float16"; weights,
           styles, sums and pictures stay float32
    """

    def __init__(self, fuse: Fuse = unfused, dtype: str = "float32") -> None:
        self._dtype = dtype
        self._fuse = fuse
        self._scaled = fuse(self._scale)
        self._doubled = fuse(upsample)
        self._coloured = fuse(self._colour)
        self._blurred = fuse(self._blur)
        self._rectified = fuse(self._rectify)
        self._shifted = fuse(self._shift)
        self._activations: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def convolved(self, x: Tensor, style: Tensor, kernel: Tensor, *, up: bool) -> Tensor:
        """As `Arithmetic`, x any[n, h, w, i] → [n, h, w, o] in `dtype`.

        With `up` the blur is left to `activated`: [n, 2h + 1, 2w + 1, o].
        """
        x = self._scaled(x, style)
        if not up:
            return self.conv(x, kernel)
        kernel = ops.cast(ops.transpose(kernel, (0, 1, 3, 2)), self._dtype)
        return ops.conv_transpose(x, kernel, strides=2, padding="valid", data_format="channels_last")

    def activated(
        self, x: Tensor, scale: Tensor, noise: Tensor | None, bias: Tensor, gain: float, clamp: float, *, up: bool
    ) -> Tensor:
        """As `Arithmetic`, x any[n, h, w, o] → the same shape in `dtype`.

        With `up` x is any[n, 2h + 1, 2w + 1, o], blurred to [n, 2h, 2w, o] first.
        """
        key = (noise is None, gain, clamp, up)
        if key not in self._activations:
            self._activations[key] = self._fuse(self._activation(*key))
        return (
            self._activations[key](x, scale, bias) if noise is None else self._activations[key](x, scale, bias, noise)
        )

    def coloured(self, x: Tensor, style: Tensor, kernel: Tensor, bias: Tensor, clamp: float) -> Tensor:
        """As `Arithmetic`, x any[n, h, w, i] → colours f32[n, h, w, 3]."""
        colours = self._coloured(x, style, kernel, bias)
        return ops.clip(colours, -clamp, clamp) if clamp else colours

    def doubled(self, picture: Tensor) -> Tensor:
        """`upsample`: f32[n, h, w, c] → f32[n, 2h, 2w, c]."""
        return self._doubled(picture)

    def conv(self, x: Tensor, kernel: Tensor, strides: int = 1) -> Tensor:
        """Convolution of any[n, h, w, i] by f32[k, k, i, o], in `dtype`; "same" at stride 1, "valid" at stride 2."""
        x, kernel = ops.cast(x, self._dtype), ops.cast(kernel, self._dtype)
        padding = "same" if strides == 1 else "valid"
        return ops.conv(x, kernel, strides=strides, padding=padding, data_format="channels_last")

    def biased(self, x: Tensor, bias: Tensor, gain: float, clamp: float) -> Tensor:
        """clamp(gain · √2 · lrelu(x + bias)) of x any[n, h, w, c] with bias f32[c], in `dtype`.

        It follows the discriminator's convolutions.
        """
        key = ("biased", gain, clamp)
        if key not in self._activations:
            self._activations[key] = self._fuse(self._bias_activation(gain, clamp))
        return self._activations[key](x, bias)

    def blurred(self, x: Tensor, pad: int) -> Tensor:
        """`blur` of any[n, h, w, c], in `dtype`: [n, h + 2·pad − 3, w + 2·pad − 3, c]."""
        return self._blurred(x, pad)

    def depthwise(self, x: Tensor, kernel: Tensor, strides: int = 1) -> Tensor:
        """Convolution of every map any[n, h, w, c] by itself, by f32[k, k, c, 1], in float32; "same"."""
        x = ops.cast(x, kernel.dtype)
        return ops.depthwise_conv(x, kernel, strides=strides, padding="same", data_format="channels_last")

    def rectified(self, x: Tensor, bias: Tensor) -> Tensor:
        """ReLU6 of x any[n, h, w, c] + bias f32[c], in `dtype`."""
        return self._rectified(x, bias)

    def shifted(self, x: Tensor, bias: Tensor) -> Tensor:
        """X any[n, h, w, c] + bias f32[c], in `dtype`."""
        return self._shifted(x, bias)

    def _rectify(self, x: Tensor, bias: Tensor) -> Tensor:
        return ops.cast(ops.clip(ops.cast(x, bias.dtype) + bias, 0.0, 6.0), self._dtype)

    def _shift(self, x: Tensor, bias: Tensor) -> Tensor:
        return ops.cast(ops.cast(x, bias.dtype) + bias, self._dtype)

    def _scale(self, x: Tensor, style: Tensor) -> Tensor:
        return ops.cast(ops.cast(x, style.dtype) * style[:, None, None, :], self._dtype)

    def _colour(self, x: Tensor, style: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        x = ops.cast(ops.cast(x, style.dtype) * style[:, None, None, :], self._dtype)
        return ops.cast(ops.matmul(x, ops.cast(kernel, self._dtype)), bias.dtype) + bias

    def _blur(self, x: Tensor, pad: int) -> Tensor:
        return ops.cast(blur(ops.cast(x, _wide(self._dtype)), pad), self._dtype)

    def _activation(self, silent: bool, gain: float, clamp: float, up: bool) -> Callable[..., Any]:
        def activate(x: Tensor, scale: Tensor, bias: Tensor, noise: Tensor | None = None) -> Tensor:
            x = ops.cast(x, scale.dtype)
            x = blur(x, 1) * 4.0 if up else x
            return ops.cast(activation(x, scale, noise, bias, gain, clamp), self._dtype)

        return activate

    def _bias_activation(self, gain: float, clamp: float) -> Callable[..., Any]:
        def activate(x: Tensor, bias: Tensor) -> Tensor:
            x = ops.cast(x, bias.dtype)
            return ops.cast(activation(x, ops.ones((1, 1), bias.dtype), None, bias, gain, clamp), self._dtype)

        return activate


def blur(x: Tensor, pad: int) -> Tensor:
    """any[n, h, w, c] with `pad` zeros around, blurred by [1, 3, 3, 1]² / 64: [n, h + 2·pad − 3, w + 2·pad − 3, c].

    Its gradient is a blur again.
    """

    def blurred(x: Tensor) -> Any:
        def gradient(*args: Tensor, upstream: Tensor | None = None) -> Tensor:
            return blur(args[0] if upstream is None else upstream, 3 - pad)

        return _taps(x, pad), gradient

    return ops.custom_gradient(blurred)(x)


def _taps(x: Tensor, pad: int) -> Tensor:
    x = ops.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    x = 0.125 * (x[:, :-3] + x[:, 3:]) + 0.375 * (x[:, 1:-2] + x[:, 2:-1])
    return 0.125 * (x[:, :, :-3] + x[:, :, 3:]) + 0.375 * (x[:, :, 1:-2] + x[:, :, 2:-1])


def _wide(dtype: str) -> str:
    """Sums of half-precision values are made in float32."""
    return "float32" if dtype in ("bfloat16", "float16") else dtype
