"""Tempo segments: a new one begins when the tempo has changed for good, or when sound returns after silence."""

import math

import numpy as np

from vj.audio.spectrum import Hop, Setup
from vj.params.spec import Param, toggle
from vj.types import Params, Signal

NEEDS = ("bpm", "bpm_confidence", "silent")
PARAMS = (
    Param("audio/segment/change", 0.04, 0.01, 0.5, doc="Relative change of tempo, octaves folded, that counts."),
    Param("audio/segment/patience_s", 2.0, 0.2, 20.0, "s", "exp", doc="How long it must last."),
    Param("audio/segment/confidence", 0.5, doc="How sure the tempo must be meanwhile."),
    toggle("audio/segment/on_silence", True, "Sound after a silence begins a new segment."),
    Param("audio/segment/silence_s", 0.5, 0.1, 20.0, "s", "exp", doc="How long that silence must last."),
)
SIGNALS = (Signal("tempo_segment", 0.0, 1e6, dtype="i4", doc="Number of the tempo segment, counted from 0."),)
_FOLDS = (0.5, 1.0, 2.0)


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._segment = 0
        self._bpm: float | None = None
        self._candidate_bpm: float | None = None
        self._lasted_s = 0.0
        self._silent_s = 0.0
        self._heard = False

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        if row["silent"]:
            self._silent_s += self._dt_s
        else:
            if self._heard and self._silent_s >= p["audio/segment/silence_s"] and p["audio/segment/on_silence"] >= 0.5:
                self._begin(None)
            self._heard, self._silent_s = True, 0.0
            if row["bpm_confidence"] >= p["audio/segment/confidence"]:
                self._compare(float(row["bpm"]), p)
        row["tempo_segment"] = self._segment

    def _compare(self, bpm: float, p: Params) -> None:
        # A tempo that still moves is neither this segment's nor a new one yet.
        if self._candidate_bpm is None or _distance(bpm, self._candidate_bpm) > 0.02:
            self._candidate_bpm, self._lasted_s = bpm, 0.0
        self._lasted_s += self._dt_s
        if self._bpm is not None and _distance(bpm, self._bpm) <= p["audio/segment/change"]:
            self._candidate_bpm = None
        elif self._lasted_s >= p["audio/segment/patience_s"]:
            if self._bpm is not None:
                self._begin(bpm)
            self._bpm = bpm

    def _begin(self, bpm: float | None) -> None:
        self._segment += 1
        self._bpm, self._candidate_bpm = bpm, None


def _distance(bpm: float, other: float) -> float:
    """Relative distance of two tempi, octaves folded."""
    return min(abs(math.log(bpm / other * fold)) for fold in _FOLDS)
