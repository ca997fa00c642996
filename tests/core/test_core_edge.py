"""What an exception does to a show: it is told and counted, and only what stands in the list ends it."""

import logging

import pytest

from vj.core.edge import FATAL, Edge, described
from vj.core.errors import ControlError, ShowError


@pytest.fixture
def told():
    return []


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def edge(told, clock):
    return Edge(told.append, lambda: clock[0])


def fail(edge, error, what="keys", **given):
    with edge.handling(what, **given):
        raise error


@pytest.mark.parametrize(
    "error", [OSError("handle is closed"), ValueError("tuple.index(x)"), KeyError("a"), MemoryError(), AssertionError()]
)
def test_a_fault_is_told_counted_and_over(edge, told, error):
    fail(edge, error)
    assert told == [f"keys: {described(error)}"]
    assert edge.counts() == {"refused": {}, "failed": {"keys": 1}}
    assert edge.failures == 1
    assert edge.last == told[0]


def test_what_cannot_be_done_is_no_fault(edge, told):
    fail(edge, ControlError("/vj/x: no such parameter"), "OSC")
    assert told == ["OSC: /vj/x: no such parameter"]
    assert edge.counts() == {"refused": {"OSC": 1}, "failed": {}}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), ShowError("no sound")])
def test_what_ends_a_show_goes_through(edge, told, error):
    assert isinstance(error, FATAL)
    with pytest.raises(type(error)):
        fail(edge, error)
    assert told == []
    assert edge.failures == 0


def test_a_stream_of_faults_is_counted_whole_and_told_seldom(edge, told, clock, caplog):
    with caplog.at_level(logging.ERROR, "vj.edge"):
        for _ in range(100):
            fail(edge, ValueError("x"), "OSC", pause_s=2.0)
            clock[0] += 0.1
    assert edge.failed["OSC"] == 100
    assert len(told) == 5
    # The traceback once, whichever frame it comes from.
    assert len(caplog.records) == 1
    assert "in fail" in caplog.text


def test_one_kind_of_thing_does_not_keep_another_from_being_told(edge, told):
    fail(edge, ValueError("x"), "OSC", pause_s=2.0)
    fail(edge, ValueError("x"), "MIDI", pause_s=2.0)
    assert [line.split(":")[0] for line in told] == ["OSC", "MIDI"]


def test_described_is_one_line():
    assert described(ValueError("a\nb")) == "ValueError: a"
    assert described(ValueError()) == "ValueError"
