"""The end of processes in stages, on a clock that the test moves; processes that do as the test says."""

from vj.runtime.ending import Ending, order


class Process:
    """Ends when it is told to, or not."""

    def __init__(self, *, ends_when_asked=False, ends_when_killed=True):
        self.alive, self.told = True, []
        self._ends = {"asked": ends_when_asked, "killed": ends_when_killed}

    def ask_to_end(self):
        self._tell("asked")

    def kill(self):
        self._tell("killed")

    def _tell(self, what):
        self.told.append(what)
        self.alive &= not self._ends[what]


def test_who_ends_when_asked_is_not_killed():
    one, ending = Process(ends_when_asked=True), Ending()
    ending.end(one, 10.0, polite_s=2.0)
    ending.step(20.0)
    assert (one.told, len(ending)) == (["asked"], 0)


def test_who_does_not_is_killed_after_its_time_and_not_before():
    one, ending = Process(), Ending()
    ending.end(one, 10.0, polite_s=2.0)
    ending.step(11.9)
    assert one.told == ["asked"]
    ending.step(12.0)
    assert (one.told, len(ending)) == (["asked", "killed"], 1)
    ending.step(12.1)
    assert len(ending) == 0


def test_one_that_cannot_be_killed_holds_no_other():
    stuck, other, ending = Process(ends_when_killed=False), Process(), Ending()
    ending.end(stuck, 0.0)
    ending.end(other, 1.0)
    ending.step(2.0)
    assert (stuck.alive, other.alive, len(ending)) == (True, False, 1)


def test_what_is_used_is_let_go_of_when_it_is_used_no_more():
    ending, released, used = Ending(), [], [True]
    ending.release(lambda: used[0], lambda: released.append("late"))
    ending.release(lambda: False, lambda: released.append("at once"))
    ending.step(1.0)
    assert released == ["at once"]
    used[0] = False
    ending.step(2.0)
    ending.step(3.0)
    assert released == ["at once", "late"]


def test_the_end_of_all_waits_for_nobody_for_ever():
    stuck, polite, ending, released = Process(ends_when_killed=False), Process(), Ending(), []
    ending.end(stuck, 0.0)
    ending.end(polite, 0.0, polite_s=1e9)
    ending.release(lambda: True, lambda: released.append(1))
    ending.close(within_s=0.05)
    assert released == [1]
    assert polite.told == ["asked", "killed"]


def test_orders():
    assert order(alive=False, kill_at_s=5.0, now_s=1.0) == "gone"
    assert order(alive=True, kill_at_s=5.0, now_s=4.9) == "wait"
    assert order(alive=True, kill_at_s=5.0, now_s=5.0) == "kill"
