"""Messages through shared memory: whole, in order, and what was lost is known."""

import pytest

from vj.control.midi.message_ring import CAPACITY, Message, Reader, message_ring, packed


@pytest.fixture
def ring():
    with message_ring() as one:
        yield one


def message(i, port="Launchpad X: MIDI 1"):
    return Message(port, 100.0 + i, bytes((0xB0, i >> 7 & 127, i & 127)))


def test_they_come_as_they_went(ring):
    reader = Reader(ring)
    sent = [message(1), Message("Tastatur ä", 2.0, b"\xf8"), Message("x" * 320, 3.0, b"\xc0\x00"), message(4)]
    ring.write(packed(sent))
    assert reader.take() == sent
    assert reader.take() == []


def test_a_reader_sees_nothing_from_before_it_was_there(ring):
    ring.write(packed([message(1)]))
    reader = Reader(ring)
    ring.write(packed([message(2)]))
    assert reader.take() == [message(2)]


def test_one_that_is_late_has_the_newest_and_knows_what_it_lost(ring):
    reader, count = Reader(ring), CAPACITY + 1000
    ring.write(packed(map(message, range(count))))
    found = reader.take()
    assert found == list(map(message, range(count - len(found), count)))
    assert reader.lost == count - len(found)


def test_exclusive_messages_are_left_out_and_a_long_name_is_cut(ring):
    reader = Reader(ring)
    ring.write(packed([Message("a", 1.0, bytes(4)), Message("a", 1.0, b""), Message("ä" * 300, 2.0, b"\xf8")]))
    (one,) = reader.take()
    assert one.port == "ä" * 160
