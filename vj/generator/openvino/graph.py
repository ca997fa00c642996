"""The network and the bends as OpenVINO graphs, from the functions that XLA compiles too.

Keras builds the graphs, on its OpenVINO backend: needed only where the cache holds no program yet. Choose the
backend (`use_keras`) before Keras is imported. Tensors between graphs are float32, NHWC; inside a graph features
lie channels first, as the library's convolutions are written; its kernels move them to where they want them.
"""

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vj.core.types import F32, FLOW_SIZE
from vj.generator import bending, ops, stylegan2
from vj.generator.arch import Arch
from vj.generator.engine import finished, turned_noise
from vj.generator.openvino.cuts import Piece
from vj.generator.stylegan2 import Passing, Tensor, Weights
from vj.generator.warp import resample

#: Features of so many channels are resampled by the library's own operation, in a third of the time of gathering,
#: which it does number by number there.
_NARROW = 16
_BLUR = np.asarray([1.0, 3.0, 3.0, 1.0], np.float32) / 4.0


def use_keras() -> bool:
    """Have Keras build OpenVINO's graphs in this process; False where it is at work for another library already."""
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "openvino"
    return str(importlib.import_module("keras").backend.backend()) == "openvino"


@dataclass(frozen=True, slots=True)
class ChannelsFirst(stylegan2.Arithmetic):
    """The steps that take the time, as this library is fastest at them.

    A transposed convolution, then the blur as one depthwise 4×4: by two thirds of what nine products and shifts take
    here. Inside a piece the last transposition of a layer meets the first of the next, and the library takes both out.
    At a piece's ends it takes one out where it lies beside the convolution, so what is done to each value comes before
    it there, and in bfloat16 after it as well: by a third, and by half, of a layer's time.

    enters  the features come from outside the piece; leaves  they go outside, from bfloat16
    """

    enters: bool = False
    leaves: bool = False

    def convolved(self, x: Tensor, style: Tensor, kernel: Tensor, *, up: bool) -> Tensor:
        """As the base class says; but where nothing leaves f32[n, o, h, w] comes out, for `activated`."""
        x = self._styled(x, style)
        if up:
            x = _transposed(x, ops.transpose(kernel, (2, 3, 0, 1)), pad=0)
            x = _depthwise(x, np.outer(_BLUR, _BLUR), pad=1)
        else:
            x = _convolution(x, ops.transpose(kernel, (3, 2, 0, 1)), pad=1)
        return _channels_last(x) if self.leaves else x

    def activated(
        self, x: Tensor, scale: Tensor, noise: Tensor | None, bias: Tensor, gain: float, clamp: float, *, up: bool
    ) -> Tensor:
        """As the base class says, of what `convolved` gave; f32[n, h, w, o] comes out."""
        del up
        if self.leaves:
            return stylegan2.activation(x, scale, noise, bias, gain, clamp)
        noise = None if noise is None else _channels_first(noise)
        scale, bias = scale[:, :, None, None], bias[:, None, None]
        return _channels_last(stylegan2.broadcast_activation(x, scale, noise, bias, gain, clamp))

    def coloured(self, x: Tensor, style: Tensor, kernel: Tensor, bias: Tensor, clamp: float) -> Tensor:
        """As the base class says: f32[n, h, w, 3]."""
        rgb = _convolution(self._styled(x, style), ops.transpose(kernel)[:, :, None, None], pad=0)
        rgb = _channels_last(rgb) + bias
        return ops.clip(rgb, -clamp, clamp) if clamp else rgb

    def _styled(self, x: Tensor, style: Tensor) -> Tensor:
        if self.enters:
            return _channels_first(x * style[:, None, None, :])
        return _channels_first(x) * style[:, :, None, None]

    def doubled(self, picture: Tensor) -> Tensor:
        """As the base class says: f32[n, h, w, c] → f32[n, 2h, 2w, c]."""
        channels = picture.shape[-1]
        apart = np.eye(channels, dtype=np.float32)[:, :, None, None] * np.outer(_BLUR, _BLUR)
        return _channels_last(_transposed(_channels_first(picture), apart, pad=1))


class Inputs:
    """The inputs of a graph, made when they are asked for."""

    def __init__(self) -> None:
        self._nodes: dict[str, Any] = {}
        self._tensors: dict[str, Tensor] = {}

    def get(self, name: str, *shape: int) -> Tensor:
        """The input f32[shape] of that name; −1 is a size that may change."""
        from keras.src.backend.openvino.core import OpenVINOKerasTensor
        from openvino import opset15

        if name not in self._nodes:
            node = opset15.parameter(list(shape), np.float32, name=name)
            node.output(0).set_names({name})
            self._nodes[name], self._tensors[name] = node, OpenVINOKerasTensor(node.output(0))
        return self._tensors[name]

    def model(self, name: str, results: Mapping[str, Tensor]) -> Any:
        """The graph from these inputs to these results, f32[…] or u8[…]."""
        import openvino

        outputs = []
        for result, tensor in results.items():
            output = _output(tensor)
            output.add_names({result})
            outputs.append(output)
        return openvino.Model(outputs, list(self._nodes.values()), name)


def mapping(p: Weights, arch: Arch) -> Any:
    """z f32[n, z_dim] (and "label" f32[n, c_dim]) → w f32[n, w_dim]."""
    inputs = Inputs()
    label = inputs.get("label", -1, arch.c_dim) if arch.c_dim else None
    return inputs.model("mapping", {"w": stylegan2.mapping(p, arch, inputs.get("z", -1, arch.z_dim), label)})


def piece(p: Weights, arch: Arch, part: Piece, precision: str) -> Any:
    """A stretch of the synthesis network: what `cuts.Piece` says comes in, what it says goes out.

    precision  in which it is to be computed, "f32" or "bf16"
    """
    inputs = Inputs()
    ws = inputs.get("ws", arch.num_ws, arch.w_dim)[None]
    passed = Passing(stylegan2.constant(p, 1))
    if part.first:
        given = {name: inputs.get(name, *shape) for name, shape in part.inputs(arch).items()}
        passed = Passing(given.get("x"), given.get("picture"), given.get("residual"))
    for site in range(part.first, part.last):
        steps = ChannelsFirst(site == part.first, site == part.last - 1 and precision == "bf16")
        if site > arch.n_conv:
            picture: Any = passed.picture
            rgba, finite = finished(picture[0])
            return inputs.model(str(part), {"rgba": rgba, "finite": finite})
        if site % 2:
            passed = stylegan2.coloured_block(p, arch, arch.noise_sides[site - 1], passed, ws, steps)
        if site < arch.n_conv:
            noises = [None] * site + [_noise(inputs, arch, site)]
            passed = stylegan2.convolved_layer(p, arch, site, passed, ws, noises, steps)
    return inputs.model(str(part), {f"next {name}": getattr(passed, name) for name in part.outputs(arch)})


def bend(shape: tuple[int, ...], kind: int) -> Any:
    """x f32[shape], a row and the flow f32[2, FLOW_SIZE, FLOW_SIZE] → x with the row's bend of that kind."""
    from vj.generator.bending.primitives import bent

    inputs = Inputs()
    x, row, flow = (
        inputs.get("x", *shape),
        inputs.get("row", bending.WIDTH),
        inputs.get("flow", 2, FLOW_SIZE, FLOW_SIZE),
    )
    read = _sampled if shape[-1] <= _NARROW else resample
    return inputs.model(f"bend {kind}", {"bent": bent(kind, x, row, flow, read)})


def _noise(inputs: Inputs, arch: Arch, layer: int) -> Tensor:
    side = arch.noise_sides[layer]
    turns, sigma = inputs.get("turns", arch.n_conv), inputs.get("sigma", arch.n_conv)
    first, second = (inputs.get(f"field{side}.{k}", side, side) for k in (0, 1))
    return turned_noise(first, second, turns[layer], sigma[layer])


def _output(tensor: Tensor) -> Any:
    from keras.src.backend.openvino.core import get_ov_output

    return get_ov_output(tensor)


def _wrapped(node: Any) -> Tensor:
    from keras.src.backend.openvino.core import OpenVINOKerasTensor

    return OpenVINOKerasTensor(node.output(0))


def _sampled(x: Tensor, at: Tensor) -> Tensor:
    """What `warp.resample` does, by an operation that the library has for it: x f32[n, h, w, c], at f32[2, p, q]."""
    from openvino import opset15

    size = np.asarray(x.shape[1:3], np.float32)[:, None, None]
    places = ops.transpose(ops.flip((2.0 * at + 1.0) / size - 1.0, axis=0), (1, 2, 0))[None]
    how = {"align_corners": False, "mode": "bilinear", "padding_mode": "border"}
    return _channels_last(_wrapped(opset15.grid_sample(_output(_channels_first(x)), _output(places), how)))


def _channels_first(x: Tensor) -> Tensor:
    return ops.transpose(x, (0, 3, 1, 2))


def _channels_last(x: Tensor) -> Tensor:
    return ops.transpose(x, (0, 2, 3, 1))


def _convolution(x: Tensor, kernel: Tensor, pad: int) -> Tensor:
    """x f32[n, i, h, w] by a kernel f32[o, i, k, k]."""
    from openvino import opset15

    around = [pad, pad]
    return _wrapped(opset15.convolution(_output(x), _output(kernel), [1, 1], around, around, [1, 1]))


def _transposed(x: Tensor, kernel: Tensor | F32, pad: int) -> Tensor:
    """x f32[n, i, h, w] by a kernel f32[i, o, k, k], transposed, with a stride of two."""
    from openvino import opset15

    around = [pad, pad]
    node = opset15.convolution_backprop_data(_output(x), _output(kernel), [2, 2], pads_begin=around, pads_end=around)
    return _wrapped(node)


def _depthwise(x: Tensor, kernel: F32, pad: int) -> Tensor:
    """x f32[n, c, h, w], each channel by the same kernel f32[k, k]."""
    from openvino import opset15

    each = np.repeat(kernel.astype(np.float32)[None, None, None], x.shape[1], axis=0)
    around = [pad, pad]
    return _wrapped(opset15.group_convolution(_output(x), _output(each), [1, 1], around, around, [1, 1]))
