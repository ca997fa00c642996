"""MIDI between processes, over jackd."""

import contextlib
import itertools
import os
import signal
import threading
import time

import pytest
from jack import Controller, server, until

from vj.control.midi.ports import Midi, MidiConfig
from vj.core.edge import Edge
from vj.runtime.supervisor import Supervisor


@pytest.fixture
def jack(monkeypatch):
    with server() as one:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", one.name)
        yield one


@pytest.fixture
def knobs(jack):
    one = Controller(jack, "knobs")
    yield one
    one.close()


@contextlib.contextmanager
def looked_after(wanted, job="vj.control.midi.process"):
    """Ports that a supervisor looks after, as in a show; `told` is what a person was told."""
    told = []
    one, supervisor = Midi(wanted, told.append, job), Supervisor(Edge(told.append))
    one.told = told
    supervisor.tend(one.tend)
    try:
        yield one
    finally:
        supervisor.close()
        one.close()


@pytest.fixture
def midi(jack):
    with looked_after(MidiConfig("jack")) as one:
        yield one


def answers(midi, controller):
    """What is sent arrives, once the server has made the connection."""
    heard = Heard(midi)

    def sent():
        controller.send([0xB0, 1, 1])
        time.sleep(0.1)
        return heard.data()

    until(sent)


class Heard(list):
    """All messages so far."""

    def __init__(self, midi):
        self.midi = midi

    def data(self):
        self += self.midi.take()
        return [tuple(one.data) for one in self]


def plugged(midi, name="knobs"):
    until(lambda: any(name in port for port in midi.inputs))
    return next(port for port in midi.outputs if name in port)


def test_a_device_that_said_it_would_be_heard_and_is_not_has_let_go(midi, knobs):
    plugged(midi)
    answers(midi, knobs)
    heard = Heard(midi)
    for one in ([0x92, 60, 100], [0xFE]):
        knobs.send(one)
    until(lambda: (0xB2, 123, 0) in heard.data())
    assert (0x92, 60, 100) in heard.data()
    assert not any(one.data[0] == 0xFE for one in heard)


def arrived(midi, controller, sent, pause_s=0.0):
    """The messages that come where all of these are sent, whole and in any order.

    Where a busy machine is late for one of JACK's periods, the server itself loses messages or passes them on twice:
    then they are sent again.
    """
    for attempt in range(8):
        heard, end = Heard(midi), (0x9F, 127, attempt + 1)
        controller.send(*(x for one in [*sent, end] for x in (one, *[pause_s] * bool(pause_s))))
        with contextlib.suppress(AssertionError):
            until(lambda: end in heard.data(), 10)  # noqa: B023
        found = [one for one in heard if tuple(one.data) != end]
        if sorted(tuple(one.data) for one in found) == sorted(sent):
            break
    return found


def test_everything_arrives_in_order(midi, knobs):
    plugged(midi)
    sent = [(0xB0, 7, i % 128) for i in range(300)] + [(0xB0, 1, 64), (0xB0, 33, 5), (0xE0, 1, 2), (0x90, 60, 100)]
    sent += [(0xF8,), (0xFA,), (0xF2, 4, 0), (0xFB,), (0xFC,), (0xC0, 5), (0xD0, 9)]
    heard = arrived(midi, knobs, sent, 0.001)
    data = [tuple(one.data) for one in heard]
    assert sorted(data) == sorted(sent)
    # System real time goes before all else.
    assert [m for m in data if m[0] < 0xF0] == [m for m in sent if m[0] < 0xF0]
    assert all("knobs" in one.port for one in heard)
    times = [one.t_s for one in heard]
    assert times == sorted(times)


def test_a_burst_of_two_thousand(midi, knobs):
    plugged(midi)
    # JACK passes on no more between two periods than a period is long.
    sent = [(0xB0, i // 128, i % 128) for i in range(2000)]
    assert [tuple(one.data) for one in arrived(midi, knobs, sent)] == sent


def test_what_is_sent_comes_to_the_controller(midi, knobs):
    port, both = plugged(midi), [(0x90, 1, 127), (0xB0, 2, 3)]

    def heard():
        # The server may not have made the connection yet, and loses messages where a busy machine is late.
        midi.send(port, both)
        time.sleep(0.2)
        return tuple(both) in itertools.pairwise(knobs.heard)

    until(heard)
    assert set(knobs.heard) == set(both)
    midi.send("nobody", [(0x90, 1, 127)])


def test_plugged_in_and_out_while_it_runs(midi, jack):
    first = Controller(jack, "first")
    plugged(midi, "first")
    second = Controller(jack, "second")
    plugged(midi, "second")
    first.close()
    until(lambda: not any("first" in port for port in midi.inputs))
    answers(midi, second)
    second.close()
    again = Controller(jack, "first")
    plugged(midi, "first")
    answers(midi, again)
    again.close()


def test_the_server_dies_and_another_comes(midi, knobs, jack, monkeypatch):
    plugged(midi)
    os.kill(jack.process.pid, signal.SIGKILL)
    jack.process.wait()
    until(lambda: not midi.inputs)
    knobs.close()
    with server(name="vjother") as another:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", another.name)
        new = Controller(another, "new")
        plugged(midi, "new")
        answers(midi, new)
        new.close()


@pytest.fixture
def played():
    """Without a server: the process is one that plays itself."""
    with looked_after(MidiConfig(), "fake_ports") as one:
        until(lambda: one.inputs)
        yield one


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP])
def test_the_process_dies_or_hangs_and_comes_back(played, number):
    before = played.pid
    os.kill(before, number)
    until(lambda: played.pid not in (None, before) and played.inputs)
    played.take()
    until(played.take)
    assert played.restarts == 1
    assert len(played.told) == 1
    assert ("no sign of life" if number == signal.SIGSTOP else "ended unexpectedly") in played.told[0]


def test_what_is_played_all_the_time_is_all_taken(played):
    seen, end = [], played.received + 1000
    while len(seen) < 1000 and played.received < end:
        seen += [one.data for one in played.take()]
    numbers = [a << 7 | b for _, a, b in seen]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert played.dropped == 0


def test_a_process_that_reads_nothing_holds_nobody_who_sends():
    with looked_after(MidiConfig("deaf"), "fake_ports") as midi:
        until(lambda: midi.outputs)

        def light_on_and_on():
            for i in range(500):
                midi.send("knob", [(0x90, note, i % 128) for note in range(128)])

        sending = threading.Thread(target=light_on_and_on, daemon=True)
        sending.start()
        sending.join(60)
        assert not sending.is_alive()


def test_a_system_that_is_not_here():
    with looked_after(MidiConfig("windows" if os.name != "nt" else "alsa")) as midi:
        until(lambda: midi.trouble)
        assert midi.trouble.startswith("MIDI by ")
        midi.send("x", [(1, 2, 3)])
        assert midi.take() == []
