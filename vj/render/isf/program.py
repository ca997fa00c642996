"""The graphics context, and one ISF file compiled for it. Lives in the thread that made the context."""

import sys
from typing import Any

import moderngl

from vj.core.errors import GraphicsError, ShaderError
from vj.render.isf.glsl import compile_error, fragment_source, vertex_source
from vj.render.isf.shader import IsfShader

_HELP = {
    "linux": "install the packages libegl1 and libgl1-mesa-dri",
    "darwin": "macOS offers OpenGL 3.3 only in a desktop session",
    "win32": "install the driver of the graphics card",
}


def open_context() -> moderngl.Context:
    """An OpenGL 3.3 core context without a window: EGL on Linux (no X needed), the system's own elsewhere.

    LIBGL_ALWAYS_SOFTWARE=1 asks Mesa for its software renderer. Raises GraphicsError saying what to install.
    """
    backend: dict[str, Any] = {"backend": "egl"} if sys.platform.startswith("linux") else {}
    try:
        return moderngl.create_context(standalone=True, require=330, **backend)
    # moderngl's loader raises plain Exception, ImportError or OSError, depending on what is missing.
    except Exception as e:  # noqa: BLE001
        reason = " ".join(str(e).split()) or type(e).__name__
        what = _HELP.get(sys.platform, _HELP["linux"])
        raise GraphicsError(f"no OpenGL 3.3 to draw with ({reason}): {what}, or use --no-shaders") from None


def compile_program(ctx: moderngl.Context, shader: IsfShader, pass_index: int) -> moderngl.Program:
    """Compile one pass of an ISF file. Raises ShaderError: the line in the user's file and what the driver says."""
    try:
        return _compiled(ctx, shader, pass_index, lenient=False)
    except moderngl.Error as e:
        message = str(e)
    # Not at first: the extensions change which overloads a call finds.
    try:
        return _compiled(ctx, shader, pass_index, lenient=True)
    except moderngl.Error:
        raise ShaderError(compile_error(message, shader)) from None


def _compiled(ctx: moderngl.Context, shader: IsfShader, pass_index: int, *, lenient: bool) -> moderngl.Program:
    return ctx.program(
        vertex_shader=vertex_source(shader, pass_index, lenient=lenient),
        fragment_shader=fragment_source(shader, pass_index, lenient=lenient),
    )


def check_gl(ctx: moderngl.Context, doing: str) -> None:
    """Raise GraphicsError when the driver has reported an error since the last check."""
    if (error := ctx.error) != "GL_NO_ERROR":
        raise GraphicsError(f"OpenGL: {error} while {doing}")


def is_software(ctx: moderngl.Context) -> bool:
    """Whether the processor draws, and not a graphics card."""
    return any(name in ctx.info["GL_RENDERER"].lower() for name in ("llvmpipe", "softpipe", "swiftshader"))
