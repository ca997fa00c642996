"""How far what follows the beat is to be looked ahead, measured on the latest frames. Pure.

Values are worked out when a frame begins and seen when it is shown. What falls between two frames shows in the later
one, so that half of the time between them is added. The network's pictures take longer, and each is faded in.
"""

import math
from collections import deque
from typing import Any

import numpy as np

from vj.clock.beat_clock import Ahead
from vj.core.types import F64

#: Frames, and pictures of the network, that are looked back on.
_LATEST = 120
#: Longer is no latency but a pause.
_LONGEST_S = 0.5
#: Time constant in which what is looked ahead follows what is measured, so that no beat is hurried.
_FOLLOW_S = 0.5
#: Where between two frames something may fall: it is looked at in so many places.
_BETWEEN = (np.arange(5) + 0.5) / 5


class LookAhead:
    """Told of each frame that is shown."""

    def __init__(self) -> None:
        self._shaders, self._network = _Way(), _Way()
        self._shown_s = math.nan
        self.ahead = Ahead()

    def shown(self, begun_s: float, shown_s: float, picture: Any = None, fade_s: float = 0.0) -> None:
        """A frame whose values were worked out at `begun_s` came to the screen, on the monotonic clock.

        picture  the network's, where this frame is the first to show it (`vj.generator.mailbox.picture_ring`)
        fade_s   time in which it is faded in
        """
        since_s, self._shown_s = shown_s - self._shown_s, shown_s
        if not since_s > 0.0:
            return
        self._shaders.took(begun_s, shown_s)
        if picture is not None and picture["t_told_s"]:
            # It is half there in the frame that ends after half of the fade.
            half_s = max(math.ceil(0.5 * fade_s / since_s) - 1, 0) * since_s
            self._network.took(float(picture["t_told_s"]), shown_s + half_s)
        share = 1.0 - math.exp(-since_s / _FOLLOW_S)
        self.ahead = Ahead(
            self._shaders.followed(self.ahead.shaders_s, share), self._network.followed(self.ahead.network_s, share)
        )


class _Way:
    """One way to the screen: what took how long, and how long after the one before it was begun."""

    def __init__(self) -> None:
        self._latest = deque[tuple[float, float]](maxlen=_LATEST)
        self._begun_s = math.nan
        self._median_s: float | None = None

    def took(self, begun_s: float, seen_s: float) -> None:
        since_s, self._begun_s = begun_s - self._begun_s, begun_s
        if 0.0 < since_s < _LONGEST_S and 0.0 <= seen_s - begun_s < _LONGEST_S:
            self._latest.append((seen_s - begun_s, since_s))
            self._median_s = _median(*np.array(self._latest).T)

    def followed(self, ahead_s: float, share: float) -> float:
        """A share of the way from `ahead_s` to what was measured."""
        return ahead_s if self._median_s is None else ahead_s + share * (self._median_s - ahead_s)


def _median(took_s: F64, since_s: F64) -> float:
    """How late at the median something shows that may fall at any time: f64[n] each."""
    late_s = (took_s[:, None] + since_s[:, None] * _BETWEEN).ravel()
    order, weights = np.argsort(late_s), np.repeat(since_s, len(_BETWEEN))
    below = np.cumsum(weights[order])
    return float(late_s[order][np.searchsorted(below, 0.5 * below[-1])])
