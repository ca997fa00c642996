"""How the picture lies on the window's monitor: edited there, and kept for each monitor in the machine's settings."""

from pathlib import Path

import moderngl
import numpy as np

from vj.control.projection_editor import Place, ProjectionEditor
from vj.core.errors import ControlError
from vj.core.files import reason
from vj.core.types import Line
from vj.render.output import projection_file
from vj.render.output.projection import Projection
from vj.render.output.screen import Placed
from vj.render.output.test_card import test_card
from vj.render.output.window import Window

_FILE = "projection.toml"
_EVERY_S = 0.5
#: Of a handle: its size in pixels, and the colours of those that are chosen and those that are not.
_MARK, _CHOSEN, _OTHER = 21, (255, 170, 60), (235, 235, 235)


class Projecting:
    """The projections of all monitors that were ever edited, and the one in use.

    folder  of the machine's settings; None: nothing is read or kept. Raises UsageError for a file that is none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = folder / _FILE if folder else None
        self._of = projection_file.load(self._file) if self._file else {}
        self._kept = self._of
        self._monitor, self._looked_s = "", float("-inf")
        self.editor = ProjectionEditor()
        #: Whether the test card is shown instead of the picture.
        self.card = False
        self._card: moderngl.Texture | None = None
        self._card_of: tuple[tuple[int, int], str] | None = None
        self._marks: list[moderngl.Texture] = []

    @property
    def now(self) -> Projection:
        """On the monitor that the window was on when it was last looked for."""
        return self._of.get(self._monitor, Projection())

    def look(self, window: Window, now_s: float) -> None:
        """Which monitor it is on, for it may have moved; asked now and then, as the window's system takes its time."""
        if now_s - self._looked_s > _EVERY_S:
            self._monitor, self._looked_s = window.monitor_name, now_s

    def press(self, key: str, window: Window, picture: tuple[int, int]) -> None:
        """A key of the editor; picture: the size of what is shown."""
        if place := self._place(window, picture):
            self._take(self.editor.press(key, place))

    def click(self, x: float, y: float, window: Window, picture: tuple[int, int]) -> None:
        """The window was clicked, so many pixels from its upper left corner."""
        if place := self._place(window, picture):
            self._take(self.editor.take((x, y), place))

    def follow(self, window: Window, picture: tuple[int, int]) -> None:
        """What the mouse holds goes with it; once a frame while the editor is open."""
        if place := self._place(window, picture):
            self._take(self.editor.drag(window.pointer, place))

    def lines(self) -> list[Line]:
        """What the editor says."""
        return self.editor.lines(self.now, self._monitor)

    def shown(self, window: Window, picture: moderngl.Texture) -> moderngl.Texture:
        """What is to be projected: the picture, or the test card."""
        if not self.card or not all(window.size):
            return picture
        wanted = (window.size, self._monitor)
        if self._card is None or self._card_of != wanted:
            if self._card:
                self._card.release()
            rgb = test_card(*wanted)
            self._card = window.ctx.texture(window.size, 3, np.ascontiguousarray(rgb[::-1]).tobytes(), alignment=1)
            self._card.repeat_x = self._card.repeat_y = False
            self._card_of = wanted
        return self._card

    def marks(self, window: Window, picture: tuple[int, int]) -> list[Placed]:
        """The editor's handles, over everything."""
        place = self._place(window, picture)
        if not place:
            return []
        if not self._marks:
            self._marks = [_mark(window.ctx, colour) for colour in (_OTHER, _CHOSEN)]
        return [
            Placed(self._marks[chosen], x - _MARK // 2, y - _MARK // 2) for x, y, chosen in self.editor.marks(place)
        ]

    def keep(self) -> None:
        """Write what has changed to the file; not in the window's thread. Raises ControlError, once a change."""
        now = self._of
        if self._file is None or now is self._kept:
            return
        self._kept = now
        try:
            projection_file.save(self._file, now)
        except OSError as e:
            raise ControlError(f"projection {self._file}: cannot be written: {reason(e)}") from e

    def release(self) -> None:
        """Let go of the textures."""
        for texture in (self._card, *self._marks):
            if texture:
                texture.release()

    def _place(self, window: Window, picture: tuple[int, int]) -> Place | None:
        """Where the editor works; None while the window has no size, as when it is put away."""
        return Place(self.now, window.size, picture) if all(window.size) else None

    def _take(self, now: Projection) -> None:
        if now != self.now:
            # Another dict: who writes it to the file holds one moment of it.
            self._of = {**self._of, self._monitor: now}


def _mark(ctx: moderngl.Context, colour: tuple[int, int, int]) -> moderngl.Texture:
    """A ring with a dot, alpha multiplied in."""
    y, x = np.mgrid[:_MARK, :_MARK] - (_MARK - 1) / 2
    away = np.hypot(x, y)
    ring = np.clip(1.5 - np.abs(away - _MARK / 2 + 2.5), 0, 1) + np.clip(2.0 - away, 0, 1)
    alpha = np.clip(ring, 0, 1)[..., None]
    rgba = np.concatenate([alpha * np.array(colour), alpha * 255], axis=2)
    return ctx.texture((_MARK, _MARK), 4, rgba.astype(np.uint8).tobytes())
