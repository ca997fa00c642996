"""What each coordinate of the world's z means. The first ones are named; the rest are amplitudes of waves."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from vj.core.types import F32

#: Waves of each field: the flow that turns, the flow that gathers, the dye, and what mixes two palettes.
WAVES = {"turn": 5, "gather": 3, "dye": 4, "mix": 2}
#: Further out every number stays at its end, so that the rarest latents draw ordinary pictures.
MOST = 2.88
NAMED = ("material", "symmetry", "hue", "hue_span", "second_hue", "lightness", "chroma", "folding", "banding")
NAMES = (*NAMED, *(f"{field}_{i}" for field, waves in WAVES.items() for i in range(2 * waves)))
COUNT = len(NAMES)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """One z, read.

    material, symmetry, hue  0..1, evenly distributed
    hue_span … banding       normal
    turn, gather, dye, mix   f32[waves, 2], normal: cosine and sine amplitude of each wave
    """

    material: float
    symmetry: float
    hue: float
    hue_span: float
    second_hue: float
    lightness: float
    chroma: float
    folding: float
    banding: float
    turn: F32
    gather: F32
    dye: F32
    mix: F32


def read(z: F32) -> Numbers:
    """Read f32[COUNT], normal numbers; what lies beyond ±MOST counts as that."""
    z = np.clip(np.asarray(z, np.float32), -MOST, MOST)
    if z.shape != (COUNT,):
        raise ValueError(f"z of shape {z.shape}, expected ({COUNT},)")
    material, symmetry, hue = (float(ndtr(x)) for x in z[:3])
    waves, at = [], len(NAMED)
    for count in WAVES.values():
        waves.append(z[at : at + 2 * count].reshape(count, 2))
        at += 2 * count
    span, second, lightness, chroma, folding, banding = (float(x) for x in z[3 : len(NAMED)])
    return Numbers(material, symmetry, hue, span, second, lightness, chroma, folding, banding, *waves)
