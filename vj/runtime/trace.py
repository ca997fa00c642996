"""Where the time of each frame goes, in Chrome's trace format: chrome://tracing and https://ui.perfetto.dev draw it."""

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vj.core.errors import UsageError

#: Spans that are kept, the newest: ten minutes of a show at 60 frames a second.
_MOST = 400_000
_PID = 1


class Trace:
    """Spans of time in lanes. `begin`, `lap` and `end` are those of the frames of one thread; times are monotonic."""

    def __init__(self, most: int = _MOST) -> None:
        self._spans: deque[tuple[str, str, float, float]] = deque(maxlen=most)
        self._began_s = self._lap_s = 0.0

    def begin(self, now_s: float) -> None:
        """A frame begins."""
        self._began_s = self._lap_s = now_s

    def lap(self, name: str, now_s: float) -> None:
        """The stage of the frame that has gone on since the last lap ends."""
        self.span("window", name, self._lap_s, now_s)
        self._lap_s = now_s

    def end(self, now_s: float) -> None:
        """The frame is over."""
        self.span("window", "frame", self._began_s, now_s)

    def span(self, lane: str, name: str, begin_s: float, end_s: float) -> None:
        """Something that happened beside, in a lane of its own."""
        self._spans.append((lane, name, begin_s, end_s))

    def events(self) -> Iterator[dict[str, Any]]:
        """The events of the file: names of the lanes, then the spans, in microseconds since the first of them."""
        lanes = list(dict.fromkeys(lane for lane, *_ in self._spans))
        first_s = min((begin_s for _, _, begin_s, _ in self._spans), default=0.0)
        for tid, lane in enumerate(lanes):
            yield {"ph": "M", "name": "thread_name", "pid": _PID, "tid": tid, "args": {"name": lane}}
        for lane, name, begin_s, end_s in self._spans:
            ts, dur = (begin_s - first_s) * 1e6, (end_s - begin_s) * 1e6
            yield {
                "ph": "X", "name": name, "pid": _PID, "tid": lanes.index(lane), "ts": round(ts, 1), "dur": round(dur, 1)
            }  # fmt: skip

    def write(self, path: Path) -> None:
        """Write the file. Raises UsageError where that is not possible."""
        try:
            with path.open("w", encoding="utf-8") as out:
                out.write('{"displayTimeUnit": "ms", "traceEvents": [\n')
                for number, event in enumerate(self.events()):
                    out.write((",\n" if number else "") + json.dumps(event))
                out.write("\n]}\n")
        except OSError as e:
            raise UsageError(f"--trace {path}: cannot be written: {e.strerror}") from None
