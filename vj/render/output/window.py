"""A window with an OpenGL context. All calls come from the process's main thread, as GLFW demands."""

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import glfw
import moderngl

from vj.core.errors import GraphicsError
from vj.render.output.monitors import pick
from vj.render.output.projection import Projection
from vj.render.output.screen import Placed, Screen

_NAMES = {
    glfw.KEY_ESCAPE: "escape", glfw.KEY_SPACE: "space", glfw.KEY_LEFT: "left", glfw.KEY_RIGHT: "right",
    glfw.KEY_UP: "up", glfw.KEY_DOWN: "down", glfw.KEY_PAGE_UP: "page up", glfw.KEY_PAGE_DOWN: "page down",
    glfw.KEY_ENTER: "enter", glfw.KEY_KP_ENTER: "enter", glfw.KEY_DELETE: "delete", glfw.KEY_BACKSPACE: "backspace",
}  # fmt: skip
#: Where the rate of the display is not known.
_USUAL_HZ = 60
#: As large as fits.
_WHOLE = Projection()


def has_display() -> bool:
    """Whether a window could be opened here."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class Window:
    """Shows finished pictures, in a window or full screen on one monitor. Raises GraphicsError without a display.

    on_key    is told the character that a key types, or its name; on_click where it was clicked, in pixels
    monitor   the one for full screen: number from 1, name or part of it. When it is unplugged the window comes back to
              a monitor that lives, and returns to full screen when the wanted one does.
    """

    def __init__(
        self,
        title: str,
        size: tuple[int, int],
        on_key: Callable[[str], None] = lambda key: None,
        monitor: str | None = None,
        on_click: Callable[[float, float], None] = lambda x, y: None,
    ) -> None:
        self._size, self._on_key, self._wanted, self._on_click = size, on_key, monitor, on_click
        self._window: Any
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", glfw.GLFWError)
            self._window = _open(title, size)
        if not self._window:
            glfw.terminate()
            raise GraphicsError("no window with OpenGL 3.3 can be opened on this display")
        glfw.make_context_current(self._window)
        glfw.swap_interval(1)
        glfw.set_key_callback(self._window, self._key)
        glfw.set_mouse_button_callback(self._window, self._button)
        glfw.set_cursor_pos_callback(self._window, self._moved)
        glfw.set_char_callback(self._window, self._character)
        glfw.set_monitor_callback(self._monitors_changed)
        self.ctx = _context()
        self._screen = Screen(self.ctx)
        self._placed = (*glfw.get_window_pos(self._window), *size)
        self._is_full = self._wants_full = self._look_again = False
        self._held_at: tuple[float, float] | None = None

    @property
    def closed(self) -> bool:
        """Whether the person has closed it."""
        return bool(glfw.window_should_close(self._window))

    @property
    def refresh_hz(self) -> int:
        """Pictures a second of the monitor that it is on."""
        monitor = glfw.get_window_monitor(self._window) or glfw.get_primary_monitor()
        mode = _mode(monitor) if monitor else None
        return int(mode.refresh_rate) if mode and mode.refresh_rate > 0 else _USUAL_HZ

    @property
    def full_screen(self) -> bool:
        """Whether it is, now."""
        return self._is_full

    def set_full_screen(self, full: bool) -> bool:
        """Go to the wanted monitor, or back into a window; returns whether that could be done."""
        self._wants_full = full
        return self._arrange()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels; 0 where it is iconified."""
        width, height = glfw.get_framebuffer_size(self._window)
        return width, height

    @property
    def monitor_name(self) -> str:
        """Of the monitor that its middle is on; empty where it is on none."""
        for monitor in glfw.get_monitors():
            if _on_one(self._window, [monitor]):
                return _text(glfw.get_monitor_name(monitor))
        return ""

    @property
    def pointer(self) -> tuple[float, float] | None:
        """Where the left button is held, in pixels from the upper left corner; None where it is not."""
        return self._held_at

    def show_pointer(self, shown: bool) -> None:
        """Full screen, the pointer is to be seen only where it is needed."""
        mode = glfw.CURSOR_NORMAL if shown or not self._is_full else glfw.CURSOR_HIDDEN
        glfw.set_input_mode(self._window, glfw.CURSOR, mode)

    def show(
        self,
        texture: moderngl.Texture,
        gain: float = 1.0,
        over: Sequence[Placed] = (),
        projection: Projection = _WHOLE,
    ) -> None:
        """Put a picture on the screen, and handle what was typed.

        gain        brightness, 0 … 1
        over        drawn over it; projection: where on the screen it lies
        """
        size = self.size
        self.ctx.screen.use()
        self.ctx.viewport = (0, 0, *size)
        self.ctx.clear()
        if all(size):
            self._screen.draw(size, texture, gain, projection)
            self._screen.lay(size, over)
        glfw.swap_buffers(self._window)
        self.poll()

    def poll(self) -> None:
        """Handle what was typed, clicked and plugged in."""
        glfw.poll_events()
        if self._look_again:
            self._look_again = False
            self._arrange()

    def ask_to_close(self) -> None:
        """As if its cross were clicked."""
        glfw.set_window_should_close(self._window, True)

    def close(self) -> None:
        """Close the window and end GLFW."""
        self._screen.release()
        self.ctx.release()
        nothing: Any = None
        glfw.set_monitor_callback(nothing)
        glfw.destroy_window(self._window)
        glfw.terminate()

    def _arrange(self) -> bool:
        """Bring the window to where it should be, given what is plugged in."""
        found = glfw.get_monitors()
        # One that goes just now has no mode any more; what it leaves behind is looked at in the next frame.
        monitors = [monitor for monitor in found if _mode(monitor)]
        self._look_again = len(monitors) < len(found)
        at = pick([_text(glfw.get_monitor_name(m)) for m in monitors], self._wanted) if self._wants_full else None
        if at is not None:
            self._fill(monitors[at])
        elif self._is_full or not _on_one(self._window, monitors):
            self._back(monitors)
        return self._is_full == self._wants_full

    def _fill(self, monitor: Any) -> None:
        if not self._is_full:
            self._placed = (*glfw.get_window_pos(self._window), *glfw.get_window_size(self._window))
        mode = _mode(monitor)
        if not mode:
            self._look_again = True
            return
        glfw.set_window_monitor(self._window, monitor, 0, 0, mode.size.width, mode.size.height, mode.refresh_rate)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        self._is_full = True

    def _back(self, monitors: Any) -> None:
        no_monitor: Any = None
        glfw.set_window_monitor(self._window, no_monitor, *self._placed, 0)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_NORMAL)
        self._is_full = False
        if monitors and not _on_one(self._window, monitors):
            # Where it was is no longer on any screen.
            x, y = glfw.get_monitor_pos(glfw.get_primary_monitor())
            glfw.set_window_monitor(self._window, no_monitor, x, y, *self._size, 0)

    def _monitors_changed(self, monitor: object, event: int) -> None:
        # Not here: the window may not be moved while its system tells of the change.
        self._look_again = True

    def _key(self, window: object, key: int, code: int, action: int, modifiers: int) -> None:
        if action != glfw.PRESS:
            return
        # By what is printed on the key, whatever the layout.
        name = _NAMES.get(key) or _text(glfw.get_key_name(key, code) or "")
        if name and not modifiers & (glfw.MOD_CONTROL | glfw.MOD_ALT | glfw.MOD_SUPER):
            self._on_key(name)

    def _button(self, window: object, button: int, action: int, modifiers: int) -> None:
        if button != glfw.MOUSE_BUTTON_LEFT:
            return
        self._held_at = self._in_pixels(*glfw.get_cursor_pos(self._window)) if action == glfw.PRESS else None
        if self._held_at:
            self._on_click(*self._held_at)

    def _moved(self, window: object, x: float, y: float) -> None:
        # Where it is by now, GLFW also tells; but not whether the button was let go of on the way there.
        if self._held_at:
            self._held_at = self._in_pixels(x, y)

    def _in_pixels(self, x: float, y: float) -> tuple[float, float]:
        """The pointer counts in the screen's own units, which need not be pixels."""
        width, _ = glfw.get_window_size(self._window)
        scale = self.size[0] / max(width, 1)
        return x * scale, y * scale

    def _character(self, window: object, code: int) -> None:
        # Where it is on the keyboard differs too much.
        if chr(code) == "?":
            self._on_key("?")


def _context() -> moderngl.Context:
    """The context of the window that is current. Raises GraphicsError, with GLFW ended."""
    try:
        return moderngl.create_context(require=330)
    # Its loader raises plain Exception, RuntimeError or OSError, depending on what is missing.
    except Exception as e:  # noqa: BLE001
        glfw.terminate()
        raise GraphicsError(f"no OpenGL 3.3 to draw in a window with: {e}") from None


def _mode(monitor: Any) -> Any:
    """How a monitor is driven, a GLFWvidmode; None for one that is just going, of which the binding has no more."""
    with warnings.catch_warnings():
        # The binding warns of it as well, which nobody has to read.
        warnings.simplefilter("ignore", glfw.GLFWError)
        try:
            return glfw.get_video_mode(monitor)
        except ValueError:
            return None


def _on_one(window: Any, monitors: Any) -> bool:
    """Whether the middle of the window is on one of the monitors, of which one may be going just now."""
    x, y = glfw.get_window_pos(window)
    w, h = glfw.get_window_size(window)
    for monitor in monitors:
        left, top = glfw.get_monitor_pos(monitor)
        mode = _mode(monitor)
        if not mode:
            continue
        if left <= x + w // 2 < left + mode.size.width and top <= y + h // 2 < top + mode.size.height:
            return True
    return False


def _text(name: str | bytes) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else name


def _open(title: str, size: tuple[int, int]) -> Any:
    """A GLFW window, or None where there can be none."""
    if not glfw.init():
        return None
    for hint, value in (
        (glfw.CONTEXT_VERSION_MAJOR, 3),
        (glfw.CONTEXT_VERSION_MINOR, 3),
        (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
        (glfw.OPENGL_FORWARD_COMPAT, True),
        # Another program's window over it, or another monitor clicked, must not put the show away.
        (glfw.AUTO_ICONIFY, False),
    ):
        glfw.window_hint(hint, value)
    return glfw.create_window(*size, title, None, None)
