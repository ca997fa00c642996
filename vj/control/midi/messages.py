"""MIDI messages as events (MIDI 1.0 Detailed Specification), whose kinds have the names that mido gives them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "note", "polytouch", "cc", "program", "aftertouch", "pitchwheel", "cc14", "nrpn",
    "clock", "start", "continue", "stop", "songpos",
]  # fmt: skip
_VOICE: dict[int, tuple[Kind, int]] = {
    0x80: ("note", 3), 0x90: ("note", 3), 0xA0: ("polytouch", 3), 0xB0: ("cc", 3), 0xC0: ("program", 2),
    0xD0: ("aftertouch", 2), 0xE0: ("pitchwheel", 3),
}  # fmt: skip
_SYSTEM: dict[int, Kind] = {0xF8: "clock", 0xFA: "start", 0xFB: "continue", 0xFC: "stop"}
_POSITION = 0xF2
#: Controllers 0 to 31 have their finer half 32 above.
_FINE = 32
_NRPN_COARSE, _NRPN_FINE, _RPN_COARSE, _RPN_FINE = 99, 98, 101, 100
_DATA, _DATA_FINE = 6, 38
#: The largest value of each kind.
FULL: dict[str, int] = dict.fromkeys(("note", "polytouch", "cc", "program", "aftertouch"), 127) | dict.fromkeys(
    ("pitchwheel", "cc14", "nrpn"), 16_383
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `channel` 1 … 16, 0 for all; `number` of the key or controller; `value` 0 … FULL[kind].

    A note that is let go has value 0. A song position counts sixteenths.
    """

    kind: Kind
    channel: int = 0
    number: int = 0
    value: int = 0

    @property
    def norm(self) -> float:
        """The value as 0..1."""
        return self.value / FULL[self.kind]


def decoded(data: Sequence[int]) -> Event | None:
    """The event of one whole message; None for what is none of ours, and for what is no MIDI."""
    if not data or any(byte > 0x7F for byte in data[1:]):
        return None
    status = data[0]
    if status in _SYSTEM:
        return Event(_SYSTEM[status])
    if status == _POSITION and len(data) == 3:
        return Event("songpos", 0, 0, data[1] | data[2] << 7)
    kind, length = _VOICE.get(status & 0xF0, ("cc", 0))
    if len(data) != length:
        return None
    channel = (status & 0x0F) + 1
    if kind == "pitchwheel":
        return Event(kind, channel, 0, data[1] | data[2] << 7)
    if length == 2:
        return Event(kind, channel, 0, data[1])
    return Event(kind, channel, data[1], 0 if status & 0xF0 == 0x80 else data[2])


def encoded(event: Event) -> list[tuple[int, ...]]:
    """The messages that stand for an event."""
    at = event.channel - 1
    coarse, fine = event.value >> 7 & 0x7F, event.value & 0x7F
    match event.kind:
        case "note":
            return [(0x90 | at, event.number, event.value)]
        case "polytouch":
            return [(0xA0 | at, event.number, event.value)]
        case "cc":
            return [(0xB0 | at, event.number, event.value)]
        case "program" | "aftertouch":
            return [((0xC0 if event.kind == "program" else 0xD0) | at, event.value)]
        case "pitchwheel":
            return [(0xE0 | at, fine, coarse)]
        case "cc14":
            return [(0xB0 | at, event.number, coarse), (0xB0 | at, event.number + _FINE, fine)]
        case "nrpn":
            numbers = ((_NRPN_COARSE, event.number >> 7), (_NRPN_FINE, event.number & 0x7F))
            return [(0xB0 | at, *pair) for pair in (*numbers, (_DATA, coarse), (_DATA_FINE, fine))]
        case _:
            return []


class _Halves:
    """Numbers of 14 bits, by their key, from halves of 7: whole with the second, in either order.

    The half that is heard first says which comes first. A half that comes twice in a row was sent alone, as MIDI allows
    for the finer one after the coarser only, and so tells of the usual order.
    """

    def __init__(self) -> None:
        self._heard: dict[tuple[int, int], dict[bool, int]] = {}
        self._last: dict[tuple[int, int], bool] = {}
        self._fine_first: set[tuple[int, int]] = set()

    def take(self, key: tuple[int, int], value: int, *, fine: bool) -> int | None:
        """A half came; the number, where it is whole with it."""
        last, self._last[key] = self._last.get(key), fine
        if last is None and fine:
            self._fine_first.add(key)
        elif last == fine:
            self._fine_first.discard(key)
        halves = self._heard.setdefault(key, {})
        halves[fine] = value
        second = fine != (key in self._fine_first)
        return halves[False] << 7 | halves[True] if second and len(halves) == 2 else None

    def has_fine(self, key: tuple[int, int]) -> bool:
        """Whether a finer half was ever heard."""
        return True in self._heard.get(key, {})


class Joiner:
    """Joins controllers that come in two halves, and NRPNs, into events of 14 bits; one for each port.

    The halves themselves go on being events: a mapping says which it means.
    """

    def __init__(self) -> None:
        self._controllers, self._data = _Halves(), _Halves()
        self._nrpn: dict[int, tuple[int, int]] = {}

    def take(self, event: Event) -> list[Event]:
        """The event, and what it completes."""
        if event.kind != "cc":
            return [event]
        return [event, *self._joined(event), *self._numbered(event)]

    def _joined(self, event: Event) -> list[Event]:
        if event.number >= 2 * _FINE:
            return []
        number, fine = event.number % _FINE, event.number >= _FINE
        value = self._controllers.take((event.channel, number), event.value, fine=fine)
        return [] if value is None else [Event("cc14", event.channel, number, value)]

    def _numbered(self, event: Event) -> list[Event]:
        channel, value = event.channel, event.value
        coarse, fine = self._nrpn.get(channel, (-1, -1))
        if event.number == _NRPN_COARSE:
            self._nrpn[channel] = (value, fine)
        elif event.number == _NRPN_FINE:
            self._nrpn[channel] = (coarse, value)
        elif event.number in (_RPN_COARSE, _RPN_FINE):
            # What follows is meant for a registered parameter.
            self._nrpn.pop(channel, None)
        elif min(coarse, fine) >= 0 and event.number in (_DATA, _DATA_FINE):
            return self._data_came(event, coarse << 7 | fine)
        return []

    def _data_came(self, event: Event, number: int) -> list[Event]:
        key, is_fine = (event.channel, number), event.number == _DATA_FINE
        whole = self._data.take(key, event.value, fine=is_fine)
        if whole is None and not is_fine and not self._data.has_fine(key):
            # One of 7 bits, as far as has been heard.
            whole = event.value << 7
        return [] if whole is None else [Event("nrpn", event.channel, number, whole)]
