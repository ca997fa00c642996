"""The window's loop: what is heard and dreamt, drawn at the display's rate. It waits for nobody but the display."""

import datetime
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import moderngl

from vj.audio.listener import Listener
from vj.clock.beat_clock import Clocks, all_clocks
from vj.clock.link import LinkClock
from vj.control import keyboard
from vj.control.midi.handler import MidiHandler
from vj.control.osc.handler import OscHandler
from vj.core import resources
from vj.core.edge import Edge
from vj.core.errors import ControlError, PresetError
from vj.core.types import Line
from vj.generator.pool import GeneratorPool
from vj.params.actions import BY_KEY
from vj.render.compositing.frame_blend import Blend
from vj.render.compositing.stand_in import SHADER, StandIn
from vj.render.isf.shader import load
from vj.render.output.adaptive_size import AdaptiveSize
from vj.render.output.frame_pacing import FramePacer, FrameTimes
from vj.render.output.limiter import FlashLimiter
from vj.render.output.window import Window
from vj.runtime.trace import Trace
from vj.session.preset_library import PresetLibrary, played
from vj.session.session import Session
from vj.session.state import SessionState
from vj.show import status_lines
from vj.show.frame import Rows, State, Values, frame
from vj.show.housekeeper import Housekeeper
from vj.show.notices import Notices
from vj.show.overlay import Overlay
from vj.show.scenes import Now, Scenes
from vj.show.sound import NewSound

if TYPE_CHECKING:
    from vj.render.output.recorder import Recorder

#: Faster than the display, so that the display sets the rate where it can.
_HURRY = 1.02
_LONGEST_STEP_S = 0.25
_TAP = "audio/beat/tap"
#: After the last sample of a file.
_ENDING_S = 1.0

#: What goes wrong in every frame is told so often at most.
_TELL_S = 2.0


@dataclass(frozen=True, slots=True)
class PictureConfig:
    """Size of the picture inside (width, height), its rate (None: the display's), whether the HUD is there at first."""

    size: tuple[int, int]
    fps: float | None = None
    hud: bool = False


class Stage:
    """Everything that is drawn. `step` draws a frame; the window, the ears and the generators stay the caller's."""

    def __init__(self, window: Window, look: PictureConfig, session: Session, notices: Notices) -> None:
        self.window, self.session = window, session
        self._look, self._notices = look, notices
        #: What goes wrong in a handler, or in a part of a frame, is told and counted there; the show goes on.
        self.edge = Edge(notices.tell)
        self.scenes = Scenes(window.ctx, session, look.size, self.edge)
        self.flashes, self._blend = FlashLimiter(window.ctx), Blend(window.ctx)
        self._overlay = Overlay(window.ctx, session, figures=look.hud)
        self._stand_in: StandIn | None = StandIn(window.ctx, session.shaders[SHADER])
        self.fps = look.fps or window.refresh_hz
        self._pacer = FramePacer(self.fps * (1.0 if look.fps else _HURRY))
        self.quality, self.times = AdaptiveSize(1.0 / self.fps, cautious=is_software(window.ctx)), FrameTimes()
        self.scenes.resize(scaled(look.size, self.quality.scale))
        self._last_s = self._began_s = time.monotonic()
        self._quit, self._dreamt_s = keyboard.Twice(), 0.0
        self.light_s: deque[float] = deque(maxlen=120)
        self.dream_light_s: deque[float] = deque(maxlen=120)
        self.recorder: Recorder | None = None
        self.osc: OscHandler | None = None
        self.midi: MidiHandler | None = None
        self.library: PresetLibrary | None = None
        self.clock = Clocks(LinkClock, notices.tell)
        #: What the show remembers from frame to frame, and what the last one was drawn with.
        self.state = State(session.state)
        self._values: Values | None = None
        #: What was played when the last show ended.
        self.previous: Path | None = None
        self._pressed: set[str] = set()
        #: The preset that was called since the last frame, and what was set after that.
        self._called: str | None = None
        self._set_since: dict[str, float] = {}
        self._listener: Listener | None = None
        self._sound: NewSound | None = None
        self._pool: GeneratorPool | None = None
        self._housekeeper: Housekeeper | None = None
        self._ended_s: float | None = None
        self._own_model: Path | None = None
        self._dreamt_by: Path | None = None
        #: Called with the time when a frame has come to the screen.
        self.on_shown: Callable[[float], None] | None = None
        #: Where the time of each frame goes, if somebody wants to know.
        self.trace: Trace | None = None

    def join(self, listener: Listener, pool: GeneratorPool, housekeeper: Housekeeper, model: Path) -> None:
        """There is something to be heard, and the generators begin; `model` is for presets that name none."""
        self._listener, self._pool, self._housekeeper = listener, pool, housekeeper
        self._own_model = model
        session = self.session.state
        pool.use_rows(*session.generator_rows)
        if self._values:
            pool.set_values(session.generator_values, self._values.moves)
        self._sound = NewSound(listener.blocks_name)

    def key(self, name: str) -> None:
        """A key was pressed. What cannot be done is told, and nothing changes."""
        with self.edge.handling(f"key {name}"):
            if panel := self._overlay.takes(name):
                self.set_values(self._overlay.press(name, self.midi))
                if panel == "chain_editor":
                    self.scenes.want()
            elif name in BY_KEY:
                self.act(BY_KEY[name].id)

    def click(self, x: float, y: float) -> None:
        """The window was clicked, so many pixels from its upper left corner."""
        with self.edge.handling("click"):
            self._overlay.click(y, self.midi)

    def step(self) -> None:
        """One frame. Raises the error that ends the show, and no other (`vj.core.edge`)."""
        now_s = time.monotonic()
        if self.trace:
            self.trace.begin(now_s)
        dt_s, self._last_s = min(now_s - self._last_s, _LONGEST_STEP_S), now_s
        row: Any = self._listener.newest() if self._listener else None
        self._hear()
        with self.edge.handling("preset"):
            self._carry_out_call()
        self._lap("controls")
        drawn = False
        with self.edge.handling("picture", pause_s=_TELL_S):
            drawn = self._picture(row, now_s, dt_s)
        with self.edge.handling("window", pause_s=_TELL_S):
            # In any case: the window hears of keys and of its end there.
            self._present(row, now_s, drawn)
        with self.edge.handling("end of frame", pause_s=_TELL_S):
            if self._pressed:
                self._let_go()
            if self._housekeeper:
                self._follow(self._housekeeper, time.monotonic())
        self._lap("follow")
        self._pacer.wait()
        ended_s = self._lap("wait")
        if self.trace:
            self.trace.end(ended_s)

    def _lap(self, stage: str) -> float:
        """A stage of the frame is over; returns the time."""
        now_s = time.monotonic()
        if self.trace:
            self.trace.lap(stage, now_s)
        return now_s

    def _hear(self) -> None:
        """What hands and other programs have sent is carried out."""
        with self.edge.handling("OSC", pause_s=_TELL_S):
            if self.osc:
                # Others are told of what was heard alone, and never of silence because nothing listens.
                last = self._values
                self.osc.step(self, last.signals if last and last.heard else None)
        with self.edge.handling("MIDI", pause_s=_TELL_S):
            if self.midi:
                self.midi.step(self)

    def _picture(self, row: Any, now_s: float, dt_s: float) -> bool:
        """Make the picture of this frame; returns whether it is a new one, and not the one that is held."""
        values = self._values = self._frame(row, now_s, dt_s)
        self._lap("values")
        self._take_dream(now_s, values.frozen)
        self._lap("network's picture")
        if not values.frozen:
            self._draw(now_s, dt_s, values)
        self._lap("draw")
        self.window.ctx.finish()
        return not values.frozen

    def _present(self, row: Any, now_s: float, drawn: bool) -> None:
        """Put the picture on the screen, and measure how long all of it took."""
        drawn_s = self._lap("graphics card")
        self._show(drawn_s)
        shown_s = self._lap("show")
        if self.on_shown:
            self.on_shown(shown_s)
        self._measure(shown_s, drawn_s - now_s, row)
        # A picture that is held is not drawn: it says nothing of the time that takes, and would be lost with its size.
        if drawn and self.quality.frame(shown_s, drawn_s - now_s):
            self.scenes.resize(scaled(self._look.size, self.quality.scale))

    def _frame(self, row: Any, now_s: float, dt_s: float) -> Values:
        """The values of this frame; the generator is told."""
        session = self.session.state
        air_s = now_s if row is None else float(row["t_air_s"])
        rows = Rows(now_s, row, air_s, self.clock.says(now_s, session.target))
        self.state, values = frame(replace(self.state, session=session), rows, dt_s)
        self.session.state = self.state.session
        if values.left:
            self._entered(values.left)
        # The modulations of a preset that was entered go with the values and with how far the morph is.
        if self._pool:
            self._pool.set_values(self.state.session.generator_values, values.moves)
        return values

    def _use_model(self) -> None:
        """The preset's network, or the show's own, if another one draws."""
        if not self._pool:
            return
        name = self.session.show.preset.model
        model = resources.find("model", name, resources.models_dir(), ".safetensors") if name else self._own_model
        if model and model != self._pool.wanted_model:
            self._pool.try_model(model)

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters, and tell whoever has to know; a trigger is let go of again. Raises PresetError."""
        if not values:
            return
        tapped = values.get(_TAP, 0.0) >= 0.5 > self.session.target[_TAP]
        self.session.set(values)
        if tapped:
            # Whoever taps, and by whichever name: the analysis and the clock of taps hear of it here.
            self.clock.taps.pulse(time.monotonic())
        if self._called:
            self._set_since |= values
        registry = self.session.registry
        self._pressed |= {id for id, v in values.items() if registry[id].kind == "trigger" and v}
        self._tell_ears({id: v for id, v in values.items() if id.startswith("audio/")})

    def _osc_beat(self, number: float | None) -> None:
        """A beat of the clock that speaks OSC falls now: the number of it, or just the next."""
        if number is not None:
            self.clock.osc.begin(float(number))
        self.clock.osc.pulse(time.monotonic())

    def _save(self, name: str | None) -> None:
        """Save what is played as a preset of that name or a new one; it plays from then on, and is in the list."""
        library = self.library
        if not library or not self._housekeeper:
            raise PresetError("presets cannot be saved here")
        name = name or library.new_name(self.session.preset)
        held, registry = played(self.session.state), self.session.registry
        self._housekeeper.later(lambda: self._notices.tell(f"saved: {library.save(name, held, registry)}"))
        self.session.saved_as(name)

    def _draw_chain(self, names: Sequence[str]) -> None:
        """Draw these shaders, in this order. Raises PresetError."""
        self.session.edit_chain(names)
        self.scenes.want()

    def _let_go(self) -> None:
        """A frame was drawn with what was pressed; the ears see a trigger also where it is let go of at once."""
        over, self._pressed = self._pressed, set()
        self.set_values({id: 0.0 for id in over if id in self.session.registry})

    def recall(self, preset: str, *, cut: bool = False) -> None:
        """Play another preset; `cut`: at once, without a transition. Raises VjError.

        Otherwise it waits for the beat or the bar, where `stage/quantise` says so.
        """
        before = self.session.state
        if not cut and before.target["stage/quantise"] >= 0.5:
            self.session.recall_on_beat(preset)
            return
        self.session.recall(preset)
        self._entered(before, cut=cut)

    def _entered(self, before: SessionState, *, cut: bool = False) -> None:
        """Another preset is played than the one before: whoever has to know is told."""
        self._use_model()
        if self.session.show.preset.unknown:
            left_out = ", ".join(self.session.show.preset.unknown)
            self._notices.tell(f"preset {self.session.preset}: a newer version wrote {left_out[:200]}; left out")
        if cut:
            self.session.land()
            self.scenes.cut()
        elif self.session.chain != before.chain:
            self.scenes.leave(before)
        if self._pool:
            self._pool.use_rows(*self.session.state.generator_rows)
        self._tell_ears({id: v for id, v in self.session.current.items() if id.startswith("audio/")})

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for thing in (self._stand_in, self._blend, self._overlay, self.flashes, self.scenes):
            if thing:
                thing.release()
        if self._sound:
            self._sound.close()
        self.clock.close()

    def call(self, preset: str) -> None:
        """Play a preset in the next frame, unless it plays or waits already; the last call before a frame wins."""
        waiting = self.session.state.waiting
        self._set_since = {}
        if preset == self.session.preset:
            # Nothing is put back that hands have set; and another, that waits for the bar, is called off.
            self._called, self.session.state = None, replace(self.session.state, waiting=None)
        else:
            self._called = None if waiting and waiting.name == preset else preset

    def _carry_out_call(self) -> None:
        preset, since, self._called, self._set_since = self._called, self._set_since, None, {}
        if preset:
            self.recall(preset)
            # What was set after the call was meant for the preset that was called.
            if not self.session.state.waiting:
                self.set_values({id: value for id, value in since.items() if id in self.session.registry})

    def _neighbour(self, by: int) -> str:
        """The preset `by` places from the one that plays, waits or was called."""
        waiting = self.session.state.waiting
        return self.session.neighbour(by, self._called or (waiting.name if waiting else None))

    def act(self, id: str, argument: Any = None) -> None:
        """Do what stands in the table of actions (`vj.params.actions`). Raises VjError where it cannot be done."""
        session = self.session
        match id:
            case "preset":
                self.call(session.named(argument))
            case "preset/next":
                self.call(self._neighbour(1))
            case "preset/previous":
                self.call(self._neighbour(-1))
            case "preset/save":
                self._carry_out_call()
                self._save(argument)
            case "preset/last":
                if not self.previous:
                    raise PresetError("nothing was kept of the last show")
                self.call(str(self.previous))
            case "panic":
                self._panic()
            case "tap":
                self.set_values({_TAP: 1.0})
            case "blackout" | "freeze" | "flash_limit":
                session.flip(f"stage/{id}")
            case "reload":
                self._reload()
            case "chain":
                self._carry_out_call()
                self._draw_chain(argument)
            case "learn" | "forget":
                self._learn(id, argument)
            case "tempo/osc_bpm":
                self.clock.osc.tempo(argument)
            case "tempo/osc_beat":
                self._osc_beat(argument)
            case "quit":
                self._ask_to_quit()
            case _:
                self._act_on_window(id)

    def _act_on_window(self, id: str) -> None:
        """What is seen besides the picture, and where."""
        match id:
            case "full_screen":
                self._full_screen(not self.window.full_screen)
            case "leave" if self.window.full_screen:
                self._full_screen(False)
            case "leave":
                self._ask_to_quit()
            case "hud" | "chain_editor" | "parameters" | "help":
                if id == "help":
                    self._notices.say(keyboard.help_text())
                self._overlay.flip(id)
            case _:
                raise ControlError(f"{id[:60]!r} is no action")

    def _panic(self) -> None:
        before, self._called = self.session.state, None
        self.session.panic()
        self._entered(before, cut=True)
        self.state = replace(self.state, gain=1.0)

    def _learn(self, id: str, target: str) -> None:
        if not self.midi:
            raise ControlError(f"{id}: MIDI is off")
        (self.midi.learn if id == "learn" else self.midi.forget)(self.session.registry[target].id)

    def _ask_to_quit(self) -> None:
        if self._quit.asked(time.monotonic()):
            self.window.ask_to_close()
        else:
            self._notices.tell("press again to quit")

    def _full_screen(self, full: bool) -> None:
        if not self.window.set_full_screen(full):
            self._notices.tell("the monitor for full screen is not there; the window goes to it when it is")
        self._overlay.clear(figures=not full)

    def _reload(self) -> None:
        self.recall(self.session.preset, cut=True)
        for shader in self.session.chain:
            self._reload_shader(Path(shader.file))
        if self._pool:
            self._pool.try_model(self._pool.model)

    def _reload_shader(self, path: Path) -> None:
        lost = self.scenes.replace(self.session.refitted(load(path)))
        said = f"; the preset says more of {', '.join(lost)[:200]}, left out" if lost else ""
        self._notices.tell(f"{path.name}: read again{said}")

    def _tell_ears(self, values: dict[str, float]) -> None:
        if self._listener and values:
            self._listener.set_params(values)

    def _take_dream(self, now_s: float, frozen: bool) -> None:
        row = self._pool.newest() if self._pool and not frozen else None
        if row is not None and self._pool:
            if self._pool.model != self._dreamt_by:
                if self._dreamt_by:
                    self._blend.cross(now_s, self.session.state.span_s)
                self._dreamt_by = self._pool.model
            self._blend.take(row["rgba"], now_s)
            self._dreamt_s = float(row["t_audio_s"])
            if self.trace:
                done_s = float(row["t_done_s"])
                self.trace.span("network", "picture", done_s - float(row["gen_ms"]) / 1000.0, done_s)

    def _draw(self, now_s: float, dt_s: float, values: Values) -> None:
        p = values.p
        source = self._blend.draw(now_s, p["stage/blend"], self._until_the_first(values, dt_s))
        sound = self._sound.take() if self._sound else None
        self.scenes.draw(source, Now(values.t_s, dt_s, self.times.count, _date(), p, values.signals, sound))
        if p["stage/flash_limit"] >= 0.5:
            self.flashes.limit(self.scenes.texture, self.scenes.before, now_s)
        else:
            self.flashes.forget()

    def _until_the_first(self, values: Values, dt_s: float) -> moderngl.Texture | None:
        """What stands in for the network's first picture."""
        if self._stand_in and self._blend.appearing:
            with self.edge.handling("stand-in"):
                return self._stand_in.draw(values.t_s, dt_s, self.times.count, values.p)
        if self._stand_in:
            self._stand_in.release()
            self._stand_in = None
        return None

    @property
    def texture(self) -> moderngl.Texture:
        """The finished picture."""
        return self.flashes.texture or self.scenes.texture

    def _show(self, now_s: float) -> None:
        over = None
        if self._overlay.there and self._housekeeper and self._listener:
            figures = partial(self._figures, self._housekeeper, self._listener, now_s)
            over = self._overlay.texture(now_s, figures, self.midi)
        if self.recorder:
            self.recorder.frame(self.texture, self.state.gain, now_s)
        self.window.show(self.texture, self.state.gain, over)

    def _figures(self, housekeeper: Housekeeper, listener: Listener, now_s: float) -> list[Line]:
        return status_lines.lines(
            self.reading(), housekeeper.dreaming, housekeeper.hearing, listener.newest(), self._notices.texts(),
            self._hand_readings(now_s),
        )  # fmt: skip

    def _hand_readings(self, now_s: float) -> list[tuple[str, str]]:
        """What the HUD says of hands and clocks."""
        tempo, p = self.state.tempo, self.session.target
        says = all_clocks(tempo.heard, self.clock.says(now_s, p), now_s)
        clocks = "   ".join(f"{'> ' if name == tempo.ruler else ''}{name} {bpm:.1f}" for name, (_, bpm) in says.items())
        return [
            ("MIDI", self.midi.reading() if self.midi else "off"),
            ("OSC", self.osc.reading() if self.osc else "off"),
            ("clock", f"{clocks}   beat {math.floor(tempo.beat.beats % tempo.beat.per_bar) + 1}"),
            *([("faults", f"{self.edge.failures}   {self.edge.last}")] if self.edge.failures else []),
        ]

    def reading(self) -> status_lines.Drawing:
        """How the window does."""
        intervals, draws = self.times.intervals_s[-600:], self.times.draws_s[-60:]
        return status_lines.Drawing(
            self.times.fps(), float(sorted(intervals)[int(0.99 * len(intervals))]) * 1000.0 if len(intervals) else 0.0,
            float(draws.mean()) * 1000.0 if len(draws) else 0.0, self.scenes.size, self.quality.scale,
            self.session.preset, _median_ms(self.light_s), _median_ms(self.dream_light_s),
            self.flashes.limited if self.session.current["stage/flash_limit"] >= 0.5 else None,
        )  # fmt: skip

    def _measure(self, now_s: float, draw_s: float, row: Any) -> None:
        self.times.shown(now_s, draw_s)
        if row is not None and row["live"]:
            self.light_s.append(now_s - float(row["t_air_s"]))
        if self._dreamt_s:
            self.dream_light_s.append(now_s - self._dreamt_s)
            self._dreamt_s = 0.0

    def _follow(self, housekeeper: Housekeeper, now_s: float) -> None:
        if housekeeper.error:
            raise housekeeper.error
        while not housekeeper.changed.empty():
            self._changed(housekeeper.changed.get())
        if not housekeeper.hearing.ended:
            self._ended_s = None
        elif self._ended_s is None:
            self._ended_s = now_s
        elif now_s - self._ended_s > _ENDING_S:
            self.window.ask_to_close()

    def _changed(self, path: Path) -> None:
        """A file was edited while it is in use."""
        with self.edge.handling("file"):
            if path.suffix == ".fs":
                self._reload_shader(path)
            elif path.suffix == ".toml":
                self.recall(self.session.preset, cut=True)
                self._notices.tell(f"{path.name}: read again")
            elif self._pool:
                self._pool.try_model(path)


def _date() -> tuple[float, float, float, float]:
    """ISF's DATE: year, month, day, second of the day, here and now."""
    now = datetime.datetime.now()
    second = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond * 1e-6
    return float(now.year), float(now.month), float(now.day), second


def is_software(ctx: moderngl.Context) -> bool:
    """Whether the processor draws, and not a graphics card."""
    return any(name in ctx.info["GL_RENDERER"].lower() for name in ("llvmpipe", "softpipe", "swiftshader"))


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """A size with both sides scaled, to whole pixels."""
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def _median_ms(seconds: "deque[float]") -> float:
    return median(seconds) * 1000.0 if seconds else 0.0
