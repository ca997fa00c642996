"""One frame of a show: which preset plays, where the beat is, what moves what, which values come of it. Pure.

The window calls it at the display's rate, the renderer on a frame clock, tests with whatever time they like; whatever
reads a clock, a port or a file is theirs. Modulation is evaluated here, once a frame. Besides, the generator of a live
show (`vj.generator.process`) evaluates the rows that move the network, as it reads the newest sound later than the
window could send it; it does so with the same functions (`Matrix.apply`, `vj.modulation.signals`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vj.audio.features import FEATURE_DTYPE
from vj.clock import beat_clock
from vj.clock.beat_clock import AT_ONCE, Ahead, ClockState
from vj.core.types import Beat, FeatureFrame, Params, frozen
from vj.modulation import sources
from vj.modulation.signals import Seen, look, together
from vj.modulation.sources import SourcesState
from vj.params.registry import Snapshot
from vj.session.state import SessionState, advanced, entered, moved

_SILENCE: FeatureFrame = frozen(np.zeros(1, FEATURE_DTYPE))[0]


@dataclass(frozen=True, slots=True)
class Rows:
    """What came in by a frame.

    now_s   when it is drawn; heard  the newest row of features, None: nothing is heard
    air_s   when the sound of that row was in the air, on the same clock
    clocks  what the clocks besides the analysis say now
    ahead   how long after `now_s` the frame is seen; what follows the beat is worked out for that time
    """

    now_s: float
    heard: FeatureFrame | None
    air_s: float
    clocks: beat_clock.Says = field(default_factory=dict)
    ahead: Ahead = AT_ONCE


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What a show remembers from one frame to the next.

    tempo    the beat; sources: LFOs and envelopes, of the shaders and of the network; seen: the events that were seen
    t_s      time of the show, which stands while the picture is held; gain  0..1, less than 1 on the way to black
    """

    session: SessionState
    tempo: ClockState = field(default_factory=ClockState)
    sources: SourcesState = field(default_factory=SourcesState)
    network_sources: SourcesState = field(default_factory=SourcesState)
    seen: Seen = field(default_factory=lambda: Seen(beats=0))
    t_s: float = 0.0
    gain: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """What a frame is drawn with.

    p        every parameter, moved; heard  whether anything is heard, or silence stands in for it
    signals  by name, those of modulation and `events`, the counts of the newest row
    moves    a row of MOVES_DTYPE: what moves parameters besides the sound; network_moves: the same for the generator,
             whose pictures are seen later
    frozen   the picture that is there is held; left  what was played before a preset that is entered in this frame
    """

    p: Snapshot
    heard: bool
    signals: Mapping[str, Any]
    moves: np.void
    network_moves: np.void
    t_s: float
    gain: float
    frozen: bool
    left: SessionState | None = None


def frame(state: State, rows: Rows, dt_s: float) -> tuple[State, Values]:
    """A frame later: the new state, and what is drawn. `dt_s` ≥ 0 is the time since the frame before."""
    clock = beat_clock.step(_told(state.tempo, rows), rows.clocks, rows.now_s, state.session.target, rows.ahead)
    seen, new = look(state.seen, rows.heard, clock.beat.number)
    session, left = _entered(state.session, clock.beat)
    session = advanced(session, dt_s, clock.beat)
    arrived = session.morph.arrived
    moving, moves = sources.step(state.sources, session.current, clock.beat, new["onset"], dt_s, arrived)
    by_network, network_moves = sources.step(
        state.network_sources, session.current, clock.network.beat, new["onset"], dt_s, arrived
    )
    signals = together(_SILENCE if rows.heard is None else rows.heard, moves, new)
    session, p = moved(session, signals, dt_s)
    is_held = p["stage/freeze"] >= 0.5
    t_s, gain = state.t_s + (0.0 if is_held else dt_s), _faded(state.gain, p, dt_s)
    after = State(session, clock, moving, by_network, seen, t_s, gain)
    return after, Values(p, rows.heard is not None, signals, moves, network_moves, t_s, gain, is_held, left)


def _told(clock: ClockState, rows: Rows) -> ClockState:
    """The analysis' clock, told of the newest row."""
    if rows.heard is None:
        return clock
    phase, bpm, bar, sure = (float(rows.heard[name]) for name in ("beat_phase", "bpm", "bar", "bar_confidence"))
    return clock.with_heard(phase, bpm, rows.air_s, bar, sure)


def _entered(session: SessionState, beat: Beat) -> tuple[SessionState, SessionState | None]:
    """The session, and the one before where a preset that waited for the beat or the bar is entered now."""
    falls = beat.begins_bar if session.target["stage/quantise"] >= 1.5 else beat.fell > 0
    return (entered(session, session.waiting), session) if session.waiting and falls else (session, None)


def _faded(gain: float, p: Params, dt_s: float) -> float:
    """Towards black and back, in `stage/blackout_s`."""
    target, fade_s = 0.0 if p["stage/blackout"] >= 0.5 else 1.0, p["stage/blackout_s"]
    most = dt_s / fade_s if fade_s > 0 else 1.0
    return gain + min(max(target - gain, -most), most)
