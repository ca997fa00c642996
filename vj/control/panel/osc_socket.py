"""OSCQuery's web socket: who listens to which path, and what is sent there. Pure but for the sockets themselves.

Text is JSON with COMMAND and DATA (LISTEN and IGNORE from clients; PATH_CHANGED to them), binary is OSC both ways;
after the OSCQuery Proposal of Vidvox, version 1.0.
"""

import json
from collections.abc import Mapping
from typing import Any

from vj.control.osc.messages import ROOT
from vj.control.osc.server import message
from vj.control.panel.board import NAMES
from vj.control.panel.watched import WatchedShow
from vj.params.bounds import written
from vj.params.registry import Registry

#: Paths that one client listens to.
MOST_PATHS = 2048
_SIGNALS = {f"{ROOT}signal/{name}": i for i, name in enumerate(NAMES)}


class Listening:
    """What one client listens to. `hear` takes its commands, `news` gives what changed since the last time."""

    def __init__(self) -> None:
        self._paths: dict[str, None] = {}
        self._told: dict[str, float] = {}
        self._registry: Registry | None = None

    def hear(self, text: str) -> bool:
        """One command; returns whether it was one. A path that is not there may come later."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return False
        if not isinstance(found, dict) or not isinstance(found.get("DATA"), str):
            return False
        path = found["DATA"]
        match found.get("COMMAND"):
            case "LISTEN" if len(self._paths) < MOST_PATHS and len(path) < 200:
                self._paths[path] = None
                self._told.pop(path, None)
            case "IGNORE":
                self._paths.pop(path, None)
            case _:
                return False
        return True

    def news(self, show: WatchedShow) -> list[bytes | str]:
        """Packets of values that changed, a command where the tree itself did."""
        out: list[bytes | str] = []
        if self._registry is not None and self._registry is not show.registry:
            out.append(json.dumps({"COMMAND": "PATH_CHANGED", "DATA": "/vj"}))
            self._told.clear()
        self._registry = show.registry
        if not self._paths or show.moment is None:
            return out
        for path in self._paths:
            value = self._value(path, show)
            if value is not None and self._told.get(path) != value:
                self._told[path] = value
                out.append(_packet(path, value, show))
        return out

    @staticmethod
    def _value(path: str, show: WatchedShow) -> float | None:
        if path in _SIGNALS:
            row = show.moment.row if show.moment else None
            return float(row["signals"][_SIGNALS[path]]) if row is not None and row["heard"] else None
        at = show.registry.index.get(path.removeprefix(ROOT))
        if at is None or not path.startswith(ROOT) or show.registry.params[at].kind == "trigger":
            return None
        return float(show.snapshot.array[at])


def _packet(path: str, value: float, show: WatchedShow) -> bytes:
    """In the type that the tree says."""
    if path in _SIGNALS:
        return message(path, value)
    said = written(show.registry[path.removeprefix(ROOT)], value)
    return message(path, said if isinstance(said, str | bool) else float(said))


def host_info(name: str, osc: tuple[str, int]) -> Mapping[str, Any]:
    """HOST_INFO: what the server can do, and where OSC is taken by UDP."""
    host, port = osc
    can = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "CLIPMODE", "LISTEN", "PATH_CHANGED")
    about: dict[str, Any] = {"NAME": name, "EXTENSIONS": dict.fromkeys(can, True)}
    if port:
        about |= {"OSC_PORT": port, "OSC_TRANSPORT": "UDP"} | ({"OSC_IP": host} if host != "0.0.0.0" else {})
    return about
