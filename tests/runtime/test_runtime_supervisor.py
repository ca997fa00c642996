"""Processes that are looked after: pretended ones on a clock that the test moves, and the thread that does it."""

import threading
import time

import pytest
from pretended import Pretended

from vj.core.edge import Edge
from vj.core.errors import PresetError, ShowError, WorkerError
from vj.runtime.ending import Ending
from vj.runtime.lifecycle import Patience
from vj.runtime.supervisor import Supervised, Supervisor

PATIENCE = Patience(10.0, 2.0)


@pytest.fixture
def started():
    return []


@pytest.fixture
def one(started):
    def start():
        started.append(Pretended())
        return started[-1]

    one = Supervised(start, (0.0, 1.0, 3.0), Ending())
    one.begin(100.0)
    return one


def test_messages_come_in_order_and_an_error_after_them(one, started):
    started[0].inbox = [("a", 1), ("b",), WorkerError("the ears process ended unexpectedly: exit code 3")]
    assert one.hear() == [("a", 1), ("b",)]
    assert isinstance(one.error, WorkerError)
    assert one.tend(100.1, 100.1, PATIENCE)
    assert one.trouble == "the ears process ended unexpectedly: exit code 3"
    assert one.error is None


def test_one_that_lives_is_left_alone(one, started):
    assert not any(one.tend(100.0 + t, 100.0 + t, PATIENCE) for t in range(100))
    assert (len(started), one.restarts) == (1, 0)


def test_one_that_is_silent_is_ended_and_another_started(one, started):
    assert not any(one.tend(100.0 + t, 100.9, PATIENCE) for t in (1.0, 1.9, 2.8))
    assert one.tend(103.1, 100.9, PATIENCE)
    assert started[0].killed
    assert (len(started), one.restarts, one.pid) == (2, 1, 7)


def test_the_silence_of_one_counts_only_while_somebody_listened(one, started):
    """Ctrl-Z, or a laptop that slept: whoever looks after it was away as well."""
    assert not one.tend(101.0, 100.9, PATIENCE)
    assert not any(one.tend(1000.0 + t, 100.9, PATIENCE) for t in (0.0, 0.9, 1.8))
    assert one.tend(1002.1, 100.9, PATIENCE)
    assert (len(started), one.restarts) == (2, 1)


def test_memory_that_is_not_there_may_be_there_later():
    failures = iter([WorkerError("no shared memory of 4 MB is to be had"), OSError("no process left"), None])

    def start():
        if error := next(failures):
            raise error
        return Pretended()

    one = Supervised(start, (1.0,), Ending())
    one.begin(100.0)
    assert (one.process, one.trouble) == (None, "cannot be started: no shared memory of 4 MB is to be had")
    for now_s in (101.1, 102.2):
        one.tend(now_s, 0.0, PATIENCE)
    assert one.process


def test_one_that_died_without_a_word_is_noticed(one, started):
    started[0].alive = False
    assert one.tend(100.1, 100.1, PATIENCE)
    assert one.trouble == "the ears process ended unexpectedly"


def test_what_it_says_is_wrong_with_itself_is_believed(one, started):
    assert one.tend(100.1, 100.1, PATIENCE, fault="the device has gone")
    assert (one.trouble, started[0].killed) == ("the device has gone", True)


def starts_at(one, started, until_s):
    """Every process dies at once: when each further one was started."""
    times, now_s = [], 100.0
    while now_s < until_s:
        if one.process:
            one.process.worker.alive = False
        before = len(started)
        one.tend(now_s, 0.0, PATIENCE)
        times += [now_s] * (len(started) - before)
        now_s += 0.5
    return times


def test_one_that_dies_again_and_again_is_started_ever_more_rarely(one, started):
    assert starts_at(one, started, 113.0) == [100.0, 101.5, 105.0, 108.5, 112.0]


def test_when_it_has_worked_the_pauses_begin_anew(one, started):
    starts_at(one, started, 104.0)
    one.worked()
    one.begin(110.0)
    started[-1].alive = False
    one.tend(110.5, 0.0, PATIENCE)
    assert one.process is not None


def test_where_no_process_can_be_had_it_is_tried_again():
    tries = []

    def start():
        tries.append(1)
        if len(tries) < 3:
            raise OSError("Cannot allocate memory")
        return Pretended()

    one = Supervised(start, (1.0,), Ending())
    one.begin(0.0)
    assert (one.process, one.trouble) == (None, "cannot be started: Cannot allocate memory")
    one.tend(0.5, 0.0, PATIENCE)
    assert len(tries) == 1
    one.tend(1.0, 0.0, PATIENCE)
    one.tend(2.0, 0.0, PATIENCE)
    assert one.process is not None


def test_one_that_was_ended_on_purpose_has_its_time_for_that(started):
    ending = Ending()
    one = Supervised(lambda: started.append(Pretended()) or started[-1], (0.0,), ending)
    one.begin(100.0)
    one.end(100.0, polite_s=2.0)
    assert (one.process, started[0].killed) == (None, False)
    ending.step(102.0)
    assert started[0].killed


@pytest.fixture
def told():
    return []


@pytest.fixture
def edge(told):
    return Edge(told.append)


@pytest.fixture
def supervisor(edge):
    one = Supervisor(edge)
    yield one
    one.close()


def test_what_fails_is_told_once_counted_and_the_rest_goes_on(supervisor, edge, told):
    seen = threading.Semaphore(0)
    supervisor.tend(lambda: 1 / 0)
    supervisor.tend(seen.release)
    assert all(seen.acquire(timeout=20) for _ in range(3))
    assert len(told) == 1
    assert "ZeroDivisionError: division by zero" in told[0]
    assert edge.failed["supervisor"] >= 2


def test_what_cannot_be_done_is_told_in_its_own_words(supervisor, told):
    over = threading.Event()

    def refuse():
        raise PresetError("presets cannot be saved here")

    supervisor.later(refuse)
    supervisor.later(over.set)
    assert over.wait(20)
    assert told == ["supervisor: presets cannot be saved here"]


def test_jobs_are_done_once_in_their_order(supervisor):
    done, over = [], threading.Event()
    for i in range(5):
        supervisor.later(lambda i=i: done.append(i))
    supervisor.later(over.set)
    assert over.wait(20)
    assert done == [0, 1, 2, 3, 4]


def test_what_ends_a_show_is_kept_and_is_the_end(supervisor, told):
    def no_sound():
        raise ShowError("x.wav: holds no sound")

    after = threading.Event()
    supervisor.tend(no_sound)
    until_s = time.monotonic() + 20
    while supervisor.error is None and time.monotonic() < until_s:
        time.sleep(0.01)
    assert str(supervisor.error) == "x.wav: holds no sound"
    assert told == []
    supervisor.later(after.set)
    assert not after.wait(0.2)
    # Linux would end what this thread started with it.
    assert supervisor._thread.is_alive()
    supervisor.close(20)
    assert not supervisor._thread.is_alive()


def test_what_was_forgotten_is_over_and_does_not_come_again(supervisor):
    begun, go_on, ended = threading.Event(), threading.Event(), []

    def job():
        begun.set()
        go_on.wait(20)
        ended.append(1)

    forget = supervisor.tend(job)
    assert begun.wait(20)
    threading.Timer(0.1, go_on.set).start()
    forget()
    assert len(ended) == 1
    over = threading.Semaphore(0)
    supervisor.tend(over.release)
    assert all(over.acquire(timeout=20) for _ in range(3))
    assert len(ended) == 1


def test_what_hangs_does_not_hold_whoever_closes(edge):
    go_on, hangs = threading.Event(), threading.Event()
    one = Supervisor(edge)
    one.later(lambda: hangs.set() or go_on.wait(60))
    assert hangs.wait(20)
    one.close(within_s=0.1)
    assert one._thread.is_alive()
    go_on.set()
    one._thread.join(20)
    assert not one._thread.is_alive()
