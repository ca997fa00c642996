"""What is written over the picture, in the window alone: figures, the keys, or an editor with keys of its own."""

from collections.abc import Callable
from typing import Literal

import moderngl

from vj.control import chain_editor, keyboard, parameter_browser, projection_editor
from vj.control.midi.handler import MidiHandler
from vj.core.types import U8, Line
from vj.session.session import Session
from vj.show.hud import Hud, line_at

#: Text changes so often a second; it is costly.
_EVERY_S = 0.1
Panel = Literal["chain_editor", "parameters", "projection"]
_KEYS: dict[Panel, frozenset[str]] = {
    "chain_editor": frozenset(chain_editor.KEYS),
    "parameters": frozenset(parameter_browser.KEYS),
    "projection": frozenset(projection_editor.KEYS),
}


class Overlay:
    """Shows one of them at a time; the keys go before a panel, and a panel before the figures.

    projection  says how the picture lies on the screen
    figures     whether they are there at first; clean: nothing ever is
    """

    def __init__(
        self, ctx: moderngl.Context, session: Session, projection: Callable[[], list[Line]], *, figures: bool,
        clean: bool = False,
    ) -> None:  # fmt: skip
        self._session, self._hud, self._projection = session, Hud(ctx), projection
        self._clean = clean
        self._figures, self._help, self._written_s = figures, False, 0.0
        self._panel: Panel | None = None
        #: Where phones find the panel, as a code u8[h, w], beside the figures.
        self.code: U8 | None = None
        self.editor, self.browser = chain_editor.ChainEditor(), parameter_browser.ParameterBrowser()

    @property
    def there(self) -> bool:
        """Whether anything is to be seen."""
        return not self._clean and (self._figures or self._help or self._panel is not None)

    @property
    def panel(self) -> Panel | None:
        """The one that is open and seen."""
        return None if self._clean else self._panel

    def flip(self, what: Panel | Literal["hud", "help"]) -> None:
        """Show or hide it; one panel hides the other."""
        self._written_s = 0.0
        if what == "hud":
            self._figures = not self._figures
        elif what == "help":
            self._help = not self._help
        else:
            self._panel = None if self._panel == what else what

    def clear(self, *, figures: bool) -> None:
        """Hide everything; the figures stay where they are there and `figures` says so."""
        self._figures, self._help, self._panel = self._figures and figures, False, None

    def takes(self, key: str) -> Panel | None:
        """The panel that is open and that this key works on."""
        return self.panel if self.panel and key in _KEYS[self.panel] else None

    def press(self, key: str, midi: MidiHandler | None) -> dict[str, float]:
        """A key for the chain editor or the parameters; returns values to set. Raises VjError if it cannot be done."""
        self.write_anew()
        if self._panel == "parameters":
            return self.browser.press(key, self._session, midi)
        self.editor.press(key, self._session)
        return {}

    def write_anew(self) -> None:
        """What is written has changed."""
        self._written_s = 0.0

    def click(self, y: float, midi: MidiHandler | None) -> None:
        """The window was clicked, so many pixels from its top. Raises VjError where that cannot be done."""
        if self._panel == "parameters":
            self._written_s = 0.0
            self.browser.click(line_at(y), self._session, midi)

    def texture(
        self, now_s: float, figures: Callable[[], list[Line]], midi: MidiHandler | None
    ) -> moderngl.Texture | None:
        """The text as it is now, written anew a few times a second; `figures` is asked only where they are shown."""
        if now_s - self._written_s > _EVERY_S:
            self._written_s = now_s
            alone = self._help or self._panel is not None
            self._hud.show(self._lines(figures, midi), None if alone else self.code)
        return self._hud.texture

    def release(self) -> None:
        """Let go of the texture."""
        self._hud.release()

    def _lines(self, figures: Callable[[], list[Line]], midi: MidiHandler | None) -> list[Line]:
        if self._help:
            # The names of keys are longer than those of figures.
            return [Line("", f"{name}:  {words}") for name, words in keyboard.help_lines()]
        if self._panel == "parameters":
            return self.browser.lines(self._session, midi)
        if self._panel == "chain_editor":
            return self.editor.lines(self._session)
        if self._panel == "projection":
            return self._projection()
        return figures()
