"""One ISF file at work: its program, its pass buffers, what they remember from frame to frame."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

import moderngl
import numpy as np

from vj.core.types import U8, Params
from vj.render.isf.glsl import VERTEX
from vj.render.isf.imported import Pictures, decoded, uploaded
from vj.render.isf.program import compile_program
from vj.render.isf.shader import Input, IsfShader, UniformValue, pass_size, uniform_value
from vj.render.isf.sound import Sound
from vj.render.isf.words import glsl_name

_COPY = """\
#version 330 core
uniform sampler2D picture;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() { color = texture(picture, isf_FragNormCoord); }
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a frame is drawn: TIME, TIMEDELTA, FRAMEINDEX and DATE (year, month, day, second of the day) of ISF."""

    t_s: float
    dt_s: float
    frame: int
    date: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a shader reads: `picture` is inputImage or startImage, `other` any further image, endImage too.

    sound   None: silence
    """

    picture: moderngl.Texture
    other: moderngl.Texture
    sound: Sound | None = None


class Buffer:
    """Two textures of one size: one is read while the other is drawn, so that a pass can read its own last frame.

    keeps   a third holds what `keep` put aside
    """

    def __init__(
        self, ctx: moderngl.Context, size: tuple[int, int], float32: bool = False, *, keeps: bool = False
    ) -> None:
        self._ctx, self._dtype, self._count = ctx, "f4" if float32 else "f1", 3 if keeps else 2
        self.size = (0, 0)
        self._pair: list[moderngl.Framebuffer] = []
        self.resize(size)

    def resize(self, size: tuple[int, int], redraw: Callable[[moderngl.Texture], None] | None = None) -> None:
        """Take another size. Nothing happens when the size is the same.

        `redraw` draws what was there, a texture, into the bound framebuffer; without it what was drawn is lost.
        """
        if size == self.size:
            return
        before, self._pair, self.size = self._pair, [], size
        for _ in range(self._count):
            texture = self._ctx.texture(size, 4, dtype=self._dtype)
            texture.repeat_x = texture.repeat_y = False
            framebuffer = self._ctx.framebuffer([texture])
            framebuffer.clear()
            self._pair.append(framebuffer)
        if redraw and before:
            self.front.use()
            redraw(before[0].color_attachments[0])  # type: ignore[arg-type]
        self._let_go(before)

    @property
    def texture(self) -> moderngl.Texture:
        """What was drawn last."""
        return _texture(self._pair[0])

    @property
    def kept(self) -> moderngl.Texture:
        """What `keep` put aside."""
        return _texture(self._pair[2])

    @property
    def front(self) -> moderngl.Framebuffer:
        """What was drawn last, to read from."""
        return self._pair[0]

    @property
    def back(self) -> moderngl.Framebuffer:
        """Where the next picture is drawn; call `flip` when that is done."""
        return self._pair[1]

    def flip(self) -> None:
        """The back becomes the front."""
        self._pair[0], self._pair[1] = self._pair[1], self._pair[0]

    def keep(self) -> None:
        """Put aside what was drawn last; it is no longer the front."""
        self._pair[0], self._pair[2] = self._pair[2], self._pair[0]

    def release(self) -> None:
        """Let go of both textures."""
        self._let_go(self._pair)
        self._pair = []

    def _let_go(self, pair: list[moderngl.Framebuffer]) -> None:
        if not pair:
            return
        # moderngl comes back to the framebuffer that was bound last, which must not be one that is gone.
        self._ctx.detect_framebuffer(0).use()
        for framebuffer in pair:
            framebuffer.color_attachments[0].release()
            framebuffer.release()


def read_rgb(framebuffer: moderngl.Framebuffer) -> U8:
    """A picture as u8[height, width, 3], top row first. Alpha is left out, not multiplied in."""
    rows = np.empty((framebuffer.height, framebuffer.width, 3), np.uint8)
    framebuffer.read_into(rows, components=3, alignment=1)
    return np.ascontiguousarray(rows[::-1])


def _texture(framebuffer: moderngl.Framebuffer) -> moderngl.Texture:
    texture = framebuffer.color_attachments[0]
    assert isinstance(texture, moderngl.Texture)
    return texture


class PassProgram:
    """The program of one pass, with the texture units of the samplers that it uses."""

    def __init__(self, ctx: moderngl.Context, shader: IsfShader, pass_index: int) -> None:
        self._program = compile_program(ctx, shader, pass_index)
        self._shape = ctx.vertex_array(self._program, [])
        # A vertex shader of the file's own may leave parts of the picture uncovered.
        self._own_vertices = shader.vertex is not None
        samplers = [i.name for i in shader.inputs if i.is_texture] + [i.name for i in shader.imported]
        samplers += shader.buffers
        # The compiler drops what the pass does not use.
        self.units = {name: unit for unit, name in enumerate(n for n in samplers if glsl_name(n) in self._program)}
        for name, unit in self.units.items():
            self._program[glsl_name(name)] = unit

    def draw(self, target: moderngl.Framebuffer, uniforms: Mapping[str, UniformValue]) -> None:
        """Draw into `target`; the textures are bound already."""
        for name, value in uniforms.items():
            if name in self._program:
                self._program[name] = value
        if "RENDERSIZE" in self._program:
            self._program["RENDERSIZE"] = (float(target.width), float(target.height))
        target.use()
        if self._own_vertices:
            target.clear()
            self._shape.render(moderngl.TRIANGLE_STRIP, vertices=4)
        else:
            self._shape.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Let go of the program."""
        self._shape.release()
        self._program.release()


class Compiled:
    """An ISF shader's programs and pictures on the GPU; without memory, so that any number of filters can share it.

    pictures  what IMPORTED names, where that is decoded already
    Raises ShaderError when it does not compile or a picture cannot be read.
    """

    def __init__(self, ctx: moderngl.Context, shader: IsfShader, pictures: Pictures | None = None) -> None:
        for _ in self._steps(ctx, shader, pictures):
            pass

    @classmethod
    def in_steps(
        cls, ctx: moderngl.Context, shader: IsfShader, pictures: Pictures | None = None
    ) -> Generator[None, None, Self]:
        """The same, a program or a picture at a time: yields between two, and returns the whole."""
        one = cls.__new__(cls)
        yield from one._steps(ctx, shader, pictures)
        return one

    def _steps(self, ctx: moderngl.Context, shader: IsfShader, pictures: Pictures | None) -> Iterator[None]:
        self.ctx, self.shader = ctx, shader
        self.programs: list[PassProgram] = []
        self.imported: dict[str, moderngl.Texture | moderngl.TextureCube] = {}
        with ExitStack() as stack:
            copy = ctx.program(vertex_shader=VERTEX, fragment_shader=_COPY)
            stack.callback(copy.release)
            self._copy = ctx.vertex_array(copy, [])
            stack.callback(self._copy.release)
            # Stands for silence.
            self.black = ctx.texture((1, 1), 4, bytes(4))
            stack.callback(self.black.release)
            for index in range(len(shader.passes)):
                if index:
                    yield
                self.programs.append(PassProgram(ctx, shader, index))
                stack.callback(self.programs[-1].release)
            for one in shader.imported:
                yield
                rgba = pictures[one.name] if pictures is not None else decoded(shader, one)
                self.imported[one.name] = uploaded(ctx, rgba)
                stack.callback(self.imported[one.name].release)
            self._stack = stack.pop_all()
        self.read_early = frozenset(self._read_early())

    def _read_early(self) -> Iterator[str]:
        """Buffers that do not outlive a frame and are read before they are drawn: they are empty then."""
        for name, one in self.shader.buffers.items():
            targets = [p.target for p in self.shader.passes]
            drawn = targets.index(name) if name in targets else len(targets)
            if not one.persistent and any(name in program.units for program in self.programs[: drawn + 1]):
                yield name

    def copied(self, texture: moderngl.Texture) -> None:
        """Draw a texture into the bound framebuffer."""
        texture.use(0)
        self._copy.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._stack.close()


class Filter:
    """An ISF shader at work in one place: what its passes remember is its own."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled, self.shader = compiled, compiled.shader
        self._buffers: dict[str, Buffer] = {}
        # FRAMEINDEX counts from the first frame that the shader draws.
        self._first: int | None = None

    def draw(self, sources: Sources, target: moderngl.Framebuffer, moment: Moment, p: Params) -> None:
        """Draw through the shader into `target`, all passes. `p` holds every parameter of the shader."""
        for _ in self.in_steps(sources, target, moment, p):
            pass

    def in_steps(
        self, sources: Sources, target: moderngl.Framebuffer, moment: Moment, p: Params
    ) -> Generator[None, None, None]:
        """The same, a pass at a time: yields between two."""
        uniforms = self._uniforms(moment, p)
        self._begin(target.size, p)
        for number, (one, program) in enumerate(zip(self.shader.passes, self._compiled.programs, strict=True)):
            if number:
                yield
            buffer = self._buffers[one.target] if one.target else None
            self._bind(program, sources)
            program.draw(buffer.back if buffer else target, uniforms)
            if buffer:
                buffer.flip()
        # The last pass is the picture, also when it is drawn into a buffer.
        if buffer:
            target.use()
            self._compiled.copied(buffer.texture)

    def _uniforms(self, moment: Moment, p: Params) -> dict[str, UniformValue]:
        if self._first is None:
            self._first = moment.frame
        uniforms: dict[str, UniformValue] = {
            glsl_name(i.name): uniform_value(i, p) for i in self.shader.inputs if i.ids
        }
        return uniforms | {
            "TIME": moment.t_s,
            "TIMEDELTA": moment.dt_s if moment.frame != self._first else 0.0,
            "FRAMEINDEX": moment.frame - self._first,
            "DATE": moment.date,
        }

    def _begin(self, size: tuple[int, int], p: Params) -> None:
        """All buffers are there, of the size that is wanted now, before the first pass asks for it."""
        for name, one in self.shader.buffers.items():
            wanted = pass_size(one, size, self.shader, p)
            if name not in self._buffers:
                self._buffers[name] = Buffer(self._compiled.ctx, wanted, one.float32)
            self._buffers[name].resize(wanted, self._compiled.copied if one.persistent else None)
            if name in self._compiled.read_early:
                self._buffers[name].front.clear()

    def _bind(self, program: PassProgram, sources: Sources) -> None:
        inputs = {i.name: i for i in self.shader.inputs}
        for name, unit in program.units.items():
            if name in self._buffers:
                self._buffers[name].texture.use(unit)
            elif name in self._compiled.imported:
                self._compiled.imported[name].use(unit)
            else:
                self._input(inputs[name], sources).use(unit)

    def _input(self, i: Input, sources: Sources) -> moderngl.Texture:
        if i.type == "image":
            return sources.picture if i.name in ("inputImage", "startImage") else sources.other
        return sources.sound.texture(i.type, i.width) if sources.sound else self._compiled.black

    def release(self) -> None:
        """Let go of what the passes drew; the programs stay."""
        for buffer in self._buffers.values():
            buffer.release()
        self._buffers.clear()
