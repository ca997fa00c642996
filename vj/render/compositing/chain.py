"""The shader chain: the network's picture goes in, is fitted to the screen, and runs through ISF shaders in order."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TypeAlias

import moderngl

from vj.core.errors import GraphicsError
from vj.core.types import F32, U8, Params
from vj.render.compositing.fit import Fit
from vj.render.compositing.layer import Layer, Mixer
from vj.render.compositing.picture import Picture
from vj.render.isf.filter import Buffer, Compiled, Moment, Sources, read_rgb
from vj.render.isf.program import check_gl
from vj.render.isf.shader import IsfShader
from vj.render.isf.sound import Sound
from vj.render.isf.stopwatch import Stopwatch

#: Told of an error and the layer that it comes from, None where that is not known.
OnError: TypeAlias = Callable[[Layer | None, Exception], None]


class Chain:
    """ISF shaders on one context, which stays the caller's; all calls come from the thread that made the context.

    layers    the shaders at work, in order; another list may be put there between two frames
    on_error  is told of a layer that cannot be drawn, which is taken out, and of the whole chain (None), which has
              drawn what it could; without it `draw` raises
    Raises ShaderError when one does not compile, and leaves nothing behind then.
    """

    def __init__(
        self, ctx: moderngl.Context, shaders: Sequence[IsfShader], size: tuple[int, int], fit: Fit = "cover",
        on_error: OnError | None = None,
    ) -> None:  # fmt: skip
        self._ctx, self._on_error = ctx, on_error
        # Each layer is asked for its errors after one came from nobody knows where: asking makes the card wait.
        self._suspects = False
        #: Which layers are timed, and what each took in the last frame, in seconds: the card waits for that.
        self.is_timed: Callable[[Layer], bool] = lambda layer: False
        self.took_s: dict[Layer, float] = {}
        self._watch = Stopwatch(ctx)
        with ExitStack() as stack:
            self._picture = Picture(ctx, fit)
            stack.callback(self._picture.release)
            self._output = Buffer(ctx, size, keeps=True)
            stack.callback(self._output.release)
            # What came from the network, for shaders that read a second image.
            self._given = Buffer(ctx, (1, 1))
            stack.callback(self._given.release)
            self._mixer, self._sound = Mixer(ctx), Sound(ctx)
            stack.callback(self._mixer.release)
            stack.callback(self._sound.release)
            layers: list[Layer] = []
            for shader in shaders:
                compiled = Compiled(ctx, shader)
                stack.callback(compiled.release)
                layers.append(Layer(compiled))
                stack.callback(layers[-1].release)
            self._stack = stack.pop_all()
        self.layers: Sequence[Layer] = tuple(layers)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the finished picture."""
        return self._output.size

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on; what filters remember is kept, and `texture` is the last picture."""
        self._output.resize(size, self._mixer.copied)

    def draw(
        self,
        source: U8 | moderngl.Texture,
        t_s: float,
        dt_s: float,
        frame_index: int,
        p: Params,
        date: tuple[float, float, float, float] | None = None,
        sound: F32 | None = None,
    ) -> None:
        """Draw one frame of a picture of any shape; `p` holds the parameters of all shaders and their layers.

        `source` is rgba u8[h, w, 4], top row first, or a texture in the same order.
        `date` is ISF's DATE (year, month, day, second of the day). Without one it is a fixed day with `t_s` as its
        clock, so that the same show gives the same pictures on any day.
        `sound` f32[n, channels] are the samples that came since the last frame; None: there is silence.
        """
        moment = Moment(t_s, dt_s, frame_index, date or (2000.0, 1.0, 1.0, t_s))
        self._ctx.disable(moderngl.BLEND)
        self._sound.hear(sound, dt_s)
        self._output.keep()
        self._picture.draw(source, self._output.back)
        self._output.flip()
        seen = [layer for layer in self.layers if layer.is_seen(p)]
        given = self._kept_picture(seen)
        self.took_s = {}
        for layer in seen:
            is_timed = self.is_timed(layer)
            if is_timed:
                self._watch.lap()
            self._try(layer, Sources(self._output.texture, given, self._sound), moment, p)
            if is_timed and layer in self.layers:
                self.took_s[layer] = self._watch.lap()
        self._check()

    def _try(self, layer: Layer, sources: Sources, moment: Moment, p: Params) -> None:
        """Lay one layer over the picture; one that fails is taken out, where somebody is told."""
        try:
            self._lay(layer, sources, moment, p)
            if self._suspects:
                check_gl(self._ctx, f"drawing {layer.shader.name}")
        except Exception as e:
            if self._on_error is None:
                raise
            self._suspects = False
            self.leave_out(layer)
            self._on_error(layer, e)

    def leave_out(self, layer: Layer) -> None:
        """Draw this layer no more."""
        self.layers = tuple(one for one in self.layers if one is not layer)
        layer.release()

    def _check(self) -> None:
        """What the driver has to say of the frame. Raises GraphicsError where nobody is told."""
        try:
            check_gl(self._ctx, "drawing the chain")
        except GraphicsError as e:
            if self._on_error is None:
                raise
            self._suspects = True
            self._on_error(None, e)

    def _kept_picture(self, seen: Sequence[Layer]) -> moderngl.Texture:
        """The picture before all shaders, copied where one of them reads more images than one."""
        if not any(layer.shader.has_further_images for layer in seen):
            return self._output.texture
        self._given.resize(self.size)
        self._given.front.use()
        self._mixer.copied(self._output.texture)
        return self._given.texture

    def _lay(self, layer: Layer, sources: Sources, moment: Moment, p: Params) -> None:
        if layer.replaces(p):
            layer.draw(sources, self._output.back, moment, p)
        else:
            above = layer.alone(self.size)
            layer.draw(sources, above.front, moment, p)
            layer.lay(self._mixer, sources.picture, above.texture, self._output.back, p)
        self._output.flip()

    @property
    def texture(self) -> moderngl.Texture:
        """The finished picture, RGBA in OpenGL's orientation; it holds until the draw after the next."""
        return self._output.texture

    @property
    def before(self) -> moderngl.Texture:
        """The finished picture of the draw before."""
        return self._output.kept

    def read_rgb(self) -> U8:
        """The finished picture as u8[height, width, 3], top row first. Alpha is left out, not multiplied in."""
        return read_rgb(self._output.front)

    def release(self) -> None:
        """Let go of everything on the GPU that the chain made."""
        self._stack.close()
