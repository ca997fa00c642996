"""Chroma: how much of each pitch class is heard, whatever its octave.

A spectrum long enough to tell semitones apart from A2 on, folded into twelve; each bin counts for the pitch class that
it is nearest to, less the further it is from its centre.
"""

import numpy as np

from vj.audio.spectrum import Hop, RunningPeak, Setup
from vj.core.types import F32, Params, Signal
from vj.params.spec import Param

NEEDS = ("silent",)
PARAMS = (Param("audio/chroma/smooth_s", 0.15, 0.0, 4.0, "s", doc="Smoothing of the pitch classes."),)
SIGNALS = (Signal("chroma", 0.0, 1.0, width=12, doc="Pitch classes from C upwards, the strongest of late is 1."),)
_WINDOW_HOPS = 16
#: The long spectrum changes slowly: once in so many hops is enough.
_EVERY = 6
_LOWEST_HZ, _HIGHEST_HZ = 110.0, 3520.0
_C_HZ = 440.0 * 2.0 ** (-9 / 12)


class Feature:
    """See SIGNALS. Stands still in silence, and fades."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        size = _WINDOW_HOPS * setup.hop
        self._sound = np.zeros(size, np.float32)
        self._window = np.hanning(size).astype(np.float32)
        self._fold, self._bins = folding(size, setup.rate_hz)
        self._peak = RunningPeak(1e-4)
        self._target = np.zeros(12, np.float32)
        self._chroma = np.zeros(12, np.float32)
        self._hops = 0

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        n = len(hop.samples)
        self._sound[:-n] = self._sound[n:]
        self._sound[-n:] = hop.samples
        self._hops += 1
        if row["silent"]:
            self._target = np.zeros(12, np.float32)
        elif self._hops % _EVERY == 0:
            self._target = self._heard(p["audio/gain/release_s"])
        smooth_s = p["audio/chroma/smooth_s"]
        share = 1.0 - np.exp(-self._dt_s / smooth_s) if smooth_s > 0.0 else 1.0
        self._chroma += np.float32(share) * (self._target - self._chroma)
        row["chroma"] = self._chroma

    def _heard(self, release_s: float) -> F32:
        magnitude = np.abs(np.fft.rfft(self._sound * self._window))[self._bins].astype(np.float32)
        folded = np.sqrt(self._fold @ (magnitude * magnitude)) * np.float32(4.0 / len(self._sound))
        loudest = self._peak.follow(float(folded.max()), _EVERY * self._dt_s, release_s)
        out: F32 = np.minimum(folded / np.float32(loudest), 1.0).astype(np.float32)
        return out


def folding(size: int, rate_hz: float) -> tuple[F32, slice]:
    """(weights f32[12, bins] of the bins of an FFT of `size`, which bins)."""
    hz = np.fft.rfftfreq(size, 1.0 / rate_hz)
    used = slice(int(np.searchsorted(hz, _LOWEST_HZ)), int(np.searchsorted(hz, min(_HIGHEST_HZ, 0.45 * rate_hz))))
    semitone = 12.0 * np.log2(hz[used] / _C_HZ)
    away = (semitone[None] - np.arange(12)[:, None] + 6.0) % 12.0 - 6.0
    return np.exp(-0.5 * (away / 0.35) ** 2).astype(np.float32), used
