"""MIDI on the stage: messages of all controllers carried out between two frames, lights kept true, controls learnt."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from vj.clock.beat_clock import Clocks
from vj.control.midi.controller import Act, Change, Controller, Learner, Order, learned
from vj.control.midi.mapping import Mapping
from vj.control.midi.mapping_files import MappingFiles, forgotten, unit
from vj.control.midi.message_ring import Message
from vj.control.midi.messages import Event, Joiner, decoded, encoded
from vj.control.midi.ports import Midi
from vj.core.edge import Edge
from vj.core.errors import ControlError
from vj.params.actions import BY_ID
from vj.session.session import Session

_SYSTEM = ("clock", "start", "continue", "stop", "songpos")
#: Channel mode messages after which no key sounds: all sound off, all notes off.
_ALL_OFF = (120, 123)
_LIGHTS_S = 1.0 / 30.0
#: So often at most what is wrong with messages is told; all of it is counted.
_TELL_S = 2.0


class Played(Protocol):
    """What a controller can do to a show."""

    session: Session
    clock: Clocks

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters."""

    def act(self, id: str, argument: Any = None) -> None:
        """Do what stands in the table of actions."""

    def takes_program(self, number: int) -> bool:
        """Jump to the cue of a MIDI program, from 1; whether there is one."""


class MidiHandler:
    """`learning` is the parameter that waits for a control, or empty; each message is handled inside `edge`."""

    def __init__(self, midi: Midi, mappings: MappingFiles, tell: Callable[[str], None], edge: Edge) -> None:
        self._midi, self._mappings, self._tell, self._edge = midi, mappings, tell, edge
        self._controllers: dict[str, Controller] = {}
        self._joiners: dict[str, Joiner] = {}
        self._learner: Learner | None = None
        self._plugged, self._lit_s = -1, 0.0
        self._last = ""

    @property
    def learning(self) -> str:
        """The parameter that waits for a control, or empty."""
        return self._learner.target if self._learner else ""

    def learn(self, id: str) -> None:
        """The control that is moved next plays this parameter; "" gives up."""
        self._learner = Learner(id) if id else None
        if id:
            self._tell(f"learn {id}: move a control")

    def forget(self, id: str) -> None:
        """No control plays this parameter any more."""
        for controller in self._distinct():
            if any(control.target == id for control in controller.mapping.controls):
                self._keep(controller, forgotten(controller.mapping, id))

    def controls(self, id: str) -> list[str]:
        """Names of the controls that play a parameter."""
        return [c.name for controller in self._distinct() for c in controller.mapping.controls if c.target == id]

    def all_controls(self) -> dict[str, list[str]]:
        """Parameter → names of the controls that play it."""
        found: dict[str, list[str]] = {}
        for controller in self._distinct():
            for control in controller.mapping.controls:
                found.setdefault(control.target, []).append(control.name)
        return found

    @property
    def restarts(self) -> int:
        """How often the ports' process was started again."""
        return self._midi.restarts

    def step(self, show: Played) -> None:
        """Carry out what has come, in its order."""
        if self._plugged != self._midi.plugged:
            self._plug(show)
        for message in self._midi.take():
            with self._edge.handling("MIDI", _TELL_S):
                self._one(message, show)
        if self._learner and (found := self._learner.found(time.monotonic())):
            self._learnt(*found)
        now_s = time.monotonic()
        if now_s - self._lit_s > _LIGHTS_S:
            self._lit_s = now_s
            self._light(show.session)

    def _one(self, message: Message, show: Played) -> None:
        event = decoded(message.data)
        if event is None:
            return
        if event.kind in _SYSTEM:
            show.clock.midi.take(event.kind, message.t_s, event.value)
            return
        for one in self._joiners.setdefault(message.port, Joiner()).take(event):
            if self._learner and not _is_all_off(one):
                self._learner.take(message.port, one, message.t_s)
            else:
                self._play(message.port, one, show)

    def _play(self, port: str, event: Event, show: Played) -> None:
        controller = self._controllers.get(port) or self._plug_one(port)
        session = show.session
        wanted = session.target
        order = controller.play(event, session.registry, wanted.__getitem__)
        if _is_all_off(event) and controller.control(event) is None:
            self._release(controller, show, event.channel)
        if order is None and event.kind == "program" and controller.control(event) is None:
            # What a program change means where nothing else is said.
            if show.takes_program(event.value + 1):
                return
            order = Act("preset", event.value + 1)
        if order:
            self._carry_out(order, show)

    def _carry_out(self, order: Order, show: Played) -> None:
        if isinstance(order, Change):
            show.set_values({order.id: order.value})
            self._last = f"{order.id} {order.value:.3g}"
        else:
            self._act(order, show)

    def _release(self, controller: Controller, show: Played, channel: int = 0) -> None:
        for order in controller.release(show.session.registry, show.session.target.__getitem__, channel):
            with self._edge.handling("MIDI", _TELL_S):
                self._carry_out(order, show)

    def _act(self, act: Act, show: Played) -> None:
        self._last = act.name
        if act.name in BY_ID and not act.number:
            show.act(act.name)
            return
        names = show.session.presets
        number = act.number or int(act.name.removeprefix("preset/"))
        if not 1 <= number <= len(names):
            raise ControlError(f"preset {number}: there are {len(names)}")
        show.act("preset", names[number - 1])

    def _plug(self, show: Played) -> None:
        self._plugged, inputs = self._midi.plugged, self._midi.inputs
        there = {id(controller) for port, controller in self._controllers.items() if port in inputs}
        for controller in self._distinct():
            if id(controller) not in there:
                # Pulled out with a key held: nobody will say that it was let go.
                self._release(controller, show)
        for port in inputs:
            self._controllers.get(port) or self._plug_one(port)
        for controller in self._controllers.values():
            controller.forget_lights()

    def _plug_one(self, port: str) -> Controller:
        """The ports of one device share what is known of its knobs; two devices of a kind share their mapping alone."""
        mapping, number = self._mappings.of(port), unit(port)
        same = (one for one in self._controllers.values() if (one.mapping.name, one.unit) == (mapping.name, number))
        self._controllers[port] = next(same, None) or Controller(mapping, number)
        return self._controllers[port]

    def _distinct(self) -> list[Controller]:
        return list({id(controller): controller for controller in self._controllers.values()}.values())

    def _learnt(self, port: str, control: object) -> None:
        self._learner = None
        controller = self._controllers.get(port) or self._plug_one(port)
        mapping, before = learned(controller.mapping, control)  # type: ignore[arg-type]
        new = mapping.controls[-1]
        self._tell(f"{new.target}: {new.name} of {mapping.name}" + (f", which played {before}" if before else ""))
        self._keep(controller, mapping)

    def _keep(self, controller: Controller, mapping: Mapping) -> None:
        for one in self._distinct():
            if one is controller or one.mapping.name == mapping.name:
                one.use(mapping)
        try:
            self._mappings.save(mapping)
        except ControlError as e:
            self._tell(str(e))

    def _light(self, session: Session) -> None:
        names, wanted = session.presets, session.target
        place = names.index(session.preset) + 1 if session.preset in names else 0
        for controller in self._distinct():
            events = controller.lights(session.registry, wanted.__getitem__, place)
            if not events:
                continue
            messages = [message for event in events for message in encoded(event)]
            for port in self._outputs(controller):
                self._midi.send(port, messages)

    def _outputs(self, controller: Controller) -> list[str]:
        """Those of its own number, where the system numbers inputs and outputs alike."""
        fitting = [port for port in self._midi.outputs if controller.mapping.means(port)]
        return [port for port in fitting if unit(port) == controller.unit] or fitting

    def reading(self) -> str:
        """For the HUD."""
        if not self._midi.inputs:
            return self._midi.trouble or "no controller"
        hint = next((controller.hint for controller in self._distinct() if controller.hint), "")
        waits = f"learn {self.learning}" if self._learner else hint or self._last
        return f"{len(self._midi.inputs)} in   messages {self._midi.received}   {waits}"


def _is_all_off(event: Event) -> bool:
    """Whether keys are to be let go of. A knob of that number may say so too, at its lower end."""
    return event.kind == "cc" and event.number in _ALL_OFF and not event.value
