"""Four bands of the spectrum, each behind its own automatic gain."""

import itertools

import numpy as np

from vj.audio.spectrum import Hop, RunningPeak, Setup
from vj.core.types import Params, Signal
from vj.params.spec import Param

NEEDS = ("silent",)
PARAMS: tuple[Param, ...] = ()
SIGNALS = (
    Signal(
        "bands",
        0.0,
        1.0,
        width=4,
        doc="Sub (to 110 Hz), low (to 350), mid (to 2800), high: each relative to its loudest of late.",
    ),
)
_EDGES_HZ = (0.0, 110.0, 350.0, 2800.0, 1e6)


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        pairs = itertools.pairwise(_EDGES_HZ)
        self._members = [np.flatnonzero((setup.bands_hz >= lo) & (setup.bands_hz < hi)) for lo, hi in pairs]
        self._peaks = [RunningPeak(1e-3) for _ in self._members]

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        if row["silent"]:
            return
        for i, (members, peak) in enumerate(zip(self._members, self._peaks, strict=True)):
            rms = float(np.sqrt(np.square(hop.bands[members]).sum()))
            row["bands"][i] = min(rms / peak.follow(rms, self._dt_s, p["audio/gain/release_s"]), 1.0)
