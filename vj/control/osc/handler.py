"""Messages from outside, carried out between two frames."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from vj.control.osc.address_map import OscMap
from vj.control.osc.messages import Request, parse_request
from vj.control.osc.server import Message, PortlessOsc
from vj.core.edge import Edge
from vj.core.errors import ControlError
from vj.params.actions import BY_ID, Action, Presses, checked_argument
from vj.session.session import Session

#: So often at most what is wrong with messages is told; all of it is counted.
_TELL_S = 2.0
#: What the edge counts messages by.
WHAT = "OSC"


class Played(Protocol):
    """What a message can do to a show."""

    session: Session

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters."""

    def act(self, id: str, argument: Any = None) -> None:
        """Do what stands in the table of actions."""


class OscHandler:
    """Each message is handled inside `edge`, which tells and counts what cannot be done; the others are carried out."""

    def __init__(self, osc: PortlessOsc, edge: Edge, osc_map: OscMap | None = None) -> None:
        self._osc, self._edge, self._map = osc, edge, osc_map or OscMap()
        self._presses = Presses()

    def step(self, show: Played, signals: Mapping[str, Any] | None) -> None:
        """Carry out what has come, values at once, in their order; `signals` are those of the last frame."""
        pending: dict[str, float] = {}
        for one in self._osc.take():
            meant = self._map.translated(one.address, one.arguments)
            for address, arguments in meant or [(one.address, one.arguments)]:
                with self._edge.handling("panel" if one.sender[0].startswith("panel ") else WHAT, _TELL_S):
                    self._one(Message(address, arguments, one.sender), show, pending)
        with self._edge.handling(WHAT, _TELL_S):
            show.set_values(pending)
        trouble, self._osc.inbox.trouble = self._osc.inbox.trouble, ""
        if trouble:
            self._edge.caught(WHAT, ControlError(trouble), _TELL_S)
        self._osc.tell(show.session.target, signals)

    def _one(self, one: Message, show: Played, pending: dict[str, float]) -> None:
        base = show.session.target
        found = parse_request(one.address, one.arguments, show.session.registry, lambda id: pending.get(id, base[id]))
        pending |= self._pressed(found, one, show)
        if found.asked or found.action:
            show.set_values(dict(pending))
            pending.clear()
        if found.asked:
            self._osc.answer(one.sender, show.session.target, found.asked)
        if found.action:
            self._act(BY_ID[found.action], one, show)

    def _pressed(self, found: Request, one: Message, show: Played) -> dict[str, float]:
        """The changes, of which triggers are presses as actions are: held and let go of they fire once."""
        registry, now_s = show.session.registry, time.monotonic()
        triggers = {id for id in found.changes if registry[id].kind == "trigger"}
        fired = {id for id in triggers if self._presses.acts(Action(id, ""), one.arguments, one.sender[0], now_s)}
        return {id: value for id, value in found.changes.items() if id in fired or id not in triggers}

    def _act(self, action: Action, one: Message, show: Played) -> None:
        argument = checked_argument(action, one.arguments)
        if not self._presses.acts(action, one.arguments, one.sender[0], time.monotonic()):
            return
        if action.argument == "port":
            # What concerns the sender alone, and not the show.
            self._osc.subscribe(one.sender, argument, action.id == "subscribe")
        else:
            show.act(action.id, argument)

    def reading(self) -> str:
        """For the HUD."""
        inbox = self._osc.inbox
        where = f"port {self._osc.port}" if self._osc.port else "no port"
        return f"{where}   messages {inbox.received}   refused {inbox.refused + self._edge.refused[WHAT]}"
