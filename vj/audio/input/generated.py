"""Sound without a file: silence and a test tone, with the interface of a file source."""

import math
from collections.abc import Iterator

import numpy as np

from vj.core.types import F32

_BLOCK = 1024


class ToneSource:
    """A sine of `frequency_hz` and `gain_db` (of full scale; -inf is silence) in all channels.

    `duration_s` None lasts for ever.
    """

    def __init__(
        self,
        frequency_hz: float = 440.0,
        gain_db: float = -12.0,
        rate_hz: int = 48000,
        channels: int = 2,
        duration_s: float | None = None,
    ) -> None:
        self.rate_hz, self.channels, self.duration_s = rate_hz, channels, duration_s
        self._turns_per_sample = frequency_hz / rate_hz
        self._amplitude = 10.0 ** (gain_db / 20.0)

    def blocks(self, start_s: float = 0.0, duration_s: float | None = None) -> Iterator[F32]:
        """Blocks f32[n, channels] from `start_s` on, for `duration_s` or to the end."""
        at, end = round(start_s * self.rate_hz), math.inf
        if duration_s is not None:
            end = round((start_s + duration_s) * self.rate_hz)
        if self.duration_s is not None:
            end = min(end, round(self.duration_s * self.rate_hz))
        while at < end:
            n = int(min(_BLOCK, end - at))
            mono = self._amplitude * np.sin(2.0 * np.pi * ((np.arange(at, at + n) * self._turns_per_sample) % 1.0))
            yield np.repeat(mono.astype(np.float32)[:, None], self.channels, axis=1)
            at += n


def silence(rate_hz: int = 48000, channels: int = 2, duration_s: float | None = None) -> ToneSource:
    """Zeros."""
    return ToneSource(gain_db=-math.inf, rate_hz=rate_hz, channels=channels, duration_s=duration_s)
