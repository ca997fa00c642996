"""A set by its cue list while it plays: GO, back, jump, hold, autopilot; the file may be edited meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from vj.core.errors import ControlError, PresetError, VjError
from vj.session import cues
from vj.session.cues import DEBOUNCE_S, Cue, Music, Position
from vj.session.session import Session
from vj.show.frame import State


def music_of(state: State, features: Any) -> Music:
    """What a cue list is told of a frame that left a show in this state; features: the newest row, or None."""
    beat = state.tempo.beat
    segment = 0 if features is None else int(features["tempo_segment"])
    beats, quantise = beat.number + beat.beats % 1.0, state.session.target["stage/quantise"]
    return Music(beats, beat.per_bar, segment, quantise)


class Player(Protocol):
    """Who plays presets and sets values (`vj.show.controls.Controls`)."""

    def enter(self, preset: str, over: Mapping[str, float]) -> None:
        """Play a preset, also the one that plays, with these values laid over it. Raises VjError."""

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters."""


@dataclass(frozen=True, slots=True)
class _Called:
    """A cue, by its place; way: 1 or -1, where one that will not load is stepped over, forwards or backwards."""

    at: int
    way: int = 0


class Cueing:
    """Belongs to the window's thread. file: the list; None: there is none. Raises PresetError for one that is none."""

    def __init__(self, file: Path | None, session: Session, tell: Callable[[str], None]) -> None:
        self.file, self._session, self._tell = file, session, tell
        self._cues: tuple[Cue, ...] = self._read() if file else ()
        self._position = Position()
        self._music = Music(0.0)
        self._last_go_s = float("-inf")
        self._called: _Called | None = None

    @property
    def over(self) -> Mapping[str, float]:
        """What the cue that plays lays over its preset, id → value; nothing where hands have called another preset."""
        now = self._position
        if not now.begun or self._cues[now.at].preset != self._session.preset:
            return {}
        return self._cues[now.at].values

    def act(self, id: str, argument: Any, now_s: float) -> None:
        """One of the actions cue/…; what it calls is played by `carry_out`. Raises VjError where it cannot be done."""
        if not self._cues:
            raise ControlError(f"{id}: there is no cue list (vj play --cues FILE)")
        at = self._called.at if self._called else self._position.at
        match id:
            case "cue/go":
                if now_s - self._last_go_s < DEBOUNCE_S:
                    return
                self._call(at + 1, 1)
                self._last_go_s = now_s
            case "cue/back":
                self._call(at - 1, -1)
            case "cue/jump":
                self._call(cues.index_of(self._cues, argument), 0)
            case "cue/hold":
                self._position = replace(self._position, held=not self._position.held)
            case _:
                self._position = replace(self._position, auto=not self._position.auto)

    def program(self, number: int) -> str | None:
        """The name of the cue that this MIDI program, from 1, jumps to; None where none does."""
        return next((cue.name for cue in self._cues if cue.program == number), None)

    def carry_out(self, player: Player) -> None:
        """Play what was called since the last frame. Raises VjError where it will not load; the cue before stays."""
        called, self._called = self._called, None
        if not called or called.at >= len(self._cues):
            return
        ways = range(called.at, len(self._cues) if called.way > 0 else -1, called.way) if called.way else [called.at]
        for at in ways:
            try:
                self._enter(at, player)
                return
            except VjError as e:
                if not called.way:
                    raise
                self._tell(f"{e}; stepped over")
        # The autopilot does not ask again in each frame.
        self._position = replace(self._position, held=self._position.held or called.way > 0)
        raise PresetError(f"no cue {'after' if called.way > 0 else 'before'} this can be played")

    def frame(self, music: Music, dt_s: float) -> None:
        """A frame of the show has this music."""
        self._music = music
        if not self._cues:
            return
        now = self._position
        # What waits for a beat or a bar begins once it is entered, or once hands have put something else in its place.
        if now.at >= 0 and not now.begun and not self._session.state.waiting:
            self._position = cues.entered(now, music)
        self._position, due = cues.stepped(self._position, self._cues, music, dt_s)
        if due and not self._called:
            self._called = _Called(self._position.at + 1, 1)

    def reload(self) -> None:
        """The file was edited: the list as it is now, at the same cue. Raises PresetError; the old list stays then."""
        before, self._cues = self._cues, self._read()
        self._position = now = cues.moved_to(self._position, before, self._cues)
        self._called = None
        if now.at >= 0 and not now.begun:
            # It waits for its bar, and is played as it stands in the list now.
            self._called = _Called(now.at)
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

    def _call(self, at: int, way: int) -> None:
        if not 0 <= at < len(self._cues):
            raise ControlError("there is no cue before this" if at < 0 else "there is no cue after the last")
        # A program that sends its cue in every frame does not begin it again and again.
        self._called = _Called(at, way) if way or at != self._position.at else None

    def _enter(self, at: int, player: Player) -> None:
        cue, quantise = self._cues[at], self._session.target["stage/quantise"]
        player.set_values(dict(cue.before))
        try:
            player.enter(cue.preset, cue.values)
        except VjError:
            player.set_values(dict.fromkeys(cue.before, quantise))
            raise
        self._position = cues.jumped(self._position, at)

    def _read(self) -> tuple[Cue, ...]:
        assert self.file is not None
        return cues.load(self.file, self._session.registry, self._session.presets)
