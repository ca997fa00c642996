"""A MIDI controller that is played: events become values and actions, values become lights. Pure.

A knob that stands elsewhere than its parameter moves nothing until it has met it (soft takeover), so that nothing
jumps after another preset, or another hand, has moved the parameter.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from vj.control.midi.mapping import Control, Light, Mapping
from vj.control.midi.messages import FULL, Event
from vj.params.actions import BY_ID
from vj.params.bounds import from_norm, to_norm
from vj.params.registry import Registry
from vj.params.spec import Param

#: Two steps of a knob of 7 bits: nearer than that, it has met its parameter.
_NEAR = 2.0 / 127.0
#: One step of a relative encoder, as a share of the range.
_STEP = 1.0 / 128.0
_PRESSED = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter gets this value, in natural units."""

    id: str
    value: float


@dataclass(frozen=True, slots=True)
class Act:
    """An action, such as "preset/next", with the number that came along."""

    name: str
    number: int = 0


Order: TypeAlias = Change | Act
Takes: TypeAlias = Literal["waits below", "waits above", ""]


class Controller:
    """One device with its mapping. `hint` says of a knob that waits in which direction its parameter lies.

    unit  tells it from another one of the same name
    """

    def __init__(self, mapping: Mapping, unit: str = "") -> None:
        self.hint, self.unit = "", unit
        self._at: dict[tuple[str, int, int], float] = {}
        #: The norm that each control gave its parameter: as long as it is there the knob holds it.
        self._gave: dict[tuple[str, int, int], float] = {}
        self._shown: dict[tuple[str, int, int], int] = {}
        self.use(mapping)

    def use(self, mapping: Mapping) -> None:
        """Another mapping from now on; knobs stay where they are."""
        self.mapping = mapping
        self._by_key = {control.key: control for control in mapping.controls}

    def control(self, event: Event) -> Control | None:
        """The control that an event comes from; one for its channel before one for all."""
        exact = self._by_key.get((event.kind, event.channel, event.number))
        return exact or self._by_key.get((event.kind, 0, event.number))

    def play(self, event: Event, registry: Registry, now: Callable[[str], float]) -> Order | None:
        """What the event asks for; `now` gives a parameter's value as it was set last."""
        control = self.control(event)
        if control is None:
            return None
        before = self._at.get(control.key)
        self._at[control.key] = event.norm
        # A key that is struck softly is struck.
        pressed = event.value > 0 if event.kind == "note" else event.norm >= _PRESSED > (before or 0.0)
        if control.target.startswith("action/"):
            return _act(control, event, pressed)
        if control.target not in registry:
            return None
        param = registry[control.target]
        value = self._value(control, param, event, before, now(param.id), pressed)
        return None if value is None else Change(param.id, value)

    def release(self, registry: Registry, now: Callable[[str], float], channel: int = 0) -> list[Order]:
        """What lets go of the keys that are held, on a channel or (0) on all: their note-offs will not come."""
        out = []
        for control in self.mapping.controls:
            is_key = control.message == "note" or (control.mode == "momentary" and control.coding == "absolute")
            if is_key and self._at.get(control.key) and (not channel or control.channel in (0, channel)):
                event = Event(control.message, control.channel, control.number, 0)  # type: ignore[arg-type]
                out.append(self.play(event, registry, now))
        return [order for order in out if order]

    def _value(
        self, control: Control, param: Param, event: Event, before: float | None, now: float, pressed: bool
    ) -> float | None:
        if control.coding != "absolute":
            return from_norm(param, to_norm(param, now) + _STEP * delta(control.coding, event.value))
        if control.mode == "toggle":
            return _next(param, now) if pressed else None
        if control.mode == "trigger" or param.kind == "trigger":
            return param.hi if pressed else None
        if control.mode == "momentary" or event.kind == "note":
            return from_norm(param, _laid(control, event.norm if param.kind == "continuous" else round(event.norm)))
        if param.kind == "continuous" and control.takeover:
            return self._taken_over(control, param, event.norm, before, now)
        return from_norm(param, _laid(control, event.norm))

    def _taken_over(self, control: Control, param: Param, x: float, before: float | None, now: float) -> float | None:
        goal, here = to_norm(param, now), _laid(control, x)
        held = self._gave.get(control.key)
        if held is None or abs(held - goal) > _NEAR / 2:
            last = here if before is None else _laid(control, before)
            if abs(here - goal) > _NEAR and (last - goal) * (here - goal) > 0:
                self.hint = f"{control.name}: {param.id} is {'above' if goal > here else 'below'}"
                return None
        self.hint = ""
        value = from_norm(param, here)
        self._gave[control.key] = to_norm(param, value)
        return value

    def lights(self, registry: Registry, now: Callable[[str], float], preset: int) -> list[Event]:
        """What the device has to show anew; `preset` is the place of the one that plays, from 1."""
        out = []
        for control in self.mapping.controls:
            if control.light is None:
                continue
            level = _level(control, registry, now, preset)
            if level is not None and self._shown.get(control.key) != level:
                self._shown[control.key] = level
                out.append(_shown(control.light, level))
        return out

    def forget_lights(self) -> None:
        """The device was plugged in anew: it shows nothing."""
        self._shown.clear()


def delta(coding: str, value: int) -> int:
    """Steps that a relative encoder was turned by, −64 … 64: the three usual codings of 7 bits."""
    if coding == "twos_complement":
        return value if value < 64 else value - 128
    if coding == "binary_offset":
        return value - 64
    return value if value < 64 else -(value - 64)


def _act(control: Control, event: Event, pressed: bool) -> Act | None:
    name = control.target.removeprefix("action/")
    if name in BY_ID and BY_ID[name].midi == "number" and event.kind != "note":
        # A program change, or a knob through all presets.
        return Act(name, event.value + 1)
    return Act(name) if pressed or event.kind == "program" else None


def _next(param: Param, now: float) -> float:
    """A toggle turns over, a choice goes on to its next; a continuous one goes to its other end."""
    if param.kind == "choice":
        return float((round(now) + 1) % len(param.choices))
    return param.lo if to_norm(param, now) >= _PRESSED else param.hi


def _laid(control: Control, x: float) -> float:
    return control.lo + (control.hi - control.lo) * x


def _level(control: Control, registry: Registry, now: Callable[[str], float], preset: int) -> int | None:
    """What its light shows, in the light's own values."""
    light = control.light
    assert light
    if control.target.startswith("action/"):
        on = control.target == f"action/preset/{preset}"
        return light.on if on else light.off
    if control.target not in registry:
        return None
    x = to_norm(registry[control.target], now(control.target))
    if light.kind == "switch":
        return light.on if x >= _PRESSED else light.off
    width = control.hi - control.lo
    share = min(max((x - control.lo) / width, 0.0), 1.0) if width else 0.0
    return round(share * FULL[light.message])


def _shown(light: Light, level: int) -> Event:
    return Event(light.message, light.channel, light.number, level)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Heard:
    event: Event
    t_s: float


class Learner:
    """Finds out which control is moved, and how it speaks, from a few of its events."""

    #: Finer halves of a message, and repeated steps of an encoder, come within this.
    LISTENS_S = 0.35

    def __init__(self, target: str) -> None:
        self.target = target
        self._port = ""
        self._heard: list[_Heard] = []

    def take(self, port: str, event: Event, t_s: float) -> None:
        """Something was moved. What other ports say meanwhile is left out."""
        if event.kind not in FULL or (event.kind == "note" and not event.value):
            return
        self._port = self._port or port
        if port == self._port:
            self._heard.append(_Heard(event, t_s))

    def found(self, now_s: float) -> tuple[str, Control] | None:
        """(port, control) once it is clear which."""
        if not self._heard or now_s - self._heard[0].t_s < self.LISTENS_S:
            return None
        events = [one.event for one in self._heard]
        first = next((e for kind in ("nrpn", "cc14") for e in events if e.kind == kind), events[0])
        control = Control(first.kind, first.channel, first.number, self.target)
        if first.kind == "cc":
            values = [e.value for e in events if (e.kind, e.channel, e.number) == control.key]
            return self._port, replace(control, coding=_coding(values))
        return self._port, replace(control, mode="toggle" if first.kind == "note" else "value")


def _coding(values: list[int]) -> Literal["absolute", "twos_complement", "binary_offset", "signed_bit"]:
    """A knob never says the same twice in a row; an encoder that is turned slowly does."""
    if len(values) < 3 or any(a != b for a, b in itertools.pairwise(values)):
        return "absolute"
    if values[0] in (1, 127):
        return "twos_complement"
    return "binary_offset" if values[0] in (63, 65) else "absolute"


def learned(mapping: Mapping, control: Control) -> tuple[Mapping, str]:
    """The mapping with this control in it, and what the control played before, if anything.

    A control plays one thing, and a parameter learnt anew leaves the control it was learnt by before.
    """
    before = next((one.target for one in mapping.controls if one.key == control.key), "")
    same = next((one for one in mapping.controls if one.key == control.key), None)
    kept = tuple(one for one in mapping.controls if one.key != control.key and one.target != control.target)
    if same:
        control = replace(control, label=same.label, light=same.light)
    return replace(mapping, controls=(*kept, control)), before if before != control.target else ""
