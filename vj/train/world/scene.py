"""What all materials of one picture share: its flow, its dyes, its palettes."""

import math
from dataclasses import dataclass

from vj.core.types import F32
from vj.train.world import numbers
from vj.train.world.numbers import Numbers
from vj.train.world.palette import palettes
from vj.train.world.waves import Symmetry, Waves, bank, waves

TURN = bank(numbers.WAVES["turn"], 0.45, 1.7, 2.0)
GATHER = bank(numbers.WAVES["gather"], 0.7, 2.4, 1.6, 0.7)
DYE = bank(numbers.WAVES["dye"], 0.5, 2.2, 1.0, 1.3)
MIX = bank(numbers.WAVES["mix"], 0.45, 1.1, 0.8, 2.0)
#: Stretches of the number "symmetry", each with its fold; between them there is none.
_FOLDS = ((3, 0.0, 0.16), (5, 0.60, 0.78), (6, 0.90, 1.0))
_EDGE = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Fields as waves, ready to be tabulated.

    folding   time that the flow is followed for, around 1; banding: how often colours repeat, around 1
    palettes  the two, f32[ENTRIES, 3] each
    """

    turn: Waves
    gather: Waves
    dye: Waves
    mix: Waves
    symmetry: Symmetry
    folding: float
    banding: float
    palettes: tuple[F32, F32]


def scene(n: Numbers, flow: float = 1.0) -> Scene:
    """What the numbers of a picture say; `flow` 0 … 1 holds back all that flows."""
    s = symmetry(n.symmetry)
    return Scene(
        turn=waves(TURN, n.turn, s),
        gather=waves(GATHER, n.gather, s),
        dye=waves(DYE, n.dye, s),
        mix=waves(MIX, n.mix, s),
        symmetry=s,
        folding=flow * math.exp(0.35 * n.folding),
        banding=math.exp(0.25 * n.banding),
        palettes=palettes(n),
    )


def symmetry(at: float) -> Symmetry:
    """Along 0..1: three-fold, none, five-fold, none, six-fold, with soft ends; so each comes and goes through none."""
    for fold, first, last in _FOLDS:
        if first - _EDGE < at < last + _EDGE:
            rise = 1.0 if first == 0.0 else (at - first + _EDGE) / (2 * _EDGE)
            fall = 1.0 if last == 1.0 else (last + _EDGE - at) / (2 * _EDGE)
            return Symmetry(fold, smooth(min(rise, fall)))
    return Symmetry(1, 0.0)


def smooth(x: float) -> float:
    """0 … 1 from x = 0 … 1, with level ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
