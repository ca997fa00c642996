"""Starts the ears and whatever they listen to, and starts again what died, hangs or fell silent.

    CAPTURE process: callback ─▶ blocks (shared memory) ─▶ EARS process: analyser ─▶ feature rows (shared memory)

Two processes, since a sound card's driver can hang or crash its process, and the analysis (its tempo, its gains) should
outlive that. The memory belongs to the process of the listener, so that nothing is left behind when others are killed.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

from vj.audio.blocks import block_ring
from vj.audio.input import watchdog
from vj.audio.input.player import Playback
from vj.audio.input.sound_card import Input
from vj.audio.input.virtual import Virtual
from vj.audio.parameters import ParameterWriter
from vj.audio.process import LiveRows, feature_ring
from vj.core.errors import WorkerError
from vj.runtime.worker import Worker

AudioInput: TypeAlias = Input | Playback | Virtual
_JOBS = {Input: "vj.audio.input.sound_card", Playback: "vj.audio.input.player", Virtual: "vj.audio.input.virtual"}
#: Pauses before a capture is started again; the last one from then on. A capture that was heard begins anew.
_BACK_OFF_S = (0.0, 0.1, 0.3, 1.0)
#: The ears say so often a second that they live that this is a hang.
_EARS_SILENT_S = 2.0
_EARS_STARTING_S = 20.0


@dataclass(frozen=True, slots=True)
class Status:
    """How listening goes.

    state      of the capture; `device` names it, or why there is none
    age_s      since the last block of sound came
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
    """`rows` is the ring of features (dtype `vj.audio.process.LIVE_DTYPE`). Call `tend` a few times a second."""

    def __init__(self, wanted: AudioInput, values: Mapping[str, float]) -> None:
        self._wanted, self._parameters = wanted, ParameterWriter(values)
        self._blocks, self.rows = block_ring(), feature_ring()
        self._capture: Worker | None = None
        self._ears: Worker | None = None
        self._run = self._restarts = self._ears_restarts = self._tries = 0
        self._overflows_before = 0
        self._ended = False
        now_s = time.monotonic()
        self._state: watchdog.State = "starting"
        self._since_s = self._again_s = self._ears_since_s = now_s
        self._device, self._rate_hz, self._latency_s = "", 0.0, 0.0
        self._start_capture(now_s)
        self._start_ears(now_s)

    def tend(self) -> Status:
        """Look after the processes and say how it goes. Takes no longer than starting a process does.

        Raises what the source raises where it can never work (a file that is no sound).
        """
        now_s = time.monotonic()
        self._hear_of_capture(now_s)
        last_s, overflows = self._last_block()
        if self._capture and not self._ended and watchdog.stuck(self._state, self._since_s, last_s, now_s):
            self._capture.kill()
            self._capture = None
            self._again_s = now_s + _BACK_OFF_S[min(self._tries, len(_BACK_OFF_S) - 1)]
            self._tries += 1
        if self._capture is None and not self._ended and now_s >= self._again_s:
            self._overflows_before += overflows
            self._restarts += 1
            self._start_capture(now_s)
        self._look_after_ears(now_s)
        newest = self.rows.newest()
        return Status(
            self._state, self._device, self._rate_hz, self._latency_s, now_s - last_s,
            self._overflows_before + overflows, float(newest["lost_s"]) if newest is not None else 0.0,
            self._restarts, self._ears_restarts, self._ended,
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
        if self._capture:
            self._capture.kill()
        self._wanted, self._ended, self._tries = wanted, False, 0
        self._start_capture(time.monotonic())

    @property
    def pids(self) -> tuple[int | None, int | None]:
        """Process numbers of the capture and the ears."""
        return self._capture.pid if self._capture else None, self._ears.pid if self._ears else None

    def close(self) -> None:
        """End everything; leaves no process and no memory."""
        for worker in (self._capture, self._ears):
            if worker:
                worker.kill()
                worker.close()
        self._capture = self._ears = None
        for memory in (self._blocks, self.rows, self._parameters):
            memory.close()

    def _start_capture(self, now_s: float) -> None:
        self._run += 1
        job = _JOBS[type(self._wanted)]
        self._capture = Worker("capture", job, self._blocks.name, self._run, self._wanted)
        self._state, self._since_s, self._device = "starting", now_s, ""
        self._rate_hz = self._latency_s = 0.0

    def _start_ears(self, now_s: float) -> None:
        newest = self.rows.newest()
        # What nobody listened to is lost as well.
        lost_s = float(newest["lost_s"]) + max(now_s - float(newest["t_out_s"]), 0.0) if newest is not None else 0.0
        events = newest["events"] if newest is not None else None
        self._ears = Worker(
            "ears", "vj.audio.process", self._blocks.name, self.rows.name, self._parameters.name, lost_s, events
        )
        self._ears_since_s = now_s

    def _hear_of_capture(self, now_s: float) -> None:
        messages: list[tuple[Any, ...]] = []
        try:
            while self._capture and not self._ended and self._capture.waiting(0.0):
                messages.append(self._capture.receive(1.0))
                self._ended |= messages[-1][0] == "ended"
        except WorkerError as e:
            messages.append(("lost", str(e)))
        for kind, *about in messages:
            if kind == "ended":
                continue
            self._state, self._since_s, self._device = kind, now_s, str(about[0])
            if kind == "open":
                self._rate_hz, self._latency_s = about[1], about[2]

    def _last_block(self) -> tuple[float, int]:
        """(when the newest block of this run was written, overflows of this run)."""
        block = self._blocks.newest()
        if block is None or int(block["run"]) != self._run:
            return self._since_s, 0
        self._tries = 0
        return self._blocks.beat_s, int(block["overflows"])

    def _look_after_ears(self, now_s: float) -> None:
        alive_s = max(self.rows.beat_s, self._ears_since_s)
        patience_s = _EARS_SILENT_S if self.rows.beat_s > self._ears_since_s else _EARS_STARTING_S
        if self._ears and self._ears.alive and now_s - alive_s < patience_s:
            return
        if self._ears:
            self._ears.kill()
        self._ears_restarts += 1
        self._start_ears(now_s)

    def newest(self) -> LiveRows | None:
        """A copy of the newest row of features, a scalar of LIVE_DTYPE; None before the first."""
        row: LiveRows | None = self.rows.newest()
        return row

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
