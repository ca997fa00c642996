"""A window with an OpenGL context. All calls come from the process's main thread, as GLFW demands."""

import os
import sys
import warnings
from typing import Any

import glfw
import moderngl

from vj.errors import GraphicsError

_VERTEX = """#version 330
out vec2 at;
void main() {
    at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
    gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);
}"""
_FRAGMENT = """#version 330
uniform sampler2D picture;
in vec2 at;
out vec4 colour;
void main() { colour = vec4(texture(picture, at).rgb, 1.0); }"""


def has_display() -> bool:
    """Whether a window could be opened here."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class Window:
    """Shows finished pictures. F toggles full screen, Escape or Q closes. Raises GraphicsError without a display."""

    def __init__(self, title: str, size: tuple[int, int]) -> None:
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
        self.ctx = moderngl.create_context(require=330)
        self._program = self.ctx.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        self._triangle = self.ctx.vertex_array(self._program, [])
        self._placed = (0, 0, *size)

    @property
    def closed(self) -> bool:
        """Whether the person has closed it."""
        return bool(glfw.window_should_close(self._window))

    def show(self, texture: moderngl.Texture) -> None:
        """Put a picture on the screen, as large as fits without distortion, and handle what was typed."""
        width, height = glfw.get_framebuffer_size(self._window)
        scale = min(width / texture.width, height / texture.height)
        w, h = round(texture.width * scale), round(texture.height * scale)
        self.ctx.screen.use()
        self.ctx.viewport = (0, 0, width, height)
        self.ctx.clear()
        self.ctx.viewport = ((width - w) // 2, (height - h) // 2, w, h)
        texture.use()
        self._triangle.render(moderngl.TRIANGLES, vertices=3)
        glfw.swap_buffers(self._window)
        self.poll()

    def poll(self) -> None:
        """Handle what was typed and clicked."""
        glfw.poll_events()

    def close(self) -> None:
        """Close the window and end GLFW."""
        self.ctx.release()
        glfw.destroy_window(self._window)
        glfw.terminate()

    def _key(self, window: object, key: int, code: int, action: int, modifiers: int) -> None:
        if action != glfw.PRESS:
            return
        if key in (glfw.KEY_ESCAPE, glfw.KEY_Q):
            glfw.set_window_should_close(self._window, True)
        elif key == glfw.KEY_F:
            self._toggle_full_screen()

    def _toggle_full_screen(self) -> None:
        if glfw.get_window_monitor(self._window):
            no_monitor: Any = None
            glfw.set_window_monitor(self._window, no_monitor, *self._placed, 0)
            return
        self._placed = (*glfw.get_window_pos(self._window), *glfw.get_window_size(self._window))
        monitor = glfw.get_primary_monitor()
        mode = glfw.get_video_mode(monitor)
        glfw.set_window_monitor(self._window, monitor, 0, 0, mode.size.width, mode.size.height, mode.refresh_rate)


def _open(title: str, size: tuple[int, int]) -> Any:
    """A GLFW window, or None where there can be none."""
    if not glfw.init():
        return None
    for hint, value in (
        (glfw.CONTEXT_VERSION_MAJOR, 3),
        (glfw.CONTEXT_VERSION_MINOR, 3),
        (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
        (glfw.OPENGL_FORWARD_COMPAT, True),
    ):
        glfw.window_hint(hint, value)
    return glfw.create_window(*size, title, None, None)
