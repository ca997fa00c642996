"""Holds the proving process of a show: hands it one shader after another, and ends it where one takes too long.

Two threads use it, and neither waits for the other: the window's asks and takes answers, the supervisor's tends.
"""

import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vj.core.errors import ShaderError
from vj.render import proving
from vj.render.isf.imported import Pictures
from vj.render.isf.shader import IsfShader
from vj.render.proving import Limits
from vj.render.proving_process import taken
from vj.runtime.ending import Ending
from vj.runtime.lifecycle import Patience
from vj.runtime.supervisor import Supervised
from vj.runtime.worker import Worker

#: Pauses before the process is started again after one that failed.
_BACK_OFF_S = (0.0, 1.0, 10.0)
#: Between questions it says nothing; while it has one it is timed.
_PATIENCE = Patience(starting_s=30.0, silent_s=float("inf"))


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """May the shader in this file, called `name`, be drawn at `size`? values: of its parameters, if not defaults."""

    path: Path
    name: str
    size: tuple[int, int]
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """It may: the shader as it was read, its pictures decoded. Or it may not, and `error` says why."""

    path: Path
    shader: IsfShader | None = None
    pictures: Pictures = field(default_factory=dict)
    error: ShaderError | None = None


class Prover:
    """`ask` and `answers` belong to the window's thread, `tend` and `close` to the supervisor's.

    start  starts a process, for tests
    The process is started when the first is asked, and stays.
    """

    def __init__(self, limits: Limits = proving.LIVE, start: Callable[[Limits], Worker] = proving.start_beside) -> None:
        self._limits, self._ending = limits, Ending()
        self._supervised = Supervised(lambda: start(limits), _BACK_OFF_S, self._ending)
        self._asked: queue.SimpleQueue[Question] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Verdict] = queue.SimpleQueue()
        self._waiting: dict[Path, Question] = {}
        self._ready = False
        #: What is tried, its number, since when, and what the process is doing with it.
        self._trying: Question | None = None
        self._number, self._since_s, self._doing = 0, 0.0, ""

    def ask(self, question: Question) -> None:
        """Have a shader tried. Of several questions about one file the newest counts."""
        self._asked.put(question)

    def answers(self) -> list[Verdict]:
        """Those that came since the last call."""
        found = []
        while not self._answers.empty():
            found.append(self._answers.get())
        return found

    def tend(self, now_s: float | None = None) -> None:
        """Look after the process: hear it, end it where it takes too long, hand it the next."""
        now_s = time.monotonic() if now_s is None else now_s
        self._ending.step(now_s)
        while not self._asked.empty():
            question = self._asked.get()
            self._waiting[question.path] = question
        if self._supervised.process is None and not self._waiting:
            return
        for message in self._supervised.hear():
            self._take(message)
        if self._trying and now_s - self._since_s > self._limits.total_s:
            self._too_long(now_s)
        if self._supervised.tend(now_s, now_s if self._ready else 0.0, _PATIENCE):
            self._lost()
        self._next(now_s)

    def close(self) -> None:
        """End the process."""
        self._supervised.end(time.monotonic())
        self._ending.close()

    def _take(self, message: tuple[Any, ...]) -> None:
        kind, *more = message
        if kind == "ready":
            self._ready = True
            self._supervised.worked()
        elif more[0] == self._number and self._trying:
            if kind == "doing":
                self._doing = more[1]
            elif kind == "refused":
                self._answer(error=ShaderError(more[1]))
            else:
                self._answer(shader=more[1], pictures=taken(more[2]))

    def _answer(self, **verdict: Any) -> None:
        question, self._trying = self._trying, None
        # One that was edited meanwhile is tried again before anything is said.
        if question and question.path not in self._waiting:
            self._answers.put(Verdict(question.path, **verdict))

    def _too_long(self, now_s: float) -> None:
        if self._trying:
            self._answer(error=proving.too_long(str(self._trying.path), self._doing, self._limits))
        self._ready = False
        self._supervised.begin(now_s)

    def _lost(self) -> None:
        """It has ended by itself, or could not begin: whoever is tried, or would be first, is told why."""
        was_ready, self._ready, trouble = self._ready, False, self._supervised.trouble
        if self._trying:
            self._answer(error=proving.crashed(str(self._trying.path), self._doing, trouble, self._limits))
        elif not was_ready:
            for path in list(self._waiting):
                del self._waiting[path]
                self._answers.put(Verdict(path, error=ShaderError(f"{path}: cannot be tried: {trouble}")))

    def _next(self, now_s: float) -> None:
        if not self._waiting:
            return
        process = self._supervised.process
        if process and self._ready and self._trying is None:
            question = self._waiting.pop(next(iter(self._waiting)))
            self._trying, self._since_s, self._doing = question, now_s, "reading it"
            self._number += 1
            asked = question.path, question.name, dict(question.values), question.size
            process.worker.send(("prove", self._number, *asked))
