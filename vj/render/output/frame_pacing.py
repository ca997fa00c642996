"""Keeping to a rate where the display does not wait, and knowing how well that went."""

import time
from collections import deque

import numpy as np

from vj.core.types import F64

#: Frames whose times are kept: a minute and a half at 60 a second.
_KEPT = 5400


class FramePacer:
    """Sleeps until the next frame is due. A late frame shifts those after it: no rush to catch up."""

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1.0 / rate_hz
        self._due_s = 0.0

    def wait(self) -> None:
        """Call once a frame."""
        now_s = time.monotonic()
        self._due_s += self._period_s
        if self._due_s <= now_s:
            # A late frame: the next is due a period from now.
            self._due_s = now_s
            return
        time.sleep(self._due_s - now_s)


class FrameTimes:
    """Intervals between the frames that were shown, and the time that drawing took, in seconds."""

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=_KEPT)
        self._draws: deque[float] = deque(maxlen=_KEPT)
        self._last_s: float | None = None
        self.count = 0
        self.worst_s = 0.0

    def shown(self, now_s: float, draw_s: float) -> None:
        """A frame came to the screen."""
        if self._last_s is not None:
            self._intervals.append(now_s - self._last_s)
            self.worst_s = max(self.worst_s, self._intervals[-1])
        self._last_s = now_s
        self._draws.append(draw_s)
        self.count += 1

    def forget(self) -> None:
        """Measure anew from here."""
        self._intervals.clear()
        self._draws.clear()
        self.worst_s = 0.0

    @property
    def intervals_s(self) -> F64:
        """f64[n], those of the last minutes."""
        return np.array(self._intervals)

    @property
    def draws_s(self) -> F64:
        """f64[n], likewise."""
        return np.array(self._draws)

    def fps(self, over: int = 60) -> float:
        """Frames a second over the last ones; 0 before there are two."""
        recent = list(self._intervals)[-over:]
        return len(recent) / sum(recent) if recent else 0.0


def percentiles_ms(seconds: F64) -> dict[str, float]:
    """p50, p95, p99 and the largest of f64[n], in milliseconds; empty where nothing was measured."""
    if not len(seconds):
        return {}
    p50, p95, p99 = np.percentile(seconds * 1000.0, [50, 95, 99])
    return {"p50": float(p50), "p95": float(p95), "p99": float(p99), "max": float(seconds.max() * 1000.0)}
