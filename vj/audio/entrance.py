"""Taken from the sound before it is heard: a constant offset, and the noise of a line with nothing on it. Pure."""

import math
from collections import deque

import numpy as np

from vj.core.types import F32

#: Far below what is heard, and quick enough that an offset is gone in a tenth of a second.
_CORNER_HZ = 5.0
#: Sound that stays within so much for so long (1.6 dB) is a line's own noise: music, however quiet, is never so even.
_EVEN, _EVEN_S = 1.2, 2.0
#: What is louder is never noise, however even it is (-46 dB).
_LOUDEST_NOISE = 0.005
#: Sound is twice as loud as the noise (6 dB).
_ABOVE = 2.0


class OffsetBlock:
    """A high pass of first order, that a converter's offset does not count as sound."""

    def __init__(self, rate_hz: float) -> None:
        # Here, as it takes most of a second to load, and who only asks for names should not wait for it.
        from scipy.signal import lfilter

        self._lfilter = lfilter
        pole = math.exp(-2.0 * math.pi * _CORNER_HZ / rate_hz)
        self._b, self._a = np.array([1.0, -1.0]) * (1.0 + pole) / 2.0, np.array([1.0, -pole])
        self._state = np.zeros(1)

    def __call__(self, samples: F32) -> F32:
        """The next samples f32[n], without what is constant in them."""
        out, self._state = self._lfilter(self._b, self._a, samples.astype(np.float64), zi=self._state)
        result: F32 = out.astype(np.float32)
        return result


class NoiseFloor:
    """How loud the line's own noise is, RMS 0..1: the last level at which the sound stood still."""

    def __init__(self, hop_s: float) -> None:
        self._recent = deque[float](maxlen=max(round(_EVEN_S / hop_s), 1))
        self._floor = 0.0

    def is_noise(self, rms: float) -> bool:
        """Whether the next hop, with this RMS 0..1 of its window, is no more than the line's noise."""
        self._recent.append(rms)
        loudest = max(self._recent)
        if len(self._recent) == self._recent.maxlen and loudest <= min(min(self._recent) * _EVEN, _LOUDEST_NOISE):
            self._floor = loudest
        return rms < _ABOVE * self._floor
