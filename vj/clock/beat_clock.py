"""Where the beat comes from: analysis, taps, MIDI clock, Ableton Link or OSC; one rules, the others are shown. Pure.

All times are seconds on the monotonic clock, and beats are counted with their part, so that every user of the beat
reads the same number.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

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


class AnalysisClock:
    """The clock of the analysis, which tells a phase and a tempo. Counts its beats."""

    def __init__(self) -> None:
        self.bpm = 0.0
        self._beats, self._t_s = 0.0, -math.inf

    def take(self, phase: float, bpm: float, t_s: float) -> None:
        """The phase was this at that time. Older news than before are left out."""
        if t_s <= self._t_s or not (math.isfinite(phase) and math.isfinite(bpm)):
            return
        expected = self._beats if math.isinf(self._t_s) else self._beats + (t_s - self._t_s) * self.bpm / 60.0
        self._beats, self._t_s, self.bpm = phase + round(expected - phase), t_s, bpm

    def at(self, now_s: float) -> float | None:
        return None if math.isinf(self._t_s) else self._beats + (now_s - self._t_s) * self.bpm / 60.0


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
        if not self._times_s or now_s - self._times_s[-1] > self._silent_s or not self.bpm:
            return None
        if len(self._times_s) < self._enough:
            return self._beats() + (now_s - self._times_s[-1]) * self.bpm / 60.0
        # Past the line a pulse later than that one is not counted yet.
        offset, slope = self._line
        return offset + slope * (now_s - self._times_s[-1])

    def _beats(self) -> float:
        return self._start + self._count / self._per_beat

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
        self.running = False
        self._position = 0.0

    def take(self, kind: str, t_s: float, sixteenths: int = 0) -> None:
        """One of "clock", "start", "continue", "stop", "songpos" (with sixteenths since the start) came."""
        if kind == "clock":
            self.pulse(t_s)
        elif kind == "songpos":
            self._position = sixteenths * _SIXTEENTH
            self.begin(self._position)
        elif kind == "stop":
            self.running = False
            self._position = self._beats()
        else:
            self.running = True
            self.begin(0.0 if kind == "start" else self._position)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A clock for the HUD: whether it rules, its tempo (0: it is silent)."""

    name: str
    rules: bool
    bpm: float


class BeatClock:
    """All clocks. Call `step` once a frame.

    join  takes part in Link, when that is chosen for the first time; tell: what is told where it cannot
    """

    def __init__(
        self, join: Callable[[], LinkSource] | None = None, tell: Callable[[str], None] = lambda text: None
    ) -> None:
        self.heard, self.midi = AnalysisClock(), MidiClock()
        self.taps = PulseClock(1, most=8, enough=3, silent_s=math.inf)
        self.osc = PulseClock(1, most=4, enough=2, silent_s=4.0)
        self._all: dict[str, Source] = {
            "analysis": self.heard, "tap": self.taps, "midi": self.midi, "osc": self.osc,
        }  # fmt: skip
        self._join, self._tell = join, tell
        self._link: LinkSource | None = None
        self._ruler, self._shift, self._marked = "", 0.0, False
        self._last = Beat(0.0, 0.0)

    def step(self, now_s: float, p: Params) -> Beat:
        """The beat now, by the source that `tempo/source` chooses."""
        name = SOURCES[round(p["tempo/source"])]
        per_bar = round(p["tempo/beats_per_bar"])
        if name == "link":
            self._take_part(per_bar)
        beats = self._at(name, now_s)
        if beats is None:
            name, beats = "analysis", self._at("analysis", now_s)
        if beats is None:
            name, beats = "", self._last.beats
        if name != self._ruler:
            self._ruler, self._shift = name, 0.0
        marked, self._marked = self._marked, p["tempo/downbeat"] >= 0.5
        if self._marked and not marked:
            self._shift = -float(round(beats) % per_bar)
        bpm = self._all[name].bpm if name else 0.0
        self._last = Beat(beats + self._shift + p["tempo/offset_ms"] / 60_000.0 * bpm, bpm, per_bar)
        return self._last

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

    @property
    def ruler(self) -> str:
        """The source that rules; empty before there is any."""
        return self._ruler

    def readings(self, now_s: float) -> list[ClockReading]:
        """Every clock that says something, for the HUD."""
        found = ((name, one, self._at(name, now_s)) for name, one in self._all.items())
        return [ClockReading(name, name == self._ruler, one.bpm) for name, one, beats in found if beats is not None]

    def _at(self, name: str, now_s: float) -> float | None:
        one = self._all.get(name)
        beats = one.at(now_s) if one else None
        return beats if beats is not None and math.isfinite(beats) else None
