"""OSC over UDP: messages come in, and changes, beats and signals go out to whoever subscribed.

Two threads of the window's process: one waits for packets, one sends at a steady rate. Neither touches the session:
the window takes messages with `take` and tells what is with `tell`.
"""

import contextlib
import heapq
import itertools
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder

from vj.control.osc import packets
from vj.control.osc.allowed import Allowed
from vj.control.osc.messages import ROOT
from vj.core.errors import ControlError
from vj.core.types import Signal
from vj.modulation.matrix import signal_names
from vj.modulation.signals import Seen, look
from vj.params.bounds import written
from vj.params.registry import Registry, Snapshot

PORT = 7700
_LARGEST = 65_536
#: The system keeps what comes while Python is busy.
_BUFFER_BYTES = 4 << 20
#: SO_RCVBUFFORCE (Linux, socket(7)), which Python has no name for.
_BUFFER_FORCED = 33
#: A time tag further ahead is a clock that is wrong.
_FURTHEST_S = 60.0
#: Messages that wait to be taken; more than the window could use.
_MOST_WAITING = 100_000
_LOOK_S = 0.2
#: Who subscribed is sent to for so long, and says so again before.
LEASE_S = 300.0
_MOST_SUBSCRIBERS = 32

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class OscConfig:
    """Where to listen: address and port, senders beyond this machine that are allowed, how often a second to send.

    map: what other programs' addresses mean (`vj.control.osc.address_map`)
    """

    host: str = "127.0.0.1"
    port: int = PORT
    allowed: tuple[str, ...] = ()
    rate_hz: float = 30.0
    to: tuple[Address, ...] = ()
    map: Path | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message and who sent it."""

    address: str
    arguments: tuple[Any, ...]
    sender: Address


class Inbox:
    """Messages that were decoded, in the order in which they are due."""

    def __init__(self) -> None:
        self._now: list[Message] = []
        self._later: list[tuple[float, int, Message]] = []
        self._numbers = itertools.count()
        self.received = self.refused = 0
        #: Why the last one was refused.
        self.trouble = ""

    def packet(self, data: bytes, sender: Address, clock_s: float, now_s: float) -> None:
        """Decode a packet; it is `clock_s` on the clock that time tags mean, and `now_s` on the steady one."""
        try:
            for when_s, address, arguments in packets.messages(data):
                ahead_s = 0.0 if when_s is None else when_s - clock_s
                self._take_in(Message(address, arguments, sender), ahead_s, now_s)
        except ControlError as e:
            self.refused += 1
            self.trouble = str(e)

    def _take_in(self, found: Message, ahead_s: float, now_s: float) -> None:
        if ahead_s > _FURTHEST_S or len(self._later) > _MOST_WAITING:
            self.refused += 1
            self.trouble = f"{found.address[:80]}: due in {ahead_s:.0f} s, expected at most {_FURTHEST_S:g}"
            return
        self.received += 1
        if ahead_s <= 0.0:
            self._now.append(found)
        else:
            heapq.heappush(self._later, (now_s + ahead_s, next(self._numbers), found))

    def take(self, now_s: float) -> list[Message]:
        """What is due by now, and was not taken before."""
        out, self._now = self._now, []
        while self._later and self._later[0][0] <= now_s:
            out.append(heapq.heappop(self._later)[2])
        return out


class PortlessOsc:
    """OSC that does not come by UDP but from other sources, as the panel's web sockets: nobody is sent anything there.

    inbox  counts what came; sources: give packets and their senders, whose port is 0
    """

    port = 0

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.sources: list[Callable[[], Iterable[tuple[bytes, Address]]]] = []

    def take(self) -> list[Message]:
        """Messages that are due."""
        for source in self.sources:
            for data, sender in source():
                self.inbox.packet(data, sender, time.time(), time.monotonic())
        return self.inbox.take(time.monotonic())

    def tell(self, base: Snapshot, signals: Mapping[str, Any] | None) -> None:
        """What the parameters are, and the signals of a frame or None."""

    def subscribe(self, sender: Address, port: int | None, config: bool = True) -> None:
        """Raises ControlError: there is no port to send from."""
        raise ControlError("subscribe: OSC by UDP is off")

    def answer(self, to: Address, base: Snapshot, ids: Sequence[str]) -> None:
        """Nobody waits for an answer."""


class Osc(PortlessOsc):
    """A port for OSC by UDP, beside those sources. Raises ControlError when the port cannot be had."""

    def __init__(self, config: OscConfig, signals: Sequence[Signal]) -> None:
        super().__init__()
        self._config = config
        self._allowed = Allowed(config.allowed)
        self._packets: deque[tuple[bytes, Address]] = deque(maxlen=_MOST_WAITING)
        self._out = Outbox(signals)
        self._subscribers: dict[Address, float] = dict.fromkeys(config.to, float("inf"))
        self._socket = _opened(config)
        self.port = self._socket.getsockname()[1]
        self._ends = threading.Event()
        self._state: tuple[Snapshot, Mapping[str, Any] | None] | None = None
        self._threads = [threading.Thread(target=job, name="osc", daemon=True) for job in (self._listen, self._send)]
        for thread in self._threads:
            thread.start()

    def take(self) -> list[Message]:
        """Messages that are due. They are decoded here: the thread that waits must never be late for the next."""
        while self._packets:
            self.inbox.packet(*self._packets.popleft(), time.time(), time.monotonic())
        return super().take()

    def tell(self, base: Snapshot, signals: Mapping[str, Any] | None) -> None:
        """What the parameters are, and the signals of a frame or None; sent when it is time."""
        self._state = (base, signals)

    def subscribe(self, sender: Address, port: int | None, config: bool = True) -> None:
        """Send to the sender's machine from now on, or not any more. Raises ControlError."""
        if not sender[1]:
            raise ControlError("subscribe: expected from a port of UDP")
        address = (sender[0], sender[1] if port is None else port)
        if not 0 < address[1] < 65_536:
            raise ControlError(f"subscribe: port {address[1]}, expected 1 to 65535")
        if not config:
            self._subscribers.pop(address, None)
        elif address in self._subscribers or len(self._subscribers) < _MOST_SUBSCRIBERS:
            self._subscribers[address] = time.monotonic() + LEASE_S
            self._out.begin_anew()
        else:
            raise ControlError(f"subscribe: {_MOST_SUBSCRIBERS} are there already")

    def answer(self, to: Address, base: Snapshot, ids: Sequence[str]) -> None:
        """Send these values to whoever asked, from where something can be sent."""
        for id in ids if to[1] else ():
            self._to(to, value_message(base.registry, id, base[id]))

    def _listen(self) -> None:
        while not self._ends.is_set():
            try:
                data, sender = self._socket.recvfrom(_LARGEST)
            except TimeoutError:
                continue
            except OSError:
                # A subscriber that is gone is reported here by some systems.
                if self._ends.wait(0.01):
                    return
                continue
            if self._allowed.may(sender[0]):
                self._packets.append((data, sender[:2]))
            else:
                self.inbox.refused += 1

    def _send(self) -> None:
        period_s = 1.0 / self._config.rate_hz
        while not self._ends.wait(period_s):
            now_s, state = time.monotonic(), self._state
            for address in [a for a, until_s in self._subscribers.items() if until_s < now_s]:
                self._subscribers.pop(address, None)
            if state is None or not self._subscribers:
                self._out.rest()
                continue
            packets = self._out.packets(*state)
            for to in list(self._subscribers):
                for packet in packets:
                    self._to(to, packet)

    def _to(self, address: Address, packet: bytes) -> None:
        try:
            self._socket.sendto(packet, address)
        except OSError:
            # Nobody there, or the network is down: they may come back.
            return

    def close(self) -> None:
        """End the threads and let go of the port."""
        self._ends.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()


class Outbox:
    """What has changed since it was sent last."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._signals = signals
        self._sent: Snapshot | None = None
        self._told: Mapping[str, Any] | None = None
        self._seen = Seen()

    def begin_anew(self) -> None:
        """Somebody new listens, who has to be told of all there is."""
        self._sent = None

    def rest(self) -> None:
        """Nobody listens; what happens meanwhile is not sent to those who come later."""
        self._seen = Seen()

    def packets(self, base: Snapshot, signals: Mapping[str, Any] | None) -> list[bytes]:
        """Messages for what changed: parameters by value, signals, a beat; a pulse as often as it came."""
        out = self._changes(base)
        if signals is not None and signals is not self._told:
            self._told = signals
            beats = int(signals["beats"])
            self._seen, new = look(self._seen, signals, beats)
            out += [message(f"{ROOT}beat", n) for n in range(beats - new["beat"] + 1, beats + 1)]
            for signal in self._signals:
                out += _pulses(signal, new[signal.name]) if signal.pulse else _values(signal, signals[signal.name])
        return out

    def _changes(self, base: Snapshot) -> list[bytes]:
        before, self._sent = self._sent, base
        ids = list(base)
        if before is not None and before.registry is base.registry:
            ids = [ids[i] for i in np.flatnonzero(before.array != base.array)]
        return [value_message(base.registry, id, base[id]) for id in ids]


def _values(signal: Signal, values: Any) -> list[bytes]:
    """What a signal is now, one message for each of its values."""
    names = signal_names([signal])
    return [message(f"{ROOT}signal/{name}", float(x)) for name, x in zip(names, np.ravel(values), strict=True)]


def _pulses(signal: Signal, new: int) -> list[bytes]:
    """A 1 for each event that came, or a 0."""
    return [message(f"{ROOT}signal/{signal.name}", 1.0 if new else 0.0)] * max(new, 1)


def message(address: str, *values: float | int | str) -> bytes:
    """One OSC message; numbers as 32 bits, which is what most tools take."""
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return bytes(builder.build().dgram)


def value_message(registry: Registry, id: str, value: float) -> bytes:
    """A parameter's value: choices by name, toggles as 0 or 1."""
    found = written(registry[id], value)
    return message(ROOT + id, found if isinstance(found, str) else float(found))


def _opened(config: OscConfig) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        # Linux keeps to a limit that is small on some machines, but for those who may go past it.
        if sys.platform == "linux":
            with contextlib.suppress(PermissionError):
                one.setsockopt(socket.SOL_SOCKET, _BUFFER_FORCED, _BUFFER_BYTES)
        one.bind((config.host, config.port))
    except (OSError, OverflowError) as e:
        one.close()
        reason = getattr(e, "strerror", None) or str(e)
        raise ControlError(f"OSC {config.host}:{config.port} cannot be opened: {reason}") from None
    one.settimeout(_LOOK_S)
    return one
