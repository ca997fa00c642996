"""Percussion, told apart from harmony by two medians: steady in time is harmony, broad in pitch is percussion.

A causal form of Fitzgerald, "Harmonic/Percussive Separation Using Median Filtering", DAFx 2010: the median in time
looks at the past only.
"""

import numpy as np

from vj.audio.spectrum import Hop, RunningPeak, Setup
from vj.params.spec import Param
from vj.types import F32, Params, Signal

NEEDS = ("silent",)
PARAMS = (
    Param("audio/drums/exponent", 2.0, 0.5, 4.0, doc="Hardness of the separation: high decides, low shares out."),
)
SIGNALS = (
    Signal("drums_rms", 0.0, 1.0, doc="RMS of the percussive part, full scale is 1."),
    Signal("drums", 0.0, 1.0, doc="The same relative to its loudest of late."),
)
_PAST_HOPS = 17
_BANDS = 17


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._past = np.zeros((_PAST_HOPS, len(setup.bands_hz)), np.float32)
        self._next = 0
        self._peak = RunningPeak(1e-3)

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        self._past[self._next] = hop.bands
        self._next = (self._next + 1) % _PAST_HOPS
        harmonic = _median(self._past)
        percussive = _median(_neighbours(hop.bands))
        h, q = (np.power(x, p["audio/drums/exponent"]) for x in (harmonic, percussive))
        part = hop.bands * q / (h + q + 1e-12)
        # Bands overlap by half and a sine's RMS is its amplitude / √2: the sum of squares counts twice.
        rms = float(np.sqrt(np.square(part).sum()) / 2.0)
        row["drums_rms"] = min(rms, 1.0)
        if not row["silent"]:
            row["drums"] = min(rms / self._peak.follow(rms, self._dt_s, p["audio/gain/release_s"]), 1.0)


def _neighbours(bands: F32) -> F32:
    """f32[_BANDS, n]: each band with its neighbours, the border mirrored."""
    padded = np.pad(bands, _BANDS // 2, mode="reflect")
    out: F32 = np.lib.stride_tricks.sliding_window_view(padded, _BANDS).T
    return out


def _median(x: F32) -> F32:
    """The median over the first axis, which has an odd length; partition is faster than np.median here."""
    middle = x.shape[0] // 2
    out: F32 = np.partition(x, middle, axis=0)[middle]
    return out
