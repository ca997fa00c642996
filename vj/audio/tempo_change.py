"""Whether the music has become another by its tempo or by a silence: what begins a tempo segment. Pure."""

import math

from vj.core.types import Params

_FOLDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class TempoChange:
    """Remembers the tempo of the segment; `hop_s`: length of a hop."""

    def __init__(self, hop_s: float) -> None:
        self._dt_s = hop_s
        self._bpm: float | None = None
        self._candidate_bpm: float | None = None
        self._lasted_s = self._silent_s = 0.0
        self._heard = False

    def step(self, bpm: float, confidence: float, p: Params, *, silent: bool) -> bool:
        """Whether a segment begins in the next hop, by its tempo, how sure that is, and `audio/segment/…`."""
        if silent:
            self._silent_s += self._dt_s
            return False
        begins = self._heard and self._silent_s >= p["audio/segment/silence_s"] and p["audio/segment/on_silence"] >= 0.5
        if begins:
            self._bpm = self._candidate_bpm = None
        self._heard, self._silent_s = True, 0.0
        sure = confidence >= p["audio/segment/confidence"]
        return (sure and self._compare(bpm, p)) or begins

    def _compare(self, bpm: float, p: Params) -> bool:
        # A tempo that still moves is neither this segment's nor a new one yet.
        if self._candidate_bpm is None or octave_distance(bpm, self._candidate_bpm) > 0.02:
            self._candidate_bpm, self._lasted_s = bpm, 0.0
        self._lasted_s += self._dt_s
        if self._bpm is not None and octave_distance(bpm, self._bpm) <= p["audio/segment/change"]:
            self._candidate_bpm = None
        elif self._lasted_s >= p["audio/segment/patience_s"]:
            before, self._bpm = self._bpm, bpm
            self._candidate_bpm = None if before is not None else self._candidate_bpm
            return before is not None
        return False


def octave_distance(bpm: float, other: float) -> float:
    """Relative distance of two tempi, octaves folded."""
    return min(abs(math.log(bpm / other * fold)) for fold in _FOLDS)
