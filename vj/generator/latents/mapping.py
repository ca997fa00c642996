"""The mapping network in NumPy, for what is found out about a model without a stack of tensors. Pure."""

import math
from collections.abc import Mapping

import numpy as np

from vj.core.types import F32
from vj.generator.arch import Arch

_LR_MULTIPLIER = 0.01
_GAIN = math.sqrt(2.0)


def mapped(tensors: Mapping[str, F32], arch: Arch, z: F32) -> F32:
    """z f32[n, z_dim] → w f32[n, w_dim], not truncated; a conditional network is given no class.

    tensors  f32[…], named as `arch.tensors()` says. See `vj.generator.stylegan2.mapping`, which is the same.
    """
    x = _normalised(z)
    if arch.c_dim:
        none = np.broadcast_to(_normalised(tensors["mapping.embed.bias"][None]), (len(z), arch.w_dim))
        x = np.concatenate([x, none], axis=1)
    for i in range(arch.mapping_layers):
        weight, bias = (tensors[f"mapping.fc{i}.{kind}"] for kind in ("weight", "bias"))
        y = x @ weight.T * np.float32(_LR_MULTIPLIER / math.sqrt(weight.shape[1])) + bias * np.float32(_LR_MULTIPLIER)
        x = np.asarray(np.where(y < 0.0, 0.2 * y, y) * _GAIN, np.float32)
    return x


def _normalised(x: F32) -> F32:
    return np.asarray(x / np.sqrt(np.mean(np.square(x), axis=1, keepdims=True) + 1e-8), np.float32)
