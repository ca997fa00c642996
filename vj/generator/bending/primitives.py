"""What a compiled graph can do to a layer's features: read elsewhere, map values, look around, mix channels, add noise.

Written with `keras.ops`. Five primitives serve all bends because the graph holds a copy of them for every layer: with
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

#: Where the arguments begin in a row.
_FIRST = WIDTH - N_ARGUMENTS
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
    """The same of a row whose primitive is known to be `kind`, one of `spec.KINDS`.

    x f32[n, h, w, c], flow f32[2, FLOW_SIZE, FLOW_SIZE]; read  as `vj.generator.warp.resample` does
    """
    changed = read(x, _places(x, row, flow)) if kind == RESAMPLE else _primitives()[kind](x, row, flow)
    return ops.where(_chosen(x.shape[-1], row), changed, x)


def _primitives() -> tuple[_Bend, ...]:
    """In the order of their numbers in `spec`."""
    return _resample, _map, _neighbours, _noise, _channels


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
    """From where pixels are read, f32[2, h, w] in pixels; the arguments are those of `spec.resample`."""
    _, h, w, _ = x.shape
    by_y, by_x, shift, mirror, displace = ops.unstack(ops.reshape(row[_FIRST : _FIRST + 10], (5, 2, 1, 1)), 5)
    at = by_y * _centres(h)[:, None] + by_x * _centres(w) + shift
    at = at + mirror * (ops.abs(at) - at)
    at = at - displace * ops.matmul(resize_matrix(FLOW_SIZE, h), ops.matmul(flow, resize_matrix(FLOW_SIZE, w).T))
    return _in_pixels(_turned(at, *_parts(row)[1][10:13]), row[-1])


def _turned(at: Tensor, swirl: Tensor, fold: Tensor, mirrors: Tensor) -> Tensor:
    """Places f32[2, h, w] in −1 … 1, turned about the centre by `spec.resample`'s swirl and fold."""
    y, x = ops.unstack(at, 2)
    away, angle = ops.sqrt(y * y + x * x), ops.arctan2(y, x)
    sector = ops.reciprocal(mirrors) * math.pi
    folded = ops.abs(ops.mod(angle, 2.0 * sector) - sector)
    inside = ops.clip(1.0 - away, 0.0, 1.0)
    turn = fold * (folded - angle) - 2.0 * math.pi * swirl * inside * inside
    cos, sin = ops.cos(turn), ops.sin(turn)
    return ops.stack([y * cos + x * sin, x * cos - y * sin])


def _in_pixels(at: Tensor, border: Tensor) -> Tensor:
    """From −1 … 1 to pixel numbers, f32[2, h, w]; beyond the border mirrored, repeated, or what is there held."""
    _, h, w = at.shape
    mirrored = ops.abs(ops.mod(at - 1.0, 4.0) - 2.0)
    other = ops.where(border < 1.5, ops.mod(at + 1.0, 2.0), ops.clip(at + 1.0, 0.0, 2.0))
    half = np.asarray([h, w], np.float32)[:, None, None] / 2.0
    return ops.where(border < 0.5, mirrored, other) * half - 0.5


def _centres(size: int) -> F32:
    """Where an axis' pixels lie between −1 and 1."""
    out: F32 = ((2.0 * np.arange(size) + 1.0) / size - 1.0).astype(np.float32)
    return out


def _map(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    del flow
    scale, offset, mask, level, height, stepped, step, held, limit = _parts(row)[1][:9]
    x = (x + mask * (ops.cast(x > level, "float32") * height - x)) * scale + offset
    x = x + stepped * (ops.floor(x / step + 0.5) * step - x)
    return x + held * (ops.clip(x, -limit, limit) - x)


def _neighbours(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    del flow
    amount, sign, blur, sharpen = _parts(row)[1][:4]
    x = x * sign
    for step in (1, 2):
        share = ops.clip(amount - (step - 1.0), 0.0, 1.0)
        x = x + share * (_maximum(_maximum(x, step, 1), step, 2) - x)
    x = x * sign
    near = _blurred(x, 1)
    sharpened = x + sharpen * (x - near)
    x = sharpened + ops.clip(blur, 0.0, 1.0) * (near - x)
    return x + ops.clip(blur - 1.0, 0.0, 1.0) * (_blurred(x, 2) - x)


def _maximum(x: Tensor, step: int, axis: int) -> Tensor:
    """The maximum of each value and those `step` before and after it, within the border."""
    pad = [(0, 0)] * 4
    pad[axis] = (step, step)
    padded = ops.pad(x, pad, mode="constant", constant_values=-1e30)
    size = x.shape[axis]
    if axis == 1:
        return ops.maximum(x, ops.maximum(padded[:, :size], padded[:, 2 * step :]))
    return ops.maximum(x, ops.maximum(padded[:, :, :size], padded[:, :, 2 * step :]))


def _blurred(x: Tensor, step: int) -> Tensor:
    """[1, 2, 1] / 4 of each value and those `step` before and after it, along both axes; the border is held."""
    for axis in (1, 2):
        size = x.shape[axis]
        ends = (ops.take(x, np.asarray(at, np.int32), axis=axis) for at in ([0] * step, [size - 1] * step))
        first, last = ends
        wide = ops.concatenate([first, x, last], axis=axis)
        before = wide[:, :size] if axis == 1 else wide[:, :, :size]
        after = wide[:, 2 * step :] if axis == 1 else wide[:, :, 2 * step :]
        x = 0.5 * x + 0.25 * (before + after)
    return x


def _channels(x: Tensor, row: Tensor, flow: Tensor) -> Tensor:
    """x times a matrix f32[c, c], in which 1 on the diagonal leaves a channel as it is."""
    del flow
    roll, shuffle, mix, seed = _parts(row)[1][:4]
    c = x.shape[-1]
    own = np.eye(c, dtype=np.float32)
    # How far before itself each channel (a column) has the others (rows), around all.
    before = (np.arange(c) - np.arange(c)[:, None]).astype(np.float32) % c
    off = ops.abs(ops.mod(-(ops.mod(roll, 1.0) * c) + before + c / 2.0, float(c)) - c / 2.0)
    rolled = ops.clip(1.0 - off, 0.0, 1.0) - own
    mixed = _mixed(ops.cast(seed, "int32") + _numbers(c, 1))
    place = ops.sum(ops.cast(mixed < mixed[:, None], "int32"), axis=1)
    # Each has the one that comes after it in the shuffled order: all in one round, so that none keeps its place.
    shuffled = ops.cast(ops.equal(place[:, None], ops.mod(place + 1, c)), "float32") - own
    bits = _mixed(ops.cast(seed, "int32") + _numbers(c, 2)[:, None] + _numbers(c, 3))
    # Evenly between ±√3/√c: the squares of a column add up to 1 on average.
    even = (ops.cast(ops.bitwise_and(bits, 0xFFFF), "float32") + 0.5) / 32768.0 - 1.0
    return x + ops.matmul(x, rolled + shuffle * shuffled + (mix * math.sqrt(3.0 / c)) * even)


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
