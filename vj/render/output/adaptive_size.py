"""How large the picture is drawn inside, so that drawing keeps to its time: its size gives way, not the rate. Pure."""

from collections import deque

#: Sides of the picture drawn inside, relative to the one wanted.
STEPS = (1.0, 0.84, 0.71, 0.59, 0.5, 0.42)
#: Drawing should take no more than this share of a frame; above, a step down.
_FULL = 0.75
#: A step up is tried when the larger picture would take no more than this share, its cost going with its area.
_ROOM = 0.6
_LOOK_S, _FEW = 0.5, 4
#: Calm time before a step up, doubled (up to the last) each time that one had to be taken back.
_CALM_S, _LONGEST_S = 3.0, 60.0


class AdaptiveSize:
    """Give it each frame's drawing time; `scale` is the side to draw at, of the one wanted.

    cautious  begin in the middle, where drawing is known to be slow
    """

    def __init__(self, budget_s: float, *, cautious: bool = False) -> None:
        self._budget_s = budget_s
        self._draws: deque[tuple[float, float]] = deque()
        self._step = len(STEPS) // 2 if cautious else 0
        self._changed_s: float | None = None
        self._calm_s = _CALM_S
        self._rose = False

    @property
    def scale(self) -> float:
        """One of STEPS."""
        return STEPS[self._step]

    def frame(self, now_s: float, draw_s: float) -> bool:
        """A frame took so long to draw; returns whether `scale` changed."""
        if self._changed_s is None:
            self._changed_s = now_s
        self._draws.append((now_s, draw_s))
        while len(self._draws) > _FEW and self._draws[0][0] < now_s - _LOOK_S:
            self._draws.popleft()
        since_s = now_s - self._changed_s
        if since_s < _LOOK_S or len(self._draws) < _FEW:
            return False
        # The median: one slow frame (a new program, another process) is no reason.
        usual_s = sorted(d for _, d in self._draws)[len(self._draws) // 2]
        if usual_s > _FULL * self._budget_s and self._step < len(STEPS) - 1:
            if self._rose and since_s < 2 * self._calm_s:
                self._calm_s = min(2 * self._calm_s, _LONGEST_S)
            return self._move(1, now_s)
        if self._step and since_s > self._calm_s:
            area = (STEPS[self._step - 1] / STEPS[self._step]) ** 2
            if usual_s * area < _ROOM * self._budget_s:
                return self._move(-1, now_s)
        return False

    def _move(self, by: int, now_s: float) -> bool:
        self._step += by
        self._rose = by < 0
        self._changed_s = now_s
        self._draws.clear()
        return True
