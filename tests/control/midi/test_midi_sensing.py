"""Active sensing: silence of one that said it would be heard lets go of its keys; anybody else may be silent."""

from vj.control.midi.message_ring import Message
from vj.control.midi.sensing import SILENT_S, Sensing

STEP_S = 0.1


class Played:
    """Looked at every tenth of a second; `at` gives what comes at a step: {port: data}."""

    def __init__(self):
        self.sensing, self.now_s = Sensing(), 100.0

    def steps(self, n, at=lambda step: {}):
        """(step, port, data) of what goes on to the window."""
        out = []
        for step in range(n):
            self.now_s += STEP_S
            came = [Message(port, self.now_s, bytes(data)) for port, data in at(step).items()]
            out += [(step, one.port, tuple(one.data)) for one in self.sensing.take(came, self.now_s)]
        return out


def first(**ports):
    return lambda step: ports if step == 0 else {}


def test_whoever_never_said_so_may_be_silent():
    one = Played()
    assert one.steps(100, first(a=(0x90, 60, 100))) == [(0, "a", (0x90, 60, 100))]


def test_what_only_says_that_somebody_is_there_goes_no_further():
    assert Played().steps(50, lambda step: {"a": (0xFE,)}) == []


def test_silence_after_it_lets_go_on_every_channel_that_was_played():
    one = Played()
    one.steps(1, first(a=(0x90, 60, 100)))
    one.steps(1, first(a=(0xB2, 7, 100)))
    one.steps(1, first(b=(0x91, 60, 100)))
    # It holds for as long as it is heard.
    assert one.steps(30, lambda step: {"a": (0xFE,)}) == []
    off = one.steps(30)
    assert [what[1:] for what in off] == [("a", (0xB0, 123, 0)), ("a", (0xB2, 123, 0))]
    assert {step for step, *_ in off} == {round(SILENT_S / STEP_S)}


def test_any_message_is_a_sign():
    one = Played()
    one.steps(1, first(a=(0xFE,)))
    assert len(one.steps(30, lambda step: {"a": (0xF8,)})) == 30
    assert one.steps(3, first(a=(0x90, 60, 1))) == [(0, "a", (0x90, 60, 1))]


def test_who_looked_away_for_long_does_not_blame_the_others():
    one = Played()
    one.steps(2, lambda step: {"a": ((0x90, 60, 1), (0xFE,))[step]})
    one.now_s += 60.0
    assert one.steps(4) == []
    assert one.steps(30, first(a=(0xFE,))) != []


def test_one_that_comes_back_is_heard_again():
    one = Played()
    one.steps(30, first(a=(0xFE,)))
    assert one.steps(30, first(a=(0x90, 60, 1))) == [(0, "a", (0x90, 60, 1))]
