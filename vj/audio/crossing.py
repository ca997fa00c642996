"""Decides where a curve of novelty has a hit: the first crossing of a threshold that follows its background. Pure."""

import math

import numpy as np

_MEMORY_S = 0.8
#: The background: this quantile of the curve of late, with a share of its mean, which quiet music between hits lacks.
_QUANTILE, _MEAN_SHARE = 0.7, 0.25


class Crossing:
    """Remembers the curve of late, one value a hop."""

    def __init__(self, hop_s: float) -> None:
        self._recent = np.zeros(max(round(_MEMORY_S / hop_s), 4))
        self._next = 0
        self._below = True
        self.last_t_s = -math.inf

    def rises(self, value: float, strongest: float, t_s: float, threshold: float, floor: float, rest_s: float) -> bool:
        """Whether the curve rises through its threshold here.

        threshold  how many times its background it must be; `floor` that share of `strongest` on top
        rest_s     no second hit within this time
        """
        at = int(_QUANTILE * (len(self._recent) - 1))
        background = float(np.partition(self._recent, at)[at]) + _MEAN_SHARE * float(self._recent.sum()) / len(
            self._recent
        )
        above = value > threshold * background + floor * strongest
        self._recent[self._next] = value
        self._next = (self._next + 1) % len(self._recent)
        rises = above and self._below
        self._below = not above
        return rises and t_s - self.last_t_s >= rest_s
