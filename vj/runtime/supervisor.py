"""Looks after other processes: the one way in which they are started, heard, found lost, and started again.

A `Process` is one run; `Supervised` keeps one running; the `Supervisor` is the thread in which that happens, so that
the window's never waits for it. What is decided, and when, is `vj.runtime.lifecycle`; how they end `vj.runtime.ending`.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from vj.core.edge import Edge
from vj.core.errors import ShowError, VjError, WorkerError
from vj.runtime.ending import Ending
from vj.runtime.lifecycle import BackOff, Life, Patience
from vj.runtime.worker import Worker

#: How often everything is looked after.
TEND_S = 0.05
#: What goes wrong every time is told so rarely.
_TELL_S = 10.0
#: Who looks after a process so late was stopped (Ctrl-Z, a laptop that slept), and so was perhaps the process.
_AWAY_S = 1.0
#: Whoever is done with a job waits so long at most for one that is under way.
_FORGET_S = 5.0


class Process:
    """One run of a process: what it says, and whether it lives. `error` is what it raised, or how it ended."""

    def __init__(self, worker: Worker, now_s: float) -> None:
        self.worker, self.life, self._looked_s = worker, Life(worker.name, now_s), now_s
        self.error: VjError | None = None

    def hear(self) -> list[tuple[Any, ...]]:
        """The messages that have come. Waits for none."""
        messages = []
        try:
            while self.error is None and self.worker.waiting(0.0):
                messages.append(self.worker.receive(0.0))
        except VjError as e:
            self.error = e
        return messages

    def tend(self, now_s: float, sign_s: float, patience: Patience, *, ready: bool = True, fault: str = "") -> Life:
        """How it stands, whose newest sign of life came at `sign_s` (`Life.lived`); `fault`: what it said is wrong."""
        fault = fault or str(self.error or "")
        if not fault and not self.worker.alive:
            fault = f"the {self.worker.name} process ended unexpectedly"
        if now_s - self._looked_s > _AWAY_S:
            self.life = self.life.excused(now_s)
        self._looked_s = now_s
        self.life = self.life.lived(now_s, sign_s, patience, ready=ready, fault=fault)
        return self.life


class Supervised:
    """Keeps a process running. `restarts` counts those that came after one was lost; `trouble` is why."""

    def __init__(self, start: Callable[[], Worker], pauses_s: tuple[float, ...], ending: Ending) -> None:
        self._start, self._ending, self._back_off = start, ending, BackOff(pauses_s)
        self.process: Process | None = None
        self.restarts, self.trouble = 0, ""

    @property
    def pid(self) -> int | None:
        """The process number, where there is one."""
        return self.process.worker.pid if self.process else None

    @property
    def error(self) -> VjError | None:
        """What the present run raised, or how it ended, from when that was heard until the next `tend`."""
        return self.process.error if self.process else None

    @property
    def begun_s(self) -> float:
        """When the present run began; 0 where there is none."""
        return self.process.life.begun_s if self.process else 0.0

    def begin(self, now_s: float) -> None:
        """Start it, whether or not that is due. One that runs is ended."""
        self.end(now_s)
        try:
            self.process = Process(self._start(), now_s)
        except (OSError, WorkerError) as e:
            # No memory or no process left: there may be one later.
            self._failed(f"cannot be started: {e}", now_s)

    def hear(self) -> list[tuple[Any, ...]]:
        """The messages that have come."""
        return self.process.hear() if self.process else []

    def tend(self, now_s: float, sign_s: float, patience: Patience, *, fault: str = "") -> bool:
        """End what is lost, start what is due; returns whether it was lost just now, and `trouble` says why.

        sign_s  of its newest sign of life; fault  what it said is wrong
        """
        life = self.process.tend(now_s, sign_s, patience, fault=fault) if self.process else None
        lost = life is not None and life.state == "lost"
        if life and lost:
            self.end(now_s)
            self._failed(life.trouble, now_s)
        if self.process is None and self._back_off.due(now_s):
            self.restarts += 1
            self.begin(now_s)
        return lost

    def worked(self) -> None:
        """It does what it should: should it be lost, the first pause is the shortest again."""
        self._back_off = self._back_off.worked()

    def end(self, now_s: float, polite_s: float = 0.0) -> None:
        """End it, after `polite_s` by force. Without another `tend` or `begin` it does not come back."""
        process, self.process = self.process, None
        if process:
            self._ending.end(process.worker, now_s, polite_s)

    def _failed(self, trouble: str, now_s: float) -> None:
        self.trouble, self._back_off = trouble, self._back_off.failed(now_s)


class Supervisor:
    """A thread that does again and again what looks after something, and once what takes longer than a frame.

    What goes wrong is told, counted and logged by `edge`, and the rest goes on; only what ends a show (ShowError) is
    kept as `error`, and ends it.
    """

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self.error: ShowError | None = None
        self._jobs: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._tended: tuple[_Tended, ...] = ()
        self._working = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._ends = threading.Event()
        self._thread.start()

    def tend(self, job: Callable[[], object], every_s: float = TEND_S) -> Callable[[], None]:
        """Do this again and again, so often. Returns what to call to be done with it: from then on it does not run."""
        one = _Tended(job, every_s)
        self._tended = (*self._tended, one)
        return lambda: self._forget(one)

    def later(self, job: Callable[[], object]) -> None:
        """Do this once, as soon as may be."""
        self._jobs.put(job)

    def close(self, within_s: float = 5.0) -> None:
        """End the thread, waiting `within_s` at most; what it looked after is the caller's to close."""
        self._ends.set()
        self._thread.join(within_s)

    def _forget(self, one: "_Tended") -> None:
        self._tended = tuple(other for other in self._tended if other is not one)
        if self._working.acquire(timeout=_FORGET_S):
            self._working.release()

    def _run(self) -> None:
        while not self._ends.is_set() and self.error is None:
            with contextlib.suppress(queue.Empty):
                self._do(self._jobs.get(timeout=TEND_S))
            for one in self._tended:
                with self._working:
                    if one in self._tended and one.due(time.monotonic()):
                        self._do(one.job)
        # Processes that this thread started may end with it (`Worker`): they are others' to end.
        self._ends.wait()

    def _do(self, job: Callable[[], object]) -> None:
        try:
            with self._edge.handling("supervisor", pause_s=_TELL_S):
                job()
        except ShowError as e:
            self.error = e


class _Tended:
    """A job and when it is due."""

    def __init__(self, job: Callable[[], object], every_s: float) -> None:
        self.job, self._every_s, self._due_s = job, every_s, 0.0

    def due(self, now_s: float) -> bool:
        """Whether it is to be done now; if so it is due again after its time."""
        if now_s < self._due_s:
            return False
        # A little early is better than a whole round late.
        self._due_s = now_s + self._every_s - TEND_S / 2
        return True
