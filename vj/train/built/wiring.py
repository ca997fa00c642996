"""Layers of a StyleGAN2 from what their channels shall mean.

A channel carries a quantity times a scale that is known. A row says of which quantities a new one is the sum; its
weights, its demodulation and the scale of what comes out follow. There are no biases but a channel that is 1
everywhere, so that a factor common to all channels (of the zeros around a layer, of demodulation) does no harm. Four
channels that are 0 everywhere take weights of either sign: two so that rows of a group share one norm, whatever their
sums are, and two with a style, for norms that would change with the controls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vj.core.types import F32

ONE = "one"
DEAD = ("dead+", "dead-", "rest+", "rest-")
#: Leaky ReLU's slope below 0, and its gain.
SLOPE, GAIN = 0.2, float(np.sqrt(2.0))
#: How much larger than that of its largest row the energy of a group is.
_ROOM = 1.04
#: Exponent of a toRGB's factor that its weights take; its styles take the rest.
_WEIGHTS_SHARE = 0.7
_CENTRE = np.zeros((3, 3), np.float32)
_CENTRE[1, 1] = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """What a channel is multiplied by: a constant and multiples of controls."""

    constant: float = 1.0
    controls: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A new channel: the leaky ReLU of Σ weight · quantity. A weight is a number, or one for each tap, f32[3, 3].

    group  rows of one group are divided by one norm
    """

    name: str
    weights: Mapping[str, float | F32]
    group: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Names of the numbers that w says, in order, with mean and standard deviation f32[n] of each.

    w_dim  length of w, whose first n numbers are the controls with mean 0 and deviation 1
    """

    names: tuple[str, ...]
    mean: F32
    deviation: F32
    w_dim: int

    def affine(self, style: Style) -> tuple[F32, float]:
        """(weight f32[w_dim], bias) of a style."""
        weight, bias = np.zeros(self.w_dim, np.float32), style.constant
        for name, factor in style.controls.items():
            i = self.names.index(name)
            weight[i] += factor * self.deviation[i] * np.sqrt(self.w_dim)
            bias += factor * float(self.mean[i])
        return weight, bias


@dataclass(frozen=True, slots=True)
class Channels:
    """What comes out of a layer: the scale of each channel by name, in order, and how many there are in all."""

    scales: Mapping[str, float]
    width: int


Tensors = dict[str, F32]


def layer(
    name: str,
    below: Channels,
    wide: int,
    rows: Sequence[Row],
    styles: Mapping[str, Style],
    of: Controls,
    rooms: Mapping[str, float] | None = None,
) -> tuple[Tensors, Channels]:
    """Tensors of a convolution `name` to `wide` channels, but for its noise, and what comes out of it.

    styles  of channels of `below`; the others' is 1
    rooms   for groups whose rows' energy is mostly of styles that move: how much more they are given that does not, so
            that their norm hardly moves
    Raises ValueError where there are more rows than channels.
    """
    if len(rows) + len(DEAD) > wide:
        raise ValueError(f"{name}: found {len(rows) + len(DEAD)} channels, expected at most {wide}")
    affine_weight, affine_bias = _affines(below, styles, of)
    strength = np.square(affine_bias) + np.square(affine_weight).sum(1) / of.w_dim
    weight = _kernels(below, wide, rows)
    energy = np.einsum("oikl,i->o", np.square(weight), strength)
    _level(weight, energy, rows, rooms or {})
    # Demodulation makes every row one of norm 1; written so, half precision holds it.
    live = slice(len(DEAD), len(DEAD) + len(rows))
    weight[live] /= np.sqrt(energy[live, None, None, None])
    scales = {row.name: GAIN / float(np.sqrt(e)) for row, e in zip(rows, energy[live], strict=True)}
    tensors = {
        f"{name}.weight": weight,
        f"{name}.bias": np.zeros(wide, np.float32),
        f"{name}.affine.weight": affine_weight,
        f"{name}.affine.bias": affine_bias,
    }
    return tensors, Channels(dict.fromkeys(DEAD, 1.0) | scales, wide)


def to_rgb(
    name: str, below: Channels, colours: Mapping[str, Sequence[float]], styles: Mapping[str, Style], of: Controls
) -> Tensors:
    """Tensors of a toRGB that adds each named quantity in its colour, times its style."""
    affine_weight, affine_bias = _affines(below, styles, of)
    weight = np.zeros((3, below.width, 1, 1), np.float32)
    places = {name: i for i, name in enumerate(below.scales)}
    for source, colour in colours.items():
        i, factor = places[source], np.sqrt(below.width) / below.scales[source]
        # Some of the factor each, as half precision ends at 65504 and styles are large already.
        weight[:, i, 0, 0] = np.array(colour) * factor**_WEIGHTS_SHARE
        affine_weight[i] *= factor ** (1.0 - _WEIGHTS_SHARE)
        affine_bias[i] *= factor ** (1.0 - _WEIGHTS_SHARE)
    return {
        f"{name}.weight": weight,
        f"{name}.bias": np.zeros(3, np.float32),
        f"{name}.affine.weight": affine_weight,
        f"{name}.affine.bias": affine_bias,
    }


def _affines(below: Channels, styles: Mapping[str, Style], of: Controls) -> tuple[F32, F32]:
    weight, bias = np.zeros((below.width, of.w_dim), np.float32), np.ones(below.width, np.float32)
    for i, name in enumerate(below.scales):
        if name in styles:
            weight[i], bias[i] = of.affine(styles[name])
    return weight, bias


def _kernels(below: Channels, wide: int, rows: Sequence[Row]) -> F32:
    weight = np.zeros((wide, below.width, 3, 3), np.float32)
    places = {name: i for i, name in enumerate(below.scales)}
    for o, row in enumerate(rows, len(DEAD)):
        for source, factor in row.weights.items():
            taps = factor if isinstance(factor, np.ndarray) else factor * _CENTRE
            weight[o, places[source]] = taps / below.scales[source]
    return weight


def _level(weight: F32, energy: F32, rows: Sequence[Row], rooms: Mapping[str, float]) -> None:
    """Give all rows of a group one norm, in place, by weights on the channels that are 0."""
    for group in {row.group for row in rows} - {""}:
        members = [o for o, row in enumerate(rows, len(DEAD)) if row.group == group]
        most = rooms.get(group, _ROOM) * energy[members].max()
        lacking = np.sqrt((most - energy[members]) / 2.0)
        weight[members, 0, 1, 1], weight[members, 1, 1, 1] = lacking, -lacking
        energy[members] = most
