"""The graphics context: there without X, and one clear line where there is none."""

import os
import subprocess
import sys

import pytest

OPEN = """
from vj.core.errors import GraphicsError
from vj.render.isf.program import open_context
try:
    print(open_context().version_code)
except GraphicsError as e:
    print(e)
"""


def opened(**environment: str) -> str:
    without_x = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-c", OPEN], env=without_x | environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_software_opengl_needs_no_x() -> None:
    assert int(opened(LIBGL_ALWAYS_SOFTWARE="1")) >= 330


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="hides the drivers in the way of EGL on Linux")
@pytest.mark.parametrize(
    "environment",
    [{"__EGL_VENDOR_LIBRARY_DIRS": "/nonexistent"}, {"MESA_GL_VERSION_OVERRIDE": "2.1", "LIBGL_ALWAYS_SOFTWARE": "1"}],
    ids=["no driver", "too old"],
)
def test_no_opengl_is_one_line_that_says_what_to_do(environment: dict[str, str]) -> None:
    said = opened(**environment)
    assert said.startswith("no OpenGL 3.3 to draw with (")
    assert said.endswith("install the packages libegl1 and libgl1-mesa-dri, or use --no-shaders\n")
    assert said.count("\n") == 1


def test_drawing_never_loads_tensorflow() -> None:
    code = (
        "import sys, vj.render.compositing.chain, vj.show.painter, vj.render.shader_tools;"
        "import vj.render.output.video;"
        "sys.exit(any(m.split('.')[0] in ('tensorflow', 'keras', 'jax') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
