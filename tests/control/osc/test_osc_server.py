"""OSC over real sockets: with liblo's tools, with Pure Data, and with what no sender should send."""

import random
import shutil
import socket
import struct
import subprocess
import sys
import time

import numpy as np
import pytest
from jack import until
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from vj.audio.features import FEATURE_DTYPE
from vj.control.osc.server import Inbox, Osc, OscConfig, Outbox, message
from vj.core.errors import ControlError
from vj.modulation.matrix import fields
from vj.modulation.signals import SIGNALS
from vj.modulation.sources import at_rest
from vj.session.loading import default_registry

SENDER = ("127.0.0.1", 9)


@pytest.fixture
def osc():
    with_port_of_its_own = Osc(OscConfig(port=0, rate_hz=100.0), SIGNALS)
    yield with_port_of_its_own
    with_port_of_its_own.close()


def taken(osc, n, within_s=60.0):
    """At least so many messages, as they come; fewer only where they do not come."""
    found, end_s = [], time.monotonic() + within_s
    while len(found) < n and time.monotonic() < end_s:
        found += osc.take()
        time.sleep(0.002)
    return found


def tool(name):
    path = shutil.which(name)
    assert path, f"{name} is missing: apt-get install liblo-tools puredata-core"
    return path


def test_liblo_is_understood(osc):
    for arguments in (["f", "0.5"], ["i", "3"], ["s", "undertow"], ["T"], ["ff", "0.25", "0.75"], ["d", "0.1"]):
        subprocess.run([tool("oscsend"), "127.0.0.1", str(osc.port), "/vj/x", *arguments], check=True, timeout=60)
    found = taken(osc, 6)
    assert [one.arguments for one in found] == [(0.5,), (3,), ("undertow",), (True,), (0.25, 0.75), (0.1,)]
    assert {one.address for one in found} == {"/vj/x"}


def test_liblo_understands_what_is_sent(osc, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "heard").open("w") as heard:
        dump = subprocess.Popen(["stdbuf", "-oL", tool("oscdump"), "-L", str(port)], stdout=heard)

    def said():
        # Each line begins with a time tag.
        lines = (tmp_path / "heard").read_text().splitlines(keepends=True)
        return [line.split(" ", 1)[1].rstrip() for line in lines if line.endswith("\n")]

    base, row, moves = default_registry().defaults(), np.zeros(1, FEATURE_DTYPE)[0], at_rest()
    names = [s.name if s.width == 1 else f"{s.name}/{s.width - 1 + s.first}" for s in SIGNALS]
    expected = [*(f"/vj/signal/{name} f " for name in names), '/vj/stage/transition s "fade"']

    def all_heard():
        # It may not listen yet, or have no room for all: whoever subscribes is told everything.
        osc.subscribe(SENDER, port)
        osc.tell(base, fields(row, moves))
        lines = said()
        return all(any(line.startswith(one) for line in lines) for one in expected)

    def heard_as(sigma):
        osc.tell(base.with_values({"noise/sigma": sigma}), fields(row, moves))
        return any(line.startswith(f"/vj/noise/sigma f {sigma:.3f}") for line in said())

    try:
        until(all_heard)
        for i in range(8):
            moves["beats"] = i // 2
            until(lambda: heard_as(0.25 + 0.125 * i))  # noqa: B023
    finally:
        dump.kill()
        dump.wait()
    assert [line for line in said() if line.startswith("/vj/beat ")] == [f"/vj/beat i {n}" for n in (1, 2, 3)]


PATCH = """#N canvas 0 0 450 300 12;
#X obj 10 10 loadbang;
#X obj 10 40 t b b;
#X msg 120 70 connect 127.0.0.1 {port};
#X msg 10 100 0.625;
#X obj 10 130 oscformat vj noise sigma;
#X obj 10 160 list prepend send;
#X obj 10 190 list trim;
#X obj 10 220 netsend -u -b;
#X connect 0 0 1 0;
#X connect 1 1 2 0;
#X connect 1 0 3 0;
#X connect 2 0 7 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
#X connect 5 0 6 0;
#X connect 6 0 7 0;
"""


def test_pure_data_is_understood(osc, tmp_path):
    patch = tmp_path / "send.pd"
    patch.write_text(PATCH.format(port=osc.port))
    pd = subprocess.Popen(
        [tool("pd"), "-nogui", "-noaudio", "-nomidi", "-stderr", str(patch)], stderr=subprocess.PIPE, text=True
    )
    try:
        (found,) = taken(osc, 1)
    finally:
        pd.kill()
        pd.communicate()
    assert (found.address, found.arguments) == ("/vj/noise/sigma", (0.625,))


FLOOD = """
import socket, sys, time
from vj.control.osc.server import message
packets = [message("/vj/noise/sigma", i / 10_000) for i in range(10_000)]
sender, began = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), time.monotonic()
for i, packet in enumerate(packets):
    sender.sendto(packet, ("127.0.0.1", int(sys.argv[1])))
    time.sleep(max(began + i / 5000 - time.monotonic(), 0))
"""


def test_five_thousand_messages_a_second_arrive(osc):
    sender = subprocess.Popen([sys.executable, "-c", FLOOD, str(osc.port)])
    try:
        found = taken(osc, 10_000)
    finally:
        sender.kill()
        sender.wait()
    assert [round(one.arguments[0] * 10_000) for one in found] == list(range(10_000))


def bundle(ahead_s, *packets):
    builder = OscBundleBuilder(time.time() + ahead_s)
    for address, value in packets:
        one = OscMessageBuilder(address)
        one.add_arg(value)
        builder.add_content(one.build())
    return builder.build().dgram


def test_a_bundle_waits_for_its_time_and_nobody_else_for_it(osc):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        to = ("127.0.0.1", osc.port)
        began = time.monotonic()
        sender.sendto(bundle(0.5, ("/vj/later", 1.0), ("/vj/later", 2.0)), to)
        sender.sendto(message("/vj/now", 1.0), to)
        sender.sendto(bundle(3600.0, ("/vj/never", 1.0)), to)
        found = taken(osc, 3)
        assert time.monotonic() - began > 0.4
    assert [(one.address, *one.arguments) for one in found] == [
        ("/vj/now", 1.0), ("/vj/later", 1.0), ("/vj/later", 2.0),
    ]  # fmt: skip
    assert osc.inbox.refused == 1


def test_a_hundred_thousand_packets_of_anything_do_no_harm():
    dice, inbox = random.Random(7), Inbox()
    good = [
        message("/vj/noise/sigma", 0.5), message("/vj/fx/lens/centre", 0.1, 0.2), message("/vj/preset", "undertow"),
        bundle(0.0, ("/vj/a", 1.0), ("/vj/b", 2)), bundle(1e6, ("/vj/a", 1.0)),
    ]  # fmt: skip
    for i in range(100_000):
        if i % 3 == 0:
            data = dice.randbytes(dice.choice([0, 1, 4, 16, 64, 300]))
        else:
            data = bytearray(dice.choice(good))
            for _ in range(dice.randint(1, 6)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            data = bytes(data[: dice.randint(0, len(data))] if i % 3 == 1 else data)
        inbox.packet(data, SENDER, time.time(), 0.0)
        if i % 1000 == 0:
            inbox.take(0.0)
    assert inbox.refused > 30_000
    inbox.packet(good[0], SENDER, time.time(), 0.0)
    assert inbox.take(0.0)[-1].arguments == (0.5,)


def test_what_was_cut_off_is_no_zero():
    whole = message("/vj/noise/sigma", 0.5, "text", 3)
    inbox = Inbox()
    for n in range(len(whole)):
        inbox.packet(whole[:n], SENDER, time.time(), 0.0)
    # An address alone is a message: now.
    assert [one.arguments for one in inbox.take(0.0)] == [()]
    assert inbox.refused == len(whole) - 1
    assert inbox.trouble


def test_a_large_packet_comes_whole(osc):
    big = message("/vj/chain", *["x" * 30] * 1500)
    assert len(big) > 40_000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(big, ("127.0.0.1", osc.port))
    (found,) = taken(osc, 1)
    assert len(found.arguments) == 1500


def test_a_port_that_is_taken_is_one_line(osc):
    with pytest.raises(ControlError, match=rf"OSC 127\.0\.0\.1:{osc.port} cannot be opened: "):
        Osc(OscConfig(port=osc.port), SIGNALS)
    with pytest.raises(ControlError, match="cannot be opened"):
        Osc(OscConfig("203.0.113.7", 0), SIGNALS)


def test_an_answer_goes_to_whoever_asked(osc):
    base = default_registry().defaults().with_values({"noise/sigma": 0.75})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind(("127.0.0.1", 0))
        asker.settimeout(60.0)
        osc.answer(asker.getsockname(), base, ["noise/sigma"])
        data, _ = asker.recvfrom(1000)
    assert data == message("/vj/noise/sigma", 0.75)
    assert struct.unpack(">f", data[-4:]) == (0.75,)


def told_of(onsets, before=0):
    """Signals of frames in which so many onsets came."""
    for row in np.zeros(len(onsets), FEATURE_DTYPE):
        before += onsets[0]
        onsets = onsets[1:]
        row["events"] = before
        yield fields(row, at_rest())


def of_onsets(packets):
    return [OscMessage(one).params[0] for one in packets if b"/vj/signal/onset\0" in one]


def test_each_event_is_sent_once_however_many_frames_lie_between():
    base, outbox = default_registry().defaults(), Outbox(SIGNALS)
    frames = list(told_of([0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 2]))
    # The window draws twice for each time that something is sent.
    sent = [of_onsets(outbox.packets(base, one)) for one in frames[::2]]
    assert sent == [[0.0], [1.0], [0.0], [1.0], [1.0], [0.0], [1.0, 1.0]]
    # The same frame again is no news, and one of ears that count anew is no burst.
    assert of_onsets(outbox.packets(base, frames[-1])) == []
    anew = list(told_of([1, 1]))
    assert [of_onsets(outbox.packets(base, one)) for one in anew] == [[0.0], [1.0]]


def test_what_came_while_nobody_listened_is_not_sent_later():
    base, outbox = default_registry().defaults(), Outbox(SIGNALS)
    first, *_, last, next_ = told_of([0, 1, 1, 1, 1])
    outbox.packets(base, first)
    outbox.rest()
    assert of_onsets(outbox.packets(base, last)) == [0.0]
    assert of_onsets(outbox.packets(base, next_)) == [1.0]


def test_only_what_changed_is_sent_again():
    base, outbox = default_registry().defaults(), Outbox(SIGNALS)
    assert len(outbox.packets(base, None)) == len(base)
    assert outbox.packets(base, None) == []
    assert outbox.packets(base.with_values({"noise/sigma": 0.3}), None) == [message("/vj/noise/sigma", 0.3)]
    outbox.begin_anew()
    assert len(outbox.packets(base, None)) == len(base)
