"""What hands edit of what is played: chain, modulations, locks; each a step that can be taken back."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from vj.core.errors import PresetError
from vj.modulation.matrix import Row
from vj.params.registry import Snapshot
from vj.session.history import History, Step
from vj.session.session import Session
from vj.session.stage_params import PERFORMED

#: The actions that `Editing.act` carries out.
EDITS = frozenset(("chain", "modulation/set", "modulation/remove", "undo", "redo", "lock", "unlock"))
#: What was edited: "chain", "rows", ids of values.
Edited = Collection[str]


class Editing:
    """Belongs to the window's thread. on_edited: told what was edited, so that whoever has to know is."""

    def __init__(self, session: Session, on_edited: Callable[[Edited], None]) -> None:
        self._session, self._on_edited, self.history = session, on_edited, History()

    def act(self, id: str, argument: Any) -> None:
        """Carry out one of EDITS. Raises PresetError where it cannot be done; nothing has changed then."""
        match id:
            case "chain":
                before = self.chain_names
                self._session.edit_chain(argument)
                self._on_edited(("chain",))
                self.chain_changed(before)
            case "modulation/set" | "modulation/remove":
                self._modulate(id, argument)
            case "undo" | "redo":
                self._walk(id)
            case _:
                self._session.lock(argument, lock=id == "lock")

    @property
    def chain_names(self) -> tuple[str, ...]:
        """Shaders that are drawn, in order."""
        return tuple(shader.name for shader in self._session.chain)

    def chain_changed(self, before: Sequence[str]) -> None:
        """The chain was edited, and this it was before."""
        if tuple(before) != self.chain_names:
            self.history.changed(Step(chain=tuple(before)), time.monotonic())

    def values_changed(self, values: Mapping[str, float], before: Snapshot) -> None:
        """Hands have changed these; what they do to the output, and presses, are no steps."""
        registry, now = self._session.registry, self._session.target
        kept = (id for id in values if id not in PERFORMED and registry[id].kind != "trigger")
        self.history.changed(Step({id: before[id] for id in kept if before[id] != now[id]}), time.monotonic())

    def _modulate(self, id: str, given: Sequence[Any]) -> None:
        before = self._session.rows
        if id == "modulation/set":
            signal, target, depth, *more = given
            curve, times_s = more[:1] or ["lin"], [float(one) for one in more[1:]]
            self._session.set_row(Row(signal, target, float(depth), *curve, *times_s))
        else:
            self._session.remove_row(*given)
        self._on_edited(("rows",))
        self.history.changed(Step(rows=before), time.monotonic())

    def _walk(self, way: str) -> None:
        """A step of the history back or forward."""
        step = self.history.back() if way == "undo" else self.history.forward()
        if step is None:
            raise PresetError(f"{way}: nothing is left")
        # Shaders are edited while they are drawn: what is gone stays gone.
        before, values = self._now(step), {id: v for id, v in step.values.items() if id in self._session.registry}
        self._session.set(values)
        if step.chain is not None:
            self._session.edit_chain([name for name in step.chain if name in self._session.shaders])
        if step.rows is not None:
            self._session.use_rows([row for row in step.rows if row.target in self._session.registry])
        self._on_edited(step.things)
        (self.history.taken_back if way == "undo" else self.history.made_again)(before)

    def _now(self, step: Step) -> Step:
        """What a step changes, as it is now."""
        values = {id: self._session.target[id] for id in step.values if id in self._session.registry}
        return Step(values, None if step.chain is None else self.chain_names,
                    None if step.rows is None else self._session.rows)  # fmt: skip
