"""aubio's onset detectors, hop by hop: for those who know them, and to compare with."""

import aubio
import numpy as np

from vj.audio.spectrum import Setup
from vj.core.types import F32

#: aubio's own choice.
_WINDOW_HOPS = 2


class AubioOnsets:
    """One of aubio's methods ("hfc", "complex", "specflux" …) with its usual threshold and whitening."""

    def __init__(self, method: str, setup: Setup) -> None:
        self.method = method
        self._rate_hz = round(setup.rate_hz)
        self._heard = 0
        self._onset = aubio.onset(method, _WINDOW_HOPS * setup.hop, setup.hop, self._rate_hz)

    def age_s(self, samples: F32) -> float | None:
        """f32[hop] → how long before the hop's end the onset is that was found in it; None for none."""
        self._heard += len(samples)
        if not self._onset(np.ascontiguousarray(samples, np.float32))[0]:
            return None
        return (self._heard - float(self._onset.get_last())) / self._rate_hz
