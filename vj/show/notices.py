"""What a performer should know: told once in the terminal, shown for a while over the picture."""

import sys
import threading
import time

#: How long a notice is shown, and how many at most.
_SHOWN_S, _MOST = 8.0, 4


class Notices:
    """May be told from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: list[tuple[float, str]] = []

    def tell(self, text: str) -> None:
        """A line; one that is still shown is not told again."""
        now_s = time.monotonic()
        with self._lock:
            known = any(text == other for _, other in self._shown(now_s))
            self._recent = [*(n for n in self._shown(now_s) if n[1] != text), (now_s, text)][-_MOST:]
        if not known:
            print(f"vj: {text}", file=sys.stderr, flush=True)

    def texts(self) -> list[str]:
        """Those to be shown now."""
        with self._lock:
            return [text for _, text in self._shown(time.monotonic())]

    def _shown(self, now_s: float) -> list[tuple[float, str]]:
        return [n for n in self._recent if now_s - n[0] < _SHOWN_S]
