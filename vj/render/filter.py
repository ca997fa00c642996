"""One ISF file at work: its program, its pass buffers, what they remember from frame to frame."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import moderngl

from vj.render.isf import IsfShader, Pass, UniformValue, pass_size, uniform_value
from vj.render.isf_glsl import VERTEX
from vj.render.program import compile_program
from vj.types import Params

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


class Buffer:
    """Two textures of one size: one is read while the other is drawn, so that a pass can read its own last frame."""

    def __init__(self, ctx: moderngl.Context, size: tuple[int, int], float32: bool = False) -> None:
        self._ctx, self._dtype = ctx, "f4" if float32 else "f1"
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
        for _ in range(2):
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
        texture = self._pair[0].color_attachments[0]
        assert isinstance(texture, moderngl.Texture)
        return texture

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
        self._pair.reverse()

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


class PassProgram:
    """The program of one pass, with the texture units of the samplers that it uses."""

    def __init__(self, ctx: moderngl.Context, shader: IsfShader, pass_index: int) -> None:
        self._program = compile_program(ctx, shader, pass_index)
        self._triangle = ctx.vertex_array(self._program, [])
        samplers = [i.name for i in shader.inputs if i.is_texture]
        samplers += dict.fromkeys(p.target for p in shader.passes if p.target)
        # The compiler drops what the pass does not use.
        self.units = {name: unit for unit, name in enumerate(n for n in samplers if n in self._program)}
        for name, unit in self.units.items():
            self._program[name] = unit

    def draw(self, target: moderngl.Framebuffer, uniforms: Mapping[str, UniformValue]) -> None:
        """Draw into `target`; the textures are bound already."""
        for name, value in uniforms.items():
            if name in self._program:
                self._program[name] = value
        if "RENDERSIZE" in self._program:
            self._program["RENDERSIZE"] = (float(target.width), float(target.height))
        target.use()
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Let go of the program."""
        self._triangle.release()
        self._program.release()


class Filter:
    """An ISF shader on the GPU. Raises ShaderError when it does not compile."""

    def __init__(self, ctx: moderngl.Context, shader: IsfShader) -> None:
        self._ctx, self.shader = ctx, shader
        self._buffers: dict[str, Buffer] = {}
        self._programs: list[PassProgram] = []
        with ExitStack() as stack:
            for index in range(len(shader.passes)):
                self._programs.append(PassProgram(ctx, shader, index))
                stack.callback(self._programs[-1].release)
            copy = ctx.program(vertex_shader=VERTEX, fragment_shader=_COPY)
            stack.callback(copy.release)
            self._copy = ctx.vertex_array(copy, [])
            stack.callback(self._copy.release)
            # Stands for every image that nothing is connected to, and for silence.
            self._black = ctx.texture((1, 1), 4, bytes(4))
            stack.callback(self._black.release)
            self._stack = stack.pop_all()

    def draw(self, source: moderngl.Texture, target: moderngl.Framebuffer, moment: Moment, p: Params) -> None:
        """Draw `source` through the shader into `target`, all passes. `p` holds every parameter of the shader."""
        uniforms = self._uniforms(moment, p)
        for one, program in zip(self.shader.passes, self._programs, strict=True):
            buffer = self._buffer(one, target.size, p)
            self._bind(program, source)
            program.draw(buffer.back if buffer else target, uniforms)
            if buffer:
                buffer.flip()
        # The last pass is the picture, also when it is drawn into a buffer.
        if buffer:
            target.use()
            self._copied(buffer.texture)

    def _uniforms(self, moment: Moment, p: Params) -> dict[str, UniformValue]:
        uniforms: dict[str, UniformValue] = {i.name: uniform_value(i, p) for i in self.shader.inputs if i.ids}
        return uniforms | {
            "TIME": moment.t_s,
            "TIMEDELTA": moment.dt_s,
            "FRAMEINDEX": moment.frame,
            "DATE": moment.date,
        }

    def _buffer(self, one: Pass, size: tuple[int, int], p: Params) -> Buffer | None:
        if one.target is None:
            return None
        wanted = pass_size(one, size, self.shader, p)
        if one.target not in self._buffers:
            self._buffers[one.target] = Buffer(self._ctx, wanted, one.float32)
        self._buffers[one.target].resize(wanted, self._copied)
        return self._buffers[one.target]

    def _copied(self, texture: moderngl.Texture) -> None:
        texture.use(0)
        self._copy.render(moderngl.TRIANGLES, vertices=3)

    def _bind(self, program: PassProgram, source: moderngl.Texture) -> None:
        for name, unit in program.units.items():
            if name in self._buffers:
                self._buffers[name].texture.use(unit)
            else:
                (source if name in ("inputImage", "startImage") else self._black).use(unit)

    def forget(self) -> None:
        """Let go of what the passes drew: the next frame is the first again."""
        for buffer in self._buffers.values():
            buffer.release()
        self._buffers.clear()

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self.forget()
        self._stack.close()
