"""Percussion, told apart from harmony by two medians: steady in time is harmony, broad in pitch is percussion.

A causal form of Fitzgerald, "Harmonic/Percussive Separation Using Median Filtering", DAFx 2010: the median in time
looks at the past only.
"""

import math

import numpy as np
import numpy.typing as npt

from vj.audio.crossing import Crossing
from vj.audio.spectrum import Hop, RunningPeak, Setup, widened
from vj.core.types import F32, Params, Signal
from vj.params.spec import Param

NEEDS = ("silent",)
PARAMS = (
    Param("audio/drums/exponent", 2.0, 0.5, 4.0, doc="Hardness of the separation: high decides, low shares out."),
)
SIGNALS = (
    Signal("drums_rms", 0.0, 1.0, doc="RMS of the percussive part, full scale is 1."),
    Signal("drums", 0.0, 1.0, doc="The same relative to its loudest of late."),
    Signal("drums_onset", 0.0, 1.0, pulse=True, doc="A pulse, 1 where an onset of the percussive part is decided."),
    Signal("melody_rms", 0.0, 1.0, doc="RMS of what is left without it: voices, chords, bass."),
    Signal("melody", 0.0, 1.0, doc="The same relative to its loudest of late."),
)
_PAST_HOPS = 17
_BANDS = 17
#: The flux compares with the spectrum this many hops ago.
_LAG = 2


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._past = np.zeros((_PAST_HOPS, len(setup.bands_hz)), np.float32)
        self._next = 0
        self._peaks = [RunningPeak(1e-3), RunningPeak(1e-3)]
        self._strongest = RunningPeak(1.0)
        self._crossing = Crossing(setup.hop_s)
        self._last = [np.zeros(len(setup.bands_hz), np.float32)] * _LAG
        self._neighbours = neighbours(len(setup.bands_hz))

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        share = self._share(hop.bands, p["audio/drums/exponent"])
        self._decide(hop, row, share, p)
        for name, part, peak in zip(("drums", "melody"), (share, np.float32(1.0) - share), self._peaks, strict=True):
            # Bands overlap by half and a sine's RMS is its amplitude / √2: the sum of squares counts twice.
            magnitude = hop.bands * part
            rms = 0.5 * math.sqrt(float(magnitude @ magnitude))
            row[f"{name}_rms"] = min(rms, 1.0)
            if not row["silent"]:
                row[name] = min(rms / peak.follow(rms, self._dt_s, p["audio/gain/release_s"]), 1.0)

    def _share(self, bands: F32, exponent: float) -> F32:
        """What of each band is percussive, 0..1."""
        self._past[self._next] = bands
        self._next = (self._next + 1) % _PAST_HOPS
        harmonic, percussive = _median(self._past), _median(bands[self._neighbours])
        h, q = harmonic**exponent, percussive**exponent
        out: F32 = (q / (h + q + 1e-12)).astype(np.float32)
        return out

    def _decide(self, hop: Hop, row: np.void, share: F32, p: Params) -> None:
        """Onsets of the percussive part, as `vj.audio.features.onset` decides those of the whole."""
        part = hop.log * share
        flux = float(np.maximum(part - self._last[0], 0.0).sum())
        self._last = [*self._last[1:], widened(part)]
        strongest = self._strongest.follow(flux, self._dt_s, p["audio/gain/release_s"])
        threshold, floor = p["audio/onset/threshold"], p["audio/onset/floor"]
        rises = self._crossing.rises(flux, strongest, hop.t_s, threshold, floor, p["audio/onset/refractory_s"])
        if rises and not row["silent"]:
            self._crossing.last_t_s = hop.t_s
            row["drums_onset"] = 1


def neighbours(count: int) -> npt.NDArray[np.intp]:
    """int[_BANDS, count]: the number of each band and its neighbours, the border mirrored."""
    index = np.abs(np.arange(count) + np.arange(_BANDS)[:, None] - _BANDS // 2)
    out: npt.NDArray[np.intp] = np.minimum(index, 2 * (count - 1) - index)
    return out


def _median(x: F32) -> F32:
    """The median over the first axis, which has an odd length; partition is faster than np.median here."""
    middle = x.shape[0] // 2
    out: F32 = np.partition(x, middle, axis=0)[middle]
    return out
