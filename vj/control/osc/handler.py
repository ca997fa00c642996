"""Messages from outside, carried out between two frames."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from vj.clock.beat_clock import Clocks
from vj.control.keyboard import Action
from vj.control.midi.handler import MidiHandler
from vj.control.osc.address_map import OscMap
from vj.control.osc.messages import Request, parse_request
from vj.control.osc.server import Message, Osc
from vj.core.errors import ControlError, VjError
from vj.session.session import Session

#: So often at most what is wrong with messages is told; all of it is counted.
_TELL_S = 2.0


class Played(Protocol):
    """What a message can do to a show."""

    session: Session
    clock: Clocks
    midi: MidiHandler | None

    def save(self, name: str) -> None:
        """Save what is played as a preset."""

    def osc_beat(self, number: float | None) -> None:
        """A beat of the clock that speaks OSC falls now."""

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters."""

    def recall(self, preset: str) -> None:
        """Play another preset."""

    def act(self, action: Action) -> None:
        """As if its key were pressed."""

    def draw_chain(self, names: list[str]) -> None:
        """Draw these shaders."""


class OscHandler:
    """`wrong` counts messages that asked for what there is not."""

    def __init__(self, osc: Osc, tell: Callable[[str], None], osc_map: OscMap | None = None) -> None:
        self._osc, self._tell, self._map = osc, tell, osc_map or OscMap()
        self.wrong, self._told_s = 0, float("-inf")

    def step(self, show: Played, signals: Mapping[str, Any] | None) -> None:
        """Carry out what has come, values at once, in their order; `signals` are those of the last frame."""
        pending: dict[str, float] = {}
        for one in self._osc.take():
            meant = self._map.translated(one.address, one.arguments)
            for address, arguments in meant or [(one.address, one.arguments)]:
                try:
                    self._one(Message(address, arguments, one.sender), show, pending)
                except VjError as e:
                    self._complain(str(e))
        show.set_values(pending)
        self._osc.tell(show.session.target, signals)

    def _one(self, one: Message, show: Played, pending: dict[str, float]) -> None:
        base = show.session.target
        found = parse_request(one.address, one.arguments, show.session.registry, lambda id: pending.get(id, base[id]))
        pending |= found.changes
        if found.asked or found.action:
            show.set_values(dict(pending))
            pending.clear()
        if found.asked:
            self._osc.answer(one.sender, show.session.target, found.asked)
        if found.action:
            self._act(found, one, show)

    def _act(self, found: Request, one: Message, show: Played) -> None:
        match found.action, found.arguments:
            case "preset", (str() | int() | float() as which,):
                show.recall(_preset(show.session, which))
            case "preset/next", _:
                show.act("next preset")
            case "preset/previous", _:
                show.act("previous preset")
            case "panic", _:
                show.act("panic")
            case "tap", _:
                show.act("tap")
            case "preset/save", (str() as name,):
                show.save(name)
            case "learn" | "forget", (str() as id,) if show.midi:
                (show.midi.learn if found.action == "learn" else show.midi.forget)(show.session.registry[id].id)
            case "tempo/osc_bpm", (int() | float() as bpm,) if 20.0 <= bpm <= 400.0:
                show.clock.osc.tempo(float(bpm))
            case "tempo/osc_beat", () | (int() | float(),):
                show.osc_beat(found.arguments[0] if found.arguments else None)
            case "chain", names:
                show.draw_chain([str(name) for name in names])
            case "subscribe" | "unsubscribe", () | (int(),):
                port = found.arguments[0] if found.arguments else None
                self._osc.subscribe(one.sender, port, found.action == "subscribe")
            case _:
                raise ControlError(f"/vj/{found.action}: found {found.arguments!r:.60}, expected other arguments")

    def _complain(self, text: str) -> None:
        self.wrong += 1
        if time.monotonic() - self._told_s > _TELL_S:
            self._told_s = time.monotonic()
            self._tell(f"OSC {text}")

    def reading(self) -> str:
        """For the HUD."""
        inbox = self._osc.inbox
        return f"port {self._osc.port}   messages {inbox.received}   refused {inbox.refused + self.wrong}"


def _preset(session: Session, which: str | float) -> str:
    """Its name, by name or number from 0; only of presets that are in the list: a message opens no file."""
    names = session.presets
    if isinstance(which, float) and which.is_integer():
        # Many programs send nothing but floats.
        which = int(which)
    if isinstance(which, str) and which in names:
        return which
    if isinstance(which, int) and 0 <= which < len(names):
        return names[which]
    raise ControlError(f"/vj/preset: found {which!r:.60}, expected one of {', '.join(names)}")
