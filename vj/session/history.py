"""Steps that hands have made, to be taken back and made again. Pure but for the lists of them.

A step holds what was there before it: values by id, and the chain or the modulations where it changed those. A knob
that is turned is one step, however many values it sends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vj.modulation.matrix import Row

#: A change of the same things so soon after the last belongs to the same step.
TOGETHER_S = 1.0
#: Steps that are kept.
MOST = 200
#: So many of the newest may still be under way: several hands turn several knobs.
_UNDER_WAY = 16


@dataclass(frozen=True, slots=True)
class Step:
    """What to put back: values by id; names of the chain and rows, None where they did not change."""

    values: Mapping[str, float] = field(default_factory=dict)
    chain: tuple[str, ...] | None = None
    rows: tuple[Row, ...] | None = None

    @property
    def things(self) -> frozenset[str]:
        """What it changes."""
        return frozenset((*self.values, *(["chain"] if self.chain is not None else []),
                          *(["rows"] if self.rows is not None else [])))  # fmt: skip


class History:
    """`changed` is told what was there before each change; `back` and `forward` give what to put back."""

    def __init__(self) -> None:
        self._done: list[tuple[Step, float]] = []
        self._undone: list[Step] = []

    @property
    def steps(self) -> tuple[int, int]:
        """(how many can be taken back, how many made again)."""
        return len(self._done), len(self._undone)

    def changed(self, before: Step, now_s: float) -> None:
        """Hands have changed something, and this is what was there before."""
        if not before.things:
            return
        self._undone.clear()
        for i in range(len(self._done) - 1, max(len(self._done) - 1 - _UNDER_WAY, -1), -1):
            step, at_s = self._done[i]
            # Values alone: each change of a chain is a step.
            if now_s - at_s < TOGETHER_S and before.things <= set(step.values):
                self._done[i] = (step, now_s)
                return
        self._done = [*self._done, (before, now_s)][-MOST:]

    def back(self) -> Step | None:
        """The newest step's, which is taken back with it; None where there is none. Then tell `taken_back`."""
        return self._done.pop()[0] if self._done else None

    def taken_back(self, before: Step) -> None:
        """A step was taken back, and this is what was there before that."""
        self._undone.append(before)

    def forward(self) -> Step | None:
        """What was there before the newest step was taken back; None where there is none. Then tell `made_again`."""
        return self._undone.pop() if self._undone else None

    def made_again(self, before: Step) -> None:
        """A step was made again, and this is what was there before that."""
        self._done.append((before, float("-inf")))

    def clear(self) -> None:
        """Something else is played: its values are not those of the steps."""
        self._done.clear()
        self._undone.clear()
