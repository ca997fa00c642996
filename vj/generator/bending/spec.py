"""What a bend is. Pure, without TensorFlow: processes that never run the network read the parameters from here.

Broad, Leymarie, Grierson, "Network Bending: Expressive Manipulation of Generative Models in Multiple Domains", 2021.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from vj.params.spec import Param

#: What the compiled graph can do to a layer; see `vj.generator.bending.primitives`.
KINDS = RESAMPLE, MAP, NEIGHBOURS, NOISE, CHANNELS = range(5)
#: Numbers that one primitive reads. The last is the border's for all that read pixels from elsewhere.
N_ARGUMENTS = 14

#: The primitive, and its numbers.
Encoded: TypeAlias = tuple[int, tuple[float, ...]]
_Matrix: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Bend:
    """One transform of a layer's features.

    encode   turns its amounts, in the order of `amounts`, into one of the graph's primitives and its numbers
    amounts  its parameters, whose defaults are neutral: there the bend is the identity and costs nothing
    drives   how many of the first amounts must leave their default before the bend does anything
    layer    where it sits by default: 0 the 4×4 layer, 1 the finished picture
    """

    name: str
    encode: Callable[..., Encoded]
    amounts: tuple[Param, ...]
    layer: float = 0.4
    drives: int = 1

    @property
    def params(self) -> tuple[Param, ...]:
        """The amounts, then which layer and which channels."""
        base = f"bend/{self.name}/"
        return (
            *self.amounts,
            Param(base + "layer", self.layer, doc="Depth of the bent layer: 0 the coarsest, 1 the finished picture."),
            Param(base + "channels_lo", 0.0, doc="The bent channels begin at this share of all …"),
            Param(base + "channels_hi", 1.0, doc="… and end at this one."),
            Param(base + "channels_seed", 0.0, 0.0, 999.0, doc="0 takes the channels in order, others shuffle them."),
        )


def resample(
    matrix: _Matrix = (1.0, 0.0, 0.0, 1.0),
    shift: tuple[float, float] = (0.0, 0.0),
    mirror: tuple[float, float] = (0.0, 0.0),
    displace: float = 0.0,
    swirl_turns: float = 0.0,
    fold: float = 0.0,
    mirrors: float = 6.0,
) -> Encoded:
    """Read each pixel from elsewhere: (y, x) → matrix · (y, x) + shift, folded by `mirror`, less displace · flow.

    Coordinates run from −1 to 1 across the picture. The arguments are pairs (y, x): what comes of y, what comes of x,
    the shift, the fold, the displacement; then

    swirl_turns  the picture turns clockwise about its centre, by so much there and by nothing at a distance of 1
    fold         share of a kaleidoscope with so many `mirrors`: pairs of sectors that are each other's mirror image
    """
    yy, yx, xy, xx = matrix
    pairs = yy, xy, yx, xx, *shift, *mirror, displace, displace
    return RESAMPLE, (*pairs, swirl_turns, fold, mirrors)


def value_map(
    scale: float = 1.0, offset: float = 0.0, mask: float = 0.0, level: float = 0.0, height: float = 1.0,
    stepped: float = 0.0, step: float = 1.0, held: float = 0.0, limit: float = 1.0,
) -> Encoded:  # fmt: skip
    """Change each value alone: x → (1 − mask) · x + mask · height · [x > level], · scale + offset, then by shares.

    stepped  share of what is rounded to whole steps of `step`; held: share of what is held within ±limit
    """
    return MAP, (scale, offset, mask, level, height, stepped, step, held, limit)


def neighbours(amount: float = 0.0, sign: float = 1.0, blur: float = 0.0, sharpen: float = 0.0) -> Encoded:
    """What the pixels around each have to say.

    amount   maximum (sign 1) or minimum (sign −1) over a square: 3×3 pixels at 1, 7×7 at 2, faded between
    blur     over 3×3 pixels at 1, over 7×7 at 2, faded between; sharpen: so many times what 3×3 would blur away
    """
    return NEIGHBOURS, (amount, sign, blur, sharpen)


def noise(sigma: float, phase_turns: float) -> Encoded:
    """Add normal noise; a whole turn of the phase brings the same noise back."""
    return NOISE, (sigma, phase_turns)


def channels(roll: float = 0.0, shuffle: float = 0.0, mix: float = 0.0, seed: float = 0.0) -> Encoded:
    """Each channel from others.

    roll     from those so far before it, as a share of all
    shuffle  from their own order (0) to a shuffled one (1); mix: how much of a random mixture of all is added, of the
             same variance where channels are independent; seed: of both
    """
    return CHANNELS, (roll, shuffle, mix, seed)


def rotation(turns: float) -> _Matrix:
    """The matrix that turns coordinates (y, x) so that the picture turns clockwise."""
    cos, sin = math.cos(2 * math.pi * turns), math.sin(2 * math.pi * turns)
    return cos, -sin, sin, cos
