"""Where the beat comes from: analysis, taps, MIDI clock, Ableton Link or OSC; one rules, the others are shown. Pure.

All times are seconds on the monotonic clock, and beats are counted with their part, so that every user of the beat
reads the same number.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

import numpy as np

from vj.core.errors import ControlError
from vj.core.types import Beat, Params
from vj.params.spec import Param, choice, trigger

SOURCES = ("analysis", "tap", "midi", "link", "osc")
PARAMS = (
    choice("tempo/source", "analysis", SOURCES, "What the beat follows; the analysis where that is silent."),
    Param("tempo/offset_ms", 0.0, -500.0, 500.0, "ms", doc="Beats come so much earlier; negative: later."),
    Param("tempo/beats_per_bar", 4.0, 1.0, 16.0, "beat", doc="Beats of a bar, a whole number of them."),
    trigger("tempo/downbeat", "The nearest beat is the first of a bar."),
)  # fmt: skip
#: A clock that was silent for so long rules no more.
SILENT_S = 3.0
#: The analysis tells bars of so many beats; from this confidence on they count.
HEARD_BAR, SURE_OF_BAR = 4, 0.35
#: Another tempo than the one at which a hand said where bars begin (relative).
_OTHER_TEMPO = 0.04
#: MIDI's clock: so many ticks a quarter note (MIDI 1.0, System Real Time); song position counts sixteenths.
_TICKS, _SIXTEENTH = 24, 0.25
_SLOWEST_BPM, _FASTEST_BPM = 20.0, 400.0


class Source(Protocol):
    """A clock."""

    @property
    def bpm(self) -> float:
        """Its tempo; 0 before it has one."""

    def at(self, now_s: float) -> float | None:
        """Beats since its start at this time; None while it has nothing to say."""


class LinkSource(Source, Protocol):
    """Ableton Link (`vj.clock.link`)."""

    beats_per_bar: int

    def close(self) -> None:
        """Leave."""


@dataclass(frozen=True, slots=True)
class AnalysisClock:
    """The clock of the analysis, which tells a phase and a tempo: beats are counted. Where it was at `t_s`.

    to_bar  beats to add, so that a bar of four begins where one is heard to, 0..3
    """

    beats: float = 0.0
    bpm: float = 0.0
    t_s: float = -math.inf
    to_bar: int = 0

    def told(self, phase: float, bpm: float, t_s: float, bar: float = 0.0, sure: float = 0.0) -> "AnalysisClock":
        """The phase was this at that time. Older news than before are left out.

        bar  where in a bar that was, 0..1, and how sure that is; what is not sure moves no bar
        """
        if t_s <= self.t_s or not (math.isfinite(phase) and math.isfinite(bpm) and math.isfinite(bar)):
            return self
        expected = self.at(t_s) or 0.0
        beats = phase + round(expected - phase)
        to_bar = round(HEARD_BAR * bar - beats) % HEARD_BAR if sure >= SURE_OF_BAR else self.to_bar
        return AnalysisClock(beats, bpm, t_s, to_bar)

    def at(self, now_s: float) -> float | None:
        """Beats since its start at this time; None before anything was heard."""
        return None if math.isinf(self.t_s) else self.beats + (now_s - self.t_s) * self.bpm / 60.0


class PulseClock:
    """A clock that gives pulses at equal distances: a line through the last ones says tempo and phase.

    per_beat  pulses of a beat; most: how many are looked at; enough: from how many on it counts
    """

    def __init__(self, per_beat: int, most: int, enough: int, silent_s: float = SILENT_S) -> None:
        self._per_beat, self._enough, self._silent_s = per_beat, enough, silent_s
        self._times_s: deque[float] = deque(maxlen=most)
        self._count, self._start = -1, 0.0
        self.bpm, self._line = 0.0, (0.0, 0.0)
        self._to_be: float | None = None

    def pulse(self, t_s: float) -> None:
        """A pulse came."""
        if self._times_s and not 0.0 <= t_s - self._times_s[-1] < self._longest_s():
            self._times_s.clear()
        if self._to_be is not None:
            self._start, self._count, self._to_be = self._to_be, -1, None
        self._count += 1
        self._times_s.append(t_s)
        if len(self._times_s) >= self._enough:
            self._fit()

    def begin(self, beats: float) -> None:
        """The next pulse falls on this beat."""
        self._to_be = beats

    def tempo(self, bpm: float) -> None:
        """The tempo is told; pulses say the phase."""
        self.bpm = bpm

    def at(self, now_s: float) -> float | None:
        """Beats at this time on the monotonic clock; None while it is silent."""
        if not self._times_s or now_s - self._times_s[-1] > self._silent_s or not self.bpm:
            return None
        if len(self._times_s) < self._enough:
            return self._beats() + (now_s - self._times_s[-1]) * self.bpm / 60.0
        # Past the line a pulse later than that one is not counted yet.
        offset, slope = self._line
        return offset + slope * (now_s - self._times_s[-1])

    def _beats(self) -> float:
        return self._start + self._count / self._per_beat

    def _next(self) -> float:
        """The beat that the next pulse falls on."""
        return self._start + (self._count + 1) / self._per_beat if self._to_be is None else self._to_be

    def _longest_s(self) -> float:
        return 60.0 / _SLOWEST_BPM / self._per_beat

    def _fit(self) -> None:
        """Beats over time by least squares, seen from the last pulse."""
        times = np.array(self._times_s) - self._times_s[-1]
        beats = (np.arange(len(times)) - len(times) + 1) / self._per_beat
        spread = float(((times - times.mean()) ** 2).sum())
        if spread <= 0.0:
            return
        slope = float(((times - times.mean()) * (beats - beats.mean())).sum()) / spread
        if not _SLOWEST_BPM <= slope * 60.0 <= _FASTEST_BPM:
            return
        self._line = (self._beats() + float(beats.mean()) - slope * float(times.mean()), slope)
        self.bpm = slope * 60.0


class MidiClock(PulseClock):
    """MIDI's clock: ticks, start, continue, stop, song position. It rules while it runs."""

    def __init__(self) -> None:
        super().__init__(_TICKS, most=2 * _TICKS, enough=_TICKS // 4)
        self.running = self._stopped = False
        self._position = 0.0

    def take(self, kind: str, t_s: float, sixteenths: int = 0) -> None:
        """One of "clock", "start", "continue", "stop", "songpos" (with sixteenths since the start) came."""
        if kind == "clock":
            self.pulse(t_s)
        elif kind == "songpos":
            self._position = sixteenths * _SIXTEENTH
            self.begin(self._position)
        elif kind == "stop":
            # The tick after the last one is the next: many a device goes on ticking, and says stop more than once.
            self._position = self._position if self._stopped else self._next()
            self.running, self._stopped = False, True
        else:
            self.running, self._stopped = True, False
            self.begin(0.0 if kind == "start" else self._position)


#: Name of a clock that has something to say → (beats since its start, tempo in bpm).
Says: TypeAlias = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """How long after the values of a frame are worked out they are seen: through the shaders, through the network."""

    shaders_s: float = 0.0
    network_s: float = 0.0


AT_ONCE = Ahead()


@dataclass(frozen=True, slots=True)
class Count:
    """Beats as they fall on one way to the screen: the last whole one, and for which time that was looked at."""

    last: int = 0
    now_s: float = 0.0
    beat: Beat = field(default_factory=lambda: Beat(0.0, 0.0))


@dataclass(frozen=True, slots=True)
class ClockState:
    """The beat, and what is remembered for it: the analysis' clock, the source that rules (empty: none did yet).

    shift             beats added to those of the ruler, so that a bar begins where a hand says
    marked            that hand's button is down
    marked_bpm        the tempo at which a hand said so, while it stays; 0: none did, and the analysis says where
    shaders, network  the beat as it will stand when what is worked out now is seen, by either way
    """

    heard: AnalysisClock = AnalysisClock()
    ruler: str = ""
    shift: float = 0.0
    marked: bool = False
    marked_bpm: float = 0.0
    shaders: Count = Count()
    network: Count = Count()

    @property
    def beat(self) -> Beat:
        """That of the shaders, which shows, presets and other programs follow."""
        return self.shaders.beat

    def with_heard(self, phase: float, bpm: float, t_s: float, bar: float = 0.0, sure: float = 0.0) -> "ClockState":
        """The analysis' phase was this at that time, and its bar, as `AnalysisClock.told` has it."""
        return replace(self, heard=self.heard.told(phase, bpm, t_s, bar, sure))


def step(state: ClockState, others: Says, now_s: float, p: Params, ahead: Ahead = AT_ONCE) -> ClockState:
    """The beat now, by the source that `tempo/source` chooses; the analysis where that is silent, else it stands.

    others  clocks besides the analysis, at this time
    ahead   how far the beat is looked ahead for each way to the screen, so that it falls there when it is heard
    """
    says = all_clocks(state.heard, others, now_s)
    wanted = SOURCES[round(p["tempo/source"])]
    ruler = next((name for name in (wanted, "analysis") if name in says), "")
    beats, bpm = says.get(ruler, (state.beat.beats, 0.0))
    per_bar = round(p["tempo/beats_per_bar"])
    shift, marked = state.shift if ruler == state.ruler else 0.0, p["tempo/downbeat"] >= 0.5
    same_music = ruler == state.ruler and abs(bpm - state.marked_bpm) <= _OTHER_TEMPO * bpm
    marked_bpm = state.marked_bpm if same_music else 0.0
    if marked and not state.marked:
        shift, marked_bpm = -float(round(beats) % per_bar), bpm
    elif ruler == "analysis" and per_bar == HEARD_BAR and not marked_bpm:
        shift = float(state.heard.to_bar)
    beats += p["tempo/offset_ms"] / 60_000.0 * bpm

    def counted(count: Count, ahead_s: float) -> Count:
        then = Beat(beats + ahead_s * bpm / 60.0, bpm, per_bar)
        return _counted(count, then, round(shift), now_s + ahead_s, begins=ruler != state.ruler)

    return ClockState(
        state.heard, ruler, shift, marked, marked_bpm,
        counted(state.shaders, ahead.shaders_s), counted(state.network, ahead.network_s),
    )  # fmt: skip


def _counted(count: Count, beat: Beat, shift: int, now_s: float, *, begins: bool) -> Count:
    """One way's count at its time `now_s`, of the ruler's beats; `begins`: it is another one from here on.

    shift  whole beats that are added, so that bars begin elsewhere: those that fall stay the same
    """
    last, fell = _fallen(None if begins else count.last, beat.beats, (now_s - count.now_s) * beat.bpm / 60.0)
    begins_bar = (last + shift) // beat.per_bar > (last + shift - fell) // beat.per_bar
    number = count.beat.number + fell
    return Count(last, now_s, replace(beat, beats=beat.beats + shift, fell=fell, begins_bar=begins_bar, number=number))


def _fallen(last: int | None, beats: float, gone: float) -> tuple[int, int]:
    """(the last whole beat that fell, how many fell since `last`, None: the count is another one from here on).

    A clock that is corrected by a little goes over a beat once; one that jumps, as a song position does, over no more
    beats than go by in the time: `gone`, and half of one for a correction.
    """
    here = math.floor(beats)
    if last is None or here < last - 1:
        return here, 0
    return max(here, last), min(max(here - last, 0), math.ceil(gone + 0.5))


def all_clocks(heard: AnalysisClock, others: Says, now_s: float) -> dict[str, tuple[float, float]]:
    """The analysis' clock and the others, those that have something to say."""
    at = heard.at(now_s)
    return ({} if at is None else {"analysis": (at, heard.bpm)}) | dict(others)


class Clocks:
    """The clocks besides the analysis.

    join  takes part in Link, when that is chosen for the first time; tell: what is told where it cannot
    """

    def __init__(
        self, join: Callable[[], LinkSource] | None = None, tell: Callable[[str], None] = lambda text: None
    ) -> None:
        self.midi = MidiClock()
        self.taps = PulseClock(1, most=8, enough=3, silent_s=math.inf)
        self.osc = PulseClock(1, most=4, enough=2, silent_s=4.0)
        self._all: dict[str, Source] = {"tap": self.taps, "midi": self.midi, "osc": self.osc}
        self._join, self._tell = join, tell
        self._link: LinkSource | None = None

    def says(self, now_s: float, p: Params) -> dict[str, tuple[float, float]]:
        """What those that have something to say do say; Link is joined once `tempo/source` chooses it."""
        if SOURCES[round(p["tempo/source"])] == "link":
            self._take_part(round(p["tempo/beats_per_bar"]))
        found = ((name, one.at(now_s), one.bpm) for name, one in self._all.items())
        return {name: (beats, bpm) for name, beats, bpm in found if beats is not None and math.isfinite(beats)}

    def _take_part(self, per_bar: int) -> None:
        if self._join:
            try:
                self._link = self._all["link"] = self._join()
            except ControlError as e:
                self._tell(str(e))
            self._join = None
        if self._link:
            self._link.beats_per_bar = per_bar

    def close(self) -> None:
        """Leave Link."""
        if self._link:
            self._link.close()
