"""The parameters on the screen: turned with keys, and given to MIDI controls. No file, no GL.

up, down, page up, page down   another parameter
left, right                    less, more; a toggle turns over, a choice goes on
enter, or a click              learn: the control that is moved next plays it
delete                         no control plays it any more
"""

from collections.abc import Sequence

from vj.control.midi.handler import MidiHandler
from vj.core.types import Line
from vj.params.bounds import from_norm, to_norm, written
from vj.params.spec import Param
from vj.session.session import Session

KEYS = ("up", "down", "left", "right", "enter", "page up", "page down", "delete", "backspace")
#: Lines that are seen at once.
_PAGE = 18
_STEP = 0.05
_GROUPS = ("macro", "motion", "noise", "bend", "flow", "stage", "tempo", "lfo", "envelope", "audio")


class ParameterBrowser:
    """Where the cursor is."""

    def __init__(self) -> None:
        self._at = 0

    def press(self, key: str, session: Session, midi: MidiHandler | None) -> dict[str, float]:
        """One of KEYS was pressed; returns values to set."""
        params = listed(session)
        param = params[min(self._at, len(params) - 1)]
        match key:
            case "up" | "down" | "page up" | "page down":
                by = (1 if key in ("up", "down") else _PAGE) * (1 if key.endswith("down") else -1)
                self._at = (self._at + by) % len(params)
            case "left" | "right":
                return {param.id: _turned(param, session.target[param.id], 1 if key == "right" else -1)}
            case "enter" if midi:
                midi.learn("" if midi.learning == param.id else param.id)
            case "delete" | "backspace" if midi:
                midi.forget(param.id)
        return {}

    def click(self, line: int, session: Session, midi: MidiHandler | None) -> None:
        """A line of the overlay was clicked."""
        first, params = self._first(), listed(session)
        if 1 <= line <= _PAGE and first + line - 1 < len(params):
            self._at = first + line - 1
            self.press("enter", session, midi)

    def lines(self, session: Session, midi: MidiHandler | None) -> list[Line]:
        """The parameters around the cursor as lines of the HUD."""
        params, first = listed(session), self._first()
        title = Line("params", f"{min(self._at, len(params) - 1) + 1} of {len(params)}, {session.preset}")
        lines = [self._line(p, session, midi, i) for i, p in enumerate(params[first : first + _PAGE], first)]
        keys = ("up, down: line    left, right: value", "enter or click: learn a control    delete: forget it")
        return [title, *lines, *(Line("", text) for text in keys)]

    def _line(self, param: Param, session: Session, midi: MidiHandler | None, i: int) -> Line:
        here, value = i == self._at, session.target[param.id]
        learning = midi is not None and midi.learning == param.id
        played = "move a control" if learning else ", ".join(midi.controls(param.id)) if midi else ""
        said = written(param, value)
        text = f"{said:.3g}" if isinstance(said, float) else str(said)
        text = f"{param.id}   {text}" + (f"   [{played}]" if played else "")
        return Line(">" if here else "", text, to_norm(param, value), alarm=here or learning)

    def _first(self) -> int:
        return self._at // _PAGE * _PAGE


def listed(session: Session) -> Sequence[Param]:
    """All parameters, those that are played most first, and of shaders only those in the chain."""
    chain = [shader.name for shader in session.chain]
    drawn = [p for name in chain for p in session.registry if p.id.startswith(f"fx/{name}/")]
    rest = [p for group in _GROUPS[1:] for p in session.registry if p.id.startswith(group + "/")]
    return [*(p for p in session.registry if p.id.startswith("macro/")), *drawn, *rest]


def _turned(param: Param, value: float, by: int) -> float:
    if param.kind == "continuous":
        return from_norm(param, min(max(to_norm(param, value) + by * _STEP, 0.0), 1.0))
    if param.kind == "choice":
        return float((round(value) + by) % len(param.choices))
    return 1.0 if param.kind == "trigger" else 1.0 - value
