"""Processes on their way out: asked, then killed, then gone. Nobody waits for one while others need looking after."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vj.runtime.worker import Worker

_LOOK_S = 0.01


def order(alive: bool, kill_at_s: float, now_s: float) -> Literal["wait", "kill", "gone"]:
    """What is to be done about a process that is to end: killed from `kill_at_s` on, as often as is asked. Pure."""
    if not alive:
        return "gone"
    return "kill" if now_s >= kill_at_s else "wait"


@dataclass(frozen=True, slots=True)
class _One:
    worker: Worker
    kill_at_s: float


class Ending:
    """Ends processes in stages, and lets go of what was theirs once nobody uses it. Belongs to one thread."""

    def __init__(self) -> None:
        self._workers: list[_One] = []
        self._held: list[tuple[Callable[[], bool], Callable[[], None]]] = []

    def __len__(self) -> int:
        """Processes that are not gone yet."""
        return len(self._workers)

    def end(self, worker: Worker, now_s: float, polite_s: float = 0.0) -> None:
        """Ask a process to end, and kill it `polite_s` later where it has not."""
        worker.ask_to_end()
        self._workers.append(_One(worker, now_s + polite_s))
        self.step(now_s)

    def release(self, in_use: Callable[[], bool], release: Callable[[], None]) -> None:
        """Call `release` as soon as `in_use` says no: at once, or in a later step."""
        self._held.append((in_use, release))
        self._release()

    def step(self, now_s: float) -> None:
        """Take everybody a stage further. Waits for nobody."""
        left = []
        for one in self._workers:
            what = order(one.worker.alive, one.kill_at_s, now_s)
            if what == "kill":
                one.worker.kill()
            if what != "gone":
                left.append(one)
        self._workers = left
        self._release()

    def close(self, within_s: float = 5.0) -> None:
        """Have everything end, waiting `within_s` at most; what is still used by then is let go of all the same."""
        until_s = time.monotonic() + within_s
        while self._workers and time.monotonic() < until_s:
            self.step(time.monotonic())
            time.sleep(_LOOK_S)
        for one in self._workers:
            one.worker.kill()
        for _, release in self._held:
            release()
        self._held = []

    def _release(self) -> None:
        held, self._held = self._held, []
        for in_use, release in held:
            if in_use():
                self._held.append((in_use, release))
            else:
                release()
