"""Tempo tapped by hand: the beats that a person means. Pure."""

from collections import deque

#: Taps further apart begin anew.
_TOGETHER_S = 2.0
_TAPS = 8
#: A tempo counts from so many taps on.
_ENOUGH = 3


class Taps:
    """Told whether the button is down in each hop."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=_TAPS)
        self._down = False

    def tapped(self, down: bool, t_s: float) -> bool:
        """Whether it was pressed here."""
        pressed = down and not self._down
        self._down = down
        if pressed:
            if self._times_s and t_s - self._times_s[-1] > _TOGETHER_S:
                self._times_s.clear()
            self._times_s.append(t_s)
        return pressed

    @property
    def bpm(self) -> float | None:
        """The tempo of the latest taps; None while there are too few."""
        if len(self._times_s) < _ENOUGH:
            return None
        return 60.0 * (len(self._times_s) - 1) / (self._times_s[-1] - self._times_s[0])
