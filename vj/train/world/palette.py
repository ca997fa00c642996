"""Palettes: paths through OKLCh (Ottosson, "A perceptual color space for image processing", 2020), from dark to bright.

Chroma is a share of what sRGB can show at each lightness and hue, and a palette's middle leans to the lightness at
which its hue is purest; so reds, greens and blues become as rich as the cyans and violets that a fixed chroma favours.
"""

import numpy as np

from vj.core.types import F32, F64
from vj.train.world.numbers import Numbers

ENTRIES = 256
_LIGHTNESSES, _HUES = 65, 180
#: Places on the path at which it is told.
_KNOTS = 5


def to_srgb(lightness: F64, a: F64, b: F64) -> F64:
    """OKLab, f64[…] each → sRGB f64[…, 3], 0..1 where it can be shown, not clipped; negative light stays negative."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        ],
        -1,
    )
    bright = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    out: F64 = np.where(linear <= 0.0031308, 12.92 * linear, bright)
    return out


def _richest() -> F64:
    """The largest chroma that sRGB shows, f64[lightness 0..1, hue 0..2π], by bisection."""
    lightness = np.linspace(0.0, 1.0, _LIGHTNESSES)[:, None]
    hue = np.linspace(0.0, 2.0 * np.pi, _HUES, endpoint=False)[None]
    low, high = np.zeros((_LIGHTNESSES, _HUES)), np.full((_LIGHTNESSES, _HUES), 0.4)
    for _ in range(16):
        middle = (low + high) / 2.0
        rgb = to_srgb(lightness + 0.0 * hue, middle * np.cos(hue), middle * np.sin(hue))
        inside = ((rgb >= -1e-3) & (rgb <= 1.001)).all(-1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low


_RICHEST = _richest()
#: Of each hue, the lightness at which it is purest.
_PUREST = np.linspace(0.0, 1.0, _LIGHTNESSES)[_RICHEST.argmax(0)]


def _smooth(knots: int) -> F64:
    """Weights [ENTRIES, knots] of values at evenly spaced places (Catmull-Rom, ends held)."""
    at = np.linspace(0.0, knots - 1.0, ENTRIES)
    i = np.minimum(at.astype(int), knots - 2)
    u = at - i
    taps = [
        0.5 * (-u + 2 * u**2 - u**3), 0.5 * (2 - 5 * u**2 + 3 * u**3),
        0.5 * (u + 4 * u**2 - 3 * u**3), 0.5 * (u**3 - u**2),
    ]  # fmt: skip
    out = np.zeros((ENTRIES, knots))
    for offset, tap in zip(range(-1, 3), taps, strict=True):
        np.add.at(out, (np.arange(ENTRIES), np.clip(i + offset, 0, knots - 1)), tap)
    return out


_SMOOTH = _smooth(_KNOTS)


def _at(table: F64, hue: F64) -> F64:
    """A table [hues] of all hues at f64[n] radians, linear and round."""
    place = hue / (2.0 * np.pi) % 1.0 * _HUES
    i = place.astype(int) % _HUES
    u = place - np.floor(place)
    out: F64 = table[..., i] * (1.0 - u) + table[..., (i + 1) % _HUES] * u
    return out


def path(hue: float, span: float, lightness: float, chroma: float) -> F32:
    """One palette f32[ENTRIES, 3], sRGB 0..1: from near black to near white.

    hue        of its dark end, radians; span: how far the hue turns on the way
    lightness  moves the middle, around 0; chroma: a share of the richest, 0..1
    """
    hues = hue + span * np.linspace(0.0, 1.0, ENTRIES)
    pure = _at(_PUREST, np.array([hue + span * 0.5]))[0]
    middle = np.clip(0.45 * 0.56 + 0.55 * pure + 0.06 * lightness, 0.36, 0.8)
    told = np.array([0.07, 0.6 * middle, middle, middle + 0.55 * (0.96 - middle), 0.96])
    light = np.clip(_SMOOTH @ told, 0.0, 0.99)
    share = _SMOOTH @ np.array([0.5, 0.95, 1.0, 0.75, 0.35]) * chroma
    place = light * (_LIGHTNESSES - 1)
    i = np.minimum(place.astype(int), _LIGHTNESSES - 2)
    u = place - i
    rich = _at(_RICHEST, hues)
    rows = np.arange(ENTRIES)
    most = rich[i, rows] * (1.0 - u) + rich[i + 1, rows] * u
    rgb = to_srgb(light, share * most * np.cos(hues), share * most * np.sin(hues))
    return np.clip(rgb, 0.0, 1.0).astype(np.float32)


def palettes(n: Numbers) -> tuple[F32, F32]:
    """The two palettes of a picture, f32[ENTRIES, 3] each, sRGB 0..1."""
    # A whole turn of hues is as likely at every one of them.
    hue, span = 2.0 * np.pi * n.hue, 1.3 * n.hue_span
    chroma = 0.82 + 0.16 * np.tanh(n.chroma)
    first = path(hue, span, n.lightness, chroma)
    return first, path(hue + 0.5 + 1.1 * n.second_hue, span + 0.5 * n.second_hue, -n.lightness, chroma)


def coloured(palette: F32, at: F32) -> F32:
    """Colours f32[…, 3] of places f32[…], 0..1, on a palette f32[ENTRIES, 3]."""
    place = np.clip(at, 0.0, 1.0) * (ENTRIES - 1)
    i = np.minimum(place.astype(np.int32), ENTRIES - 2)
    u = (place - i)[..., None]
    out: F32 = (palette[i] * (1.0 - u) + palette[i + 1] * u).astype(np.float32)
    return out
