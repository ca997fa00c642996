"""MIDI as the window sees it: messages in, messages out, whatever happens to ports and servers."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vj.control.midi.message_ring import Message, Reader, message_ring, packed
from vj.runtime.ending import Ending
from vj.runtime.lifecycle import Patience
from vj.runtime.supervisor import Supervised
from vj.runtime.worker import Worker

#: It says several times a second that it lives; a server that died can make it hang.
_PATIENCE = Patience(starting_s=15.0, silent_s=4.0)
_BACK_OFF_S = (0.2, 1.0, 3.0, 10.0)
#: After so long without trouble the next one is the first.
_STEADY_S = 10.0
#: What closing its ports may take.
_EXIT_S = 2.0
_JOB = "vj.control.midi.process"


@dataclass(frozen=True, slots=True)
class MidiConfig:
    """`api`: one of `vj.control.midi.process.APIS`, or empty for the first that works."""

    api: str = ""


class Midi:
    """The ports, in a process of their own. `tend` belongs to a supervisor's thread, `take` and `send` to the window's.

    inputs, outputs  names of the ports that are there; trouble: why there are none
    """

    def __init__(self, config: MidiConfig, tell: Callable[[str], None], job: str = _JOB) -> None:
        self._config, self._tell, self._job = config, tell, job
        self.inputs: tuple[str, ...] = ()
        self.outputs: tuple[str, ...] = ()
        self.api = self.trouble = ""
        #: Counts every news of ports, so that lights are sent anew.
        self.plugged = 0
        with contextlib.ExitStack() as made:
            self._in, self._out = made.enter_context(message_ring()), made.enter_context(message_ring())
            self._memory = made.pop_all()
        self._reader = Reader(self._in)
        self._ending = Ending()
        self._process = Supervised(self._start, _BACK_OFF_S, self._ending)
        self._process.begin(time.monotonic())

    def take(self) -> list[Message]:
        """What has come since it was asked last, in order."""
        return self._reader.take()

    def send(self, port: str, messages: Sequence[Sequence[int]]) -> None:
        """Send to an output; nothing happens where it is not there."""
        if messages:
            now_s = time.monotonic()
            self._out.write(packed(Message(port, now_s, bytes(message)) for message in messages))

    def tend(self) -> None:
        """Look after the process: hear of its ports, and start it again when it has died."""
        now_s = time.monotonic()
        self._ending.step(now_s)
        for _, api, inputs, outputs in self._process.hear():
            self.api, self.inputs, self.outputs = api, inputs, outputs
            self.trouble, self.plugged = "", self.plugged + 1
        if self._process.begun_s and now_s - self._process.begun_s > _STEADY_S:
            self._process.worked()
        if self._process.tend(now_s, self._in.beat_s, _PATIENCE):
            # Where there is no such system here it may come later.
            self._lost(self._process.trouble)

    @property
    def pid(self) -> int | None:
        """Process number of the ports' process."""
        return self._process.pid

    @property
    def restarts(self) -> int:
        """How often the process was started again."""
        return self._process.restarts

    @property
    def received(self) -> int:
        """Messages that have come in all."""
        return self._in.written

    @property
    def dropped(self) -> int:
        """Messages that came and were not taken in time."""
        return self._reader.lost

    def close(self) -> None:
        """End the process."""
        self._process.end(time.monotonic(), _EXIT_S)
        self._ending.close()
        self._memory.close()

    def _start(self) -> Worker:
        return Worker("midi", self._job, self._config.api, self._in.name, self._out.name)

    def _lost(self, trouble: str) -> None:
        if trouble != self.trouble and self.inputs:
            self._tell(f"MIDI: {trouble}")
        self.inputs = self.outputs = ()
        self.trouble, self.plugged = trouble, self.plugged + 1
