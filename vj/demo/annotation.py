"""What the bundled track contains and when. Times are seconds from the first decoded sample."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vj.core.types import F64, frozen

#: Instruments that count as drums.
DRUMS = ("kick", "clap", "snare", "tom", "hat", "open_hat", "crash")


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of time: a section, or a silence (every sample of which is digital zero before encoding)."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TempoSegment:
    """A stretch of constant tempo."""

    start_s: float
    end_s: float
    bpm: float


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord of the pads: its name ("Am7") and pitch classes, 0 = C … 11 = B, root first."""

    start_s: float
    end_s: float
    name: str
    pitch_classes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat of the grid, which goes on through silence; `in_bar` 1..4, 1 is the downbeat."""

    t_s: float
    in_bar: int


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything known about the track. `onsets_s`: instrument → start times of its notes, ascending.

    Pads swell in rather than start; they are in `chords` and not among the onsets.
    """

    rate_hz: int
    duration_s: float
    key: str
    sections: tuple[Span, ...]
    silences: tuple[Span, ...]
    tempo_segments: tuple[TempoSegment, ...]
    beats: tuple[Beat, ...]
    chords: tuple[Chord, ...]
    onsets_s: dict[str, tuple[float, ...]]

    @property
    def beat_times_s(self) -> F64:
        """All beats, f64[n]."""
        return frozen(np.array([b.t_s for b in self.beats]))

    @property
    def downbeat_times_s(self) -> F64:
        """The first beat of each bar, f64[n]."""
        return frozen(np.array([b.t_s for b in self.beats if b.in_bar == 1]))

    @property
    def onset_times_s(self) -> F64:
        """Onsets of all instruments, those at the same time once, f64[n]."""
        return self.onsets_of(*self.onsets_s)

    @property
    def drum_times_s(self) -> F64:
        """Onsets of all drums, those at the same time once, f64[n]."""
        return self.onsets_of(*(name for name in DRUMS if name in self.onsets_s))

    def onsets_of(self, *instruments: str) -> F64:
        """Onsets of the named instruments together, those at the same microsecond once, f64[n] ascending."""
        return frozen(np.unique(np.round(np.concatenate([self.onsets_s[name] for name in instruments]), 6)))


def dump(truth: Truth) -> str:
    """The truth as JSON, one event a line where that reads well."""
    fields = {f.name: getattr(truth, f.name) for f in dataclasses.fields(truth)}
    rows = {k: [dataclasses.asdict(r) for r in v] if isinstance(v, tuple) else v for k, v in fields.items()}
    lines = ",\n".join(f"  {json.dumps(key)}: {_rows(value)}" for key, value in rows.items())
    return "{\n" + lines + "\n}\n"


def _rows(value: Any) -> str:
    if isinstance(value, list):
        return "[\n    " + ",\n    ".join(json.dumps(row) for row in value) + "\n  ]"
    if isinstance(value, dict):
        return "{\n    " + ",\n    ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n  }"
    return json.dumps(value)


def load(path: Path) -> Truth:
    """Read what `dump` wrote."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return Truth(
        rate_hz=rows["rate_hz"],
        duration_s=rows["duration_s"],
        key=rows["key"],
        sections=tuple(Span(**row) for row in rows["sections"]),
        silences=tuple(Span(**row) for row in rows["silences"]),
        tempo_segments=tuple(TempoSegment(**row) for row in rows["tempo_segments"]),
        beats=tuple(Beat(**row) for row in rows["beats"]),
        chords=tuple(Chord(**{**row, "pitch_classes": tuple(row["pitch_classes"])}) for row in rows["chords"]),
        onsets_s={name: tuple(times) for name, times in rows["onsets_s"].items()},
    )
