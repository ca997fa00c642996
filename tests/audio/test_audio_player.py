"""What a player plays and writes, and when it says that it lives: a clock that the test moves, no sound server."""

import queue

import numpy as np
import pytest

from vj.audio import blocks as blocks_module
from vj.audio.blocks import BlockWriter, block_ring
from vj.audio.input.player import DECODER_S, DRAIN_S, Playing
from vj.audio.input.watchdog import SILENT_S

SIZE, DELAY_S = 256, 0.05


class Player:
    """A player, its decoder's queue and its clock."""

    def __init__(self, ring, clock):
        self.ring, self.decoded, self.clock = ring, queue.Queue(), clock
        self.playing = Playing(self.decoded, BlockWriter(ring, 1, 48_000), clock[0])
        self.out = np.full((SIZE, 2), 9.0, np.float32)

    def called(self, after_s=0.0, **how):
        """A callback, so much later. Returns whether there is more to come."""
        self.clock[0] += after_s
        return self.playing.fill(self.out, self.clock[0], DELAY_S, **how)

    @property
    def silent_s(self):
        return self.clock[0] - self.ring.beat_s


@pytest.fixture
def player(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(blocks_module.time, "monotonic", lambda: clock[0])
    with block_ring() as ring:
        yield Player(ring, clock)


def some(value, channels=2):
    return np.full((SIZE, channels), value, np.float32)


def test_what_is_decoded_is_played_and_written_with_its_time_in_the_air(player):
    player.decoded.put(some(0.5))
    assert player.called()
    assert (player.out == 0.5).all()
    block = player.ring.newest()
    assert (block["start"], block["frames"], block["t_air_s"]) == (0, SIZE, 100.0 + DELAY_S)
    assert (block["samples"] == 0.5).all()
    assert player.silent_s == 0.0


def test_channels_become_those_of_the_output(player):
    player.decoded.put(some(0.25, channels=1))
    player.called()
    assert (player.out == 0.25).all()
    player.decoded.put(np.tile(np.float32([0.1, 0.2, 0.3]), (SIZE, 1)))
    player.called()
    assert (player.out == np.float32([0.1, 0.2])).all()


def test_a_late_decoder_is_silence_and_the_file_goes_on_where_it_was(player):
    player.decoded.put(some(0.5))
    player.called()
    assert player.called(0.01)
    assert (player.out == 0.0).all()
    player.decoded.put(some(0.7))
    player.called(0.01, underrun=True)
    block = player.ring.newest()
    assert (int(block["start"]), int(block["overflows"])) == (SIZE, 2)
    assert (player.out == np.float32(0.7)).all()


def test_a_late_decoder_is_no_hang_until_it_is_very_late(player):
    player.decoded.put(some(0.5))
    player.called()
    late_s, longest_s = 0.0, 0.0
    while late_s < DECODER_S - 0.2:
        player.called(0.1)
        late_s, longest_s = late_s + 0.1, max(longest_s, player.silent_s)
    assert longest_s < 0.01
    for _ in range(50):
        player.called(0.1)
    assert player.silent_s > SILENT_S


def test_it_lives_until_the_last_block_was_heard_and_then_it_is_done(player):
    player.decoded.put(some(0.5))
    player.decoded.put(None)
    assert player.called()
    assert not player.playing.ended
    assert not player.called(0.01)
    assert player.playing.ended
    assert (player.out == 0.0).all()
    # The server plays on, or hangs: no callback comes, and only the process can say that all is well.
    for _ in range(3):
        player.clock[0] += (DELAY_S + DRAIN_S) / 4
        assert not player.playing.drained(player.clock[0])
        assert player.silent_s == 0.0
    player.clock[0] += DRAIN_S
    assert player.playing.drained(player.clock[0])


def test_a_server_that_asks_for_nothing_is_heard_of_no_more(player):
    player.decoded.put(some(0.5))
    player.called()
    player.clock[0] += 2 * SILENT_S
    assert not player.playing.drained(player.clock[0])
    assert player.silent_s > SILENT_S
