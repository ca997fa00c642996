"""The server of panel and OSCQuery, asked by real clients, friendly and not."""

import asyncio
import contextlib
import json
import select
import socket
import struct
import threading
import time

import aiohttp
import panel_served
import pytest
from panel_served import CARDS, REGISTRY

from vj.control.osc.packets import message_of
from vj.control.osc.query import tree
from vj.control.osc.server import message
from vj.control.panel.config import PanelConfig
from vj.modulation.signals import SIGNALS
from vj.params.registry import Registry
from vj.params.spec import Param

ROOT = tree(REGISTRY, REGISTRY.defaults(), SIGNALS)


@pytest.fixture(scope="module")
def server():
    with panel_served.served() as one:
        yield one


def test_a_client_browses(server):
    status, headers, body = server.asked("/")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body) == ROOT
    assert json.loads(server.asked("/vj/noise/sigma?VALUE")[2]) == {"VALUE": [1.0]}
    assert server.asked("/vj?VALUE")[0] == 204
    _, headers, body = server.asked("/", "HEAD")
    assert (int(headers["Content-Length"]) > 1000, body) == (True, b"")
    assert json.loads(server.asked("/?HOST_INFO")[2])["EXTENSIONS"]["LISTEN"] is True


def test_nothing_may_be_read_by_pages_of_others(server):
    _, headers, _ = server.asked("/panel/")
    assert "Access-Control-Allow-Origin" not in headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_page_is_served_with_its_parts(server):
    status, headers, body = server.asked("/panel/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for part in (b"style.css", b"main.js"):
        assert part in body
    assert server.asked("/panel/main.js")[1]["Content-Type"].startswith("text/javascript")
    assert server.asked("/panel")[0] == 200


HOSTILE = {
    "unknown node": ("/nothing", {}, 404),
    "unknown attribute": ("/vj?NOTHING", {}, 400),
    "long path": ("/" + "a" * 9000, {}, 400),
    "climbing": ("/panel/../../../etc/passwd", {}, 404),
    "climbing encoded": ("/panel/%2e%2e/%2e%2e/server.py", {}, 404),
    "code": ("/panel/server.py", {}, 404),
    "unknown picture": ("/panel/preset/..%2f..%2fsecret.jpg", {}, 404),
    "rebound name": ("/panel/", {"Host": "evil.example"}, 403),
    "another site": ("/panel/", {"Origin": "http://evil.example"}, 403),
    "another site's picture": ("/panel/preset/tide.jpg", {"Sec-Fetch-Site": "cross-site"}, 403),
    "rebound node": ("/vj/noise/sigma", {"Host": "evil.example:80"}, 403),
    "many headers": ("/", {f"X-{i}": "a" for i in range(80)}, 400),
    "long header": ("/", {"X-Long": "a" * 9000}, 400),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_errors_are_statuses(server, name):
    target, headers, status = HOSTILE[name]
    assert server.asked(target, **headers)[0] == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
def test_nothing_is_changed_by_http(server, method):
    assert server.asked("/vj/noise/sigma", method)[0] in (400, 405)
    assert server.asked("/panel/", method)[0] in (400, 405)


GARBAGE = [b"\0\xff\xfe\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 70_000, b"GET / HTTP/1.1\r\n" * 200,
           b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
           b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n"]  # fmt: skip


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_it_answers_after_garbage(server, data):
    with socket.create_connection(("127.0.0.1", server.link.port), 60) as one, contextlib.suppress(OSError):
        one.sendall(data)
    assert server.asked("/vj?ACCESS")[0] == 200


@contextlib.contextmanager
def connections(server, count):
    """So many at once, of which nobody says anything."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", server.link.port), 60)) for _ in range(count)]


ASKS = b"GET /vj?ACCESS HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_slow_clients_keep_nobody_waiting(server):
    with connections(server, 20) as slow:
        for one in slow:
            one.sendall(b"GET / HT")
        assert server.asked("/vj?ACCESS")[0] == 200
        # It is still waiting for all of them.
        assert not select.select(slow, [], [], 0.0)[0]


def test_slow_clients_are_given_up(server):
    with connections(server, 3) as slow:
        for one in slow:
            one.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
            one.settimeout(60)
        until_s = time.monotonic() + 30
        while time.monotonic() < until_s:
            # A byte a second is no request either.
            with contextlib.suppress(OSError):
                slow[0].sendall(b"a")
            if select.select(slow, [], [], 1.0)[0] == slow:
                break
        for one in slow:
            with contextlib.suppress(ConnectionError):
                assert one.recv(1) == b""


def test_a_body_is_asked_of_nobody(server):
    for more in (b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", b"Content-Length: 5\r\n\r\nhello"):
        with socket.create_connection(("127.0.0.1", server.link.port), 60) as one:
            one.sendall(b"GET /vj HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more)
            assert one.recv(100).startswith(b"HTTP/1.1 400")


def test_a_burst_of_connections_is_answered_whole(server):
    with connections(server, 50) as burst:
        for one in burst:
            one.sendall(ASKS)
        assert all(one.recv(100).startswith(b"HTTP/1.1 200") for one in burst)


def test_of_too_many_connections_the_oldest_give_way(server):
    with connections(server, 200) as idle:
        assert server.asked("/vj?ACCESS")[0] == 200
        with contextlib.suppress(ConnectionError):
            assert idle[0].recv(1) == b""
        idle[-1].sendall(ASKS)
        assert idle[-1].recv(100).startswith(b"HTTP/1.1 200")


def test_whoever_hangs_up_in_the_middle_is_not_told(server, capfd):
    for said in (b"GET / HT", ASKS):
        with connections(server, 20) as some:
            for one in some:
                one.sendall(said)
                # Closed like this it is reset.
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert server.asked("/vj?ACCESS")[0] == 200
    assert capfd.readouterr() == ("", "")


def conversed(server, path, talk, **options):
    """What a coroutine makes of a web socket."""

    async def go():
        async with aiohttp.ClientSession() as session, session.ws_connect(server.url + path, **options) as ws:
            return await asyncio.wait_for(talk(ws), 60)

    return asyncio.run(go())


async def until(ws, is_so):
    """The first message that is so."""
    while True:
        one = await ws.receive()
        assert one.type not in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR), one
        if is_so(one):
            return one


def test_a_page_is_told_what_is_and_asks_for_changes(server):
    server.values()

    async def talk(ws):
        first = json.loads((await ws.receive()).data)
        assert first["lists"]["presets"] == CARDS
        assert first["values"]["noise/sigma"] == [1.0, 1.0]
        assert server.waited(lambda: server.link.watched == 1)
        server.values(noise__sigma=0.5)
        later = await until(ws, lambda one: one.type is aiohttp.WSMsgType.TEXT)
        assert json.loads(later.data) == {"values": {"noise/sigma": [0.5, 0.5]}}
        server.pictures(100)
        picture = await until(ws, lambda one: one.type is aiohttp.WSMsgType.BINARY)
        assert picture.data[:3] == b"P\xff\xd8"
        await ws.send_str(json.dumps({"address": "/vj/noise/sigma", "args": [0.25]}))
        await ws.send_str(json.dumps({"address": "/vj/tap"}))

    server.link.take()
    conversed(server, "/panel/live", talk)
    (first, who), (second, same) = server.taken(2)
    assert (message_of(first), message_of(second)) == (("/vj/noise/sigma", (0.25,)), ("/vj/tap", ()))
    assert who == same
    # Nothing can be sent back to a port 0.
    assert who[1] == 0
    assert server.waited(lambda: server.link.watched == 0)


def test_a_client_listens_and_sets_values_by_osc(server):
    server.values()
    assert server.waited(lambda: json.loads(server.asked("/vj/noise/sigma?VALUE")[2]) == {"VALUE": [1.0]})

    async def talk(ws):
        await ws.send_str(json.dumps({"COMMAND": "LISTEN", "DATA": "/vj/noise/sigma"}))
        assert message_of((await ws.receive()).data) == ("/vj/noise/sigma", (1.0,))
        server.values(noise__sigma=0.5)
        assert message_of((await ws.receive()).data) == ("/vj/noise/sigma", (0.5,))
        await ws.send_bytes(message("/vj/noise/sigma", 0.75))

    server.link.take()
    conversed(server, "/", talk)
    ((packet, _),) = server.taken(1)
    assert message_of(packet) == ("/vj/noise/sigma", (0.75,))


@pytest.mark.parametrize("path", ["/", "/panel/live"])
def test_web_sockets_of_strange_pages_are_refused(server, path):
    async def nothing(ws):
        pass

    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as e:
            conversed(server, path, nothing, headers=headers)
        assert e.value.status == 403


@pytest.mark.parametrize("path", ["/", "/panel/live"])
def test_who_says_nothing_right_is_sent_away(server, path):
    async def talk(ws):
        for _ in range(40):
            with contextlib.suppress(ConnectionError):
                await ws.send_str("nonsense")
        while not ws.closed:
            await ws.receive()

    server.link.take()
    conversed(server, path, talk)
    assert server.link.take() == []


@pytest.mark.parametrize("path", ["/", "/panel/live"])
def test_messages_that_are_too_large_end_it(server, path):
    async def talk(ws):
        await ws.send_bytes(b"x" * 100_000)
        while not ws.closed:
            await ws.receive()

    server.link.take()
    conversed(server, path, talk)
    assert server.link.take() == []


def test_who_sends_too_much_is_slowed_down(server):
    async def talk(ws):
        for i in range(3000):
            await ws.send_str(json.dumps({"address": "/vj/noise/sigma", "args": [i]}))
        await asyncio.sleep(0.3)

    server.link.take()
    conversed(server, "/panel/live", talk)
    # 400 at once, then a thousand a second; none was taken in after it had gone but what was there by then.
    assert 0 < len(server.taken(1)) < 3000


def test_a_page_that_does_not_read_costs_nobody_else(server):
    """Neither memory nor time: it is told the newest when it reads again, or sent away."""
    key = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + b"A" * 22
    with socket.create_connection(("127.0.0.1", server.link.port), 60) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"GET /panel/live HTTP/1.1\r\nHost: 127.0.0.1\r\n" + key + b"==\r\n\r\n")
        assert server.waited(lambda: server.link.watched == 1)
        ends = threading.Event()

        def show():
            level = 0
            while not ends.wait(0.01):
                level = (level + 1) % 200
                server.pictures(level)
                server.values(noise__sigma=level / 100)

        thread = threading.Thread(target=show)
        thread.start()
        try:
            # Its buffers are full soon, and then its patience is over.
            assert server.waited(lambda: server.link.watched == 0)
            assert server.asked("/vj?ACCESS")[0] == 200
        finally:
            ends.set()
            thread.join()


def test_another_tree_is_served_and_told(server):
    async def talk(ws):
        await ws.send_str(json.dumps({"COMMAND": "LISTEN", "DATA": "/vj/noise/sigma"}))
        await ws.receive()
        server.tell(Registry([*REGISTRY.params, Param("fx/brand/new", 0.5)]))
        return json.loads((await until(ws, lambda one: one.type is aiohttp.WSMsgType.TEXT)).data)

    try:
        assert conversed(server, "/", talk)["COMMAND"] == "PATH_CHANGED"
        assert json.loads(server.asked("/vj/fx/brand/new?VALUE")[2]) == {"VALUE": [0.5]}
    finally:
        server.tell(REGISTRY)
    assert server.waited(lambda: server.asked("/vj/fx/brand/new")[0] == 404)


def test_a_token_is_asked_of_other_machines():
    """A client of another address, as far as this machine has one."""
    addresses = [one for one in panel_served.own_addresses() if one != "127.0.0.1"]
    if not addresses:
        pytest.skip("this machine has no address but its own")
    with panel_served.served(PanelConfig("0.0.0.0", 0)) as one:
        (where, *_) = one.link.urls_elsewhere
        token = one.link.config.token
        assert len(token) >= 16
        assert token in where
        far = f"http://{addresses[0]}:{one.link.port}"
        for path, status in (("/panel/", 403), ("/panel/t/wrong/", 403), (f"/panel/t/{token}/", 200), ("/vj", 403)):
            assert panel_served.status_of(far + path) == status, path
