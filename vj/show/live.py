"""The window's loop: what is heard and dreamt, drawn at the display's rate. It waits for nobody but the display."""

import datetime
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import moderngl

from vj.clock.beat_clock import Clocks, all_clocks
from vj.clock.link import LinkClock
from vj.control import keyboard
from vj.control.osc.handler import OscHandler
from vj.core.edge import Edge
from vj.core.errors import ControlError
from vj.core.types import U8, Line
from vj.params.actions import BY_KEY
from vj.render.compositing.stand_in import SHADER
from vj.render.isf.program import is_software
from vj.render.output.adaptive_size import AdaptiveSize
from vj.render.output.frame_pacing import FramePacer
from vj.render.output.limiter import FlashLimiter
from vj.render.output.screen import Placed
from vj.render.output.window import Window
from vj.runtime.trace import Trace
from vj.session.session import Session
from vj.show import status_lines
from vj.show.admission import Admission
from vj.show.audition import Audition
from vj.show.controls import Controls, Peers
from vj.show.frame import Values
from vj.show.housekeeper import Housekeeper
from vj.show.look_ahead import LookAhead
from vj.show.meters import Meters
from vj.show.network_picture import NetworkPicture
from vj.show.notices import Notices
from vj.show.overlay import Overlay
from vj.show.panel import Panel
from vj.show.projecting import Projecting
from vj.show.scenes import Now, Scenes
from vj.show.sound import NewSound

if TYPE_CHECKING:
    from vj.render.output.recorder import Recorder

#: Faster than the display, so that the display sets the rate where it can.
_HURRY = 1.02
_LONGEST_STEP_S = 0.25
#: After the last sample of a file.
_ENDING_S = 1.0
#: What goes wrong in every frame is told so often at most.
_TELL_S = 2.0


@dataclass(frozen=True, slots=True)
class PictureConfig:
    """Size of the picture inside (width, height), its rate (None: the display's), whether the HUD is there at first.

    clean  nothing is ever written over the picture
    """

    size: tuple[int, int]
    fps: float | None = None
    hud: bool = False
    clean: bool = False


class LiveShow:
    """Draws a frame at each `step`; the window, the ears and the generators stay the caller's."""

    def __init__(
        self, window: Window, look: PictureConfig, session: Session, notices: Notices, admission: Admission,
        projecting: Projecting | None = None,
    ) -> None:  # fmt: skip
        self.window, self._look, self.notices = window, look, notices
        #: What goes wrong in a handler, or in a part of a frame, is told and counted there; the show goes on.
        self.edge = Edge(notices.tell)
        self.scenes = Scenes(window.ctx, session, look.size, self.edge, admission)
        self.controls = Controls(
            Audition(window.ctx, look.size, session, self.scenes),
            session,
            self.scenes,
            Clocks(LinkClock, notices.tell),
            notices,
            self.edge,
            self._act_on_window,
        )
        self.flashes = FlashLimiter(window.ctx)
        stand_in = session.shaders[SHADER]
        self._network = NetworkPicture(window.ctx, stand_in if admission.trusts(stand_in) else None, self.edge)
        #: Where on the monitor the picture lies.
        self.projecting = projecting or Projecting()
        self._overlay = Overlay(
            window.ctx, session, self.projecting.lines, figures=look.hud, clean=look.clean
        )  # fmt: skip
        self._quit = keyboard.Twice()
        self.fps = look.fps or window.refresh_hz
        self._pacer = FramePacer(self.fps * (1.0 if look.fps else _HURRY))
        self.quality, self.meters = AdaptiveSize(1.0 / self.fps, cautious=is_software(window.ctx)), Meters()
        #: How far what follows the beat is looked ahead.
        self.look_ahead = LookAhead()
        self.scenes.resize(scaled(look.size, self.quality.scale))
        self._last_s = time.monotonic()
        #: What the last frame was drawn with.
        self._values: Values | None = None
        self._sound: NewSound | None = None
        self._ended_s: float | None = None
        self.osc: OscHandler | None = None
        self.panel: Panel | None = None
        self.recorder: Recorder | None = None
        #: Called with the time when a frame has come to the screen.
        self.on_shown: Callable[[float], None] | None = None
        #: Where the time of each frame goes, if somebody wants to know.
        self.trace: Trace | None = None

    @property
    def session(self) -> Session:
        """What is played."""
        return self.controls.session

    @property
    def texture(self) -> moderngl.Texture:
        """The finished picture."""
        return self.flashes.texture or self.scenes.texture

    def show_code(self, code: U8) -> None:
        """A code u8[h, w] beside the figures of the HUD: where phones find the panel."""
        self._overlay.code = code

    @property
    def picture_size(self) -> tuple[int, int]:
        """(width, height) of the picture inside, as asked for."""
        return self._look.size

    def join(self, peers: Peers) -> None:
        """There is something to be heard, and the generators begin."""
        self.controls.join(peers, self._values)
        self._sound = NewSound(peers.listener.blocks_name)

    def key(self, name: str) -> None:
        """A key was pressed. What cannot be done is told, and nothing changes."""
        with self.edge.handling(f"key {name}"):
            panel = self._overlay.takes(name)
            if panel == "projection":
                self.projecting.press(name, self.window, self.texture.size)
                self._overlay.write_anew()
            elif panel:
                before = self.controls.editing.chain_names
                self.controls.set_values(self._overlay.press(name, self.controls.midi))
                if panel == "chain_editor":
                    self.scenes.want()
                    self.controls.editing.chain_changed(before)
            elif name in BY_KEY:
                self.controls.act(BY_KEY[name].id)

    def click(self, x: float, y: float) -> None:
        """The window was clicked, so many pixels from its upper left corner."""
        with self.edge.handling("click"):
            if self._overlay.panel == "projection":
                self.projecting.click(x, y, self.window, self.texture.size)
            self._overlay.click(y, self.controls.midi)

    def step(self) -> None:
        """One frame. Raises the error that ends the show, and no other (`vj.core.edge`)."""
        now_s = time.monotonic()
        if self.trace:
            self.trace.begin(now_s)
        dt_s, self._last_s = min(now_s - self._last_s, _LONGEST_STEP_S), now_s
        peers = self.controls.peers
        row: Any = peers.listener.newest() if peers else None
        self._hear()
        self._lap("controls")
        self.scenes.work()
        self._lap("compile")
        drawn, picture = False, None
        with self.edge.handling("picture", pause_s=_TELL_S):
            values = self._values = self.controls.advance(row, now_s, dt_s, self.look_ahead.ahead)
            self._lap("values")
            picture = self._take_picture(now_s, values)
            drawn = self._draw(now_s, dt_s, values)
        with self.edge.handling("window", pause_s=_TELL_S):
            # In any case: the window hears of keys and of its end there.
            self._present(row, picture, now_s, drawn)
        with self.edge.handling("end of frame", pause_s=_TELL_S):
            self.controls.let_go()
            if peers:
                self._follow(peers.housekeeper, time.monotonic())
        self._lap("follow")
        self._pacer.wait()
        ended_s = self._lap("wait")
        if self.trace:
            self.trace.end(ended_s)

    def reading(self) -> status_lines.Drawing:
        """How the window does."""
        limited = self.flashes.limited if self.session.current["stage/flash_limit"] >= 0.5 else None
        return self.meters.reading(self.scenes.size, self.quality.scale, self.session.preset, limited)

    def release(self) -> None:
        """Let go of everything on the GPU."""
        things = (self._network, self._overlay, self.flashes, self.controls.audition, self.scenes, self.panel)
        for thing in (*things, self.projecting):
            if thing:
                thing.release()
        if self._sound:
            self._sound.close()
        self.controls.clock.close()

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
                self.osc.step(self.controls, last.signals if last and last.heard else None)
        with self.edge.handling("MIDI", pause_s=_TELL_S):
            if self.controls.midi:
                self.controls.midi.step(self.controls)
        with self.edge.handling("preset"):
            self.controls.carry_out_call()

    def _take_picture(self, now_s: float, values: Values) -> Any:
        """The network's newest picture, if there is one: its row, or None."""
        peers, row = self.controls.peers, None
        if peers and not values.frozen:
            row = self._network.take(peers.pool, now_s, self.session.state.span_s)
        if row is not None and self.trace:
            done_s = float(row["t_done_s"])
            self.trace.span("network", "picture", done_s - float(row["gen_ms"]) / 1000.0, done_s)
        self._lap("network's picture")
        return row

    def _draw(self, now_s: float, dt_s: float, values: Values) -> bool:
        """Make the picture of this frame; returns whether it is a new one, and not the one that is held."""
        if not values.frozen:
            self._draw_scenes(now_s, dt_s, values)
        self._lap("draw")
        self.window.ctx.finish()
        return not values.frozen

    def _draw_scenes(self, now_s: float, dt_s: float, values: Values) -> None:
        p, count = values.p, self.meters.times.count
        source = self._network.draw(now_s, dt_s, count, values)
        sound = self._sound.take() if self._sound else None
        self.scenes.draw(source, Now(values.t_s, dt_s, count, _date(), p, values.signals, sound))
        if p["stage/flash_limit"] >= 0.5:
            self.flashes.limit(self.scenes.texture, self.scenes.before, now_s)
        else:
            self.flashes.forget()

    def _present(self, row: Any, picture: Any, now_s: float, drawn: bool) -> None:
        """Put the picture on the screen, and measure how long all of it took."""
        drawn_s = self._lap("graphics card")
        self._show(drawn_s)
        shown_s = self._lap("show")
        if self.on_shown:
            self.on_shown(shown_s)
        self.meters.shown(shown_s, drawn_s - now_s, row, picture)
        if drawn:
            self.look_ahead.shown(now_s, shown_s, picture, self._network.fade_s(self.session.current["stage/blend"]))
        # A picture that is held is not drawn: it says nothing of the time that takes, and would be lost with its size.
        if drawn and self.quality.frame(shown_s, drawn_s - now_s):
            self.scenes.resize(scaled(self._look.size, self.quality.scale))

    def _show(self, now_s: float) -> None:
        peers, gain = self.controls.peers, self.controls.state.gain
        if self.recorder:
            self.recorder.frame(self.texture, gain, now_s)
        if self.panel and self._values:
            with self.edge.handling("panel", pause_s=_TELL_S):
                self.panel.frame(self._values, now_s)
        self.projecting.look(self.window, now_s)
        shown = self.projecting.shown(self.window, self.texture)
        self.window.show(shown, gain, self._over(peers, now_s, shown.size), self.projecting.now)

    def _over(self, peers: Peers | None, now_s: float, picture: tuple[int, int]) -> list[Placed]:
        """What is written over a picture of this size, and the handles of where it lies."""
        over = []
        if self._overlay.there and peers:
            text = self._overlay.texture(now_s, partial(self._figures, peers, now_s), self.controls.midi)
            over = [Placed(text)] if text else []
        if self._overlay.panel == "projection":
            over = [below_the_middle(one.texture, self.window.size) for one in over]
            self.projecting.follow(self.window, picture)
            over += self.projecting.marks(self.window, picture)
        return over

    def _figures(self, peers: Peers, now_s: float) -> list[Line]:
        keeper = peers.housekeeper
        return status_lines.lines(
            self.reading(), keeper.dreaming, keeper.hearing, peers.listener.newest(), self.notices.texts(),
            self._hand_readings(now_s),
        )  # fmt: skip

    def _hand_readings(self, now_s: float) -> list[tuple[str, str]]:
        """What the HUD says of hands and clocks."""
        controls = self.controls
        tempo, says = controls.state.tempo, controls.clock.says(now_s, self.session.target)
        clocks = "   ".join(
            f"{'> ' if name == tempo.ruler else ''}{name} {bpm:.1f}"
            for name, (_, bpm) in all_clocks(tempo.heard, says, now_s).items()
        )
        return [
            ("MIDI", controls.midi.reading() if controls.midi else "off"),
            ("OSC", self.osc.reading() if self.osc else "off"),
            ("clock", f"{clocks}   beat {math.floor(tempo.beat.beats % tempo.beat.per_bar) + 1}"),
            *([("cue", controls.cueing.reading())] if controls.cueing.file else []),
            *([("faults", f"{self.edge.failures}   {self.edge.last}")] if self.edge.failures else []),
        ]

    def _follow(self, housekeeper: Housekeeper, now_s: float) -> None:
        """What the housekeeper has found since the last frame."""
        if housekeeper.error:
            raise housekeeper.error
        while not housekeeper.changed.empty():
            self.controls.changed(housekeeper.changed.get())
        if not housekeeper.hearing.ended:
            self._ended_s = None
        elif self._ended_s is None:
            self._ended_s = now_s
        elif now_s - self._ended_s > _ENDING_S:
            self.window.ask_to_close()

    def _act_on_window(self, id: str) -> None:
        """What is seen besides the picture, and where. Raises ControlError for what is no action."""
        match id:
            case "full_screen":
                self._full_screen(not self.window.full_screen)
            case "leave" if self.window.full_screen:
                self._full_screen(False)
            case "quit" | "leave":
                self._ask_to_quit()
            case "hud" | "chain_editor" | "parameters" | "projection" | "help":
                if id == "help":
                    self.notices.say(keyboard.help_text())
                self._overlay.flip(id)
                self.window.show_pointer(self._overlay.panel == "projection")
            case "test_card":
                self.projecting.card = not self.projecting.card
            case _:
                raise ControlError(f"{id[:60]!r} is no action")

    def _ask_to_quit(self) -> None:
        if self._quit.asked(time.monotonic()):
            self.window.ask_to_close()
        else:
            self.notices.tell("press again to quit")

    def _full_screen(self, full: bool) -> None:
        if not self.window.set_full_screen(full):
            self.notices.tell("the monitor for full screen is not there; the window goes to it when it is")
        self._overlay.clear(figures=not full)


def _date() -> tuple[float, float, float, float]:
    """ISF's DATE: year, month, day, second of the day, here and now."""
    now = datetime.datetime.now()
    second = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond * 1e-6
    return float(now.year), float(now.month), float(now.day), second


def below_the_middle(texture: moderngl.Texture, size: tuple[int, int]) -> Placed:
    """There, on a screen of (width, height) pixels: all four corners are to be seen."""
    return Placed(texture, (size[0] - texture.width) // 2, (size[1] - texture.height) * 0.93)


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """A size with both sides scaled, to whole pixels."""
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
