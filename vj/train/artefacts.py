"""What gives a network away: power at grid frequencies, weak or strong octaves, frames, patterns in every picture.

Each figure is measured on a data set too; what counts is the difference.
"""

from dataclasses import dataclass

import numpy as np

from vj.core.types import F32, F64, U8
from vj.train.features import chunks, opponents

#: Grid frequencies looked at: those of checkerboards of 1, 2 and 4 pixels, what doubling the side 1 to 3 times leaves.
_DOUBLINGS = 3
_EPSILON = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """Sums over a set of pictures of one side; the luma of each is taken from 0 to 1.

    spectrum  f64[side, side], mean power by frequency under a Hann window, zero in the middle
    fixed     share of the finest detail's power that is the same in every picture, 0..1; n pictures alone give 1/n
    edge      detail in a frame of 1/32 of the side, as a share of that inside
    frame     mean luma in that frame less that inside
    """

    spectrum: F64
    fixed: float
    edge: float
    frame: float


def traces(images: U8) -> Traces:
    """Of u8[n, side, side, 3], side ≥ 16. Raises ValueError for others."""
    side = images.shape[1]
    window = np.hanning(side + 2)[1:-1].astype(np.float32)
    hann = window[:, None] * window
    outside = _frame(side)
    power, mean_detail = np.zeros((side, side)), np.zeros((side - 2, side - 2))
    detail_power, luma_sum = np.zeros((side - 2, side - 2)), np.zeros((side, side))
    for chunk in chunks(images):
        luma = opponents(chunk)[:, 0]
        level = luma.mean((1, 2), keepdims=True)
        power += (np.abs(np.fft.fft2((luma - level) * hann)) ** 2).sum(0)
        detail = _detail(luma)
        mean_detail += detail.sum(0)
        detail_power += (detail**2).sum(0)
        luma_sum += luma.sum(0)
    n, inner = len(images), outside[1:-1, 1:-1]
    return Traces(
        spectrum=np.fft.fftshift(power) / n,
        fixed=float((mean_detail**2).sum() / n / (detail_power.sum() + _EPSILON)),
        edge=float(np.sqrt((detail_power[inner].mean() + _EPSILON) / (detail_power[~inner].mean() + _EPSILON))),
        frame=float((luma_sum[outside].mean() - luma_sum[~outside].mean()) / n),
    )


def _frame(side: int) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    width = max(side // 32, 2)
    out = np.ones((side, side), bool)
    out[width:-width, width:-width] = False
    return out


def _detail(luma: F32) -> F32:
    """Differences to the mean of the four neighbours, without the outermost pixels: f32[n, h − 2, w − 2]."""
    around = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:]
    out: F32 = luma[:, 1:-1, 1:-1] - np.float32(0.25) * around
    return out


def checkerboard_db(found: Traces) -> float:
    """How far power at the worst grid frequency stands out from that around it, in dB: about 0 without a grid.

    A layer that doubles the side unevenly leaves peaks at multiples of 1/2, 1/4, 1/8 of the sampling frequency
    (Odena et al., "Deconvolution and checkerboard artifacts", Distill 2016).
    """
    side = len(found.spectrum)
    step = side >> _DOUBLINGS
    points = [(y, x) for y in range(0, side, step) for x in range(0, side, step) if (y, x) != (side // 2, side // 2)]
    return max(_stands_out(found.spectrum, y, x) for y, x in points)


def _stands_out(spectrum: F64, y: int, x: int) -> float:
    """Power at a frequency against the median of the ring of frequencies 2 and 3 steps away, in dB."""
    side = len(spectrum)
    ring = [(dy, dx) for dy in range(-3, 4) for dx in range(-3, 4) if max(abs(dy), abs(dx)) >= 2]
    around = [spectrum[(y + dy) % side, (x + dx) % side] for dy, dx in ring]
    return _db(spectrum[y, x], float(np.median(around)))


def _db(power: float, reference: float) -> float:
    return float(10.0 * np.log10((power + _EPSILON) / (reference + _EPSILON)))


def octaves_db(found: Traces, data: Traces) -> list[float]:
    """Power of each octave of spatial frequency against the data set's, in dB, from the finest to the coarsest."""
    side = len(found.spectrum)
    frequency = np.hypot(*(np.indices((side, side)) - side // 2))
    out, high = [], side / 2
    while high > 2:
        ring = (frequency <= high) & (frequency > high / 2)
        out.append(_db(found.spectrum[ring].sum(), data.spectrum[ring].sum()))
        high /= 2
    return out
