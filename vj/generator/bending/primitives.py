"""What a compiled graph can do to a layer's features: resample, map values, grow, add noise.

Written with `keras.ops`. Four primitives serve all bends because the graph holds a copy of them for every layer: with
a branch per bend it took half a minute to trace and compile. For the same reason each is written in few operations.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vj.core.types import F32, FLOW_SIZE
from vj.generator import ops
from vj.generator.bending import NOWHERE, WIDTH
from vj.generator.bending.spec import N_ARGUMENTS, RESAMPLE
from vj.generator.warp import Tensor, resample, resize_matrix

#: (x f32[n, h, w, c], a row, flow f32[2, FLOW_SIZE, FLOW_SIZE]) → x with that row's bend.
_Bend: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor]
#: (x f32[n, h, w, c], places f32[2, h, w] in pixels) → x read there.
Read: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def bender(
    values: Tensor, flow: Tensor, share: Callable[[_Bend], _Bend] = lambda bend: bend
) -> Callable[[int, Tensor], Tensor]:
    """The function (site, x f32[n, h, w, c]) → x with the bends of that site applied in turn, for one frame.

    values f32[N_VALUES] as `bending.pack` makes it, flow f32[FLOW_SIZE, FLOW_SIZE, 2]. Sites without a bend cost a
    comparison. `share` wraps the function that all layers have in common, so that layers of one shape share its trace:
    `tf.function`, where starting quickly matters.
    """
    one = share(_one)
    rows = ops.reshape(values, (-1, WIDTH))
    # Rows are sorted by site: those of site s are begins[s] … begins[s + 1] − 1.
    sites = np.arange(NOWHERE + 1, dtype=np.float32)
    begins = ops.unstack(ops.sum(ops.cast(rows[:, :1] < sites, "int32"), axis=0), len(sites))
    flow = ops.transpose(flow, (2, 0, 1))

    def bend(site: int, x: Tensor) -> Tensor:
        return ops.fori_loop(begins[site], begins[site + 1], lambda k, x: one(x, ops.take(rows, k, axis=0), flow), x)

    return bend


def _one(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    """x with one row's primitive applied to its channels."""
    branches = [partial(primitive, x, row, flow) for primitive in _primitives()]
    changed = ops.switch(ops.cast(row[1], "int32"), branches)
    return ops.where(_chosen(x.shape[-1], row), changed, x)


def bent(kind: int, x: Tensor, row: Tensor, flow: Tensor, read: Read = resample) -> Tensor:
    """The same of a row whose primitive is known to be `kind` (RESAMPLE, MAP, GROW or NOISE of `spec`).

    x f32[n, h, w, c], flow f32[2, FLOW_SIZE, FLOW_SIZE]; read  as `vj.generator.warp.resample` does
    """
    changed = read(x, _places(x, row, flow)) if kind == RESAMPLE else _primitives()[kind](x, row, flow)
    return ops.where(_chosen(x.shape[-1], row), changed, x)


def _primitives() -> tuple[_Bend, ...]:
    """In the order of their numbers in `spec`."""
    return _resample, _map, _grow, _noise


def _parts(row: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """A row's channels from, to and seed, and its arguments.

    Taken apart where they are read: branches of a graph pay for every tensor that they see.
    """
    _, _, *channels = ops.unstack(row, WIDTH)
    return channels[:3], channels[3:]


def _chosen(channels: int, row: Tensor) -> Tensor:
    """bool[channels]: those whose place, in order or shuffled by the seed, lies between the two ends."""
    (lo, hi, seed), _ = _parts(row)
    in_order = np.arange(channels, dtype=np.float32)
    mixed = _mixed(ops.cast(seed, "int32") + _numbers(channels, 0))
    shuffled = ops.sum(ops.cast(mixed < mixed[:, None], "float32"), axis=1)
    place = (ops.where(seed < 0.5, in_order, shuffled) + 0.5) / channels
    return ops.logical_and(place >= lo, place < hi + 1e-6)


def _resample(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    """x read from elsewhere."""
    return resample(x, _places(x, row, flow))


def _places(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    """From where pixels are read, f32[2, h, w] in pixels; the arguments are five (y, x) pairs, see `spec.resample`."""
    _, h, w, _ = x.shape
    by_y, by_x, shift, mirror, displace = ops.unstack(ops.reshape(row[-N_ARGUMENTS:], (5, 2, 1, 1)), 5)
    at = by_y * _centres(h)[:, None] + by_x * _centres(w) + shift
    at = at + mirror * (ops.abs(at) - at)
    at = at - displace * ops.matmul(resize_matrix(FLOW_SIZE, h), ops.matmul(flow, resize_matrix(FLOW_SIZE, w).T))
    # From −1 … 1 to pixel numbers, going back and forth beyond the border.
    half = np.asarray([h, w], np.float32)[:, None, None] / 2.0
    return ops.abs(ops.mod(at - 1.0, 4.0) - 2.0) * half - 0.5


def _centres(size: int) -> F32:
    """Where an axis' pixels lie between −1 and 1."""
    out: F32 = ((2.0 * np.arange(size) + 1.0) / size - 1.0).astype(np.float32)
    return out


def _map(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    del flow
    scale, offset, mask, level, height = _parts(row)[1][:5]
    return (x + mask * (ops.cast(x > level, "float32") * height - x)) * scale + offset


def _grow(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    del flow
    amount, sign = _parts(row)[1][:2]
    x = x * sign
    for step in (1, 2):
        share = ops.clip(amount - (step - 1.0), 0.0, 1.0)
        x = x + share * (_maximum(_maximum(x, step, 1), step, 2) - x)
    return x * sign


def _maximum(x: Tensor, step: int, axis: int) -> Tensor:
    """The maximum of each value and those `step` before and after it, within the border."""
    pad = [(0, 0)] * 4
    pad[axis] = (step, step)
    padded = ops.pad(x, pad, mode="constant", constant_values=-1e30)
    size = x.shape[axis]
    if axis == 1:
        return ops.maximum(x, ops.maximum(padded[:, :size], padded[:, 2 * step :]))
    return ops.maximum(x, ops.maximum(padded[:, :, :size], padded[:, :, 2 * step :]))


def _noise(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    """Box and Muller's transform of two hashed numbers per value; turning its angle keeps the distribution.

    Sixteen bits for each number: no value lies beyond 4.9 sigma.
    """
    del flow
    (*_, seed), (sigma, phase, *_) = _parts(row)
    _, h, w, c = x.shape
    # The seed joins first: of constants alone XLA would make tens of megabytes of folded noise.
    place = ops.cast(seed, "int32") + _numbers(h, 1)[:, None, None] + _numbers(w, 2)[:, None] + _numbers(c, 3)
    mixed = _mixed(place)
    u, angle = (
        (ops.cast(bits, "float32") + 0.5) / 65536.0 for bits in (_shifted(mixed, 16), ops.bitwise_and(mixed, 0xFFFF))
    )
    return x + sigma * ops.sqrt(-2.0 * ops.log(u)) * ops.cos(2.0 * math.pi * (angle + phase))


#: Odd multipliers that scatter neighbouring numbers over 32 bits.
_SCATTER = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F)


def _numbers(count: int, axis: int) -> npt.NDArray[np.int32]:
    """i32[count]: 0, 1, 2 … scattered, differently for each axis."""
    return (np.arange(count, dtype=np.uint64) * _SCATTER[axis]).astype(np.uint32).view(np.int32)


def _mixed(x: Tensor) -> Tensor:
    """A well mixed hash of i32 tensors, the same on every stack (the finaliser of Steele and others' SplitMix).

    Products wrap around.
    """
    x = ops.bitwise_xor(x, _shifted(x, 16)) * 0x7FEB352D
    x = ops.bitwise_xor(x, _shifted(x, 15)) * (0x846CA68B - (1 << 32))
    return ops.bitwise_xor(x, _shifted(x, 16))


def _shifted(x: Tensor, bits: int) -> Tensor:
    """Right shift that brings in zeros."""
    return ops.bitwise_and(ops.right_shift(x, bits), (1 << (32 - bits)) - 1)
