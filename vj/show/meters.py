"""How a window does: its frames, and how long sound takes to become light."""

from collections import deque
from statistics import median
from typing import Any

from vj.render.output.frame_pacing import FrameTimes
from vj.show.status_lines import Drawing

#: The latest frames that latencies are told of.
_LATEST = 120


class Meters:
    """Frames are counted and timed, and the latency of what is in them, both through the shaders and the network."""

    def __init__(self) -> None:
        self.times = FrameTimes()
        self._light_s: deque[float] = deque(maxlen=_LATEST)
        self._network_light_s: deque[float] = deque(maxlen=_LATEST)

    def shown(self, now_s: float, draw_s: float, row: Any, picture: Any) -> None:
        """A frame came to the screen at `now_s`, with a row of the analysis and a new picture of the network, or None.

        draw_s  what it took to draw
        """
        self.times.shown(now_s, draw_s)
        if row is not None and row["live"]:
            self._light_s.append(now_s - float(row["t_air_s"]))
        if picture is not None and picture["t_audio_s"]:
            self._network_light_s.append(now_s - float(picture["t_audio_s"]))

    def reading(self, size: tuple[int, int], scale: float, preset: str, limited: float | None) -> Drawing:
        """Figures of the latest frames; what they were drawn with is the caller's to say."""
        intervals, draws = self.times.intervals_s[-600:], self.times.draws_s[-60:]
        slow_s = float(sorted(intervals)[int(0.99 * len(intervals))]) if len(intervals) else 0.0
        mean_s = float(draws.mean()) if len(draws) else 0.0
        return Drawing(
            self.times.fps(), slow_s * 1000.0, mean_s * 1000.0, size, scale, preset, _median_ms(self._light_s),
            _median_ms(self._network_light_s), limited,
        )  # fmt: skip


def _median_ms(seconds: "deque[float]") -> float:
    return median(seconds) * 1000.0 if seconds else 0.0
