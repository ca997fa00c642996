"""The process that holds the MIDI ports: all inputs at once, as they are plugged in and out.

Apart from the window because drivers crash: closing a port after a JACK server has died is a segmentation fault. Where
that may come this process ends itself, and another one begins anew (`vj.control.midi.ports`).
"""

import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import rtmidi

from vj.control.midi.message_ring import Message, Reader, message_ring, packed
from vj.control.midi.sensing import Sensing
from vj.core.errors import ControlError

APIS: dict[str, int] = {"alsa": rtmidi.API_LINUX_ALSA, "jack": rtmidi.API_UNIX_JACK, "core": rtmidi.API_MACOSX_CORE,
                        "windows": rtmidi.API_WINDOWS_MM}  # fmt: skip
_LOOK_S = 1.0
#: A server that passes on nothing for so long is dead.
_SERVED_S = 3.0
_BATCH = 512
#: Our own ports, and one that brings back what is sent.
_NOT_OURS = re.compile(r"^(vj (in|out|look)\b|RtMidi|Midi Through)", re.I)

_POLL_S = 0.01


def run(pipe: Connection, api: str, in_name: str, out_name: str) -> None:
    """The process, until the pipe is closed. Says ("ports", api, inputs, outputs) when ports come or go.

    Messages come and go through two rings (`vj.control.midi.message_ring`); the beat of the first says that it lives.
    api  one of APIS, or "" for the first that works
    """
    # Libraries tell on stderr what they did not find, once a second.
    if not os.environ.get("VJ_DEBUG"):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    os.environ["JACK_NO_START_SERVER"] = "1"
    taken: queue.SimpleQueue[Message] = queue.SimpleQueue()
    heard, said = message_ring(in_name), message_ring(out_name)
    ports = Ports(_usable(api), lambda port, data: taken.put(Message(port, time.monotonic(), bytes(data))))
    threading.Thread(target=_send, args=(pipe, ports, Reader(said)), daemon=True).start()
    look_s, sensing = 0.0, Sensing()
    while True:
        heard.beat(time.monotonic())
        if time.monotonic() >= look_s:
            look_s = time.monotonic() + _LOOK_S
            if ports.look():
                pipe.send(("ports", ports.api_name, tuple(ports.inputs), tuple(ports.outputs)))
        if batch := sensing.take(_batch(taken), time.monotonic()):
            heard.write(packed(batch))


def _batch(taken: "queue.SimpleQueue[Message]") -> list[Message]:
    batch = []
    try:
        batch.append(taken.get(timeout=0.1))
        while len(batch) < _BATCH:
            batch.append(taken.get_nowait())
    except queue.Empty:
        pass
    return batch


def _send(pipe: Connection, ports: "Ports", said: Reader) -> None:
    try:
        while True:
            for one in said.take():
                ports.send(one.port, one.data)
            # Waiting for the end is the pause between two looks.
            if pipe.poll(_POLL_S):
                pipe.recv()
    except (EOFError, OSError):
        # The window has ended. Should a server have died this may crash, and nobody minds.
        ports.close()
        os._exit(0)


def _usable(wanted: str) -> int:
    """The number of the API to use. Raises ControlError where there is none."""
    there = rtmidi.get_compiled_api()
    known = [name for name, number in APIS.items() if number in there]
    if wanted and wanted not in known:
        raise ControlError(f"MIDI by {wanted!r}: expected one of {', '.join(known) or 'none here'}")
    for name in [wanted] if wanted else known:
        try:
            rtmidi.MidiIn(APIS[name], "vj look").get_ports()
            return APIS[name]
        # A bare SystemError where the kernel has no ALSA sequencer.
        except (rtmidi.RtMidiError, SystemError):
            continue
    raise ControlError(f"MIDI: {', '.join([wanted] if wanted else known) or 'no system'} cannot be reached")


class Ports:
    """The ports that are there: every input open, outputs as they are needed."""

    def __init__(self, api: int, heard: Callable[[str, list[int]], None]) -> None:
        self._api, self._heard = api, heard
        self.api_name = next(name for name, number in APIS.items() if number == api)
        self._probe_in, self._probe_out = rtmidi.MidiIn(api, "vj look"), rtmidi.MidiOut(api, "vj look")
        self._in: dict[str, Any] = {}
        self._out: dict[str, Any] = {}
        self.outputs: list[str] = []
        self._first = True
        self._echo: _Echo | None = None

    @property
    def inputs(self) -> list[str]:
        """Names of those that are open."""
        return list(self._in)

    def look(self) -> bool:
        """Open what has come, close what has gone; returns whether there is news."""
        if self._api == rtmidi.API_UNIX_JACK and not self._served():
            # Touching a port of a server that is gone would crash.
            os._exit(0)
        there = _names(self._probe_in.get_ports())
        outputs = list(_names(self._probe_out.get_ports()))
        news = self._first or outputs != self.outputs or list(there) != list(self._in)
        self.outputs, self._first = outputs, False
        for name in [name for name in self._in if name not in there]:
            self._in.pop(name).close_port()
        for name in [name for name in self._out if name not in outputs]:
            self._out.pop(name).close_port()
        for name, number in there.items():
            if name not in self._in:
                self._open(name, number)
        return news

    def _served(self) -> bool:
        """Whether the server lives, which JACK's clients are not told: lists of ports stay, and what is sent is lost.

        A message to ourselves once a second tells.
        """
        if self._echo is None:
            self._echo = _Echo(self._api)
        return self._echo.heard()

    def _open(self, name: str, number: int) -> None:
        port = rtmidi.MidiIn(self._api, "vj in")
        port.ignore_types(sysex=True, timing=False, active_sense=False)
        port.set_callback(lambda event, _: self._heard(name, event[0]))
        try:
            port.open_port(number)
        except (rtmidi.RtMidiError, SystemError):
            # Another program holds it, or it went in this moment: it is tried again.
            return
        self._in[name] = port

    def send(self, name: str, message: bytes) -> None:
        """Send to an output; one that is not there is passed over."""
        try:
            if name not in self._out:
                there = _names(self._probe_out.get_ports())
                if name not in there:
                    return
                port = rtmidi.MidiOut(self._api, "vj out")
                port.open_port(there[name])
                self._out[name] = port
            self._out[name].send_message(message)
        except (rtmidi.RtMidiError, SystemError, ValueError):
            self._out.pop(name, None)

    def close(self) -> None:
        """Let go of every port."""
        for port in (*self._in.values(), *self._out.values()):
            port.close_port()


class _Echo:
    """A message that goes round through the server."""

    def __init__(self, api: int) -> None:
        self._out, self._in = rtmidi.MidiOut(api, "vj look"), rtmidi.MidiIn(api, "vj look")
        self._out.open_virtual_port("echo")
        self._heard_s = time.monotonic()
        self._in.set_callback(self._hear)
        for number, name in enumerate(self._in.get_ports()):
            if name.startswith("vj look") and name.endswith("echo"):
                self._in.open_port(number)

    def _hear(self, event: object, about: object) -> None:
        self._heard_s = time.monotonic()

    def heard(self) -> bool:
        """Send one, and whether one came of late."""
        self._out.send_message([0xB0, 0, 0])
        return time.monotonic() - self._heard_s < _SERVED_S


def _names(ports: list[str]) -> dict[str, int]:
    """Name → number of the ports that are played. Two of one name are told apart by a number."""
    found: dict[str, int] = {}
    for number, name in enumerate(ports):
        if _NOT_OURS.search(name):
            continue
        same, unique = 2, name
        while unique in found:
            unique, same = f"{name} ({same})", same + 1
        found[unique] = number
    return found
