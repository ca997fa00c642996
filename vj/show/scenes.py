"""What is drawn over the network's picture.

The chain of the scene that is played, and while a transition runs that of the one before, with the values and
modulations it had.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import moderngl

from vj.core.edge import Edge
from vj.core.errors import ShaderError, VjError
from vj.core.types import F32, U8, Params
from vj.params.registry import Registry, Snapshot
from vj.render.compositing.chain import Chain
from vj.render.compositing.fit import Fit
from vj.render.compositing.layer import Layer
from vj.render.compositing.layer_params import params_of
from vj.render.compositing.slow import LIMIT_S, SlowLayers
from vj.render.compositing.transition import Transition
from vj.render.isf.filter import Compiled, Moment
from vj.render.isf.folder import free_name
from vj.render.isf.shader import IsfShader
from vj.render.isf.shader_cache import ShaderCache
from vj.session.stage_params import CUT
from vj.session.state import SessionState, moved
from vj.show.admission import Admission
from vj.show.prover import Verdict

#: What the driver says of every frame is told so often at most.
_TELL_S = 5.0


@dataclass(frozen=True, slots=True)
class Now:
    """The frame to draw: show time, its step, its number, ISF's DATE, every parameter, what is heard and moves."""

    t_s: float
    dt_s: float
    frame: int
    date: tuple[float, float, float, float]
    p: Params
    signals: Mapping[str, Any]
    sound: F32 | None


class Played(Protocol):
    """What scenes are drawn of (`vj.session.session.Session`)."""

    shaders: Any
    state: SessionState

    @property
    def preset(self) -> str:
        """Name of the preset."""

    @property
    def chain(self) -> tuple[IsfShader, ...]:
        """The shaders that are drawn, in order."""

    @property
    def current(self) -> Snapshot:
        """The values as they are now, before modulation."""

    @property
    def target(self) -> Snapshot:
        """The values that are asked for."""

    @property
    def registry(self) -> Registry:
        """All parameters."""

    def take_shader(self, shader: IsfShader) -> tuple[str, ...]:
        """A shader was edited. Returns ids that are lost. Raises PresetError."""


class Scenes:
    """Call `work`, then `draw` for every frame. `edge` is told what cannot be drawn; the picture goes on without it.

    admission  says which shaders may be compiled here; fit: how the network's picture fills `size`
    """

    def __init__(
        self, ctx: moderngl.Context, session: Played, size: tuple[int, int], edge: Edge, admission: Admission,
        fit: Fit = "cover",
    ) -> None:  # fmt: skip
        self._ctx, self._session, self._edge, self._admission = ctx, session, edge, admission
        #: Told of a shader that was edited and is drawn from now on, and of ids that the preset lost by it.
        self.on_edited: Callable[[IsfShader, tuple[str, ...]], None] | None = None
        #: Shader → why it is not drawn, or not as it was edited, in a line.
        self.troubles: Mapping[str, str] = {}
        self._slow: SlowLayers[Layer] = SlowLayers()
        self.shader_cache = ShaderCache(ctx)
        self.chain, self._other = (Chain(ctx, (), size, fit, self._left_out) for _ in range(2))
        #: The chain of what is auditioned, and the shaders that it is to have.
        self._auditioned: Chain | None = None
        self._to_audition: tuple[IsfShader, ...] = ()
        for chain in (self.chain, self._other):
            chain.is_timed = self._is_strange
        self._built: tuple[IsfShader, ...] | None = None
        # Drawn until the shaders of the next are there; and the one that is left, or the picture that stands for it.
        self._held: SessionState | None = None
        self._left: SessionState | None = None
        self._still: Transition | None = None
        self._crossing: Transition | None = None
        self._span_s = self._crossed_s = 0.0
        # Their pictures may be wanted for one more frame.
        self._spent: list[Transition] = []
        self._spent_before: list[Transition] = []
        self._last: Chain | Transition = self.chain
        self._before: moderngl.Texture = self.chain.texture
        self.want()

    def want(self) -> None:
        """Compile what the session plays, before all else; what was not proven is proven first."""
        missing = self.shader_cache.missing((*self._session.chain, *self._transition()))
        for shader in missing:
            if refusal := self._admission.refusal(shader):
                self._trouble(shader.name, refusal)
                self._edge.caught("shader", refusal)
        admitted = self._admission.admitted(missing, self.chain.size, self._session.target)
        self.shader_cache.want(admitted, soon=True)

    def audition(self, shaders: Sequence[IsfShader]) -> None:
        """These shaders are to be drawn for a panel alone; none: nothing is any more."""
        self._to_audition = tuple(shaders)
        if self._auditioned:
            _empty(self._auditioned)
        missing = self.shader_cache.missing(shaders)
        self.shader_cache.want(self._admission.admitted(missing, self.chain.size, self._session.target))

    def draw_audition(self, source: moderngl.Texture, now: Now, size: tuple[int, int]) -> moderngl.Texture | None:
        """The picture of what is auditioned, small; None while its shaders are not compiled."""
        ready = self.shader_cache.ready(self._to_audition)
        if ready is None:
            return None
        if self._auditioned is None:
            self._auditioned = Chain(self._ctx, (), size, on_error=self._left_out)
            self._auditioned.is_timed = self._is_strange
        chain = self._auditioned
        chain.resize(size)
        if [layer.compiled for layer in chain.layers] != list(ready):
            _empty(chain)
            chain.layers = tuple(Layer(compiled) for compiled in ready)
        _draw(chain, now.p, source, now)
        return chain.texture

    def leave(self, scene: SessionState) -> None:
        """The session plays another scene than this one from now on; it is entered through its transition."""
        if self._built is None and self._held is None:
            self.cut()
            return
        self._held, self._built = self._held or scene, None
        self.want()

    def cut(self) -> None:
        """The session's scene is drawn as soon as can be, without a transition."""
        self._held = self._built = None
        self._arrive()
        self.want()

    def edited(self, path: Path) -> None:
        """A shader's file was changed, or is new: once it is proven and compiled it is drawn in the place of what was.

        Where it cannot be, that is told, and all is as before.
        """
        known = self._read_from(path)
        name = known.name if known else free_name(path, self._session.shaders)
        self._admission.edited(path, name, known, self.chain.size, self._session.target)

    def work(self) -> None:
        """Compile a step of what is wanted. Between two frames, as a shader that was edited has other parameters."""
        for verdict in self._admission.news():
            with self._edge.handling("shader"):
                self._hear(verdict)
        with self._edge.handling("shader"):
            if compiled := self.shader_cache.work(self._session.current):
                self._take(compiled)
                self._trouble(compiled.shader.name, None)

    def finish_compiling(self) -> None:
        """Compile all that is wanted: for who has the time."""
        while self.shader_cache.wants_any:
            self.work()

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on."""
        for thing in (self.chain, self._other, self._crossing):
            if thing:
                thing.resize(size)
        # The last picture was redrawn at the new size.
        self._before = self._last.texture

    @property
    def texture(self) -> moderngl.Texture:
        """The newest picture."""
        return self._last.texture

    def read_rgb(self) -> U8:
        """The newest picture, u8[height, width, 3], top row first."""
        return self._last.read_rgb()

    @property
    def before(self) -> moderngl.Texture:
        """The picture that `texture` was before the last `draw`."""
        return self._before

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) that is drawn at."""
        return self.chain.size

    @property
    def crossing(self) -> bool:
        """Whether a transition is under way."""
        return self._crossing is not None

    def draw(self, source: moderngl.Texture, now: Now) -> None:
        """Draw the next picture of everything that is seen."""
        for spent in self._spent_before:
            spent.release()
        self._spent_before, self._spent = self._spent, []
        if self._crossing and self._crossed_s >= self._span_s:
            self._arrive()
        self._prepare()
        last, drew = self._last, [self.chain]
        if self._crossing and self._left:
            self._left, p = moved(self._left, now.signals, now.dt_s)
            _draw(self._other, p, source, now)
            drew.append(self._other)
        if self._held:
            self._held, p = moved(self._held, now.signals, now.dt_s)
            _draw(self.chain, p, source, now)
        else:
            _draw(self.chain, now.p, source, now)
        self._last = self.chain
        if self._crossing:
            self._cross(self._crossing, now)
        self._before = last.before if last in drew or last is self._crossing else last.texture
        self._leave_out_slow(drew)

    def _is_strange(self, layer: Layer) -> bool:
        return not self._admission.trusts(layer.shader)

    def _leave_out_slow(self, chains: Sequence[Chain]) -> None:
        """A stranger's shader that was too slow for too long in a chain that was drawn is drawn no more."""
        took_s = {layer: s for chain in chains for layer, s in chain.took_s.items()}
        for layer in self._slow.layers(took_s):
            chain = next(chain for chain in chains if layer in chain.took_s)
            (w, h), took_ms, allowed_ms = chain.size, 1000 * took_s[layer], 1000 * LIMIT_S
            slow = ShaderError(f"a frame takes {took_ms:.0f} ms at {w}x{h}, expected at most {allowed_ms:.0f} ms")
            chain.leave_out(layer)
            self._left_out(layer, slow)

    def _left_out(self, layer: Layer | None, error: Exception) -> None:
        """A buffer too large for the card, say. The picture goes on without that shader."""
        if layer:
            self._trouble(layer.shader.name, error)
            self._edge.caught(f"shader {layer.shader.name}", error, then="left out of the picture")
        else:
            self._edge.caught("picture", error, pause_s=_TELL_S)

    def _trouble(self, name: str, error: Exception | None) -> None:
        """A shader cannot be drawn, or can again. A new mapping, as other threads look at it."""
        others = {other: line for other, line in self.troubles.items() if other != name}
        self.troubles = {**others, name: str(error)} if error else others

    def _cross(self, crossing: Transition, now: Now) -> None:
        start = self._still.texture if self._still else self._other.texture
        moment = Moment(now.t_s, now.dt_s, now.frame, now.date)
        try:
            self._crossed_s += now.dt_s
            progress = min(self._crossed_s / self._span_s, 1.0)
            crossing.draw(start, self.chain.texture, moment, self._session.current, progress)
            self._last = crossing
        except Exception as e:  # noqa: BLE001 – whatever a stranger's shader brings about, the scene itself is drawn.
            self._edge.caught("transition", e, then=f"preset {self._session.preset} is there at once")
            self._arrive()

    def _prepare(self) -> None:
        """Draw with what is wanted once all of it is compiled."""
        chain = self._session.chain
        if self._built == chain:
            return
        transition = self._transition() if self._held else ()
        ready = self.shader_cache.ready((*chain, *transition))
        if ready is None:
            return
        self._built = chain
        if transition and self._held:
            self._begin(ready[:-1], ready[-1], self._held)
        else:
            self._lay(ready)
        self._held = None

    def _hear(self, verdict: Verdict) -> None:
        """What the proving process says of a shader. Raises ShaderError where it may not be drawn."""
        known = self._read_from(verdict.path)
        try:
            shader = self._admission.take(verdict, known)
        except ShaderError as e:
            self._trouble(known.name if known else verdict.path.stem, e)
            raise
        self.shader_cache.want_proven(shader, verdict.pictures, {row.id: row.default for row in params_of(shader)})

    def _take(self, compiled: Compiled) -> None:
        """A shader is compiled. Raises PresetError where one that was edited cannot be fitted into what is played."""
        shader, lost = compiled.shader, None
        if self._session.shaders.get(shader.name) is not shader:
            try:
                lost = self._session.take_shader(shader)
            except VjError:
                compiled.release()
                raise
            self.cut()
        if before := self.shader_cache.keep(compiled):
            self._without(before)
            before.release()
        if lost is not None and self.on_edited:
            self.on_edited(shader, lost)

    def _read_from(self, path: Path) -> IsfShader | None:
        return next((one for one in self._session.shaders.values() if one.file == str(path)), None)

    def _begin(self, chain: Sequence[Compiled], transition: Compiled, left: SessionState) -> None:
        """Another scene comes in. One that was on its way in stands still as it was seen."""
        interrupted, self._crossing = self._crossing, None
        self._arrive()
        self._still, self._left = interrupted, None if interrupted else left
        self.chain, self._other = self._other, self.chain
        if interrupted:
            _empty(self._other)
        self.chain.layers = tuple(Layer(compiled) for compiled in chain)
        self._crossing = Transition(transition, self.chain.size)
        self._span_s, self._crossed_s = self._session.state.span_s, 0.0

    def _lay(self, chain: Sequence[Compiled]) -> None:
        """These are drawn from now on; those that were before go on from where they are."""
        there = {layer.compiled: layer for layer in self.chain.layers}
        self.chain.layers = tuple(there.pop(compiled) if compiled in there else Layer(compiled) for compiled in chain)
        for layer in there.values():
            layer.release()

    def _arrive(self) -> None:
        """The transition is over."""
        for one in (self._crossing, self._still):
            if one:
                self._spent.append(one)
        self._crossing = self._still = self._left = None
        _empty(self._other)

    def _without(self, compiled: Compiled) -> None:
        for chain in (self.chain, self._other, *([self._auditioned] if self._auditioned else [])):
            for layer in chain.layers:
                if layer.compiled is compiled:
                    layer.release()
            chain.layers = tuple(layer for layer in chain.layers if layer.compiled is not compiled)

    def _transition(self) -> tuple[IsfShader, ...]:
        """The transition's shader; none where the next scene is cut to."""
        session = self._session
        name = session.registry["stage/transition"].choices[round(session.current["stage/transition"])]
        if name == CUT or session.state.span_s <= 0 or self._admission.refusal(session.shaders[name]):
            return ()
        return (session.shaders[name],)

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._arrive()
        _empty(self.chain)
        if self._auditioned:
            _empty(self._auditioned)
            self._auditioned.release()
        for crossing in (*self._spent, *self._spent_before):
            crossing.release()
        for thing in (self.chain, self._other, self.shader_cache):
            thing.release()


def _draw(chain: Chain, p: Params, source: moderngl.Texture, now: Now) -> None:
    chain.draw(source, now.t_s, now.dt_s, now.frame, p, now.date, now.sound)


def _empty(chain: Chain) -> None:
    for layer in chain.layers:
        layer.release()
    chain.layers = ()
