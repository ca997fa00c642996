"""Packets are read by the types that they announce, as python-osc and liblo write them, or refused in one line."""

import random
import struct

import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from vj.control.osc.packets import messages
from vj.core.errors import ControlError


def padded(data):
    return data + b"\0" * (4 - len(data) % 4)


def message(tags, *data, address=b"/a"):
    return padded(address) + padded(b"," + tags) + b"".join(data)


def arguments(data):
    ((when_s, address, found),) = messages(data)
    assert when_s is None
    assert address == "/a"
    return found


F = struct.pack(">f", 0.5)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (padded(b"/a"), ()),
        (message(b""), ()),
        (message(b"f", F), (0.5,)),
        (message(b"i", struct.pack(">i", -3)), (-3,)),
        (message(b"h", struct.pack(">q", 2**40)), (2**40,)),
        (message(b"d", struct.pack(">d", 0.1)), (0.1,)),
        (message(b"s", padded(b"nave")), ("nave",)),
        (message(b"S", padded("größe".encode())), ("größe",)),
        (message(b"c", struct.pack(">I", ord("x"))), ("x",)),
        (message(b"TF"), (True, False)),
        (message(b"N"), (None,)),
        (message(b"I"), (None,)),
        (message(b"r", bytes([255, 0, 51, 255])), (1.0, 0.0, 0.2, 1.0)),
        (message(b"[ff]", F, F), (0.5, 0.5)),
        (message(b"[f[T]]f", F, F), (0.5, True, 0.5)),
        (message(b"bf", struct.pack(">i", 3), b"abc\0", F), (b"abc", 0.5)),
        (message(b"mf", b"\0\x90\x40\x7f", F), (b"\0\x90\x40\x7f", 0.5)),
        (message(b"tf", bytes(8), F), (bytes(8), 0.5)),
    ],
)
def test_types(data, found):
    assert arguments(data) == found


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "expected an OSC message or a bundle"),
        (b"hello\0\0\0", "expected an OSC message or a bundle"),
        (b"/a", "expected an OSC message or a bundle"),
        # Old senders leave the types out.
        (padded(b"/a") + F, "arguments without type tags"),
        (message(b"f"), "shorter than its types say"),
        (message(b"x", F), "unknown type tag 'x'"),
        (message(b"s", b"abcd"), "a text without an end"),
        (message(b"b", struct.pack(">i", -1)), "shorter than its types say"),
        (message(b"b", struct.pack(">i", 2**31 - 1), b"abcd"), "shorter than its types say"),
        (b"#bundle\0" + bytes(7) + b"\1" + struct.pack(">i", 6) + b"/abcdef\0", "a bundle's element of 6 bytes"),
        (b"#bundle\0" + bytes(4), "shorter than its types say"),
    ],
)
def test_what_is_none_is_one_line(data, told):
    with pytest.raises(ControlError) as caught:
        list(messages(data))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bundles_have_their_times_and_one_bad_part_spoils_no_other():
    inner = OscBundleBuilder(2e9)
    for n in range(2):
        one = OscMessageBuilder("/a")
        one.add_arg(n)
        inner.add_content(one.build())
    outer = OscBundleBuilder(1e9)
    outer.add_content(inner.build())
    outer.add_content(one.build())
    assert [(round(t), x) for t, _, x in messages(outer.build().dgram)] == [(2e9, (0,)), (2e9, (1,)), (1e9, (1,))]
    bad, good = message(b"x", F), message(b"f", F)
    parts = b"".join(struct.pack(">i", len(one)) + one for one in (good, bad, good))
    found = []
    with pytest.raises(ControlError, match="unknown type tag"):
        found.extend(messages(b"#bundle\0" + bytes(7) + b"\1" + parts))
    assert found == [(None, "/a", (0.5,))] * 2


def test_bundles_in_bundles_in_bundles():
    data = message(b"f", F)
    for _ in range(100):
        data = b"#bundle\0" + bytes(7) + b"\1" + struct.pack(">i", len(data)) + data
    with pytest.raises(ControlError, match="bundles in bundles"):
        list(messages(data))


def test_anything_at_all_is_read_or_refused():
    dice, read = random.Random(5), 0
    for _ in range(30_000):
        tags = bytes(dice.choices(b"ifhdsSbrcmtTFNI[]x", k=dice.randrange(5)))
        data = message(tags, dice.randbytes(dice.randrange(0, 40, 4)))
        try:
            list(messages(data[: len(data) - 4 * (dice.random() < 0.2)]))
        except ControlError:
            continue
        read += 1
    assert read > 3000
