"""What a performer should know: told once in the terminal, shown for a while over the picture.

The terminal may be closed, stopped by Ctrl-S, a pipe that nobody reads or a full disk: a thread of its own writes to
it, so that none of that holds up or ends a show. What it cannot take is dropped.
"""

import os
import queue
import threading
import time
from collections.abc import Callable

from vj.core.errors import one_line
from vj.core.logs import LOG

#: How long a notice is shown, and how many at most.
_SHOWN_S, _MOST = 8.0, 4
#: Lines that wait for the terminal.
_WAITING = 100
#: How long the end of a show waits for the terminal.
_PATIENCE_S = 0.5
_STDERR = 2


def to_terminal(data: bytes) -> None:
    """Write to the standard error, below Python's buffer, whose lock a write that hangs would hold. Raises OSError."""
    while data:
        data = data[os.write(_STDERR, data) :]


class Notices:
    """May be told from any thread; no call waits or raises. `write` puts bytes where a person reads them."""

    def __init__(self, write: Callable[[bytes], None] = to_terminal) -> None:
        self._lock = threading.Lock()
        self._recent: list[tuple[float, str]] = []
        self._write = write
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING)
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
        self._thread.start()

    def tell(self, text: str) -> None:
        """A line; one that is still shown is not told again."""
        text, now_s = one_line(text), time.monotonic()
        with self._lock:
            known = any(text == other for _, other in self._shown(now_s))
            self._recent = [*(n for n in self._shown(now_s) if n[1] != text), (now_s, text)][-_MOST:]
        if not known:
            LOG.info("%s", text)
            self.say(f"vj: {text}")

    def say(self, text: str) -> None:
        """Lines for the terminal alone."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self.dropped += 1

    def texts(self) -> list[str]:
        """Those to be shown now."""
        with self._lock:
            return [text for _, text in self._shown(time.monotonic())]

    def _shown(self, now_s: float) -> list[tuple[float, str]]:
        return [n for n in self._recent if now_s - n[0] < _SHOWN_S]

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._write(f"{line}\n".encode(errors="replace"))
            except (OSError, ValueError):
                self.dropped += 1

    def close(self) -> None:
        """What waits is written, if the terminal takes it soon."""
        end_s = time.monotonic() + _PATIENCE_S
        try:
            self._lines.put(None, timeout=_PATIENCE_S)
        except queue.Full:
            return
        self._thread.join(max(end_s - time.monotonic(), 0.0))
