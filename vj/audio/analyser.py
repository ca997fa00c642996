"""The ears: samples in, one feature row a hop out. The same code runs live and offline.

Blocks of any size may be fed; the rows do not depend on how the sound was cut.
"""

import math

import numpy as np
import numpy.typing as npt

from vj.audio import events
from vj.audio.entrance import NoiseFloor, OffsetBlock
from vj.audio.features import FEATURE_DTYPE, MODULES, PULSES
from vj.audio.spectrum import Hop, Setup, Spectrum, to_mono
from vj.core.types import F32, I64, Params


class Analyser:
    """Analyses one stream. Causal: a row depends on the sound up to its `t_s` only.

    events  how many events there were before this stream, i64[n_pulses]; None: it is the first
    """

    def __init__(self, rate_hz: float, events: I64 | None = None) -> None:
        self.setup = Setup.of(rate_hz)
        self.reset(events)

    def reset(self, events: I64 | None = None) -> None:
        """Forget everything: the next sample is at time 0. `events`: those so far, i64[n_pulses] (None: none)."""
        #: Events so far, i64[n_pulses].
        self.events: I64 = np.zeros(len(PULSES), np.int64) if events is None else events
        self._without_offset, self._noise = OffsetBlock(self.setup.rate_hz), NoiseFloor(self.setup.hop_s)
        self._spectrum = Spectrum(self.setup)
        self._features = [module.Feature(self.setup) for module in MODULES]
        self._window = np.zeros(self.setup.window, np.float32)
        self._pending = np.zeros(0, np.float32)
        self._hops = 0

    def process(self, block: F32, p: Params) -> npt.NDArray[np.void]:
        """Samples f32[n] or f32[n, channels] → rows [k] of FEATURE_DTYPE, one for each hop that was completed."""
        hop = self.setup.hop
        samples = np.concatenate([self._pending, np.nan_to_num(to_mono(block), posinf=0.0, neginf=0.0)])
        count = len(samples) // hop
        rows = np.zeros(count, FEATURE_DTYPE)
        for i in range(count):
            self._step(samples[i * hop : (i + 1) * hop], rows[i], p)
        self.events = events.count(rows, self.events)
        self._pending = samples[count * hop :].copy()
        return rows

    def _step(self, samples: F32, row: np.void, p: Params) -> None:
        hop = self.setup.hop
        self._window[:-hop] = self._window[hop:]
        self._window[-hop:] = samples = self._without_offset(samples)
        self._hops += 1
        row["t_s"] = self._hops * self.setup.hop_s
        bands = self._spectrum.bands(self._window)
        rms = math.sqrt(float(np.mean(np.square(self._window, dtype=np.float64))))
        noise = self._noise.is_noise(rms)
        # No gain rises on noise.
        log = self._spectrum.compressed(bands, math.inf if noise else p["audio/gain/release_s"])
        heard = Hop(float(row["t_s"]), samples, self._window, bands, log, rms, noise)
        for feature in self._features:
            feature.step(heard, row, p)
