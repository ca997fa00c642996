"""A real window on a virtual screen, in a process of its own: what is shown is what was drawn."""

import os
import shutil
import subprocess
import sys

import pytest

SHOW = """
import numpy as np
from vj.render.output.window import Window

window = Window("test", (320, 180))
picture = np.zeros((90, 160, 3), np.uint8)
picture[:45, :, 0] = 200   # the first rows of a texture are the lowest of the screen
picture[45:, :80, 1] = 100
texture = window.ctx.texture((160, 90), 3, picture.tobytes(), alignment=1)
texture.repeat_x = texture.repeat_y = False
for _ in range(3):
    window.show(texture)
# Before reading: moderngl asks the window for a colour attachment, which it has not, and an error is left behind.
assert window.ctx.error == "GL_NO_ERROR"
shown = np.frombuffer(window.ctx.screen.read(components=3), np.uint8).reshape(180, 320, 3)
assert (shown[10:80, :, 0] == 200).all(), shown[40, 100]
assert (shown[100:170, 10:150, 1] == 100).all()
assert not shown[100:170, 170:].any()
assert not window.closed
window.close()
"""


def on_a_screen(*command):
    if not shutil.which("xvfb-run"):
        if os.environ.get("CI"):
            pytest.fail("CI installs xvfb; it must not be missing here")
        pytest.skip("needs xvfb: sudo apt-get install xvfb xauth")
    run = ["xvfb-run", "-a", "-s", "-screen 0 640x480x24", sys.executable, *map(str, command)]
    return subprocess.run(run, capture_output=True, text=True, timeout=150, check=False)


def test_the_screen_shows_the_picture():
    done = on_a_screen("-c", SHOW)
    assert done.returncode == 0, done.stderr


GOES = """
import warnings

import glfw
from vj.render.output.window import Window

window, ask, left = Window("test", (320, 180)), glfw.get_video_mode, [3]

def going(monitor):
    # What the binding does where X11 has no mode any more.
    if left[0]:
        left[0] -= 1
        warnings.warn("(65544) X11: Failed to query video mode", glfw.GLFWError)
        raise ValueError("NULL pointer access")
    return ask(monitor)

glfw.get_video_mode = going
assert window.refresh_hz == 60
assert not window.set_full_screen(True)
assert window.monitor_name == ""
for _ in range(3):
    window.poll()
assert not left[0]
assert window.full_screen
window.close()
"""


def test_a_monitor_that_goes_while_it_is_asked_is_looked_for_again():
    done = on_a_screen("-c", GOES)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_library_it_is_one_line():
    code = (
        "import moderngl\ndef none(**_):\n    raise RuntimeError('Cannot find libGL')\nmoderngl.create_context = none\n"
    )
    code += "from vj.render.output.window import Window\nfrom vj.core.errors import GraphicsError\n"
    code += "try:\n    Window('x', (8, 8))\nexcept GraphicsError as e:\n    print(e)\n"
    done = on_a_screen("-c", code)
    assert done.stdout == "no OpenGL 3.3 to draw in a window with: Cannot find libGL\n", done.stderr


def test_without_a_display_it_is_one_line():
    code = "from vj.render.output.window import Window\nfrom vj.core.errors import GraphicsError\n"
    code += "try:\n    Window('x', (8, 8))\nexcept GraphicsError as e:\n    print(e)\n"
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=bare, check=False
    )
    assert done.stdout == "no window with OpenGL 3.3 can be opened on this display\n"
    assert not done.stderr
