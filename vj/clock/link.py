"""Ableton Link: the beat that programs of one network share. Needs `aalink`, an optional extra: pip install vj[link].

vj follows: it never changes the tempo. As with every peer, though, whoever joins a session takes that session's tempo,
so that those who come after a vj that was alone begin at its 120 BPM.
"""

import asyncio
import threading
import time
from typing import Any

from vj.core.errors import ControlError

#: The tempo of a session where vj is the first.
_ALONE_BPM = 120.0
_LOOK_S = 0.1


class LinkClock:
    """A peer, joined when made; a clock (`vj.clock.beat_clock.Source`). Raises ControlError without aalink.

    Link's threads and the event loop that aalink asks for are beside the window's: making it takes no time there.
    """

    def __init__(self, beats_per_bar: int = 4) -> None:
        try:
            from aalink import Link
        except ImportError as e:
            # Its wheels for Linux want a library that not every system has.
            hint = "Debian's package libatomic1" if "libatomic" in str(e) else "pip install vj[link]"
            raise ControlError(f"tempo/source link: aalink cannot be loaded ({e}), expected it: {hint}") from None
        self._make = Link
        self.beats_per_bar = beats_per_bar
        self._link: Any = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._take_part()), name="link", daemon=True)
        self._thread.start()

    @property
    def peers(self) -> int:
        """How many others there are."""
        return int(self._link.num_peers) if self._link else 0

    @property
    def bpm(self) -> float:
        """The session's tempo; 0 where nobody else is there."""
        return float(self._link.tempo) if self.peers else 0.0

    def at(self, now_s: float) -> float | None:
        """Beats of the session, whose bars begin where the others' do; None where nobody else is there."""
        if not self.peers:
            return None
        if self._link.quantum != self.beats_per_bar:
            self._link.quantum = float(self.beats_per_bar)
        ahead_s = now_s - time.monotonic()
        return float(self._link.beat) + ahead_s * self.bpm / 60.0

    def close(self) -> None:
        """Leave the session."""
        self._ends.set()
        self._thread.join()

    async def _take_part(self) -> None:
        link = self._make(_ALONE_BPM)
        link.enabled = True
        self._link = link
        while not self._ends.is_set():
            await asyncio.sleep(_LOOK_S)
        self._link = None
        link.enabled = False
