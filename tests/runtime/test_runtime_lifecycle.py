"""What a supervisor decides, on a clock that the test moves."""

import pytest

from vj.runtime.lifecycle import BackOff, Life, Patience

PATIENCE = Patience(starting_s=10.0, silent_s=2.0)


def lived(life, now_s, sign_s=0.0, ready=False, fault=""):
    return life.lived(now_s, sign_s, PATIENCE, ready=ready, fault=fault)


def test_it_starts_says_that_it_is_ready_and_runs():
    life = lived(Life("ears", 100.0), 101.0)
    assert life.state == "starting"
    life = lived(life, 102.0, ready=True)
    assert (life.state, life.since_s) == ("running", 102.0)
    assert lived(life, 103.0, sign_s=102.9, ready=True) == life


@pytest.mark.parametrize(
    ("now_s", "sign_s", "state"),
    [(109.9, 0.0, "starting"), (110.1, 0.0, "lost"),  # nothing was heard of it yet
     (112.0, 110.5, "starting"), (112.6, 110.5, "lost"),  # it gave signs, and then none
     (109.9, 99.0, "starting"), (110.1, 99.0, "lost")],  # signs of the run before do not count
)  # fmt: skip
def test_silence_is_borne_for_longer_before_the_first_sign(now_s, sign_s, state):
    life = lived(Life("ears", 100.0), now_s, sign_s)
    assert life.state == state
    if state == "lost":
        assert life.trouble.startswith("the ears gave no sign of life for ")


def test_what_it_raised_is_its_end_whatever_signs_it_gave():
    life = lived(Life("ears", 100.0), 101.0, sign_s=101.0, ready=True, fault="ZeroDivisionError")
    assert (life.state, life.trouble) == ("lost", "ZeroDivisionError")


def test_what_is_lost_stays_lost():
    life = lived(Life("ears", 100.0), 120.0)
    assert lived(life, 121.0, sign_s=121.0, ready=True, fault="later") == life


def test_pauses_grow_and_the_last_one_stays():
    back_off, pauses = BackOff((0.0, 1.0, 3.0)), []
    for i in range(5):
        now_s = 10.0 * i
        back_off = back_off.failed(now_s)
        pauses.append(back_off.due_s - now_s)
        assert back_off.due(back_off.due_s)
        assert not back_off.due(back_off.due_s - 0.01)
    assert pauses == [0.0, 1.0, 3.0, 3.0, 3.0]


def test_after_it_worked_the_next_failure_is_the_first():
    back_off = BackOff((0.5, 9.0)).failed(0.0).failed(1.0).worked().failed(20.0)
    assert back_off.due_s == 20.5


def test_at_first_it_is_due():
    assert BackOff((5.0,)).due(0.0)
