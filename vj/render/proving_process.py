"""The proving process: shaders that came from outside are read, compiled and drawn here first.

A process of its own, which a driver may hang, swell or crash: whoever started it ends it then, and starts another. It
has a graphics context of its own and never loads TensorFlow. What it hears and says, `number` being that of a question:

    ("prove", number, path, name, values, size)  →  ("doing", number, text) …  ("proven", number, shader, pictures)
    ("check", number, path)                      →  ("doing", number, text) …  ("checked", number, result)
    either                                       →  ("refused", number, text)

Pictures are named blocks of shared memory, `name → (block, shape)`; who is told of them removes them.
"""

import contextlib
import os
import sys
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import TypeAlias

import moderngl
import numpy as np

from vj.core.errors import ShaderError, WorkerError
from vj.core.types import U8
from vj.render.isf.imported import Pictures
from vj.render.isf.program import open_context
from vj.render.isf.shader import load
from vj.render.proving import Limits, prove
from vj.runtime.memory import shared_memory
from vj.runtime.native import native_stderr_closed

#: Where Linux says how much a process has: pages, the first figure.
_STATM = Path("/proc/self/statm")

Blocks: TypeAlias = dict[str, tuple[str, tuple[int, ...]]]


def run(pipe: Connection, limits: Limits, nice: int) -> None:
    """The process, with a priority that is lower by `nice`. Raises GraphicsError without OpenGL."""
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    ctx = open_context()
    hold_to(limits.memory_bytes)
    pipe.send(("ready",))
    while True:
        message = pipe.recv()
        # Compilers of drivers write their last words there.
        with native_stderr_closed():
            pipe.send(_answer(pipe, ctx, limits, message))


def _answer(pipe: Connection, ctx: moderngl.Context, limits: Limits, message: tuple) -> tuple:  # type: ignore[type-arg]
    kind, number, path, *more = message

    def doing(text: str) -> None:
        pipe.send(("doing", number, text))

    doing("reading it")
    try:
        if kind == "check":
            from vj.render import shader_tools

            doing("compiling and drawing it")
            return "checked", number, shader_tools.check_one(ctx, path)
        name, values, size = more
        shader = load(path, name)
        return "proven", number, shader, shared(prove(ctx, shader, values, size, limits, doing))
    except ShaderError as e:
        return "refused", number, str(e)
    except WorkerError as e:
        return "refused", number, f"{path}: not taken: {e}"
    except MemoryError:
        return "refused", number, f"{path}: not taken: more than {limits.memory_bytes >> 20} MB of memory were needed"


def hold_to(memory_bytes: int) -> None:
    """No more memory than there is now and so much more; where the system has such a thing."""
    if sys.platform == "win32" or not _STATM.exists():
        return
    import resource

    now = int(_STATM.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + memory_bytes, now + memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def shared(pictures: Pictures) -> Blocks:
    """Put pictures into shared memory, for another process to take. Raises WorkerError where there is none."""
    found: Blocks = {}
    with contextlib.ExitStack() as made:
        for name, rgba in pictures.items():
            block = shared_memory(rgba.nbytes)
            made.callback(block.unlink)
            np.ndarray(rgba.shape, np.uint8, block.buf)[:] = rgba
            found[name] = (block.name, rgba.shape)
            block.close()
        # Whoever takes them removes them.
        made.pop_all()
    return found


def taken(blocks: Blocks) -> dict[str, U8]:
    """Pictures rgba u8[h, w, 4], or cubes u8[6, w, w, 4], out of shared memory, which is removed."""
    found: dict[str, U8] = {}
    for name, (block_name, shape) in blocks.items():
        block = SharedMemory(block_name)
        found[name] = np.array(np.ndarray(shape, np.uint8, block.buf))
        block.close()
        block.unlink()
    return found
