"""What strangers send and write: nothing of it ends a show, and nothing leaves its range.

Seeded, so that what is found is found again.
"""

import random
import struct
import time

import numpy as np
import pytest

from vj.clock.beat_clock import Clocks, ClockState, step
from vj.control.midi.controller import Act, Controller
from vj.control.midi.mapping import parse as parse_mapping
from vj.control.midi.mapping_files import READY
from vj.control.midi.messages import Joiner, decoded
from vj.control.osc.messages import parse_request
from vj.control.osc.server import Inbox, message
from vj.core import resources
from vj.core.errors import ControlError, PresetError, VjError
from vj.modulation.signals import SIGNALS
from vj.render.isf.folder import load_folder
from vj.session.loading import build_registry
from vj.session.presets import parse as parse_preset
from vj.session.session import Session

SHADERS = load_folder(resources.shaders_dir())
REGISTRY = build_registry(tuple(SHADERS.values()))
LO, HI = (np.array([getattr(p, name) for p in REGISTRY], np.float32) for name in ("lo", "hi"))
IDS = [param.id for param in REGISTRY]
ODD = (
    float("nan"),
    float("inf"),
    -float("inf"),
    1e38,
    -1e38,
    0.0,
    0.5,
    1,
    -1,
    2**31 - 1,
    "",
    "?",
    "+",
    "-",
    "on",
    "x" * 99,
)


def is_within(snapshot):
    return bool(((snapshot.array >= LO) & (snapshot.array <= HI)).all())


def mutated(rng, data):
    """Bytes with some of them changed, taken out, put in or doubled."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randint(1, 12)]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 3:
                data[at:at] = data[at : at + rng.randint(1, 40)]
            case 4:
                data[at:at] = rng.choice(
                    (b"\0", b",f\0\0", b"-", b"e99", b"nan", b'"', b"[[", b"]", b"\n", b"true", b"9" * 40)
                )
    return bytes(data)


def packet(rng):
    kind = rng.randrange(10)
    if kind == 0:
        return rng.randbytes(rng.randrange(200))
    id = rng.choice(IDS)
    address = rng.choice(
        (f"/vj/{id}", f"/vj/{id}/norm", f"/vj/{id[: rng.randrange(len(id))]}*", "/vj/preset", "/vj/{a,b}[!x]?")
    )
    values = [rng.choice(ODD) for _ in range(rng.randrange(4))]
    data = message(address, *values)
    if kind == 1:
        data = b"#bundle\0" + struct.pack(">Q", rng.getrandbits(64)) + struct.pack(">i", len(data)) + data
    return data if kind > 7 else mutated(rng, data)


def test_a_hundred_thousand_packets():
    rng, inbox, session = random.Random(1), Inbox(), Session(SHADERS, "default", (), ("default",))
    wrong = 0
    for i in range(100_000):
        inbox.packet(packet(rng), ("127.0.0.1", 9), time.time(), i * 1e-3)
        for one in inbox.take(i * 1e-3):
            try:
                found = parse_request(one.address, one.arguments, REGISTRY, session.target.__getitem__)
                session.set(found.changes)
            except VjError as e:
                wrong += len(str(e).splitlines()) == 1
        if i % 1000 == 0:
            assert is_within(session.target)
    assert is_within(session.target)
    assert inbox.received > 10_000
    assert inbox.refused > 10_000
    assert wrong > 1000


def test_a_hundred_thousand_midi_messages():
    rng, session, clock, joiner = (
        random.Random(2),
        Session(SHADERS, "default", (), ("default",)),
        Clocks(),
        Joiner(),
    )
    controllers = [Controller(parse_mapping(path.read_text())) for path in sorted(READY.glob("*.toml"))]
    played = acted = 0
    for i in range(100_000):
        data = (
            rng.randbytes(rng.randrange(5))
            if i % 3
            else bytes([rng.choice((0x90, 0xB0, 0xB8, 0xBA, 0xE0)), rng.randrange(128), rng.randrange(128)])
        )
        event = decoded(data)
        if event is None:
            continue
        if event.kind in ("clock", "start", "continue", "stop", "songpos"):
            clock.midi.take(event.kind, rng.choice((i * 0.02, rng.random() * 1e9, -1.0)), event.value)
            beat = step(ClockState(), clock.says(i * 0.02, session.target), i * 0.02, session.target).beat
            assert np.isfinite(beat.beats)
            continue
        for one in joiner.take(event):
            order = controllers[i % len(controllers)].play(one, session.registry, session.target.__getitem__)
            if isinstance(order, Act):
                acted += 1
            elif order:
                played += 1
                session.set({order.id: order.value})
    assert is_within(session.target)
    assert played > 500
    assert acted > 1000


PRESETS = sorted(resources.presets_dir().glob("*.toml"))


def test_ten_thousand_presets():
    rng, good, clear = random.Random(3), 0, 0
    texts = [path.read_bytes() for path in PRESETS]
    names = tuple(name for name, shader in SHADERS.items() if shader.kind != "transition")
    for _ in range(10_000):
        text = mutated(rng, rng.choice(texts)).decode("utf-8", "replace")
        if rng.random() < 0.2:
            text = text.replace("version = 1", "version = 2", 1)
        try:
            preset = parse_preset(text, "x", REGISTRY, SIGNALS, names)
        except PresetError as e:
            clear += len(str(e).splitlines()) == 1
            continue
        good += 1
        assert is_within(REGISTRY.defaults().with_values(preset.values))
    assert good > 100
    assert good + clear == 10_000


@pytest.mark.parametrize("text", ["a." * 3000 + "b = 1", "a = " + "[" * 5000, "values." + "a." * 3000 + "b = 1"])
def test_what_is_nested_too_deeply(text):
    for parse in (
        lambda: parse_preset("version = 1\n" + text, "x", REGISTRY, SIGNALS, ()),
        lambda: parse_mapping(text),
    ):
        with pytest.raises((PresetError, ControlError)):
            parse()


def test_ten_thousand_mappings():
    rng, good, clear = random.Random(4), 0, 0
    texts = [path.read_bytes()[:3000].rsplit(b"[[control]]", 1)[0] for path in sorted(READY.glob("*.toml"))]
    for _ in range(10_000):
        text = mutated(rng, rng.choice(texts)).decode("utf-8", "replace")
        try:
            mapping = parse_mapping(text)
        except ControlError as e:
            clear += len(str(e).splitlines()) == 1
            continue
        good += 1
        assert all(0 <= c.lo <= 1 and 0 <= c.hi <= 1 and 0 <= c.channel <= 16 for c in mapping.controls)
    assert good > 100
    assert good + clear == 10_000
