"""So many a second and no more, with a few at once."""

import asyncio
import time
from collections.abc import Callable


class Turns:
    """Lets everybody have a turn, `rate_hz` a second in all; after a rest `burst` of them at once."""

    def __init__(self, rate_hz: float, burst: int = 1, now_s: Callable[[], float] = time.monotonic) -> None:
        self._period_s, self._burst, self._now_s = 1.0 / rate_hz, burst, now_s
        self._next_s = 0.0

    def take(self) -> float:
        """In how many seconds the caller's turn is."""
        now_s = self._now_s()
        turn_s = max(self._next_s, now_s - (self._burst - 1) * self._period_s)
        self._next_s = turn_s + self._period_s
        return max(turn_s - now_s, 0.0)

    async def wait(self) -> None:
        """Until it is the caller's turn."""
        if (wait_s := self.take()) > 0.0:
            await asyncio.sleep(wait_s)
