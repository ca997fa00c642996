"""What window and panel tell each other through shared memory."""

import numpy as np
import pytest

from vj.audio.features import PULSES
from vj.control.panel import board
from vj.control.panel.board import Board
from vj.modulation.signals import SIGNALS


def signals():
    found = {s.name: np.linspace(0, 1, s.width) if s.width > 1 else np.float32(0.25) for s in SIGNALS}
    return found | {"beats": 12, "events": np.arange(len(PULSES))}


@pytest.fixture
def both():
    with Board() as mine, Board(mine.names) as theirs:
        yield mine, theirs


def test_values_come_as_they_went(both):
    mine, theirs = both
    target, now = np.float32([0.1, 0.2, 0.3]), np.float32([0.5, 0.6, 0.7])
    mine.values.write(board.values_row(7, target, now, signals()))
    row = theirs.values.newest()
    assert (row["revision"], row["count"]) == (7, 3)
    np.testing.assert_array_equal(row["target"][:3], target)
    np.testing.assert_array_equal(row["now"][:3], now)
    found = board.signals_of(row)
    assert found["beats"] == 12
    np.testing.assert_array_equal(found["events"], np.arange(len(PULSES)))
    for signal in SIGNALS:
        np.testing.assert_allclose(found[signal.name], signals()[signal.name], atol=1e-6)


def test_silence_has_no_signals():
    row = board.values_row(1, np.zeros(2, np.float32), np.zeros(2, np.float32), None)[0]
    assert board.signals_of(row) is None


def test_of_too_many_parameters_the_first_are_told():
    many = np.arange(board.MOST_PARAMS + 5, dtype=np.float32)
    assert board.values_row(1, many, many, None)["count"] == board.MOST_PARAMS


def test_trees_come_as_they_went(both):
    mine, theirs = both
    tree = {"text": "ä\n\"'", "odd": "\udcff"[:0], "list": [1, 2.5, None, True], "deep": {"er": []}}
    mine.facts.write(board.json_row(board.FACTS_ROW, tree))
    assert board.json_of(theirs.facts.newest()) == tree


def test_what_is_too_large_is_no_row():
    noise = np.random.default_rng(1).integers(0, 256, 400_000, dtype=np.uint8).tobytes().hex()
    assert board.json_row(board.FACTS_ROW, {"a": noise}) is None
    assert board.packet_row(b"x" * (board.LARGEST_PACKET + 1), 1) is None


def test_packets_come_in_order_with_their_clients(both):
    mine, theirs = both
    for i in range(5):
        theirs.inbox.write(board.packet_row(bytes([i] * (i + 1)), i))
    rows, first = mine.inbox.since(0)
    assert (first, board.packets_of(rows)) == (0, [(bytes([i] * (i + 1)), i) for i in range(5)])


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (320, 320), (1, 1)])
def test_pictures_come_as_they_went(both, size):
    mine, theirs = both
    rgb = np.random.default_rng(2).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    mine.pictures.write(board.picture_row(rgb, audition=True))
    row = theirs.pictures.newest()
    assert row["audition"]
    np.testing.assert_array_equal(board.picture_of(row), rgb)
