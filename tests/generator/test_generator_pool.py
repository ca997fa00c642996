"""Generators that die, hang, raise and are replaced, as processes; what they draw needs no network."""

import os
import signal
import threading
import time
from dataclasses import replace
from multiprocessing import shared_memory
from pathlib import Path

import numpy as np
import pytest

from vj.audio.process import feature_ring
from vj.generator.config import GeneratorConfig
from vj.generator.pool import GeneratorPool
from vj.modulation.matrix import Row
from vj.modulation.sources import at_rest
from vj.runtime.worker import Worker
from vj.session.state import GENERATOR_PARAMS


@pytest.fixture
def heard():
    with feature_ring() as ring:
        yield ring


@pytest.fixture
def wanted(tiny_model, heard):
    return GeneratorConfig(tiny_model, GENERATOR_PARAMS, 0, 0, "", heard.name, "", time.monotonic())


class Told(list):
    """What a person was told."""

    def __call__(self, text):
        self.append(text)


@pytest.fixture
def told():
    return Told()


def pool_of(wanted, told, spare=True):
    return GeneratorPool(wanted, spare=spare, tell=told, job="fake_generator", calm_s=0.1)


def until(pool, what, within_s=20):
    """Tend until `what(status)`; returns (status, how long it took)."""
    begin_s = time.monotonic()
    while time.monotonic() < begin_s + within_s:
        status = pool.tend()
        if what(status):
            return status, time.monotonic() - begin_s
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s} s: {status}")


def pictures_come(pool, within_s=20):
    """A picture that is newer than any before; returns how long it took."""
    while pool.newest() is not None:
        pass
    return until(pool, lambda _: pool.newest() is not None, within_s)[1]


@pytest.fixture
def pool(wanted, told):
    pool = pool_of(wanted, told)
    yield pool
    pool.close()


def test_pictures_come_each_once_and_values_go(pool):
    pictures_come(pool)
    pool.set_values(np.full(len(GENERATOR_PARAMS), 2.0, np.float32), at_rest(), 1.0)
    until(pool, lambda _: (row := pool.newest()) is not None and row["rgba"][0, 0, 2] == 255)
    numbers = []
    until(
        pool,
        lambda _: (row := pool.newest()) is not None and numbers.append(int(row["seq"])) is None and len(numbers) > 20,
    )
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_the_spare_takes_over_again_and_again(pool, told, fault):
    for count in range(1, 3):
        until(pool, lambda s: s.spare)
        pictures_come(pool)
        spare = pool.pids[1]
        os.kill(pool.pids[0], fault)
        until(pool, lambda s: s.restarts == count)  # noqa: B023
        until(pool, lambda _: pool.pids[0] == spare, 2)  # noqa: B023
        pictures_come(pool, 5)
        assert len(told) == count
        assert ("SIGKILL" in told[-1]) == (fault == signal.SIGKILL)
        assert ("no sign of life" in told[-1]) == (fault == signal.SIGSTOP)


def test_without_a_spare_another_is_started(wanted, told):
    pool = pool_of(wanted, told, spare=False)
    try:
        pictures_come(pool)
        os.kill(pool.pids[0], signal.SIGKILL)
        until(pool, lambda s: s.restarts == 1)
        pictures_come(pool, 10)
        assert pool.pids[1] is None
    finally:
        pool.close()


def test_one_that_raises_is_replaced_and_the_reason_told(wanted, told):
    pool = pool_of(replace(wanted, seed=1), told)
    try:
        until(pool, lambda s: s.restarts >= 2, 40)
        assert all("ZeroDivisionError: ten is enough" in text for text in told)
    finally:
        pool.close()


def test_what_cannot_start_is_tried_ever_more_rarely(wanted, told):
    pool = pool_of(replace(wanted, seed=2), told)
    try:
        with pytest.raises(AssertionError):
            until(pool, lambda s: s.state == "drawing", 4)
        # At 0, 1 and 4 s, as far as processes start in no time.
        assert 1 <= len(told) <= 3
        assert "nothing will come of it" in pool.tend().trouble
    finally:
        pool.close()


def test_a_spare_that_dies_is_no_matter(pool, told):
    until(pool, lambda s: s.spare)
    active, spare = pool.pids
    os.kill(spare, signal.SIGKILL)
    until(pool, lambda s: not s.spare)
    status, _ = until(pool, lambda s: s.spare)
    assert pool.pids[0] == active
    assert status.restarts == 0


def test_a_network_that_is_none_changes_nothing(pool, told, tmp_path):
    pictures_come(pool)
    active = pool.pids[0]
    (tmp_path / "garbage.safetensors").write_bytes(os.urandom(5000))
    pool.try_model(tmp_path / "garbage.safetensors")
    until(pool, lambda _: told)
    assert "garbage.safetensors: not a whole safetensors file" in told[0]
    assert "the network before stays" in told[0]
    pictures_come(pool, 5)
    assert pool.pids[0] == active
    assert until(pool, lambda s: s.spare)[0].model == "tiny"


def test_a_network_that_is_one_takes_over_without_a_gap(pool, tiny_model, tmp_path):
    pictures_come(pool)
    other = tmp_path / "other.safetensors"
    other.write_bytes(Path(tiny_model).read_bytes())
    pool.try_model(other)
    came_s, gaps = time.monotonic(), []
    while pool.tend().model != "other":
        if pool.newest() is not None:
            gaps.append(time.monotonic() - came_s)
            came_s = time.monotonic()
        assert len(gaps) < 2000
        time.sleep(0.01)
    pictures_come(pool, 5)
    assert len(gaps) > 5
    assert until(pool, lambda s: s.spare)[0].model == "other"


ROWS = tuple(Row(f"components/{i % 12}", "noise/sigma", 0.01 * i) for i in range(64))


def returns(job, within_s=20):
    """Whether this comes to its end at all; how soon is not asked."""
    thread = threading.Thread(target=job, daemon=True)
    thread.start()
    thread.join(within_s)
    return not thread.is_alive()


def test_a_generator_that_reads_nothing_holds_nobody(wanted, told):
    pool = GeneratorPool(replace(wanted, seed=1), spare=True, tell=told, job="odd_generator", calm_s=0.1)
    try:
        until(pool, lambda s: s.spare)

        def recall_on_and_on():
            for _ in range(500):
                pool.use_rows(ROWS, ROWS)
                pool.set_values(np.ones(len(GENERATOR_PARAMS), np.float32), at_rest(), 1.0)
                pool.newest()

        assert returns(recall_on_and_on)
        until(pool, lambda _: (row := pool.newest()) is not None and row["bad"] == 64064)
    finally:
        pool.close()


def test_one_that_starts_while_presets_are_recalled_has_the_modulations_of_now(wanted, told):
    pool = GeneratorPool(replace(wanted, seed=2), spare=False, tell=told, job="odd_generator")
    try:
        pool.tend()
        assert pool.pids[1] is not None
        for n in (5, 64, 3):
            pool.use_rows(ROWS[:n], ROWS[:2])
            pool.set_values(np.ones(len(GENERATOR_PARAMS), np.float32), at_rest(), 1.0)
        rows = []
        until(pool, lambda s: (row := pool.newest()) is not None and rows.append(int(row["bad"])) is None)
        assert rows == [3002]
    finally:
        pool.close()


class Immortal(Worker):
    """Nothing ends it for the time being: a process in a driver that hangs, say."""

    mortal = False

    def __init__(self, *given):
        super().__init__(*given)
        kill = self._process.kill
        self._process.kill = lambda: kill() if self.mortal else None


def test_a_process_that_cannot_be_ended_holds_neither_pictures_nor_the_next_one(wanted, told, monkeypatch):
    monkeypatch.setattr("vj.generator.pool.Worker", Immortal)
    pool = pool_of(wanted, told)
    try:
        until(pool, lambda s: s.spare)
        first, spare = pool.pids
        os.kill(first, signal.SIGSTOP)

        def the_spare_draws():
            until(pool, lambda _: pool.pids[0] == spare)
            pictures_come(pool)
            until(pool, lambda s: s.spare)

        assert returns(the_spare_draws, 60)
        os.kill(first, 0)
    finally:
        monkeypatch.setattr(Immortal, "mortal", True)
        pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def blue(row):
    return None if row is None else int(row["rgba"][0, 0, 2])


def tell(pool, level, audition=None):
    """Values of the show, and of what is auditioned: the fake generator's blue."""
    values = np.full(len(GENERATOR_PARAMS), level, np.float32)
    pool.set_values(values, at_rest(), 1.0)
    if audition is not None:
        pool.tell_audition(np.full(len(GENERATOR_PARAMS), audition, np.float32), at_rest(), 1.0)


def test_the_spare_draws_what_is_auditioned_beside_the_other(pool, wanted):
    until(pool, lambda s: s.spare)
    tell(pool, 0.5, audition=2.0)
    assert pool.newest_audition() is None
    pool.audition(wanted.model)
    until(pool, lambda _: blue(pool.newest_audition()) == 255)
    until(pool, lambda _: blue(pool.newest()) == 64)
    # Given up, it waits again, and the show has gone on.
    pool.audition(None)
    before = pool.pids
    until(pool, lambda _: not pool._next.auditioning)
    assert pool.newest_audition() is None
    assert pool.pids == before
    assert pool.changes == 0


def test_what_is_auditioned_takes_over_without_a_gap(pool, wanted):
    until(pool, lambda s: s.spare)
    pool.audition(wanted.model)
    tell(pool, 0.5, audition=2.0)
    until(pool, lambda _: pool.newest_audition() is not None)
    first, second = pool.pids
    pool.take_audition()
    tell(pool, 2.0)
    until(pool, lambda _: pool.pids[0] == second)
    assert pool.changes == 1
    assert pictures_come(pool) < 1.0
    assert pool.newest_audition() is None
    # And there is a spare one again.
    until(pool, lambda s: s.spare and pool.pids[1] not in (first, second))


def test_another_network_is_auditioned_and_taken_or_not(pool, wanted, tiny_model, tmp_path):
    other = tmp_path / "other.safetensors"
    other.write_bytes(tiny_model.read_bytes())
    until(pool, lambda s: s.spare)
    for taken in (False, True):
        pool.audition(other)
        tell(pool, 0.5, audition=2.0)
        until(pool, lambda _: pool.newest_audition() is not None)
        assert pool.model == wanted.model
        if taken:
            pool.take_audition()
        else:
            pool.audition(None)
            until(pool, lambda s: s.spare and pool._next.model == wanted.model)
    status, _ = until(pool, lambda s: s.model == "other")
    assert status.restarts == 0


def test_taken_before_it_draws_its_network_is_tried(pool, tiny_model, tmp_path):
    other = tmp_path / "other.safetensors"
    other.write_bytes(tiny_model.read_bytes())
    until(pool, lambda s: s.spare)
    pool.audition(other)
    pool.take_audition()
    until(pool, lambda s: s.model == "other")


def test_should_the_one_that_draws_be_lost_the_show_comes_before_an_audition(pool, wanted):
    until(pool, lambda s: s.spare)
    pool.audition(wanted.model)
    tell(pool, 0.5, audition=2.0)
    until(pool, lambda _: pool.newest_audition() is not None)
    first, second = pool.pids
    os.kill(first, signal.SIGKILL)
    until(pool, lambda s: s.restarts == 1 and pool.pids[0] == second)
    until(pool, lambda _: blue(pool.newest()) == 64)
    # The next spare one draws the audition.
    until(pool, lambda _: blue(pool.newest_audition()) == 255)


def test_nothing_is_left_behind(wanted, told):
    pool = pool_of(wanted, told)
    until(pool, lambda s: s.spare)
    pids = pool.pids
    names = [pool._told.name, pool._active.pictures.name, pool._next.pictures.name]
    pool.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    for name in names:
        with pytest.raises(FileNotFoundError):
            shared_memory.SharedMemory(name)
