"""MIDI as the window sees it: messages in, messages out, whatever happens to ports and servers."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vj.core.errors import ControlError, WorkerError
from vj.runtime.worker import Worker

#: Messages that wait to be taken; more than the window could use.
_MOST_WAITING = 50_000
#: It says once a second that it lives; a server that died can make it hang.
_SILENT_S = 4.0
_STARTING_S = 15.0
_BACK_OFF_S = (0.2, 1.0, 3.0, 10.0)
_JOB = "vj.control.midi.process"


@dataclass(frozen=True, slots=True)
class MidiConfig:
    """`api`: one of `vj.control.midi.process.APIS`, or empty for the first that works."""

    api: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message with its port and when it came, on the monotonic clock."""

    port: str
    t_s: float
    data: bytes


class Midi:
    """A thread that starts the ports' process, listens to it, and starts it again when it has died.

    inputs, outputs  names of the ports that are there; trouble: why there are none
    """

    def __init__(self, config: MidiConfig, tell: Callable[[str], None], job: str = _JOB) -> None:
        self._config, self._tell, self._job = config, tell, job
        self.inputs: tuple[str, ...] = ()
        self.outputs: tuple[str, ...] = ()
        self.api = self.trouble = ""
        self.received = self.restarts = self.dropped = 0
        #: Counts every news of ports, so that lights are sent anew.
        self.plugged = 0
        self._waiting: deque[Message] = deque(maxlen=_MOST_WAITING)
        self._worker: Worker | None = None
        self._lock, self._ends = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)
        self._thread.start()

    def take(self) -> list[Message]:
        """What has come since it was asked last, in order."""
        out = []
        while self._waiting:
            out.append(self._waiting.popleft())
        return out

    def send(self, port: str, messages: Sequence[Sequence[int]]) -> None:
        """Send to an output; nothing happens where it is not there."""
        with self._lock:
            if self._worker and messages:
                self._worker.send(("out", port, [bytes(message) for message in messages]))

    @property
    def pid(self) -> int | None:
        """Process number of the ports' process."""
        return self._worker.pid if self._worker else None

    def _run(self) -> None:
        failures = 0
        while not self._ends.is_set():
            began_s = time.monotonic()
            with self._lock:
                self._worker = Worker("midi", self._job, self._config.api)
            try:
                self._listen(self._worker)
            except (ControlError, WorkerError) as e:
                # Where there is no such system here it may come later.
                self._lost(str(e))
            failures = 0 if time.monotonic() - began_s > _BACK_OFF_S[-1] else failures + 1
            self._ends.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S)) - 1])
            self.restarts += not self._ends.is_set()

    def _listen(self, worker: Worker) -> None:
        patience_s, heard_s = _STARTING_S, time.monotonic()
        while not self._ends.is_set():
            if not worker.waiting(0.2):
                if time.monotonic() - heard_s > patience_s:
                    raise WorkerError("the midi process gave no sign of life")
                continue
            kind, *about = worker.receive(1.0)
            patience_s, heard_s = _SILENT_S, time.monotonic()
            if kind == "alive":
                continue
            if kind == "ports":
                self.api, self.inputs, self.outputs = about
                self.trouble, self.plugged = "", self.plugged + 1
            else:
                self._take(about[0])

    def _take(self, batch: list[tuple[str, float, bytes]]) -> None:
        self.received += len(batch)
        self.dropped += max(len(self._waiting) + len(batch) - _MOST_WAITING, 0)
        self._waiting.extend(Message(*one) for one in batch)

    def _lost(self, trouble: str) -> None:
        if trouble != self.trouble and self.inputs:
            self._tell(f"MIDI: {trouble}")
        self.inputs = self.outputs = ()
        self.trouble, self.plugged = trouble, self.plugged + 1
        with self._lock:
            if self._worker:
                self._worker.kill()
                self._worker = None

    def close(self) -> None:
        """End the process and the thread."""
        self._ends.set()
        self._thread.join()
        with self._lock:
            if self._worker:
                self._worker.close()
                self._worker = None
