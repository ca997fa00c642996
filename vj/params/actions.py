"""Everything that is done rather than set, in one table. Pure.

Keyboard, MIDI mapping targets ("action/" + id), OSC addresses ("/vj/" + id), OSCQuery and docs/actions.md are made
from it; what an action does to a show stands in `vj.show.live`, once.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vj.core.errors import ControlError

Argument = Literal["", "preset", "name", "names", "id", "bpm", "beat", "port", "row", "ends", "audition", "cue"]
Edge = Literal["press", "change", "each"]

#: What each kind of argument is, in words, and as an OSC type.
ARGUMENTS: dict[Argument, tuple[str, str]] = {
    "": ("", "N"),
    "preset": ("a preset's name, or its number from 0", "s"),
    "name": ("a name, or nothing", "s"),
    "names": ("names of shaders", "s"),
    "id": ("a parameter's id", "s"),
    "bpm": ("beats a minute, 20 to 400", "f"),
    "beat": ("the beat's number, or nothing", "f"),
    "port": ("a port, or nothing", "i"),
    "audition": ("a preset's name, or nothing", "s"),
    "row": ("signal, target, depth, curve, attack and release in seconds; the last three may be left out", "ssfsff"),
    "ends": ("signal and target", "ss"),
    "cue": ("a cue's name, or its number from 1", "s"),
}
#: Presets that a mapping can call by their place in the list, from 1.
PLACES = 64
#: What a message without a value, or with N or I, says: now.
NOW: tuple[Any, ...] = ()
_LARGEST_BEAT = 1e7


@dataclass(frozen=True, slots=True)
class Action:
    """One row.

    id        stable path: "/vj/" + id in OSC, "action/" + id in mapping files
    doc       what it does, as one line
    keys      on the keyboard: characters that keys type, or their names
    argument  what it takes by OSC
    edge      how a stream of values acts: "press" once where the value rises, "change" where it is another, or "each"
    remote    whether controllers and other programs may do it
    """

    id: str
    doc: str
    keys: tuple[str, ...] = ()
    argument: Argument = ""
    edge: Edge = "press"
    remote: bool = True

    @property
    def midi(self) -> Literal["press", "number", ""]:
        """What a MIDI control does with it: a press does it, a value chooses, or nothing."""
        if not self.remote or self.edge == "each":
            return ""
        return {"": "press", "name": "press", "preset": "number"}.get(self.argument, "")  # type: ignore[return-value]


ACTIONS: tuple[Action, ...] = (
    Action("preset", "Play a preset.", argument="preset", edge="change"),
    Action("preset/next", "The next preset.", ("n", "right")),
    Action("preset/previous", "The preset before.", ("p", "left")),
    Action("preset/save", "Save what is played as a preset of one's own.", ("s",), "name"),
    Action("preset/last", "What was played when the last show ended.", ("k",)),
    Action("preset/order", "Presets in this order; others follow.", argument="names", edge="change"),
    Action("audition", "Show a preset to the panel alone, drawn by the spare network; nothing: none any more.",
           argument="audition", edge="each"),
    Action("go", "Play what is auditioned."),
    Action("cue/go", "The next cue of the list; once in .3 s.", ("enter",)),
    Action("cue/back", "The cue before.", ("backspace",)),
    Action("cue/jump", "This cue.", argument="cue", edge="change"),
    Action("cue/hold", "The cue goes on though its time is over, and ends by it again.", ("v",)),
    Action("cue/autopilot", "Cues end by their length, or by GO alone.", ("a",)),
    Action("panic", "The default preset, nothing black, nothing frozen, at once.", ("x",)),
    Action("tap", "Tap the tempo.", ("t",)),
    Action("beat/half", "Beats at half their tempo, until another tempo segment begins.", ("/",)),
    Action("beat/double", "Beats at double their tempo, likewise.", ("*",)),
    Action("beat/shift", "Beats where the off-beats are, likewise.", ("o",)),
    Action("blackout", "Fade to black, and back.", ("b",)),
    Action("freeze", "Hold the picture, and go on.", ("space",)),
    Action("flash_limit", "Hold back flashes that could harm, or let them through.", ("l",)),
    Action("reload", "Read the preset, the shaders and the network again.", ("r",)),
    Action("full_screen", "Full screen, and back.", ("f",)),
    Action("hud", "Figures over the picture, and away.", ("h",)),
    Action("chain_editor", "The shaders over the picture, to be changed with the keys that stand there.", ("c",)),
    Action("parameters", "The parameters over the picture: turn them, and give them to MIDI controls.", ("m",)),
    Action("projection", "Corners, soft edges and mask of the picture on this monitor: the keys stand there.",
           ("g",)),
    Action("test_card", "A test card instead of the picture, and back.", ("e",)),
    Action("help", "What the keys do, in the terminal and over the picture.", ("?",)),
    Action("leave", "Leave full screen; in a window, twice: end.", ("escape",), remote=False),
    Action("quit", "Twice: end.", ("q",), remote=False),
    Action("chain", "Draw these shaders, in this order.", argument="names", edge="change"),
    Action("modulation/set", "This signal moves this parameter, by so much.", argument="row", edge="each"),
    Action("modulation/remove", "It does not any more.", argument="ends", edge="each"),
    Action("undo", "Take back what hands have changed last.", ("u",)),
    Action("redo", "Make it again.", ("y",)),
    Action("lock", "Presets leave this parameter as it is.", argument="id", edge="each"),
    Action("unlock", "They change it again.", argument="id", edge="each"),
    Action("learn", "The MIDI control that is moved next plays this parameter; nothing: none.", argument="id",
           edge="change"),
    Action("forget", "No MIDI control plays this parameter any more.", argument="id", edge="change"),
    Action("tempo/osc_bpm", "Tempo of the clock that speaks OSC.", argument="bpm", edge="each"),
    Action("tempo/osc_beat", "A beat of that clock.", argument="beat", edge="each"),
    Action("subscribe", "Changes, beats and signals are sent to the sender from now on.", argument="port", edge="each"),
    Action("unsubscribe", "They are not any more.", argument="port", edge="each"),
)  # fmt: skip
BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}
BY_KEY: dict[str, Action] = {key: action for action in ACTIONS for key in action.keys}


def checked_argument(action: Action, arguments: Sequence[Any]) -> Any:
    """What the arguments of a message mean for an action: None where it takes none, or none is given.

    Raises ControlError, a line, for others than the action takes.
    """
    given = [one for one in arguments if one is not None]
    found = given[0] if len(given) == 1 else None
    number = found if _is_number(found) else None
    match action.argument:
        case "preset" | "cue" if number is not None or isinstance(found, str):
            return found
        case "id" if isinstance(found, str):
            return found
        case "name" | "audition" if isinstance(found, str):
            return found
        case "" | "name" | "audition" if not given or (len(given) == 1 and isinstance(found, bool | int | float)):
            return None
        case "bpm" if number is not None and 20.0 <= number <= 400.0:
            return float(number)
        case "beat" if not given or (number is not None and abs(number) < _LARGEST_BEAT):
            return number
        case "names" | "row" | "ends" if _SEVERAL[action.argument](given):
            return tuple(given)
        case "port" if not given or (isinstance(found, int) and 0 < found < 65_536):
            return found
    expected = ARGUMENTS[action.argument][0] or "1, true or nothing"
    raise ControlError(f"/vj/{action.id}: found {', '.join(map(repr, given))[:60] or 'nothing'}, expected {expected}")


def _are_texts(given: Sequence[Any]) -> bool:
    return all(isinstance(one, str) for one in given)


def _is_row(given: Sequence[Any]) -> bool:
    if not 3 <= len(given) <= 6:
        return False
    texts, numbers = (*given[:2], *given[3:4]), (given[2], *given[4:])
    return _are_texts(texts) and all(map(_is_number, numbers))


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)


#: Arguments that are several values, and whether these are such.
_SEVERAL: dict[Argument, Callable[[Sequence[Any]], bool]] = {
    "names": _are_texts,
    "row": _is_row,
    "ends": lambda given: len(given) == 2 and _are_texts(given),
}


class Presses:
    """Which messages of a stream do something: a button sends 1 and 0, some programs send all they have at each frame.

    A press is a value that rises to 0.5 or more, or comes again after a pause, as buttons that never send 0 do; no
    value, nil and bang always are one. Call `acts` for each message of an action.
    """

    #: A value that comes again sooner is still the same press; no hand is quicker, no program's frame is longer.
    HELD_S = 0.12
    _MOST = 1024

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[Any, float]] = {}

    def acts(self, action: Action, arguments: Sequence[Any], sender: str, now_s: float) -> bool:
        """Whether this message of `sender` does it."""
        given = tuple(one for one in arguments if one is not None)
        if action.edge == "each" or (action.edge == "press" and not given):
            return True
        value: Any = given
        if action.edge == "press" and not isinstance(given[0], str):
            value = bool(given[0] >= 0.5)
        before, at_s = self._last.get((action.id, sender), (None, -math.inf))
        if len(self._last) >= self._MOST:
            self._last.clear()
        self._last[action.id, sender] = (value, now_s)
        return value is not False and (value != before or now_s - at_s > self.HELD_S)
