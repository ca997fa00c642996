"""Whether the beat is twice as quick as the tempo that the onsets repeat in, by learnt evidence. Pure.

Onsets repeat alike at a tempo and at half of it, so that nothing but a preference chooses. A network that learnt where
people tap says more: at half of their tempo its evidence falls on the off-beats too.
"""

import numpy as np

from vj.audio.tempo import PHASES
from vj.core.types import F64

#: No beat is made quicker than this.
_FASTEST_BPM = 220.0
#: Evidence off the beat, relative to that on it, from which on it is a beat too; and below which it is none again.
#: These and the next were chosen on rhythms made for the purpose.
_TWICE, _ONCE = 0.6, 0.3
#: It must stand out so much from what lies between beat and off-beat, or it tells nothing.
_CLEARER = 0.15
#: So many looks must agree; after so many it stays as it is, as no beat should change its pace within a track.
_PATIENCE, _OPEN = 15, 100
#: A tempo so much quicker (relative) is not doubled on top.
_OCTAVE_AT = 0.6
#: Tempi this near (relative) are the same.
_SAME = 0.03
#: A beat is looked for within so many phases.
_NEAR = np.arange(-3, 4)


class Octave:
    """Told at each look; `factor` is how many beats fall for each of the tempo's: 1 or 2."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._agree = self._looks = 0
        #: The tempo of the last look; that and the factor of the last music that was settled.
        self._bpm = 0.0
        self._settled = (0.0, 1.0)

    def forget(self) -> None:
        """The music is another, or its tempo; where a tempo comes back that was settled, it is counted as it was."""
        if self._looks >= _OPEN:
            self._settled = (self._bpm, self.factor)
        self.factor = 1.0
        self._agree = self._looks = 0

    def moved(self, ratio: float) -> None:
        """The onsets' tempo is another, so many times as quick: what it doubled by itself is not doubled on top."""
        if ratio > 1.0 + _OCTAVE_AT:
            self.factor, self._agree = 1.0, 0

    def look(self, fold: F64, bpm: float) -> None:
        """Evidence at each phase of a beat of this tempo, f64[PHASES] as `vj.audio.tempo.folded` gives it."""
        self._looks, self._bpm = self._looks + 1, bpm
        settled_bpm, settled = self._settled
        if self._looks < _OPEN and abs(bpm - settled_bpm) < _SAME * bpm:
            self.factor, self._looks = settled, _OPEN
        if self._looks > _OPEN:
            return
        off_beat, between = shares(fold)
        if self.factor == 1.0:
            other = off_beat > _TWICE and between < off_beat - _CLEARER and 2.0 * bpm <= _FASTEST_BPM
        else:
            other = off_beat < _ONCE
        self._agree = self._agree + 1 if other else 0
        if self._agree >= _PATIENCE:
            self.factor, self._agree = 3.0 - self.factor, 0


def shares(fold: F64) -> tuple[float, float]:
    """Of evidence over a beat f64[PHASES]: that on the off-beat relative to the beat's, 0..1, and what is between them.

    That is relative to the mean of both.
    """
    first = int(fold.argmax())

    def at(beats: float) -> float:
        return float(fold[(first + round(beats * PHASES) + _NEAR) % PHASES].max())

    on, off = at(0.0), at(0.5)
    return off / max(on, 1e-9), (at(0.25) + at(0.75)) / max(on + off, 1e-9)
