"""OSCQuery: the tree of parameters over HTTP, announced in the local network, so that other tools build their panels.

After the OSCQuery Proposal of Vidvox, version 1.0. Read-only: what is changed is changed by OSC.
"""

import contextlib
import http.server
import json
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import ifaddr
import numpy as np
from zeroconf import Error as ZeroconfError
from zeroconf import ServiceInfo, Zeroconf

from vj.control.osc.allowed import Allowed
from vj.control.osc.messages import ROOT
from vj.core.errors import ControlError
from vj.core.types import Signal
from vj.params.actions import ACTIONS, ARGUMENTS
from vj.params.bounds import written
from vj.params.registry import Registry, Snapshot
from vj.params.spec import Param

#: What may be asked of a node by itself.
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "RANGE", "DESCRIPTION", "VALUE", "CLIPMODE")
_EXTENSIONS = {"ACCESS": True, "VALUE": True, "RANGE": True, "DESCRIPTION": True, "CLIPMODE": True, "LISTEN": False}
_NOTHING, _READ, _WRITE, _BOTH = 0, 1, 2, 3
_IDLE_S, _LONGEST, _GOODBYE_S = 10.0, 4096, 2.0
#: Connections at a time, of which the oldest gives way, and requests a second: more would cost the window frames.
_MOST_OPEN, _RATE_HZ = 64, 300.0
#: Before the next try where the process may open no more files.
_PAUSE_S = 0.1

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
    about: Node = {"ACCESS": _BOTH, "DESCRIPTION": doc, "VALUE": [said], "CLIPMODE": "both"}
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


class OscQuery:
    """Answers at `port` until `close`. Raises ControlError when the port cannot be had.

    now   gives the values, from any thread; tell: told once where the service could not be announced
    """

    def __init__(
        self, address: tuple[str, int], osc_port: int, allowed: Sequence[str], now: Callable[[], Snapshot],
        signals: Sequence[Signal], tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        host, port = address
        self._allowed, self._now, self._signals = Allowed(allowed), now, signals
        try:
            self._server = _Server((host, port), _handler(self))
        except (OSError, OverflowError) as e:
            raise ControlError(
                f"OSCQuery {host}:{port} cannot be opened: {getattr(e, 'strerror', None) or e}"
            ) from None
        self.port: int = self._server.server_address[1]
        self._host_info = {
            "NAME": "vj", "EXTENSIONS": _EXTENSIONS, "OSC_PORT": osc_port, "OSC_TRANSPORT": "UDP",
            **({"OSC_IP": host} if host != "0.0.0.0" else {}),
        }  # fmt: skip
        self._tree: QueryTree | None = None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="oscquery", daemon=True)
        self._thread.start()
        self._zeroconf: Zeroconf | None = None
        self._closed = False
        self._announcing = threading.Thread(target=self._announce, args=(host, osc_port, tell), daemon=True)
        self._announcing.start()

    def answer(self, target: str) -> tuple[int, bytes]:
        """What to say to a request: (HTTP status, JSON or nothing)."""
        now, tree = self._now(), self._tree
        if tree is None or tree.registry is not now.registry:
            self._tree = tree = QueryTree(now.registry, self._signals, self._host_info)
        return tree.answer(target, now)

    def may(self, host: str) -> bool:
        """Whether a client may ask."""
        return self._allowed.may(host)

    def _announce(self, host: str, osc_port: int, tell: Callable[[str], None]) -> None:
        everywhere = host == "0.0.0.0"
        try:
            # On this machine alone where nobody else is let in.
            found = Zeroconf() if everywhere else Zeroconf(interfaces=[host])
            self._zeroconf = found
            addresses = [socket.inet_aton(one) for one in (_own_addresses() if everywhere else [host])]
            for kind, port in (("_oscjson._tcp.local.", self.port), ("_osc._udp.local.", osc_port)):
                about = ServiceInfo(kind, f"vj {self.port}.{kind}", port, addresses=addresses)
                # Another vj in this network may have the name.
                found.register_service(about, allow_name_change=True)
        except (OSError, ZeroconfError) as e:
            if not self._closed:
                tell(f"OSCQuery is not announced in the network: {e}")

    def close(self) -> None:
        """Let go of the port."""
        self._closed = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._zeroconf:
            # What is not taken back in time runs out by itself.
            ending = threading.Thread(target=self._zeroconf.close, daemon=True)
            ending.start()
            ending.join(_GOODBYE_S)


def _own_addresses() -> list[str]:
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [one for one in found if not one.startswith("127.")]


class Turns:
    """Lets everybody have a turn, so many a second in all. May be used by several threads."""

    def __init__(self, rate_hz: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._period_s, self._now_s = 1.0 / rate_hz, now_s
        self._lock, self._next_s = threading.Lock(), 0.0

    def take(self) -> float:
        """In how many seconds the caller's turn is."""
        with self._lock:
            now_s = self._now_s()
            turn_s = max(self._next_s, now_s)
            self._next_s = turn_s + self._period_s
        return turn_s - now_s


class _Server(http.server.ThreadingHTTPServer):
    """A thread for each connection, and no more connections than the window can bear."""

    daemon_threads = True
    # Of those who come at once; the system makes any others wait for a second.
    request_queue_size = 2 * _MOST_OPEN

    def __init__(self, address: tuple[str, int], handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        self._connections, self._lock = dict[socket.socket, None](), threading.Lock()
        super().__init__(address, handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """As the base class does it, but for a pause where that fails: it would be tried again at once."""
        try:
            return super().get_request()
        except OSError:
            time.sleep(_PAUSE_S)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """A connection has come."""
        with self._lock:
            self._connections[request] = None
            if len(self._connections) > _MOST_OPEN:
                oldest = next(iter(self._connections))
                del self._connections[oldest]
                with contextlib.suppress(OSError):
                    # Its thread finds that it has ended, and closes it.
                    oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection is over."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: whoever hangs up in the middle of a request is no concern of the terminal's."""


def _handler(server: OscQuery) -> type[http.server.BaseHTTPRequestHandler]:
    turns = Turns(_RATE_HZ)

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = _IDLE_S
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def _answer(self, *, body: bool) -> None:
            status: int
            time.sleep(turns.take())
            if not server.may(self.client_address[0]):
                status, data = HTTPStatus.FORBIDDEN, b""
            elif len(self.path) > _LONGEST:
                status, data = HTTPStatus.REQUEST_URI_TOO_LONG, b""
            else:
                status, data = server.answer(self.path)
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                # Panels that run in a browser come from another address; there is nothing here but values.
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                if body:
                    self.wfile.write(data)

        def log_message(self, format: str, *about: object) -> None:
            """The terminal is for the show."""

    return Handler
