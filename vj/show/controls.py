"""What keys, controllers and other programs do to a show: one session is changed, and whoever has to know is told."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vj.audio.listener import Listener
from vj.clock.beat_clock import AT_ONCE, Ahead, Clocks
from vj.control.midi.handler import MidiHandler
from vj.core import resources
from vj.core.edge import Edge
from vj.core.errors import ControlError, PresetError, VjError
from vj.core.types import U8
from vj.generator.pool import GeneratorPool
from vj.render.isf.shader import IsfShader
from vj.session.preset_library import PresetLibrary, played
from vj.session.session import Session
from vj.session.state import SessionState
from vj.session.thumbnails import save_thumbnail
from vj.show.audition import Audition
from vj.show.cueing import Cueing, music_of
from vj.show.editing import EDITS, Edited, Editing
from vj.show.frame import Rows, State, Values, frame
from vj.show.housekeeper import Housekeeper
from vj.show.notices import Notices
from vj.show.scenes import Scenes
from vj.show.set_recorder import SetRecorder

_TAP = "audio/beat/tap"
#: Of more repairs of an edited shader `vj shader check` tells.
_REPAIRS_TOLD = 4
#: Actions that go through the list of presets, and in which direction.
_WAYS = {"preset/next": 1, "preset/previous": -1}


@dataclass(frozen=True, slots=True)
class Peers:
    """The other processes of a show and who looks after them; `model` is the network of presets that name none."""

    listener: Listener
    pool: GeneratorPool
    housekeeper: Housekeeper
    model: Path


class Controls:
    """Changes the session between two frames. Files are written, and presets read, on the housekeeper's thread.

    on_window  carries out what concerns the window; raises ControlError for what is no action
    """

    def __init__(
        self, audition: Audition, session: Session, scenes: Scenes, clock: Clocks, notices: Notices, edge: Edge,
        on_window: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.session, self.clock, self.edge = session, clock, edge
        self._scenes, self._notices, self._on_window = scenes, notices, on_window
        scenes.on_edited = self._shader_edited
        #: What the show remembers from frame to frame.
        self.state = State(session.state)
        self.midi: MidiHandler | None = None
        self.library: PresetLibrary | None = None
        #: What was played when the last show ended.
        self.previous: Path | None = None
        self.peers: Peers | None = None
        self.editing = Editing(session, self._edited)
        self.audition = audition
        self.cueing = Cueing(None, session, notices.tell)
        #: Writes down what the set is played of.
        self.set_recorder: SetRecorder | None = None
        #: Takes the picture that is seen, u8[h, w, 3], small; None where nobody can.
        self.take_picture: Callable[[], U8] | None = None
        self._pressed: set[str] = set()
        #: The preset that was called since the last frame, and what was set after that.
        self._called: str | None = None
        #: The direction in the list in which it was called, 0 where it was called by its name.
        self._way = 0
        self._set_since: dict[str, float] = {}

    def join(self, peers: Peers, last: Values | None) -> None:
        """There is something to be heard, and the generators begin; `last` are the values of the last frame."""
        self.peers = peers
        peers.pool.use_rows(*self.session.state.generator_rows)
        if last:
            peers.pool.set_values(self.session.state.generator_values, last.network_moves, time.monotonic())

    def advance(self, row: Any, now_s: float, dt_s: float, ahead: Ahead = AT_ONCE) -> Values:
        """The values of this frame, from the newest row of the analysis or None; the generator is told.

        ahead  how long after `now_s` the frame is seen
        """
        session = given = self.session.state
        air_s = now_s if row is None else float(row["t_air_s"])
        rows = Rows(now_s, row, air_s, self.clock.says(now_s, session.target), ahead)
        self.state, values = frame(replace(self.state, session=session), rows, dt_s)
        self.session.state = self.state.session
        if self.set_recorder:
            self.set_recorder.frame(rows, dt_s, given, self.state.session)
        if values.left:
            self._entered(values.left)
        with self.edge.handling("cue"):
            self.cueing.frame(music_of(self.state, row), dt_s)
        # The modulations of a preset that was entered go with the values and with how far the morph is.
        if self.peers:
            self.peers.pool.set_values(self.state.session.generator_values, values.network_moves, now_s)
        return values

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters, and tell whoever has to know; a trigger is let go of again. Raises PresetError."""
        if not values:
            return
        tapped = values.get(_TAP, 0.0) >= 0.5 > self.session.target[_TAP]
        before = self.session.target
        self.session.set(values)
        self.editing.values_changed(values, before)
        if tapped:
            # Whoever taps, and by whichever name: the analysis and the clock of taps hear of it here.
            self.clock.taps.pulse(time.monotonic())
        if self._called:
            self._set_since |= values
        registry = self.session.registry
        self._pressed |= {id for id, v in values.items() if registry[id].kind == "trigger" and v}
        self._tell_ears({id: v for id, v in values.items() if id.startswith("audio/")})

    def call(self, preset: str, way: int = 0) -> None:
        """Play a preset in the next frame, unless it plays or waits already; the last call before a frame wins.

        way  1 or -1: should it not load, it is stepped over, forwards or backwards
        """
        waiting = self.session.state.waiting
        self._set_since = {}
        if preset == self.session.preset:
            # Nothing is put back that hands have set; and another, that waits for the bar, is called off.
            self._called, self.session.state = None, replace(self.session.state, waiting=None)
        else:
            self._called = None if waiting and waiting.name == preset else preset
        self._way = way

    def enter(self, preset: str, over: Mapping[str, float]) -> None:
        """Play a preset, also the one that plays, with these values laid over it. Raises VjError."""
        self._called, self._set_since = None, {}
        self.recall(preset, over=over)

    def carry_out_call(self) -> None:
        """Play what was called. Raises VjError."""
        preset, since, self._called, self._set_since = self._called, self._set_since, None, {}
        if preset:
            self._step_to(preset, self._way)
            # What was set after the call was meant for the preset that was called.
            if not self.session.state.waiting:
                self.set_values({id: value for id, value in since.items() if id in self.session.registry})
        self.cueing.carry_out(self)

    def let_go(self) -> None:
        """A frame was drawn with what was pressed; the ears see a trigger also where it is let go of at once."""
        over, self._pressed = self._pressed, set()
        self.set_values({id: 0.0 for id in over if id in self.session.registry})

    def act(self, id: str, argument: Any = None) -> None:
        """Do what stands in the table of actions (`vj.params.actions`). Raises VjError where it cannot be done."""
        if id.startswith("cue/"):
            self.cueing.act(id, argument, time.monotonic())
            return
        match id:
            case "preset" | "preset/next" | "preset/previous" | "preset/last":
                self.call(self._meant(id, argument), _WAYS.get(id, 0))
            case "audition" | "go":
                self._audition(argument) if id == "audition" else self._go()
            case "preset/save" | "preset/order":
                self.carry_out_call()
                (self._save if id == "preset/save" else self._order)(argument)
            case id if id in EDITS:
                self.carry_out_call()
                self.editing.act(id, argument)
            case "panic" | "reload":
                (self._panic if id == "panic" else self._reload)()
            case "blackout" | "freeze" | "flash_limit":
                self.session.flip(f"stage/{id}")
            case "tap" | "beat/half" | "beat/double" | "beat/shift" | "tempo/osc_bpm" | "tempo/osc_beat":
                self._keep_time(id, argument)
            case "learn" | "forget":
                self._learn(id, argument)
            case _:
                self._on_window(id)

    def takes_program(self, number: int) -> bool:
        """Jump to the cue of a MIDI program, from 1; whether there is one."""
        if (cue := self.cueing.program(number)) is None:
            return False
        self.act("cue/jump", cue)
        return True

    def changed(self, path: Path) -> None:
        """A file was edited while it is in use."""
        with self.edge.handling("file"):
            if path.suffix == ".fs":
                self._scenes.edited(path)
            elif path == self.cueing.file:
                self.cueing.reload()
            elif path.suffix == ".toml":
                self.recall(self.session.preset, cut=True, over=self.cueing.over)
                self._notices.tell(f"{path.name}: read again")
            elif self.peers:
                self.peers.pool.try_model(path)

    def recall(self, preset: str, *, cut: bool = False, over: Mapping[str, float] | None = None) -> None:
        """Play another preset; `cut`: at once, without a transition. Raises VjError.

        Otherwise it waits for the beat or the bar, where `stage/quantise` says so.
        over  values that are laid over it, id → value
        """
        before = self.session.state
        if not cut and before.target["stage/quantise"] >= 0.5:
            self.session.recall_on_beat(preset, over)
            return
        self.session.recall(preset, over)
        self._entered(before, cut=cut)

    def _step_to(self, preset: str, way: int) -> None:
        """Play a preset or, where it will not load, the next of the list that does, in the direction of travel."""
        for _ in self.session.presets if way else ():
            try:
                self.recall(preset)
                return
            except VjError as e:
                self._notices.tell(f"{e}; stepped over")
            preset = self.session.neighbour(way, preset)
            if preset == self.session.preset:
                return
        self.recall(preset)

    def _entered(self, before: SessionState, *, cut: bool = False) -> None:
        """Another preset is played than the one before: whoever has to know is told."""
        self.editing.history.clear()
        took_over = self.audition.taken(self.session.preset)
        if not took_over:
            self._use_model()
        if self.session.show.preset.unknown:
            left_out = ", ".join(self.session.show.preset.unknown)
            self._notices.tell(f"preset {self.session.preset}: a newer version wrote {left_out[:200]}; left out")
        if cut:
            self.session.land()
            self._scenes.cut()
        elif self.session.chain != before.chain:
            self._scenes.leave(before)
        if self.peers:
            self.peers.pool.use_rows(*self.session.state.generator_rows)
        self._tell_ears({id: v for id, v in self.session.current.items() if id.startswith("audio/")})

    def _use_model(self) -> None:
        """The preset's network, or the show's own, if another one draws."""
        if not self.peers:
            return
        model = self.model_of(self.session.show.preset.model)
        if model != self.peers.pool.wanted_model:
            self.peers.pool.try_model(model)

    def _meant(self, id: str, argument: Any) -> str:
        """The preset that an action calls. Raises PresetError where there is none."""
        if id == "preset":
            return self.session.named(argument)
        if id == "preset/last":
            if not self.previous:
                raise PresetError("nothing was kept of the last show")
            return str(self.previous)
        waiting = self.session.state.waiting
        return self.session.neighbour(_WAYS[id], self._called or (waiting.name if waiting else None))

    def _save(self, name: str | None) -> None:
        """Save what is played as a preset of that name or a new one; it plays from then on, and is in the list."""
        library = self.library
        if not library or not self.peers:
            raise PresetError("presets cannot be saved here")
        name = name or library.new_name(self.session.preset)
        held, registry = played(self.session.state), self.session.registry
        picture = self.take_picture() if self.take_picture else None

        def save() -> None:
            self._notices.tell(f"saved: {library.save(name, held, registry)}")
            if picture is not None:
                save_thumbnail(library.thumbnail(name), picture)

        self.peers.housekeeper.later(save)
        self.session.saved_as(name)

    def _audition(self, name: str | None) -> None:
        """Audition a preset, or nothing any more. Raises VjError where it cannot be."""
        if name and self.peers:
            self.audition.begin(name, self.peers.pool, self.model_of)
        else:
            self.audition.end()

    def _go(self) -> None:
        """Play what is auditioned, with the chosen transition. Raises ControlError where nothing is."""
        if not self.audition.preset:
            raise ControlError("go: nothing is auditioned")
        self.recall(self.audition.preset)

    def model_of(self, name: str) -> Path:
        """The network of a preset, by the name that it gives, or the show's own. Raises UsageError."""
        if name or not self.peers:
            return resources.find("model", name, resources.models_dir(), ".safetensors")
        return self.peers.model

    def _order(self, names: Sequence[str]) -> None:
        """Presets in this order, which is kept where presets are. Raises PresetError."""
        self.session.order(names)
        library, order = self.library, self.session.presets
        if library and self.peers:
            self.peers.housekeeper.later(lambda: library.keep_order(order))

    def _keep_time(self, id: str, argument: Any) -> None:
        """A tap, beats put right; or the clock that speaks OSC tells its tempo, or a beat: its number, or none."""
        if id == "tap" or id.startswith("beat/"):
            self.set_values({_TAP if id == "tap" else f"audio/{id}": 1.0})
        elif id == "tempo/osc_bpm":
            self.clock.osc.tempo(argument)
        else:
            if argument is not None:
                self.clock.osc.begin(float(argument))
            self.clock.osc.pulse(time.monotonic())

    def _panic(self) -> None:
        before, self._called = self.session.state, None
        self.session.panic()
        self._entered(before, cut=True)
        self.state = replace(self.state, gain=1.0)

    def _learn(self, id: str, target: str) -> None:
        if not self.midi:
            raise ControlError(f"{id}: MIDI is off")
        gives_up = id == "learn" and not target
        (self.midi.learn if id == "learn" else self.midi.forget)("" if gives_up else self.session.registry[target].id)

    def _reload(self) -> None:
        self.session.forget_file(self.session.preset)
        self.recall(self.session.preset, cut=True)
        for shader in self.session.chain:
            self._scenes.edited(Path(shader.file))
        if self.peers:
            self.peers.pool.try_model(self.peers.pool.model)

    def _shader_edited(self, shader: IsfShader, lost: tuple[str, ...]) -> None:
        said = f"; the preset says more of {', '.join(lost)[:200]}, left out" if lost else ""
        self._notices.tell(f"{Path(shader.file).name}: read again{said}")
        for repair in shader.repairs[:_REPAIRS_TOLD]:
            self._notices.tell(repair)

    def _edited(self, what: Edited) -> None:
        """Hands have edited what is played: whoever has to know is told."""
        if "chain" in what:
            self._scenes.want()
        if "rows" in what and self.peers:
            self.peers.pool.use_rows(*self.session.state.generator_rows)
        self._tell_ears({id: self.session.target[id] for id in what if id.startswith("audio/")})

    def _tell_ears(self, values: dict[str, float]) -> None:
        if self.peers and values:
            self.peers.listener.set_params(values)
