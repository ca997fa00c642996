"""Starts the ears and whatever they listen to, and starts again what died, hangs or fell silent.

    CAPTURE process: callback ─▶ blocks (shared memory) ─▶ EARS process: analyser ─▶ feature rows (shared memory)

Two processes, since a sound card's driver can hang or crash its process, and the analysis (its tempo, its gains) should
outlive that. The memory belongs to the process of the listener, so that nothing is left behind when others are killed.
"""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

from vj.audio.blocks import block_ring
from vj.audio.input import watchdog
from vj.audio.input.player import Playback
from vj.audio.input.sound_card import Input
from vj.audio.input.virtual import Virtual
from vj.audio.parameters import ParameterWriter
from vj.audio.process import LiveRows, feature_ring
from vj.core.errors import WorkerError
from vj.runtime.ending import Ending
from vj.runtime.lifecycle import Patience
from vj.runtime.supervisor import Supervised
from vj.runtime.worker import Worker

AudioInput: TypeAlias = Input | Playback | Virtual
_JOBS = {Input: "vj.audio.input.sound_card", Playback: "vj.audio.input.player", Virtual: "vj.audio.input.virtual"}
#: What a player that has come to its end may take to go.
_EXIT_S = 1.0
#: Pauses before a capture is started again. A capture that was heard begins anew.
_BACK_OFF_S = (0.0, 0.1, 0.3, 1.0)
_EARS_BACK_OFF_S = (0.0, 0.5, 3.0)
#: The ears say so often a second that they live that this is a hang.
_EARS = Patience(starting_s=20.0, silent_s=2.0)


@dataclass(frozen=True, slots=True)
class Status:
    """How listening goes.

    state      of the capture; `device` names it, or why there is none
    age_s      since the source last gave a sign that it works
    overflows  times that the sound card's buffer ran over, in all
    lost_s     sound that was missed, as the ears count it
    restarts   of the capture; `ears_restarts` of the analysis
    ended      a file was played to its end
    """

    state: watchdog.State
    device: str
    rate_hz: float
    latency_s: float
    age_s: float
    overflows: int
    lost_s: float
    restarts: int
    ears_restarts: int
    ended: bool


class Listener:
    """`rows` is the ring of features (dtype `vj.audio.process.LIVE_DTYPE`). Call `tend` a few times a second.

    Raises WorkerError where there is no shared memory.
    """

    def __init__(self, wanted: AudioInput, values: Mapping[str, float]) -> None:
        self._wanted = wanted
        with contextlib.ExitStack() as made:
            self._parameters = ParameterWriter(values)
            made.callback(self._parameters.close)
            self._blocks = made.enter_context(block_ring())
            self.rows = made.enter_context(feature_ring())
            # Where the second or third is not to be had the others are given back.
            self._memory = made.pop_all()
        self._run = self._overflows_before = 0
        self._ended = False
        self._state: watchdog.State = "starting"
        self._device, self._rate_hz, self._latency_s, self._since_s = "", 0.0, 0.0, 0.0
        self._ending = Ending()
        self._capture = Supervised(self._start_capture, _BACK_OFF_S, self._ending)
        self._ears = Supervised(self._start_ears, _EARS_BACK_OFF_S, self._ending)
        now_s = time.monotonic()
        self._capture.begin(now_s)
        self._ears.begin(now_s)

    def tend(self) -> Status:
        """Look after the processes and say how it goes. Takes no longer than starting a process does.

        Raises what the source raises where it can never work (a file that is no sound).
        """
        now_s = time.monotonic()
        self._ending.step(now_s)
        fault = self._hear_of_capture(now_s)
        if not self._ended:
            self._look_after_capture(now_s, fault)
        self._ears.hear()
        if self.rows.beat_s > self._ears.begun_s:
            self._ears.worked()
        self._ears.tend(now_s, self.rows.beat_s, _EARS)
        newest = self.rows.newest()
        return Status(
            self._state, self._device, self._rate_hz, self._latency_s, now_s - self._sign_s(),
            self._overflows_before + self._overflows(), float(newest["lost_s"]) if newest is not None else 0.0,
            self._capture.restarts, self._ears.restarts, self._ended,
        )  # fmt: skip

    def set_params(self, values: Mapping[str, float]) -> None:
        """The analysis uses these from its next block on. Never waits; belongs to one thread. Raises PresetError."""
        self._parameters.set(values)

    @property
    def blocks_name(self) -> str:
        """The name of the memory that the sound itself comes in (`vj.audio.blocks`)."""
        return self._blocks.name

    def listen_to(self, wanted: AudioInput) -> None:
        """Another source from now on."""
        self._wanted, self._ended = wanted, False
        self._capture.worked()
        self._capture.begin(time.monotonic())

    @property
    def pids(self) -> tuple[int | None, int | None]:
        """Process numbers of the capture and the ears."""
        return self._capture.pid, self._ears.pid

    def close(self) -> None:
        """End everything; leaves no process and no memory."""
        now_s = time.monotonic()
        self._capture.end(now_s)
        self._ears.end(now_s)
        self._ending.close()
        self._memory.close()

    def _start_capture(self) -> Worker:
        self._overflows_before += self._overflows()
        self._run += 1
        self._state, self._since_s, self._device = "starting", time.monotonic(), ""
        self._rate_hz = self._latency_s = 0.0
        return Worker("capture", _JOBS[type(self._wanted)], self._blocks.name, self._run, self._wanted)

    def _start_ears(self) -> Worker:
        newest = self.rows.newest()
        # What nobody listened to is lost as well.
        unheard_s = max(time.monotonic() - float(newest["t_out_s"]), 0.0) if newest is not None else 0.0
        lost_s = float(newest["lost_s"]) + unheard_s if newest is not None else 0.0
        events = newest["events"] if newest is not None else None
        return Worker(
            "ears", "vj.audio.process", self._blocks.name, self.rows.name, self._parameters.name, lost_s, events
        )

    def _hear_of_capture(self, now_s: float) -> str:
        """What it says is wrong with it, or nothing."""
        for kind, *about in self._capture.hear():
            if kind == "ended":
                self._end_capture(now_s, _EXIT_S)
            elif kind == "lost":
                return str(about[0])
            else:
                self._state, self._since_s, self._device = kind, now_s, str(about[0])
                self._rate_hz, self._latency_s = about[1:] if kind == "open" else (0.0, 0.0)
        error = self._capture.error
        if error and not isinstance(error, WorkerError):
            self._end_capture(now_s)
            raise error
        return ""

    def _end_capture(self, now_s: float, polite_s: float = 0.0) -> None:
        self._ended = True
        self._capture.end(now_s, polite_s)

    def _look_after_capture(self, now_s: float, fault: str) -> None:
        sign_s = self._sign_s()
        heard = sign_s > self._since_s
        if heard:
            self._capture.worked()
        patience_s = watchdog.patience_s(self._state, heard=heard)
        self._capture.tend(now_s, sign_s, Patience(patience_s, patience_s), fault=fault)
        if self._capture.process is None:
            self._state, self._device = "lost", self._capture.trouble

    def _sign_s(self) -> float:
        """When the capture last said that it works. Older signs than its state are of the one before."""
        return max(self._blocks.beat_s, self._since_s)

    def _overflows(self) -> int:
        """Overflows of this run."""
        block = self._blocks.newest()
        return int(block["overflows"]) if block is not None and int(block["run"]) == self._run else 0

    def newest(self) -> LiveRows | None:
        """A copy of the newest row of features, a scalar of LIVE_DTYPE; None before the first."""
        row: LiveRows | None = self.rows.newest()
        return row

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
