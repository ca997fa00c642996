"""What w says in a built network, worked out from z: phases and strengths of waves, colours of knots, lights."""

import numpy as np
from scipy.special import ndtr

from vj.core.types import F32, F64
from vj.train.built.waves import COUNT as WAVES
from vj.train.built.waves import FIRST_ENERGY, RING, SECOND_ENERGY
from vj.train.world import numbers
from vj.train.world.palette import coloured, palettes

#: Coordinates of z in order: nine of the world's names, then phases and strengths.
NAMED = numbers.NAMED
Z_DIM = 64
#: Further out every number of z stays at its end.
MOST = 2.5
#: Where the colour curve of the bands has its knots, and that of the second palette.
BAND_KNOTS = np.linspace(-1.0, 1.0, 9, dtype=np.float32)
MIX_KNOTS = np.array([-0.9, 0.0, 0.9], np.float32)
CHANNELS = "rgb"
_FLOW = np.array([0.1, 0.065, 0.035])
#: Demodulation divides by norms that the strengths of the flow are part of: what "rest" makes up for, on channels that
#: are 0, so that the norm is always the same; one for each step of the flow.
_FOLDING = 0.3
_ENERGIES = np.stack([FIRST_ENERGY, SECOND_ENERGY], 1)
_MOST_CARRIED = 1.01 * np.square(_FLOW[RING] * np.exp(_FOLDING * MOST)) @ _ENERGIES
_PHASES = ("first", "second", "dye")
_WANDER = (1.15, 1.15, 1.25)
_BANDING = 2.3
#: Where along the palettes their difference is read for each knot of the mix, and how much of it is added.
_MIX_AT = np.array([0.3, 0.55, 0.8], np.float32)
_MIX_SHARES = np.array([-0.35, 0.05, 0.5])[:, None]


def names() -> tuple[str, ...]:
    """In the order of `of`."""
    waves = [f"{what}{i}" for what in (*_PHASES, "carry", "strength") for i in range(WAVES)]
    knots = [
        f"{what}{k}{c}"
        for what, n in (("band", BAND_KNOTS), ("mix", MIX_KNOTS))
        for k in range(len(n))
        for c in CHANNELS
    ]
    lights = [f"{what}{c}" for what in ("line", "light") for c in CHANNELS]
    return (*waves, "rest0", "rest1", "width", "banding", *knots, *lights, "gloss")


def of(z: F32, colours: F64 | None = None) -> F32:
    """f32[n, Z_DIM], normal → f32[n, len(names())]; `colours`: what `colours_of` found for these, where it is known."""
    if colours is None:
        colours = colours_of(z)
    clipped: F64 = np.clip(z, -MOST, MOST).astype(np.float64)
    named = dict(zip(NAMED, clipped[:, : len(NAMED)].T, strict=True))
    phases, strengths = np.split(clipped[:, len(NAMED) : len(NAMED) + 4 * WAVES], [3 * WAVES], 1)
    three, five = _symmetry(ndtr(named["symmetry"]))
    _, celled = _material(ndtr(named["material"]))
    parts = [
        _together(phases.reshape(-1, 3, WAVES)[:, i], np.maximum(three, five)) * wander
        for i, wander in enumerate(_WANDER)
    ]
    present = np.stack([1.0 - five, 1.0 - three, 1.0 - five], 1)[:, RING]
    carry = present * _FLOW[RING] * np.exp(_FOLDING * named["folding"])[:, None]
    dye = present * _strengths(strengths, celled)
    dye *= 1.25 / np.sqrt(np.square(dye).sum(1, keepdims=True) / 2.0)
    rest = np.sqrt(_MOST_CARRIED - np.square(carry) @ _ENERGIES)
    width = 1.0 / (_BANDING * np.exp(0.25 * named["banding"]))[:, None]
    return np.concatenate([*parts, carry, dye, rest, width, 1.0 / width, colours], 1).astype(np.float32)


def _symmetry(at: F64) -> tuple[F64, F64]:
    return smooth((0.28 - at) / 0.12), smooth((at - 0.76) / 0.12)


def _material(at: F64) -> tuple[F64, F64]:
    """How much of it is veils, and how much cells; the rest is oil."""
    celled = smooth((at - 0.68) / 0.12)
    return smooth((at - 0.34) / 0.12) * (1.0 - celled), celled


def _together(phases: F64, share: F64) -> F64:
    """Waves of a ring take the phase of its first, as far as `share` says: then the picture is symmetric."""
    first = phases[:, np.array([0, 3, 8])[RING]]
    out: F64 = phases + share[:, None] * (first - phases)
    return out


def _strengths(z: F64, celled: F64) -> F64:
    plain = np.array([1.0, 0.85, 0.22])[RING] * np.exp(0.3 * z)
    cells = np.array([0.45, 0.4, 0.9])[RING] * np.exp(0.15 * z)
    out: F64 = plain + celled[:, None] * (cells - plain)
    return out


def colours_of(z: F32) -> F64:
    """f64[n, 43] from the named numbers, the first 9 of f32[n, ≥ 9].

    Bands 27, mix 9, line 3, light 3, gloss 1; sRGB spans 0 … 2 in each.
    """
    named = np.clip(z[:, : len(NAMED)], -MOST, MOST).astype(np.float64)
    veiled, _ = _material(ndtr(named[:, NAMED.index("material")]))
    return np.stack([_colours(of_one, float(veil)) for of_one, veil in zip(named, veiled, strict=True)])


def _colours(named: F64, veil: float) -> F64:
    whole = np.zeros(numbers.COUNT, np.float32)
    whole[: len(NAMED)] = named
    first, second = palettes(numbers.read(whole))
    at = (0.40 + 0.29 * BAND_KNOTS).astype(np.float32)
    low, high = coloured(first, at), coloured(second, at)
    share = 0.45 * smooth(0.5 + 0.5 * BAND_KNOTS.astype(np.float64))[:, None]
    bands = _rich(low * (1.0 - share) + high * share) * (1.0 - 0.72 * veil)
    apart = coloured(second, _MIX_AT) - coloured(first, _MIX_AT)
    mix = apart * _MIX_SHARES * (1.0 - 0.7 * veil)
    line = 0.5 * (low[6:8] + high[6:8]).mean(0) * (0.08 + 2.4 * veil)
    light = bands.mean(0) * (0.66 - 0.36 * veil)
    return np.concatenate([2.0 * bands.ravel(), 2.0 * mix.ravel(), line, light, [0.8 - 0.65 * veil]])


def _rich(rgb: F64) -> F64:
    luma = (rgb @ np.array([0.2126, 0.7152, 0.0722]))[:, None]
    out: F64 = np.clip(luma + 1.35 * (rgb - luma), 0.0, 1.0)
    return out


def smooth(x: F64) -> F64:
    """0 … 1 from x = 0 … 1, with level ends: f64[…] of f64[…]."""
    x = np.clip(x, 0.0, 1.0)
    out: F64 = x * x * (3.0 - 2.0 * x)
    return out
