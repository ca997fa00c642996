"""Loudness as broadcasters measure it: the momentary loudness of ITU-R BS.1770-4 and EBU Tech 3341.

One channel is heard, the mean of all; it counts as the two alike channels that it stands for, so that stereo sound
reads as on a meter.
"""

import math

import numpy as np

from vj.audio.spectrum import Hop, Setup
from vj.core.types import F64, Params, Signal

NEEDS: tuple[str, ...] = ()
PARAMS = ()
SIGNALS = (Signal("lufs", -70.0, 5.0, "LUFS", doc="Momentary loudness: the last 400 ms, weighted as BS.1770 does."),)
_WINDOW_S = 0.4
_QUIETEST = 10.0 ** ((-70.0 + 0.691) / 10.0)


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        # Here, as it takes most of a second to load, and who only asks for names should not wait for it.
        from scipy.signal import lfilter

        self._lfilter = lfilter
        (b, a), (b2, a2) = shelf(setup.rate_hz), high_pass(setup.rate_hz)
        self._b, self._a = np.convolve(b, b2), np.convolve(a, a2)
        self._state = np.zeros(len(self._a) - 1)
        self._powers = np.zeros(max(round(_WINDOW_S / setup.hop_s), 1))
        self._next = 0

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        x, self._state = self._lfilter(self._b, self._a, hop.samples.astype(np.float64), zi=self._state)
        self._powers[self._next] = 2.0 * float(x @ x) / len(x)
        self._next = (self._next + 1) % len(self._powers)
        row["lufs"] = min(
            -0.691 + 10.0 * math.log10(max(float(self._powers.sum()) / len(self._powers), _QUIETEST)), 5.0
        )


def shelf(rate_hz: float) -> tuple[F64, F64]:
    """(b, a), f64[3] each, of the first stage, the effect of a head, at any rate; at 48 kHz those of the standard.

    The analogue prototype that the standard's numbers come from: De Man, "Evaluation of Implementations of the EBU R128
    Loudness Measurement", AES 2018.
    """
    gain_db, q = 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * 1681.974450955533 / rate_hz)
    high = 10.0 ** (gain_db / 20.0)
    band = high**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    b = np.array([high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k]) / a0
    return b, np.array([1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0])


def high_pass(rate_hz: float) -> tuple[F64, F64]:
    """(b, a), f64[3] each, of the second stage, likewise."""
    k, q = math.tan(math.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    a0 = 1.0 + k / q + k * k
    return np.array([1.0, -2.0, 1.0]), np.array([1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0])
