"""MIDI on the stage: messages of all controllers carried out between two frames, lights kept true, controls learnt."""

import time
from collections.abc import Callable
from typing import Protocol

from vj.clock.beat_clock import Clock
from vj.control.keyboard import Action
from vj.control.midi.controller import Act, Change, Learner, Surface, learned
from vj.control.midi.mapping import Mapping
from vj.control.midi.mapping_files import Mappings, forgotten
from vj.control.midi.messages import Event, Joiner, decoded, encoded
from vj.control.midi.ports import Message, Midi
from vj.core.errors import ControlError, VjError
from vj.session.session import Performance

_SYSTEM = ("clock", "start", "continue", "stop", "position")
_LIGHTS_S = 1.0 / 30.0
_ACTIONS: dict[str, Action] = {
    "tap": "tap", "panic": "panic", "preset/next": "next preset", "preset/previous": "previous preset", "save": "save",
}  # fmt: skip


class Played(Protocol):
    """What a controller can do to a show."""

    performance: Performance
    clock: Clock

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters."""

    def recall(self, how: Callable[[], None]) -> None:
        """Play another preset."""

    def act(self, action: Action) -> None:
        """As if its key were pressed."""


class MidiHand:
    """`learning` is the parameter that waits for a control, or empty; `wrong` counts what could not be done."""

    def __init__(self, midi: Midi, mappings: Mappings, tell: Callable[[str], None]) -> None:
        self._midi, self._mappings, self._tell = midi, mappings, tell
        self._surfaces: dict[str, Surface] = {}
        self._joiners: dict[str, Joiner] = {}
        self._learner: Learner | None = None
        self._plugged, self._lit_s = -1, 0.0
        self._last = ""
        self.wrong = 0

    @property
    def learning(self) -> str:
        return self._learner.target if self._learner else ""

    def learn(self, id: str) -> None:
        """The control that is moved next plays this parameter; "" gives up."""
        self._learner = Learner(id) if id else None
        if id:
            self._tell(f"learn {id}: move a control")

    def forget(self, id: str) -> None:
        """No control plays this parameter any more."""
        for surface in self._distinct():
            if any(control.target == id for control in surface.mapping.controls):
                self._keep(surface, forgotten(surface.mapping, id))

    def controls(self, id: str) -> list[str]:
        """Names of the controls that play a parameter."""
        return [c.name for surface in self._distinct() for c in surface.mapping.controls if c.target == id]

    def step(self, show: Played) -> None:
        """Carry out what has come, in its order."""
        if self._plugged != self._midi.plugged:
            self._plug()
        for message in self._midi.take():
            try:
                self._one(message, show)
            except VjError as e:
                self.wrong += 1
                self._tell(f"MIDI {e}")
        if self._learner and (found := self._learner.found(time.monotonic())):
            self._learnt(*found)
        now_s = time.monotonic()
        if now_s - self._lit_s > _LIGHTS_S:
            self._lit_s = now_s
            self._light(show.performance)

    def _one(self, message: Message, show: Played) -> None:
        event = decoded(message.data)
        if event is None:
            return
        if event.kind in _SYSTEM:
            show.clock.midi.take(event.kind, message.t_s, event.value)
            return
        for one in self._joiners.setdefault(message.port, Joiner()).take(event):
            if self._learner:
                self._learner.take(message.port, one, message.t_s)
            else:
                self._play(message.port, one, show)

    def _play(self, port: str, event: Event, show: Played) -> None:
        surface = self._surfaces.get(port) or self._plug_one(port)
        performance = show.performance
        wanted = performance.wanted
        order = surface.play(event, performance.registry, wanted.__getitem__)
        if order is None and event.kind == "program" and surface.control(event) is None:
            # What a program change means where nothing else is said.
            order = Act("preset", event.value + 1)
        if isinstance(order, Change):
            show.set_values({order.id: order.value})
            self._last = f"{order.id} {order.value:.3g}"
        elif order:
            self._act(order, show)

    def _act(self, act: Act, show: Played) -> None:
        self._last = act.name
        if act.name in _ACTIONS:
            show.act(_ACTIONS[act.name])
            return
        names = show.performance.presets
        number = act.number or int(act.name.removeprefix("preset/"))
        if not 1 <= number <= len(names):
            raise ControlError(f"preset {number}: there are {len(names)}")
        show.recall(lambda: show.performance.recall(names[number - 1]))

    def _plug(self) -> None:
        self._plugged = self._midi.plugged
        for port in self._midi.inputs:
            self._surfaces.get(port) or self._plug_one(port)
        for surface in self._surfaces.values():
            surface.forget_lights()

    def _plug_one(self, port: str) -> Surface:
        """The ports of one device share what is known of its knobs."""
        mapping = self._mappings.of(port)
        same = (one for one in self._surfaces.values() if one.mapping.name == mapping.name)
        self._surfaces[port] = next(same, None) or Surface(mapping)
        return self._surfaces[port]

    def _distinct(self) -> list[Surface]:
        return list({id(surface): surface for surface in self._surfaces.values()}.values())

    def _learnt(self, port: str, control: object) -> None:
        self._learner = None
        surface = self._surfaces.get(port) or self._plug_one(port)
        mapping, before = learned(surface.mapping, control)  # type: ignore[arg-type]
        new = mapping.controls[-1]
        self._tell(f"{new.target}: {new.name} of {mapping.name}" + (f", which played {before}" if before else ""))
        self._keep(surface, mapping)

    def _keep(self, surface: Surface, mapping: Mapping) -> None:
        surface.use(mapping)
        try:
            self._mappings.save(mapping)
        except ControlError as e:
            self._tell(str(e))

    def _light(self, performance: Performance) -> None:
        names, wanted = performance.presets, performance.wanted
        place = names.index(performance.preset) + 1 if performance.preset in names else 0
        for surface in self._distinct():
            events = surface.lights(performance.registry, wanted.__getitem__, place)
            if not events:
                continue
            messages = [message for event in events for message in encoded(event)]
            for port in self._midi.outputs:
                if surface.mapping.means(port):
                    self._midi.send(port, messages)

    def reading(self) -> str:
        """For the HUD."""
        if not self._midi.inputs:
            return self._midi.trouble or "no controller"
        hint = next((surface.hint for surface in self._distinct() if surface.hint), "")
        waits = f"learn {self.learning}" if self._learner else hint or self._last
        return f"{len(self._midi.inputs)} in   messages {self._midi.received}   {waits}"
