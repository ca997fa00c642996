"""What is to be made of a process, told what is known of it and the time. Pure: whoever asks moves the clock."""

from dataclasses import dataclass, replace
from typing import Literal

State = Literal["starting", "running", "lost"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a process may give no sign of life, in seconds: before its first one, and from then on."""

    starting_s: float
    silent_s: float


@dataclass(frozen=True, slots=True)
class Life:
    """One run of a process: when it began, how it stands since when, and what was wrong if it is lost."""

    name: str
    begun_s: float
    state: State = "starting"
    since_s: float = 0.0
    trouble: str = ""

    def lived(self, now_s: float, sign_s: float, patience: Patience, *, ready: bool, fault: str = "") -> "Life":
        """How it stands now, whose newest sign of life came at `sign_s` (0: none yet).

        ready  it has said that it can work; fault  what it raised, or how it ended
        """
        if self.state == "lost":
            return self
        if fault:
            return self._became("lost", now_s, fault)
        patience_s = patience.silent_s if sign_s > self.begun_s else patience.starting_s
        silent_s = now_s - max(sign_s, self.begun_s, self.since_s)
        if silent_s > patience_s:
            return self._became("lost", now_s, f"the {self.name} gave no sign of life for {silent_s:.0f} s")
        return self._became("running", now_s) if ready and self.state == "starting" else self

    def excused(self, now_s: float) -> "Life":
        """Whoever looks after it was away itself, so that its silence says nothing: it is counted from now on."""
        return replace(self, since_s=now_s)

    def _became(self, state: State, now_s: float, trouble: str = "") -> "Life":
        return replace(self, state=state, since_s=now_s, trouble=trouble)


@dataclass(frozen=True, slots=True)
class BackOff:
    """When a process may be started again: after pauses that grow with each failure in a row, the last one for ever."""

    pauses_s: tuple[float, ...]
    failures: int = 0
    due_s: float = 0.0

    def failed(self, now_s: float) -> "BackOff":
        """It could not be started, or is lost."""
        pause_s = self.pauses_s[min(self.failures, len(self.pauses_s) - 1)]
        return replace(self, failures=self.failures + 1, due_s=now_s + pause_s)

    def worked(self) -> "BackOff":
        """It does what it should: the next failure is the first."""
        return replace(self, failures=0) if self.failures else self

    def due(self, now_s: float) -> bool:
        """Whether it may be started."""
        return now_s >= self.due_s
