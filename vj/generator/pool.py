"""Looks after the generators: one that draws, and one that is ready to, or that has a new network to try.

A generator takes seconds to start (TensorFlow, the compiled program). So a spare one is started beside it, and takes
over at once when the first dies, hangs or draws what is no picture. A new network is tried the same way: its generator
starts beside the one that draws, and takes over only when it could draw; otherwise nothing changes.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vj.core.errors import VjError, WorkerError
from vj.core.types import F32
from vj.generator.config import GeneratorConfig
from vj.generator.mailbox import Told, picture_ring
from vj.generator.weights import read_card
from vj.modulation.matrix import Row, signal_names
from vj.modulation.signals import SIGNALS
from vj.runtime.ending import Ending
from vj.runtime.lifecycle import BackOff, Patience
from vj.runtime.published import Published
from vj.runtime.ring import Ring
from vj.runtime.supervisor import Process
from vj.runtime.worker import Worker

#: A cold first compile of a large network on a slow machine takes minutes.
_STARTING_S = 900.0
#: One that draws says after each picture that it lives; one that waits, five times a second.
_SILENT_S, _SILENT_PICTURES = 2.0, 12.0
#: Pauses before the next start after one that failed before it drew.
_BACK_OFF_S = (1.0, 3.0, 10.0)
#: A spare one is started when the first has drawn for so long, so that they do not compete.
CALM_S = 3.0

State = Literal["starting", "ready", "drawing"]


@dataclass(frozen=True, slots=True)
class Status:
    """How dreaming goes: restarts of generators that drew, pictures that were no numbers, last trouble, what draws."""

    state: str
    model: str
    fps: float
    gen_ms: float
    restarts: int
    bad: int
    spare: bool
    trouble: str
    engine: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    """A network to audition, None: none; takes_over: what is auditioned is to draw for all."""

    model: Path | None = None
    takes_over: bool = False


class Generator:
    """One process with the memory that its pictures come in."""

    def __init__(self, job: str, wanted: GeneratorConfig) -> None:
        """`wanted` without side and pictures, which are the network's own. Raises ModelError or WorkerError."""
        side = read_card(wanted.model)[0].resolution
        self.model, self.engine, self.drawing_since_s = wanted.model, "", math.inf
        #: What it had to do without, for people; nothing where all went well.
        self.troubles = ""
        self.auditioning = False
        self.pictures: Ring = picture_ring(side)
        told = replace(wanted, side=side, pictures_name=self.pictures.name)
        try:
            self._process = Process(Worker("generator", job, told), time.monotonic())
        except OSError as e:
            self.pictures.close()
            raise WorkerError(f"the generator cannot be started: {e}") from None

    @property
    def worker(self) -> Worker:
        """The process itself."""
        return self._process.worker

    @property
    def state(self) -> State:
        """Whether it starts, waits until it may draw, or draws."""
        if self.drawing_since_s < math.inf:
            return "drawing"
        return "ready" if self._process.life.state == "running" else "starting"

    def audition(self, *, wanted: bool) -> None:
        """From now on it draws what is auditioned, or waits again."""
        if wanted != self.auditioning:
            self.worker.send(("audition" if wanted else "wait",))
            self.auditioning = wanted

    def draw(self, now_s: float) -> None:
        """From now on it draws."""
        self.auditioning = False
        self.worker.send(("go",))
        self.drawing_since_s = now_s

    def tend(self, now_s: float) -> str:
        """Hear what it has to say; returns what is wrong with it, or nothing."""
        said = [message for message in self._process.hear() if message[0] == "ready"]
        ready = bool(said)
        if ready:
            _, self.engine, self.troubles = said[-1]
        patience = Patience(_STARTING_S, self._silent_s())
        return self._process.tend(now_s, self.pictures.beat_s, patience, ready=ready).trouble

    def _silent_s(self) -> float:
        newest = self.pictures.newest()
        return _SILENT_S + (_SILENT_PICTURES * float(newest["gen_ms"]) / 1000.0 if newest is not None else 0.0)


class GeneratorPool:
    """Two threads use it, and neither waits for the other.

    `tend` and `close` belong to one, and may take as long as starting a process; `newest`, `set_values` and `use_rows`
    to the window's. The rest may be called from anywhere.
    """

    def __init__(
        self, wanted: GeneratorConfig, *, spare: bool, tell: Callable[[str], None], job: str = "vj.generator.process",
        calm_s: float = CALM_S,
    ) -> None:  # fmt: skip
        """`wanted` without side, values, pictures; `tell` is told of troubles, a line each; `job` is the process.

        calm_s  how long one must have drawn before a spare one is started
        """
        self._calm_s = calm_s
        self._told = Told(signal_names(SIGNALS), [p.id for p in wanted.params])
        self._auditioned = Told(signal_names(SIGNALS), [p.id for p in wanted.params])
        self._wanted = replace(wanted, values_name=self._told.name, audition_name=self._auditioned.name)
        self._model, self._spare, self._tell, self._job = wanted.model, spare, tell, job
        self._drawing: Published[Generator] = Published()
        self._next: Generator | None = None
        #: What is to be auditioned; and the wish for it that was met by its taking over. Replaced, never changed.
        self._wish, self._met = _Wish(), _Wish()
        #: The generator that draws what is auditioned, for the window's thread.
        self._auditioning: Published[Generator] = Published()
        self._ending = Ending()
        #: Another number where another generator was taken over than the one whose place it takes.
        self.changes = 0
        #: What was asked for last, and what of that was taken up: replaced, never changed, as two threads look at it.
        self._asked: tuple[Path] | None = None
        self._taken_up: tuple[Path] | None = None
        self._restarts = self._bad_before = 0
        self._back_off = BackOff(_BACK_OFF_S)
        self._trouble = ""
        self._seen: tuple[str, int] = ("", 0)
        self._seen_audition: tuple[str, int] = ("", 0)
        self._rate: tuple[float, int, float] = (0.0, 0, 0.0)

    @property
    def model(self) -> Path:
        """The network that draws, or is to."""
        return self._model

    @property
    def wanted_model(self) -> Path:
        """The network that was asked for last: the one that draws, or that is being tried."""
        asked, coming = self._asked, self._next
        if asked and asked is not self._taken_up:
            return asked[0]
        return coming.model if coming else self._model

    def set_values(self, values: F32, moves: np.void, now_s: float) -> None:
        """Parameters before modulation, f32[n_params], and what moves them besides the sound (MOVES_DTYPE), as of now.

        Whichever generator draws reads the newest, and one that starts those of the time at which it is ready.
        """
        self._told.write(values, moves, now_s)

    def use_rows(self, rows: tuple[Row, ...], leaving: tuple[Row, ...] = ()) -> None:
        """These modulations go with the next values, while the others fade out."""
        self._told.use_rows(rows, leaving)

    def try_model(self, model: Path) -> None:
        """Take this network as soon as one generator could draw with it; nothing changes where none can."""
        self._asked = (model,)

    def newest(self) -> Any:
        """The newest picture (a row of `vj.generator.mailbox.picture_ring`) if it was not given yet, else None."""
        row, self._seen = _newest(self._drawing, self._seen)
        return row

    @property
    def has_spare(self) -> bool:
        """Whether there is a second generator, which may draw what is auditioned."""
        return self._spare

    def audition(self, model: Path | None, rows: tuple[Row, ...] = ()) -> None:
        """Have the spare generator draw with this network and the values of `tell_audition`; None: not any more."""
        self._auditioned.use_rows(rows)
        self._wish = _Wish(model)

    def tell_audition(self, values: F32, moves: np.void, now_s: float) -> None:
        """As `set_values`, f32[n_params], for what is auditioned."""
        self._auditioned.write(values, moves, now_s)

    def newest_audition(self) -> Any:
        """As `newest`, of what is auditioned."""
        row, self._seen_audition = _newest(self._auditioning, self._seen_audition)
        return row

    def take_audition(self) -> None:
        """The generator that draws what is auditioned draws for all from now on, where there is one."""
        self._wish = replace(self._wish, takes_over=True)

    @property
    def pids(self) -> tuple[int | None, int | None]:
        """Process numbers of the generator that draws and of the next one."""
        active, other = self._drawing.value, self._next
        return active.worker.pid if active else None, other.worker.pid if other else None

    @property
    def _active(self) -> Generator | None:
        return self._drawing.value

    def tend(self) -> Status:
        """Look after the generators and say how it goes."""
        now_s = time.monotonic()
        self._ending.step(now_s)
        self._begin_trial(now_s)
        if self._active and (wrong := self._active.tend(now_s)):
            self._lost(wrong)
        if self._next and (wrong := self._next.tend(now_s)):
            self._not_ready(wrong, now_s)
        self._tend_audition(now_s)
        if self._next and self._next.state == "ready" and self._is_due(self._next):
            self._promote(self._next, now_s)
        if not self._next and self._back_off.due(now_s) and self._needs_next(now_s):
            self._start(self._model, now_s)
        return self._status(now_s)

    def close(self) -> None:
        """End everything; leaves no process and no memory."""
        self._auditioning.replace(None)
        for one in (self._drawing.replace(None), self._next):
            self._end(one)
        self._next = None
        self._ending.close()
        self._told.close()
        self._auditioned.close()

    def _is_due(self, ready: Generator) -> bool:
        """Whether it is to draw for all now."""
        if not self._active:
            return True
        return ready.model != self._active.model and not ready.auditioning and self._wished() is None

    def _wished(self) -> Path | None:
        """The network that is to be auditioned now."""
        wish = self._wish
        return None if wish is self._met or wish.takes_over else wish.model

    def _tend_audition(self, now_s: float) -> None:
        """The spare generator draws what is auditioned, is taken over, or waits again."""
        wish = self._wish
        if wish.takes_over and wish is not self._met:
            self._met = wish
            self._take_over(wish, now_s)
        elif (model := self._wished()) and self._active and self._asked is self._taken_up:
            self._have_auditioned(model, now_s)
        elif self._next and self._next.auditioning:
            self._next.audition(wanted=False)
            self._auditioning.replace(None)
            if self._next.model != self._model and self._asked is self._taken_up:
                # Its network was auditioned, and not taken.
                self._drop_next()

    def _take_over(self, wish: "_Wish", now_s: float) -> None:
        """What is auditioned draws for all; where it does not draw yet, its network is tried as any other is."""
        if self._next and self._next.auditioning and self._next.model == wish.model:
            self.changes += 1
            self._promote(self._next, now_s)
        elif wish.model and wish.model != self._model:
            self.try_model(wish.model)

    def _have_auditioned(self, model: Path, now_s: float) -> None:
        """Have the spare generator draw what is auditioned, once there is one with this network."""
        if self._next and self._next.model != model:
            self._drop_next()
        if self._next is None and self._back_off.due(now_s):
            self._start(model, now_s)
        if self._next and self._next.state == "ready":
            self._next.audition(wanted=True)
            self._auditioning.replace(self._next)

    def _needs_next(self, now_s: float) -> bool:
        if not self._active:
            return True
        drawn = self._active.pictures.written > 0
        return self._spare and drawn and now_s - self._active.drawing_since_s > self._calm_s

    def _begin_trial(self, now_s: float) -> None:
        asked = self._asked
        if asked is None or asked is self._taken_up:
            return
        if self._next:
            self._drop_next()
        self._start(asked[0], now_s)
        self._taken_up = asked

    def _start(self, model: Path, now_s: float) -> None:
        try:
            self._next = Generator(self._job, replace(self._wanted, model=model))
        except VjError as e:
            self._not_started(str(e), model, now_s)

    def _promote(self, ready: Generator, now_s: float) -> None:
        ready.draw(now_s)
        self._auditioning.replace(None)
        if ready.troubles:
            self._tell(f"generator: {ready.troubles}")
        before, self._next = self._drawing.replace(ready), None
        self._model = ready.model
        self._trouble, self._back_off = "", self._back_off.worked()
        if before:
            self._bad_before += _bad(before)
            self._end(before)

    def _lost(self, wrong: str) -> None:
        self._trouble = wrong
        self._tell(f"generator: {wrong}")
        self._restarts += 1
        lost = self._drawing.replace(None)
        self._bad_before += _bad(lost)
        self._end(lost)

    def _not_ready(self, wrong: str, now_s: float) -> None:
        model = self._next.model if self._next else self._model
        self._drop_next()
        self._not_started(wrong, model, now_s)

    def _not_started(self, wrong: str, model: Path, now_s: float) -> None:
        self._trouble = wrong
        kept = "; the network before stays" if self._active and model != self._active.model else ""
        self._tell(f"generator: {wrong}{kept}")
        self._back_off = self._back_off.failed(now_s)

    def _drop_next(self) -> None:
        dropped, self._next = self._next, None
        self._auditioning.replace(None)
        self._end(dropped)

    def _end(self, one: Generator | None) -> None:
        if one:
            self._ending.end(one.worker, time.monotonic())
            self._ending.release(
                lambda: self._drawing.in_use(one) or self._auditioning.in_use(one), one.pictures.close
            )  # fmt: skip

    def _status(self, now_s: float) -> Status:
        active = self._active
        if not active:
            return Status(
                "starting" if self._next else "waiting", self._model.stem, 0.0, 0.0, self._restarts, self._bad_before,
                spare=False, trouble=self._trouble,
            )  # fmt: skip
        newest = active.pictures.newest()
        gen_ms = float(newest["gen_ms"]) if newest is not None else 0.0
        spare = self._next is not None and self._next.state == "ready"
        return Status(
            "drawing", active.model.stem, self._measured_fps(active.pictures.written, now_s), gen_ms, self._restarts,
            self._bad_before + _bad(active), spare, self._trouble, active.engine,
        )  # fmt: skip

    def _measured_fps(self, written: int, now_s: float) -> float:
        """Pictures a second, measured over a second or more."""
        since_s, before, fps = self._rate
        if written < before or now_s - since_s > 1.0:
            fps = max(written - before, 0) / (now_s - since_s) if since_s else 0.0
            self._rate = (now_s, written, fps)
        return fps


def _newest(published: Published[Generator], seen: tuple[str, int]) -> tuple[Any, tuple[str, int]]:
    """(the newest picture of a generator that was not seen yet, or None; what is seen now)."""
    with published.reading() as active:
        if active is None:
            return None, seen
        pictures = active.pictures
        if not pictures.written or seen == (pictures.name, pictures.written):
            return None, seen
        return pictures.newest(), (pictures.name, pictures.written)


def _bad(one: Generator | None) -> int:
    newest = one.pictures.newest() if one else None
    return int(newest["bad"]) if newest is not None else 0
