"""OSCQuery: the tree of parameters as JSON, so that other tools build their panels, and answers to requests. Pure.

After the OSCQuery Proposal of Vidvox, version 1.0. It is served by `vj.control.panel`.
"""

import json
import re
import secrets
import threading
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from vj.control.osc.messages import ROOT
from vj.core.types import Signal
from vj.params.actions import ACTIONS, ARGUMENTS
from vj.params.bounds import written
from vj.params.registry import Registry, Snapshot
from vj.params.spec import Param

#: What may be asked of a node by itself.
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "RANGE", "DESCRIPTION", "VALUE", "CLIPMODE")
_NOTHING, _READ, _WRITE, _BOTH = 0, 1, 2, 3

Node = dict[str, Any]


def tree(registry: Registry, now: Snapshot, signals: Sequence[Signal]) -> Node:
    """The root node: parameters with their values, signals, and actions below /vj."""
    root: Node = {"FULL_PATH": "/", "ACCESS": _NOTHING, "CONTENTS": {}}
    for param in registry:
        _node(root, ROOT + param.id).update(_parameter(param, now[param.id]))
    for signal in signals:
        about = {
            "ACCESS": _READ,
            "TYPE": "f",
            "DESCRIPTION": signal.doc,
            "RANGE": [{"MIN": signal.lo, "MAX": signal.hi}],
        }
        for i in range(signal.width):
            name = signal.name if signal.width == 1 else f"{signal.name}/{i + signal.first}"
            _node(root, f"{ROOT}signal/{name}").update(about)
    for action in ACTIONS:
        if action.remote:
            tag = ARGUMENTS[action.argument][1]
            _node(root, ROOT + action.id).update({"ACCESS": _WRITE, "TYPE": tag, "DESCRIPTION": action.doc})
    return root


def _node(root: Node, path: str) -> Node:
    node, at = root, ""
    for name in path.strip("/").split("/"):
        at += "/" + name
        node = node.setdefault("CONTENTS", {}).setdefault(name, {"FULL_PATH": at, "ACCESS": _NOTHING})
    return node


def _parameter(param: Param, value: float) -> Node:
    doc = f"{param.doc} [{param.unit}]" if param.unit else param.doc
    if param.kind == "trigger":
        return {"ACCESS": _WRITE, "TYPE": "N", "DESCRIPTION": doc}
    said = written(param, value)
    about: Node = {"ACCESS": _BOTH, "DESCRIPTION": doc, "VALUE": [said], "CLIPMODE": ["both"]}
    about["TYPE"] = _type(param, value)
    if param.kind == "choice":
        return {**about, "RANGE": [{"VALS": list(param.choices)}]}
    return about if param.kind == "toggle" else {**about, "RANGE": [{"MIN": param.lo, "MAX": param.hi}]}


def _type(param: Param, value: float) -> str:
    """Its OSC type; that of a toggle is its value."""
    if param.kind == "toggle":
        return "T" if value >= 0.5 else "F"
    return {"choice": "s", "trigger": "N"}.get(param.kind, "f")


def answer(target: str, root: Node, host_info: Node) -> tuple[int, Node | None]:
    """(HTTP status, body) for the path and query of a request: a node, one attribute of it, or HOST_INFO."""
    parts = urlsplit(target)
    asked = parts.query.split("=")[0]
    if asked == "HOST_INFO":
        return HTTPStatus.OK, host_info
    node: Node | None = root
    for name in unquote(parts.path).strip("/").split("/"):
        if name:
            node = (node or {}).get("CONTENTS", {}).get(name)
    if node is None:
        return HTTPStatus.NOT_FOUND, None
    if not asked:
        return HTTPStatus.OK, node
    if asked not in ATTRIBUTES:
        return HTTPStatus.BAD_REQUEST, None
    return (HTTPStatus.OK, {asked: node[asked]}) if asked in node else (HTTPStatus.NO_CONTENT, None)


class QueryTree:
    """The tree of one registry, written once; an answer only puts the values in. May be used by several threads.

    The interpreter is the window's too: a request for all of it costs a tenth of what building it anew would.
    """

    #: Texts of whole nodes that are kept. Without a limit somebody who asks for each would have them all kept.
    _MOST = 64

    def __init__(self, registry: Registry, signals: Sequence[Signal], host_info: Node) -> None:
        self.registry, self._host_info, self._lock = registry, host_info, threading.Lock()
        # What stands for a value; nobody else's text may look like it.
        self._mark = secrets.token_hex(8)
        self._slot = re.compile(f'"{self._mark}([vt])([0-9]+)"')
        values = registry.defaults()
        self._root = tree(registry, values, signals)
        self._array = values.array
        self._written = [_texts(param, values[param.id]) for param in registry]
        for i, param in enumerate(registry):
            node = _node(self._root, ROOT + param.id)
            if "VALUE" in node:
                node |= {"VALUE": [f"{self._mark}v{i}"], "TYPE": f"{self._mark}t{i}"}
        self._pages: dict[tuple[int, int], list[str]] = {}

    def answer(self, target: str, now: Snapshot) -> tuple[int, bytes]:
        """(HTTP status, JSON or nothing) for a request, with the values `now`, which are of this registry."""
        status, found = answer(target, self._root, self._host_info)
        if found is None:
            return status, b""
        with self._lock:
            for i in np.flatnonzero(now.array != self._array):
                self._written[i] = _texts(self.registry.params[i], float(now.array[i]))
            self._array = now.array
            parts = list(self._parts(found))
            for at in range(1, len(parts), 3):
                text = self._written[int(parts[at + 1])]
                parts[at], parts[at + 1] = text[parts[at] == "t"], ""
        return status, "".join(parts).encode()

    def _parts(self, found: Node) -> list[str]:
        """The text of a node around its values: text, "v" or "t", a parameter's place, and so on."""
        if "CONTENTS" not in found:
            return self._slot.split(json.dumps(found))
        # A node with all of its attributes, or what it holds alone.
        key = (id(found["CONTENTS"]), len(found))
        if key not in self._pages:
            if len(self._pages) >= self._MOST:
                self._pages.clear()
            self._pages[key] = self._slot.split(json.dumps(found))
        return self._pages[key]


def _texts(param: Param, value: float) -> tuple[str, str]:
    """The JSON of a value and of its OSC type."""
    said = written(param, value)
    return json.dumps(said), f'"{_type(param, value)}"'
