"""Panels and strangers beside a show: `panel_load.py PORT panels|values SECONDS` or `… hostile REQUESTS`; prints JSON.

A process of its own, so that what is measured is the show's.
"""

import asyncio
import contextlib
import json
import random
import socket
import sys
import time

import aiohttp

from vj.control.osc.server import message

PANELS, RATE_HZ = 4, 200.0
LONG = "a" * 9000
OPENING = "GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n"
UPGRADE = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")  # fmt: skip


async def panels(port, seconds):
    """So many pages that look, and values from one of them, so many a second in all."""
    told = {"messages": 0, "pictures": 0, "sent": 0}
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"http://127.0.0.1:{port}/panel/live") for _ in range(PANELS)]

        async def read(ws):
            async for one in ws:
                told["messages" if one.type is aiohttp.WSMsgType.TEXT else "pictures"] += 1

        reading = [asyncio.create_task(read(ws)) for ws in sockets]
        end_s = time.monotonic() + seconds
        next_s = time.monotonic()
        while time.monotonic() < end_s:
            ws = sockets[told["sent"] % PANELS]
            id, value = turned(told["sent"])
            await ws.send_str(json.dumps({"address": f"/vj/{id}", "args": [value]}))
            told["sent"] += 1
            next_s += 1.0 / RATE_HZ
            await asyncio.sleep(max(next_s - time.monotonic(), 0.0))
        for one in reading:
            one.cancel()
    return told


def values(port, seconds):
    """The same values by OSC, with nobody who looks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        end_s = next_s = time.monotonic()
        end_s += seconds
        sent = 0
        while time.monotonic() < end_s:
            id, value = turned(sent)
            one.sendto(message(f"/vj/{id}", value), ("127.0.0.1", port))
            sent += 1
            next_s += 1.0 / RATE_HZ
            time.sleep(max(next_s - time.monotonic(), 0.0))
    return {"sent": sent}


def turned(n):
    """(id, value) of the nth of many."""
    return ("macro/1", "macro/2", "noise/sigma", "fx/grade/hue")[n % 4], 0.5 + 0.1 * ((n % 100) / 100)


def strange(chance, port):
    """Bytes of one hostile request; what an answer may not begin with is a success."""
    here = f"127.0.0.1:{port}"
    kinds = [
        lambda: OPENING.format(path="/panel/", host="evil.example", more=""),
        lambda: OPENING.format(path="/panel/live", host="evil.example", more=UPGRADE),
        lambda: OPENING.format(path="/panel/live", host=here, more="Origin: http://evil.example\r\n" + UPGRADE),
        lambda: OPENING.format(path="/", host=here, more="Origin: null\r\n" + UPGRADE),
        lambda: OPENING.format(path="/panel/t/guess/", host="10.0.0.1.evil.example", more=""),
        lambda: OPENING.format(path="/" + LONG, host=here, more=""),
        lambda: OPENING.format(path="/", host=here, more=f"X: {LONG}\r\n"),
        lambda: OPENING.format(path="/", host=here, more="".join(f"X-{i}: 1\r\n" for i in range(100))),
        lambda: OPENING.format(path="/panel/../../etc/passwd", host=here, more=""),
        lambda: OPENING.format(path="/panel/preset/..%2f..%2fx.jpg", host=here, more=""),
        lambda: OPENING.format(path="/", host=here, more="").replace("GET", chance.choice(["POST", "PUT", "X" * 50])),
        lambda: f"POST / HTTP/1.1\r\nHost: {here}\r\nContent-Length: 99999999999\r\n\r\n" + LONG,
        lambda: f"GET / HTTP/1.1\r\nHost: {here}\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n",
        lambda: chance.randbytes(chance.randrange(1, 4000)).decode("latin-1"),
        lambda: "GET / HT",
        lambda: OPENING.format(path="/panel/live", host=here, more="Upgrade: websocket\r\n"),
    ]
    return chance.choice(kinds)().encode("latin-1")


def hostile(port, requests):
    """Send them, some held open, and count the answers: 2xx would be one that was served."""
    chance, answers, held = random.Random(1), {}, []
    for i in range(requests):
        with contextlib.suppress(OSError):
            one = socket.create_connection(("127.0.0.1", port), 10)
            one.settimeout(0.02 if i % 10 else 2.0)
            one.sendall(strange(chance, port))
            if i % 25 == 0:
                # It stays, and says nothing more.
                held.append(one)
                continue
            said = b""
            with contextlib.suppress(OSError):
                said = one.recv(64)
            status = said.split(b" ")[1].decode(errors="replace") if said.startswith(b"HTTP/") else "none"
            answers[status] = answers.get(status, 0) + 1
            one.close()
    wrong = asyncio.run(sockets(port, requests // 10))
    return {"answers": answers, "held": len(held), "wrong_messages": wrong}


async def sockets(port, messages):
    """Web sockets that are let in and say nothing right."""
    sent = 0
    async with aiohttp.ClientSession() as session:
        while sent < messages:
            path = "/" if sent % 2 else "/panel/live"
            async with session.ws_connect(f"http://127.0.0.1:{port}{path}") as ws:
                for _ in range(50):
                    with contextlib.suppress(ConnectionError):
                        await (ws.send_str("{" * 100) if sent % 3 else ws.send_bytes(b"\xff" * 5000))
                    sent += 1
    return sent


if __name__ == "__main__":
    where, kind, much = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    if kind == "panels":
        print(json.dumps(asyncio.run(panels(where, much))))
    else:
        print(json.dumps(values(where, much) if kind == "values" else hostile(where, int(much))))
