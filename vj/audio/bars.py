"""Where bars of four beats begin: on changes of harmony, and where learnt evidence says so. Pure.

Evidence is gathered over some eight bars for each of the four beats that a bar may begin on. The count never jumps
while that is not clear.
"""

import math

import numpy as np

from vj.clock.beat_clock import SURE_OF_BAR
from vj.core.types import F32, F64

BEATS = 4
#: Time constant of what is remembered, and from how many beats on it counts, in beats.
_MEMORY, _ENOUGH = 32.0, 8.0
#: Of learnt evidence, of the change of pitch classes and of that of the spectrum: how much each counts.
_WEIGHTS = np.array([1.0, 0.5, 0.5])
#: Evidence relative to its mean counts up to this.
_MOST = 3.0
#: The best beat is clear where it is ahead of the next by so many times the evidence's spread.
_CLEAR = 2.0
#: The part of a beat whose harmony is compared with the last one's: not the attack, in which both sound.
_FROM, _TO = 0.15, 0.95
#: Learnt evidence of a beat lies within so much of it.
_EARLY_S, _LATE_S = 0.05, 0.07


class Bars:
    """Told of each hop, of what a network says, and of each beat."""

    def __init__(self) -> None:
        self._learnt: list[tuple[float, float]] = []
        self.forget()

    def forget(self) -> None:
        """The music is another."""
        self._scores: F64 = np.zeros(BEATS)
        self._means: F64 = np.zeros(len(_WEIGHTS))
        self._weight = self._spread = self._beats = 0.0
        self._sum: list[F64] = []
        self._before: list[F64] = []
        self._last: tuple[int, float] | None = None
        self._first = 0
        #: How sure it is that the bar begins where it is said to, 0..1.
        self.confidence = 0.0

    def listen(self, phase: float, chroma: F32, log: F32) -> None:
        """One hop at this phase of its beat, 0..1, with its pitch classes f32[12] and its spectrum f32[n]."""
        if _FROM <= phase <= _TO:
            heard = [chroma.astype(np.float64), log.astype(np.float64)]
            self._sum = [a + b for a, b in zip(self._sum, heard, strict=True)] if self._sum else heard

    def learn(self, t_s: float, downbeat: float) -> None:
        """A network takes this time for a bar's first beat with this probability."""
        self._learnt.append((t_s, downbeat))

    def beat(self, number: int, t_s: float) -> None:
        """A beat fell, this one of the count: the one before is over and can be judged."""
        if self._last and self._before and self._sum:
            self._judge(self._last[0], self._last[1])
        self._before, self._sum = self._sum, []
        self._last = (number, t_s)

    def position(self, beats: float) -> float:
        """Where in its bar a count of beats stands, 0..1."""
        return (beats - self._first) % BEATS / BEATS

    def _judge(self, number: int, t_s: float) -> None:
        near = [x for at_s, x in self._learnt if t_s - _EARLY_S <= at_s <= t_s + _LATE_S]
        self._learnt = [one for one in self._learnt if one[0] > t_s + _LATE_S]
        change = [_unlike(a, b) for a, b in zip(self._sum, self._before, strict=True)]
        found = np.array([max(near, default=0.0), *change])
        keep = math.exp(-1.0 / _MEMORY)
        self._means, self._weight = keep * self._means + found, keep * self._weight + 1.0
        relative = np.minimum(found / np.maximum(self._means / self._weight, 1e-6), _MOST) - 1.0
        evidence = float(_WEIGHTS @ relative)
        self._scores *= keep
        self._scores[number % BEATS] += evidence
        self._spread = keep * self._spread + evidence * evidence
        self._beats += 1.0
        self._decide()

    def _decide(self) -> None:
        best = int(self._scores.argmax())
        ahead = float(self._scores[best] - np.sort(self._scores)[-2])
        clear = min(ahead / math.sqrt(max(self._spread, 1e-9)) / _CLEAR, 1.0)
        confidence = clear * (1.0 - math.exp(-self._beats / _ENOUGH))
        if confidence >= SURE_OF_BAR:
            self._first = best
        self.confidence = confidence if best == self._first else 0.0


def _unlike(a: F64, b: F64) -> float:
    """0 for vectors f64[n] of one direction … 1 for those that share nothing."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1.0 - float(a @ b) / size if size > 1e-9 else 0.0
