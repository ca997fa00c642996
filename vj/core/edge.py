"""Where a show meets what it cannot foresee: the one place that decides what an exception does to it.

Whatever handles a key, a message, a file or a picture does so inside `Edge.handling`. What it raises is told to the
performer and counted, and the show goes on; the log has the traceback. Only what stands in FATAL ends a show.
"""

import contextlib
import logging
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator

from vj.core.errors import ShowError, VjError

#: What ends a show, and nothing else does: Ctrl-C, a polite kill, and that there is nothing left to play.
FATAL: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit, ShowError)
#: Different places in the code whose tracebacks are logged; a fault that comes back each frame is logged once.
_MOST_LOGGED = 200

_log = logging.getLogger("vj.edge")


class Edge:
    """Counts by what was handled: `refused` what cannot be done, each a VjError; `failed` faults of vj itself.

    tell    is told of each, a line; now_s: a clock in seconds, on which telling is slowed down
    May be used from several threads.
    """

    def __init__(self, tell: Callable[[str], None], now_s: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._now_s = tell, now_s
        self._lock = threading.Lock()
        self.refused: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.last = ""
        self._told_s: dict[str, float] = {}
        self._logged: set[tuple[object, ...]] = set()

    @contextlib.contextmanager
    def handling(self, what: str, pause_s: float = 0.0) -> Iterator[None]:
        """Run a handler; `what` it handles ("keys", "OSC") is counted by, and told at most every `pause_s`."""
        try:
            yield
        except FATAL:
            raise
        except Exception as e:  # noqa: BLE001 – this is the edge: a fault in a handler must not end a show.
            self.caught(what, e, pause_s)

    def caught(self, what: str, error: Exception, pause_s: float = 0.0, then: str = "") -> None:
        """An exception was caught elsewhere: as if a handler had raised it. then: what was done about it."""
        refused = isinstance(error, VjError)
        if not refused:
            self._log_once(what, error)
        text = str(error) if refused else described(error)
        self._count(self.refused if refused else self.failed, what, f"{text}; {then}" if then else text, pause_s)

    def _count(self, counter: "Counter[str]", what: str, text: str, pause_s: float) -> None:
        now_s, line = self._now_s(), f"{what}: {text}"
        with self._lock:
            counter[what] += 1
            self.last = line
            told = now_s - self._told_s.get(what, float("-inf")) < pause_s
            if not told:
                self._told_s[what] = now_s
        if not told:
            self._tell(line)

    def _log_once(self, what: str, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = (what, type(error), *((f.filename, f.lineno) for f in frames[-1:]))
        with self._lock:
            if place in self._logged or len(self._logged) >= _MOST_LOGGED:
                return
            self._logged.add(place)
        _log.error("%s: %s", what, described(error), exc_info=error)

    def counts(self) -> dict[str, dict[str, int]]:
        """For a report: what was refused and what failed, by what was handled."""
        with self._lock:
            return {"refused": dict(self.refused), "failed": dict(self.failed)}

    @property
    def failures(self) -> int:
        """Faults so far."""
        with self._lock:
            return self.failed.total()


def described(error: Exception) -> str:
    """An exception in one line."""
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text and text[0] else type(error).__name__
