"""WCAG 2.3.1 measured on pictures, written from the text of the criterion alone: every pixel for itself.

A flash is two changes the other way from one another. A pixel's changes are between the extremes of its values over
time. Three flashes are six changes; a picture violates where, within one second, more than that happen in pixels that
fill a quarter of some field of a third of the picture's sides.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def light(rgb):
    """Linear light of u8 […, 3] by IEC 61966-2-1."""
    c = rgb.astype(np.float64) / 255.0
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def changes(values, least, counts):
    """Frames in which a change of at least so much was complete, for which counts(extreme before, frame) holds."""
    found, way, extreme = [], 0, 0
    lo = hi = 0
    for i, v in enumerate(values):
        if v < values[lo]:
            lo = i
        if v > values[hi]:
            hi = i
        if way >= 0 and values[hi] - v >= least:
            extreme, step = hi, -1
        elif way <= 0 and v - values[lo] >= least:
            extreme, step = lo, 1
        else:
            continue
        if counts(extreme, i):
            found.append(i)
            way, lo, hi = step, i, i
    return found


def most_changes(pictures, fps):
    """(general, red): u8[n, h, w, 3] → per pixel, the most changes within any one second, int[h, w]."""
    n, h, w, _ = pictures.shape
    # Pixels that go through the same colours are looked at once.
    series, which = np.unique(pictures.transpose(1, 2, 0, 3).reshape(h * w, -1), axis=0, return_inverse=True)
    linear = light(series.reshape(len(series), n, 3))
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    redness = np.maximum(linear[..., 0] - linear[..., 1] - linear[..., 2], 0) * 320
    saturated = linear[..., 0] >= 0.8 * np.maximum(linear.sum(-1), 1e-9)
    general = [_most(changes(v, 0.1, lambda a, b, v=v: min(v[a], v[b]) < 0.8), fps) for v in luminance]
    red = [
        _most(changes(r, 20.0, lambda a, b, s=s: s[a] or s[b]), fps) for r, s in zip(redness, saturated, strict=True)
    ]
    return tuple(np.array(found)[which.reshape(h, w)] for found in (general, red))


def _most(frames, fps):
    return max((sum(f <= g < f + fps for g in frames) for f in frames), default=0)


def violates(pictures, fps):
    """Whether there are more than three general or red flashes within a second on a quarter of some field."""
    h, w = pictures.shape[1:3]
    for most in most_changes(pictures, fps):
        too_many = (most > 6).astype(float)
        fields = sliding_window_view(too_many, (max(h // 3, 1), max(w // 3, 1)))
        if fields.mean((2, 3)).max() >= 0.25:
            return True
    return False
