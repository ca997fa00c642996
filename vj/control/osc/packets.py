"""OSC packets as messages, by the types that they announce (OSC 1.0 and 1.1, cnmat.org/opensoundcontrol). Pure.

i h f d   numbers            s S c   text; c is one character       T F   true, false
N I       nothing, a bang    r       a colour: four numbers 0..1    [ ]   what is inside, as if it stood alone
b m t     bytes, MIDI, a time: read, so that what follows is found, but nothing here takes one

A library's reader (python-osc) makes up what is missing, skips types that it does not know together with all that
follows, and writes to the log for each; so packets are read here.
"""

import math
import struct
from collections.abc import Iterator
from typing import Any

from vj.core.errors import ControlError

#: Seconds from the first of January 1900, where OSC's times begin, to 1970.
_1970_S = 2_208_988_800
_AT_ONCE = 1
_BUNDLE = b"#bundle\0"
_DEEPEST = 16
_NUMBERS = {"i": ">i", "h": ">q", "f": ">f", "d": ">d"}
#: Bytes of what is read and used by nobody.
_OTHER = {"m": 4, "t": 8}
_CONSTANTS: dict[str, Any] = {"T": True, "F": False, "N": None, "I": None}


def messages(data: bytes, depth: int = 0) -> Iterator[tuple[float | None, str, tuple[Any, ...]]]:
    """(when, address, arguments) of each message of a packet; when: seconds since 1970, or None for at once.

    Raises ControlError, a line, where the packet or a part of it is no OSC, after the messages of the other parts.
    """
    if not data.startswith(_BUNDLE):
        yield None, *message_of(data)
        return
    if depth > _DEEPEST:
        raise ControlError(f"bundles in bundles, expected at most {_DEEPEST}")
    when_s, at, wrong = _time(data, len(_BUNDLE)), len(_BUNDLE) + 8, None
    while at < len(data):
        size = _unpacked(">i", data, at)
        if size <= 0 or size % 4 or at + 4 + size > len(data):
            raise ControlError(f"a bundle's element of {size} bytes, {len(data) - at - 4} are left")
        try:
            for inner_s, address, arguments in messages(data[at + 4 : at + 4 + size], depth + 1):
                yield when_s if inner_s is None else inner_s, address, arguments
        except ControlError as e:
            wrong = wrong or e
        at += 4 + size
    if wrong:
        raise wrong


def message_of(data: bytes) -> tuple[str, tuple[Any, ...]]:
    """(address, arguments) of one message. Raises ControlError in one line."""
    if not data.startswith(b"/") or len(data) % 4:
        raise ControlError(f"{data[:16]!r}: expected an OSC message or a bundle")
    address, at = _text(data, 0)
    if at == len(data):
        return address, ()
    if data[at : at + 1] != b",":
        # Old senders leave the types out; then nobody can know what the bytes are.
        raise ControlError(f"{address[:80]}: arguments without type tags")
    tags, at = _text(data, at)
    return address, _arguments(address, tags[1:], data, at)


def _arguments(address: str, tags: str, data: bytes, at: int) -> tuple[Any, ...]:
    found: list[Any] = []
    for tag in tags:
        if tag in _CONSTANTS:
            found.append(_CONSTANTS[tag])
        elif tag in _NUMBERS:
            found.append(_unpacked(_NUMBERS[tag], data, at))
            at += struct.calcsize(_NUMBERS[tag])
        elif tag in "sS":
            text, at = _text(data, at)
            found.append(text)
        elif tag == "c":
            found.append(_character(_unpacked(">I", data, at)))
            at += 4
        elif tag == "r":
            found += [byte / 255.0 for byte in _bytes(data, at, 4)]
            at += 4
        elif tag == "b" or tag in _OTHER:
            head = 4 if tag == "b" else 0
            size = _unpacked(">i", data, at) if tag == "b" else _OTHER[tag]
            found.append(_bytes(data, at + head, size))
            at += head + (size + 3) // 4 * 4
        elif tag not in "[]":
            raise ControlError(f"{address[:80]}: unknown type tag {tag!r}")
    return tuple(found)


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text that ends with a zero, and where its padding is over."""
    end = data.find(b"\0", at)
    if end < 0 or end // 4 * 4 + 4 > len(data):
        raise ControlError("a text without an end")
    return data[at:end].decode("utf-8", "replace"), end // 4 * 4 + 4


def _bytes(data: bytes, at: int, size: int) -> bytes:
    if size < 0 or at + size > len(data):
        raise ControlError("a message that is shorter than its types say")
    return data[at : at + size]


def _unpacked(form: str, data: bytes, at: int) -> Any:
    return struct.unpack(form, _bytes(data, at, struct.calcsize(form)))[0]


def _character(code: int) -> str:
    return chr(code) if code < 0x11_0000 else "\ufffd"


def _time(data: bytes, at: int) -> float | None:
    """A time tag: seconds since 1970, None for at once."""
    tag = int(_unpacked(">Q", data, at))
    return None if tag == _AT_ONCE else math.ldexp(tag, -32) - _1970_S
