"""What is played, as one value: the preset, what hands have changed since, where morphs stand, what moves it. Pure.

Every change gives another session; nothing of one is ever written to. So whoever holds one, in any thread, holds one
moment of the show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from vj.core.types import F32, Beat, Bools, frozen
from vj.generator import bending
from vj.generator.latents import motion
from vj.modulation.matrix import MOST_ROWS, Matrix, Row
from vj.modulation.signals import SIGNALS
from vj.modulation.smoothing import Ranges, slews
from vj.params.registry import Registry, Snapshot
from vj.params.spec import Param
from vj.render.isf.shader import IsfShader
from vj.session.loading import Show
from vj.session.stage_params import PERFORMED

#: The generator's own parameters; it is not told of any other.
GENERATOR_PARAMS: tuple[Param, ...] = (*motion.PARAMS, *bending.PARAMS)
_GENERATOR_IDS = frozenset(p.id for p in GENERATOR_PARAMS)
#: Rows of a morph that is interrupted go on from where they are, but for those that hardly count.
_FAINT = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Morph:
    """Values on their way from one preset to the next.

    begin    f32[n_params], where they were; which  bool[n_params], those that morph; arrived  how far they are, 0..1
    leaving  modulations of the preset before, as strong as they were
    """

    begin: F32
    which: Bools
    arrived: float = 1.0
    leaving: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A preset that was read and checked, to be played: `name` as it was asked for.

    over  values that a cue lays over it, id → value
    """

    name: str
    show: Show
    over: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class SessionState:
    """What is played at one moment.

    show     the preset as it was loaded; chain: the shaders that are drawn, in order
    target   the values that presets and hands ask for; `current` is on its way there
    matrix   what moves them; stands: where its rows stand, f32[n_rows], None before the first frame
    waiting  a preset that is entered on the next beat or bar
    pressed  bool[n_params], triggers that were pressed when the last frame was drawn, None before the first
    locked   ids that presets leave as they are, besides those in PERFORMED
    slew_s   f32[n_params], in seconds; bar_s: length of a bar; generator_at: places of GENERATOR_PARAMS in the registry
    """

    preset: str
    show: Show
    chain: tuple[IsfShader, ...]
    target: Snapshot
    current: Snapshot
    matrix: Matrix
    ranges: Ranges
    slew_s: F32
    morph: Morph
    generator_at: npt.NDArray[np.intp]
    stands: F32 | None = None
    bar_s: float = 2.0
    waiting: Entry | None = None
    pressed: Bools | None = None
    locked: frozenset[str] = frozenset()

    @property
    def registry(self) -> Registry:
        """All parameters."""
        return self.show.registry

    @property
    def rows(self) -> tuple[Row, ...]:
        """The modulations of the preset."""
        return self.show.matrix.rows

    @property
    def span_s(self) -> float:
        """Time in which the preset is entered."""
        bars = self.target["stage/transition_bars"]
        return bars * self.bar_s if bars else self.target["stage/transition_s"]

    @property
    def generator_rows(self) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
        """The modulations that the generator has to know, and those that leave while a morph is under way."""
        return generator_rows(self.rows), generator_rows(self.morph.leaving)

    @property
    def generator_values(self) -> F32:
        """Values of GENERATOR_PARAMS before modulation, f32[n]."""
        values: F32 = self.current.array[self.generator_at]
        return values


def begun(name: str, show: Show, ranges: Ranges | None = None) -> SessionState:
    """A preset as it was loaded, everything where it should be.

    ranges  of the show's registry, where they were made before
    """
    ranges = ranges or Ranges(show.registry)
    here = Morph(show.base.array, _none(show.registry))
    slew_s = frozen(slews(show.registry, show.preset.slews))
    places = np.array([show.registry.index[p.id] for p in GENERATOR_PARAMS], np.intp)
    return SessionState(name, show, show.chain, show.base, show.base, show.matrix, ranges, slew_s, here, frozen(places))


def entered(session: SessionState, entry: Entry) -> SessionState:
    """Another preset of the same registry is played; what the performer does to the output stays.

    Where the shaders stay the same all values go there in `span_s`; otherwise those of the network do, and the stage
    crosses from picture to picture.
    """
    show = entry.show
    performed, kept = ({id: session.target[id] for id in ids} for ids in (PERFORMED, session.locked))
    target = show.base.with_values({**performed, **entry.over, **kept})
    same, leaving = show.chain == session.chain, _rows_now(session)
    which = _morphing(session.ranges, show.registry, everything=same)
    begin = session.current.array
    return replace(
        begun(entry.name, show, session.ranges),
        target=target,
        current=Snapshot(show.registry, frozen(np.where(which, begin, target.array))),
        matrix=Matrix(show.registry, SIGNALS, show.matrix.rows, leaving if same else ()),
        morph=Morph(begin, which, 0.0, leaving),
        bar_s=session.bar_s,
        locked=session.locked,
    )


def locked(session: SessionState, id: str, *, lock: bool) -> SessionState:
    """Presets leave this parameter as it is from now on, or not any more."""
    return replace(session, locked=session.locked | {id} if lock else session.locked - {id})


def with_rows(session: SessionState, rows: Sequence[Row]) -> SessionState:
    """With other modulations; those that stay go on from where they are. Raises PresetError for one that cannot be."""
    before = session.matrix
    matrix = Matrix(session.registry, SIGNALS, tuple(rows), before.leaving)
    show = replace(session.show, matrix=Matrix(session.registry, SIGNALS, tuple(rows)))
    return replace(session, show=show, matrix=matrix, stands=_carried_stands(before, matrix, session.stands))


def _carried_stands(before: Matrix, after: Matrix, stands: F32 | None) -> F32 | None:
    """Where rows stand, f32[n_rows], in another matrix; new ones begin at rest."""
    if stands is None:
        return None
    known = {(row.signal, row.target): float(at) for row, at in zip(before.all_rows, stands, strict=True)}
    out: F32 = frozen(np.array([known.get((r.signal, r.target), 0.0) for r in after.all_rows], np.float32))
    return out


def landed(session: SessionState) -> SessionState:
    """Every value is where it should be, at once."""
    return replace(session, current=session.target, morph=replace(session.morph, arrived=1.0, leaving=()))


def changed(session: SessionState, changes: Mapping[str, object]) -> SessionState:
    """With other values. Raises PresetError at the first that does not fit.

    A parameter with a slew goes there by and by (`advanced`), any other is there at once.
    """
    target = session.target.with_values(changes)
    at = np.array([session.registry.index[id] for id in changes], np.intp)
    which, values = session.morph.which.copy(), session.current.array.copy()
    which[at] = False
    at = at[session.slew_s[at] == 0]
    values[at] = target.array[at]
    current = Snapshot(session.registry, frozen(values))
    return replace(session, target=target, current=current, morph=replace(session.morph, which=frozen(which)))


def advanced(session: SessionState, dt_s: float, beat: Beat | None = None) -> SessionState:
    """A frame later: values that are on their way go on; a morph in bars keeps to the beat."""
    bar_s = beat.per_bar * 60.0 / beat.bpm if beat and beat.bpm > 0 else session.bar_s
    if bar_s != session.bar_s:
        session = replace(session, bar_s=bar_s)
    morph, span_s = session.morph, session.span_s
    if morph.arrived < 1.0:
        arrived = min(morph.arrived + dt_s / span_s, 1.0) if span_s > 0 else 1.0
        session = replace(session, morph=replace(morph, arrived=arrived))
    now, aim = session.current.array, session.target.array
    if now is aim or np.array_equal(now, aim):
        return session
    current = Snapshot(session.registry, frozen(_on_the_way(session, dt_s)))
    over = session.morph.arrived >= 1.0 and session.morph.which.any()
    morph = replace(session.morph, which=_none(session.registry)) if over else session.morph
    return replace(session, current=current, morph=morph)


def moved(session: SessionState, signals: Mapping[str, Any], dt_s: float) -> tuple[SessionState, Snapshot]:
    """The session whose rows stand where they do a frame later, and the values that the signals make of its own.

    A trigger is 1 in the first frame alone in which it is pressed, also where it stays so, as in a scene that is left.
    """
    p, stands = session.matrix.apply(session.current, signals, session.stands, dt_s)
    pressed = session.ranges.triggers & (session.current.array >= 0.5)
    held = pressed & session.pressed if session.pressed is not None else _none(session.registry)
    if held.any():
        p = Snapshot(p.registry, frozen(np.where(held, np.float32(0.0), p.array)))
    return replace(session, stands=stands, pressed=frozen(pressed)), p


def _on_the_way(session: SessionState, dt_s: float) -> F32:
    """f32[n_params], the current values a frame later."""
    now, aim, morph = session.current.array, session.target.array, session.morph
    values = session.ranges.slewed(now, aim, session.slew_s, dt_s)
    if not morph.which.any():
        return values
    out: F32 = np.where(morph.which, session.ranges.between(morph.begin, aim, morph.arrived), values)
    return out


def _none(registry: Registry) -> Bools:
    out: Bools = frozen(np.zeros(len(registry), bool))
    return out


def _morphing(ranges: Ranges, registry: Registry, *, everything: bool) -> Bools:
    """bool[n_params]: what goes from preset to preset by and by, all that can or the generator's alone."""
    part = [(everything and p.id not in PERFORMED) or p.id in _GENERATOR_IDS for p in registry]
    out: Bools = frozen(np.array(part) & ranges.continuous)
    return out


def _rows_now(session: SessionState) -> tuple[Row, ...]:
    """The rows that move things at this moment, as strong as they are."""
    arrived, leaving = session.morph.arrived, session.morph.leaving
    if arrived >= 1.0:
        return session.rows
    weighed = [(row, arrived) for row in session.rows] + [(row, 1.0 - arrived) for row in leaving]
    there = [replace(row, depth=row.depth * weight) for row, weight in weighed if weight > _FAINT]
    return tuple(there[: 2 * MOST_ROWS])


def generator_rows(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Those modulations that move what the generator makes."""
    return tuple(row for row in rows if row.target in _GENERATOR_IDS)
