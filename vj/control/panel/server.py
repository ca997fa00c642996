"""The server of panel and OSCQuery: HTTP and web sockets (aiohttp). All that it knows stands on the board.

/panel/            the page, its files and pictures, its web socket /panel/live; with a token below /panel/t/TOKEN/
everything else    OSCQuery: a path is a node, and a web socket there listens
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aiohttp import WSMsgType, web

from vj.control.osc.query import QueryTree
from vj.control.panel.board import Board, packet_row
from vj.control.panel.config import PanelConfig
from vj.control.panel.connections import Connections
from vj.control.panel.door import Caller, Door
from vj.control.panel.files import page_file, picture
from vj.control.panel.live_socket import Feed, packet_of
from vj.control.panel.osc_socket import Listening, host_info
from vj.control.panel.turns import Turns
from vj.control.panel.watched import WatchedShow
from vj.modulation.signals import SIGNALS

#: Requests a second, of all clients; messages a second of one web socket, and how many at once.
_REQUESTS_HZ, _BURST, _MESSAGES_HZ, _MESSAGES_BURST = 300.0, 100, 1000.0, 400
#: How often a page and a listener are told, and how often an idle server looks.
_PAGE_S, _LISTENER_S, _IDLE_S = 1 / 30, 1 / 60, 0.1
#: Bytes of a message; messages that were none, before a client is sent away; how long one may take to read its own.
_LARGEST, _MOST_WRONG, _SLOW_S = 4096, 20, 5.0
#: Web sockets at a time.
_MOST_SOCKETS = 32
_LONGEST_LINE = 8190
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Tell = Callable[[web.WebSocketResponse], Coroutine[Any, Any, None]]


class PanelServer:
    """Serves until `close`.

    on_watched  told `page`, how many pages look, and `listener`, how many clients of OSCQuery do, when that changes
    presets, shaders  folders of their pictures
    """

    def __init__(
        self, config: PanelConfig, board: Board, on_watched: Callable[..., None],
        presets: tuple[Path, ...] = (), shaders: tuple[Path, ...] = (),
    ) -> None:  # fmt: skip
        self._config, self._board, self._on_watched = config, board, on_watched
        self._presets, self._shaders = presets, shaders
        self.show, self._door, self._turns = WatchedShow(board), Door(config), Turns(_REQUESTS_HZ, _BURST)
        self._clients = itertools.count(1)
        #: Web sockets that are open: of pages, and of clients of OSCQuery.
        self._open = {"page": 0, "listener": 0}
        self._tree: QueryTree | None = None
        app = web.Application(middlewares=[self._guard], client_max_size=1)
        app.router.add_get("/panel/{rest:.*}", self._panel)
        app.router.add_get("/panel", self._to_panel)
        app.router.add_get("/{path:.*}", self._query)
        self._runner = web.AppRunner(
            app, access_log=None, max_line_size=_LONGEST_LINE, max_field_size=_LONGEST_LINE, max_headers=64
        )
        self._connections: Connections | None = None
        self._listener: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None

    async def open(self) -> int:
        """Begin to serve; returns the port. Raises OSError where it cannot be had."""
        await self._runner.setup()
        assert self._runner.server is not None
        self._connections = Connections(self._runner.server)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._connections, self._config.host, self._config.port, backlog=128)
        self._looking = asyncio.create_task(self._look())
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Let go of the port."""
        if self._looking:
            self._looking.cancel()
        if self._listener:
            self._listener.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._runner.cleanup(), 1.0)

    async def _look(self) -> None:
        while True:
            self.show.look()
            attended_s = _LISTENER_S if self._open["listener"] else _PAGE_S
            await asyncio.sleep(attended_s if any(self._open.values()) else _IDLE_S)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        transport, connections = request.transport, self._connections
        assert connections is not None
        connections.busy(transport, busy=True)
        try:
            await self._turns.wait()
            if refusal := self._door.refusal(_caller(request)):
                return web.Response(status=403, text=f"{refusal}\n", headers=_HEADERS)
            if request.can_read_body:
                # Nothing here takes one; what comes after the head is not waited for.
                return web.Response(status=400, text="expected no body\n", headers={**_HEADERS, "Connection": "close"})
            return await self._answered(request, handler)
        finally:
            connections.busy(transport, busy=False)

    @staticmethod
    async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as e:
            e.headers.update(_HEADERS)
            raise

    async def _to_panel(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("panel/")

    async def _panel(self, request: web.Request) -> web.StreamResponse:
        rest = _without_token(request.match_info["rest"])
        if rest == "live" and _wants_socket(request):
            return await self._live(request)
        folder, _, name = rest.partition("/")
        if folder in ("preset", "shader") and name.endswith(".jpg"):
            return self._picture(folder, name.removesuffix(".jpg"))
        found = page_file(rest)
        if found is None:
            raise web.HTTPNotFound
        data, kind = found
        return web.Response(body=data, content_type=kind, charset="utf-8", headers=_HEADERS)

    def _picture(self, folder: str, name: str) -> web.Response:
        known = [one["name"] for one in self.show.lists[f"{folder}s"]]
        found = picture(name, known, self._presets if folder == "preset" else self._shaders)
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found, content_type="image/jpeg", headers=_HEADERS)

    async def _query(self, request: web.Request) -> web.StreamResponse:
        if _wants_socket(request):
            return await self._listen(request)
        self.show.look()
        snapshot = self.show.snapshot
        if self._tree is None or self._tree.registry is not snapshot.registry:
            self._tree = QueryTree(snapshot.registry, SIGNALS, dict(host_info("vj", self._config.osc)))
        status, data = self._tree.answer(request.raw_path, snapshot)
        return web.Response(status=status, body=data, content_type="application/json", headers=_HEADERS)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """A page: told of everything that is new, in turn, as fast as it reads."""
        feed, seen = Feed(), self._board.pictures.written

        async def tell(ws: web.WebSocketResponse) -> None:
            nonlocal seen
            while True:
                async with asyncio.timeout(_SLOW_S):
                    if news := feed.news(self.show):
                        await ws.send_str(news)
                    jpegs, seen = self.show.jpegs(seen)
                    for of_audition, jpeg in jpegs:
                        await ws.send_bytes((b"A" if of_audition else b"P") + jpeg)
                # All pages at the same times, so that what is told to one is told to all.
                await asyncio.sleep(_PAGE_S - time.monotonic() % _PAGE_S)

        with self._counted("page"):
            return await self._converse(request, tell, lambda text: packet_of(text) or b"")

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        """A client of OSCQuery."""
        listening = Listening()

        async def tell(ws: web.WebSocketResponse) -> None:
            while True:
                async with asyncio.timeout(_SLOW_S):
                    for one in listening.news(self.show):
                        await (ws.send_str(one) if isinstance(one, str) else ws.send_bytes(one))
                await asyncio.sleep(_LISTENER_S)

        with self._counted("listener"):
            return await self._converse(request, tell, lambda text: None if listening.hear(text) else b"")

    async def _converse(
        self, request: web.Request, tell: Tell, hear: Callable[[str], bytes | None]
    ) -> web.StreamResponse:
        """A web socket until either side ends it. hear: a text becomes a packet, nothing, or b"" where it is wrong."""
        ws = web.WebSocketResponse(max_msg_size=_LARGEST, heartbeat=10.0, compress=False, timeout=1.0)
        await ws.prepare(request)
        client, turns, wrong = next(self._clients), Turns(_MESSAGES_HZ, _MESSAGES_BURST), 0
        telling = asyncio.create_task(self._told(request.transport, tell(ws)))
        try:
            async for one in ws:
                await turns.wait()
                if one.type is WSMsgType.TEXT:
                    packet = hear(one.data)
                else:
                    packet = one.data if one.type is WSMsgType.BINARY else b""
                if packet == b"" or (packet and not self._take_in(packet, client)):
                    wrong += 1
                if wrong > _MOST_WRONG:
                    break
        finally:
            telling.cancel()
        await ws.close()
        return ws

    @staticmethod
    async def _told(transport: asyncio.Transport | None, telling: Coroutine[Any, Any, None]) -> None:
        """Tell until it is cancelled; who does not read, or is gone, is sent away."""
        try:
            await telling
        except (ConnectionError, RuntimeError, TimeoutError):
            if transport is not None:
                transport.abort()

    def _take_in(self, packet: bytes, client: int) -> bool:
        row = packet_row(packet, client)
        if row is not None:
            self._board.inbox.write(row)
        return row is not None

    @contextlib.contextmanager
    def _counted(self, kind: str) -> Iterator[None]:
        """One more web socket of a kind inside. Raises HTTPServiceUnavailable where there are too many."""
        if sum(self._open.values()) >= _MOST_SOCKETS:
            raise web.HTTPServiceUnavailable
        self._open[kind] += 1
        self._on_watched(**self._open)
        try:
            yield
        finally:
            self._open[kind] -= 1
            self._on_watched(**self._open)


def _wants_socket(request: web.Request) -> bool:
    return request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket"


def _without_token(rest: str) -> str:
    """The path below /panel/, without "t/TOKEN/"."""
    parts = rest.split("/", 2)
    return parts[2] if len(parts) == 3 and parts[0] == "t" else rest


def _token(path: str) -> str:
    parts = unquote(path).split("/", 4)
    return parts[3] if len(parts) == 5 and parts[1:3] == ["panel", "t"] else ""


def _caller(request: web.Request) -> Caller:
    path, headers = request.path, request.headers
    peer = request.transport.get_extra_info("peername") if request.transport else None
    panel = path == "/panel" or path.startswith("/panel/")
    # Who follows a link to the page comes from another site, and is let in to look.
    site = "" if headers.get("Sec-Fetch-Mode") == "navigate" else headers.get("Sec-Fetch-Site", "")
    return Caller(
        peer[0] if peer else "", headers.get("Host", ""), headers.get("Origin", ""), site, _token(path), panel
    )
