"""A set by its cue list while it plays: GO, back, jump, hold, autopilot; the file may be edited meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from vj.core.errors import ControlError
from vj.session import cues
from vj.session.cues import DEBOUNCE_S, Cue, Music, Position
from vj.session.session import Session


class Player(Protocol):
    """Who plays presets and sets values (`vj.show.controls.Controls`)."""

    def call(self, preset: str, way: int = 0) -> None:
        """Play a preset, in the next frame."""

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters."""


class Cueing:
    """Belongs to the window's thread. file: the list; None: there is none. Raises PresetError for one that is none."""

    def __init__(self, file: Path | None, session: Session, tell: Callable[[str], None]) -> None:
        self.file, self._session, self._tell = file, session, tell
        self._cues: tuple[Cue, ...] = self._read() if file else ()
        self._position = Position()
        self._music = Music(0.0)
        self._last_go_s = float("-inf")
        #: What is set once the preset that was called is entered.
        self._then: Mapping[str, float] | None = None

    def act(self, id: str, argument: Any, player: Player, now_s: float) -> None:
        """One of the actions cue/…. Raises VjError where it cannot be done."""
        if not self._cues:
            raise ControlError(f"{id}: there is no cue list (vj play --cues FILE)")
        at = self._position.at
        match id:
            case "cue/go":
                if now_s - self._last_go_s < DEBOUNCE_S:
                    return
                self._last_go_s = now_s
                self._call(at + 1, player)
            case "cue/back":
                self._call(at - 1, player)
            case "cue/jump":
                self._call(cues.index_of(self._cues, argument), player)
            case "cue/hold":
                self._position = replace(self._position, held=not self._position.held)
            case _:
                self._position = replace(self._position, auto=not self._position.auto)

    def program(self, number: int) -> str | None:
        """The name of the cue that this MIDI program, from 1, jumps to; None where none does."""
        return next((cue.name for cue in self._cues if cue.program == number), None)

    def frame(self, music: Music, dt_s: float, player: Player) -> None:
        """A frame of the show has this music."""
        self._music = music
        if not self._cues:
            return
        # What waits for a beat or a bar plays once it is entered; what played already is there at once.
        if self._then is not None and self._session.preset == self._cues[self._position.at].preset:
            self._position = cues.entered(self._position, music)
            then, self._then = self._then, None
            player.set_values(dict(then))
        self._position, due = cues.stepped(self._position, self._cues, music, dt_s)
        if due:
            self._call(self._position.at + 1, player)

    def reload(self) -> None:
        """The file was edited: the list as it is now, at the same cue. Raises PresetError; the old list stays then."""
        before, self._cues = self._cues, self._read()
        self._position = cues.moved_to(self._position, before, self._cues)
        self._tell(f"{self.file.name if self.file else 'cues'}: {len(self._cues)} cues, read again")

    def reading(self) -> str:
        """What the HUD says; empty without a list."""
        if not self._cues:
            return ""
        now, at = self._position, self._position.at
        playing = f"{at + 1}/{len(self._cues)} {self._cues[at].name}" if at >= 0 else f"0/{len(self._cues)}"
        following = f"   next {self._cues[at + 1].name}" if at + 1 < len(self._cues) else "   the last"
        mode = "   held" if now.held else "" if now.auto else "   by hand"
        return playing + self._left() + following + mode

    def facts(self) -> dict[str, Any] | None:
        """The same for a panel; None without a list."""
        if not self._cues:
            return None
        now = self._position
        return {
            "names": [cue.name for cue in self._cues], "presets": [cue.preset for cue in self._cues], "at": now.at,
            "auto": now.auto, "held": now.held, "left": self._left().strip(),
        }  # fmt: skip

    def _left(self) -> str:
        now = self._position
        if not now.begun or not now.auto:
            return ""
        cue, much = self._cues[now.at], max(cues.left(now, self._cues, self._music), 0.0)
        if cue.bars:
            return f"   {much / self._music.per_bar:.0f} bars"
        return f"   {much:.0f} s" if cue.seconds else ""

    def _call(self, at: int, player: Player) -> None:
        if not 0 <= at < len(self._cues):
            raise ControlError("there is no cue before this" if at < 0 else "there is no cue after the last")
        cue = self._cues[at]
        # What a list of an hour ago said may be of other parameters by now.
        registry = self._session.registry
        player.set_values({id: value for id, value in cue.before.items() if id in registry})
        player.call(cue.preset)
        self._position = cues.jumped(self._position, at)
        self._then = {id: value for id, value in cue.values.items() if id in registry}

    def _read(self) -> tuple[Cue, ...]:
        assert self.file is not None
        return cues.load(self.file, self._session.registry, self._session.presets)
