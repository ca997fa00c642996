"""The score of the bundled track: which note sounds when. Pure tables and arithmetic, no sound.

A bar has 16 steps. Drum patterns: X loud, x medium, - soft, . rest. Bass: 0 root, 5 fifth, 8 octave. Arp: index of the
chord tone, 3 and up in the octave above.
"""

import itertools
from dataclasses import dataclass

from vj.demo.annotation import Beat, Chord, Span, TempoSegment, Truth

RATE_HZ = 48_000
#: Quiet before the first note, so that a detector has a past to compare it with.
LEAD_IN_S = 0.25
TAIL_S = 3.0
STEPS = 16
BEATS_IN_BAR = 4
KEY = "A minor"

#: Name → MIDI notes of the voicing, root first, in close position so that the voices move little.
VOICINGS = {
    "Am7": (57, 60, 64, 67),
    "Fmaj7": (53, 57, 60, 64),
    "C": (60, 64, 67, 55),
    "G": (55, 59, 62, 67),
    "Em7": (52, 55, 59, 62),
    "Dm7": (50, 57, 60, 65),
    "Am": (57, 60, 64, 69),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One section: its length, tempo, chords (one a bar, repeated), patterns, and the patterns of its last bar.

    bright   how open the filters of arp and bass are at its start and end, 0..1
    """

    name: str
    bars: int
    bpm: float
    chords: tuple[str, ...]
    patterns: dict[str, str]
    fill: dict[str, str]
    bright: tuple[float, float]
    lead: bool = False


_FOUR = "X...X...X...X..."
_BACKBEAT = "....X.......X..."
_OFFBEAT = "..x...x...x...x."
_SIXTEENTHS = "x.-.x.-.x.-.x.--"
_ROLL = {"snare": "....-.-.x-x-xxXX", "tom": "........X..X..X.", "kick": "X...X...X......."}
_BASS_GROOVE = "0..0..0...0.5.8."
_BASS_DRIVE = "..00..08..00..58"
_ARP_SLOW = "0...2...3...2..."
_ARP = "0.2.3.1.4.2.3.1."
_ARP_BUSY = "0231423140231542"

PARTS = (
    Part("intro", 4, 120, ("Am7", "Fmaj7", "C", "G"), {"arp": _ARP_SLOW, "hat": "....-.......-.-."},
         {"arp": _ARP, "hat": "-.-.-.-.x.x.x.xx", "kick": "............X..X"}, (0.05, 0.5)),
    Part("groove", 8, 120, ("Am7", "Fmaj7", "C", "G"),
         {"kick": _FOUR, "clap": _BACKBEAT, "hat": _SIXTEENTHS, "open_hat": _OFFBEAT, "bass": _BASS_GROOVE,
          "arp": _ARP},
         {"clap": "", "open_hat": "", **_ROLL}, (0.35, 0.6)),
    Part("lift", 8, 132, ("Fmaj7", "G", "Am7", "Em7"),
         {"kick": _FOUR, "clap": _BACKBEAT, "hat": "x-x-x-x-x-x-x-x-", "open_hat": _OFFBEAT, "bass": _BASS_DRIVE,
          "arp": _ARP_BUSY},
         {"kick": "X...X...X.......", "snare": "-.-.-.-.x-x-xxXX", "open_hat": "", "clap": ""}, (0.45, 0.9)),
    Part("breakdown", 3, 132, ("Dm7", "Am7", "Fmaj7"), {"arp": _ARP_SLOW, "kick": "X..............."},
         {"kick": "", "arp": "0...2...3......."}, (0.5, 0.1)),
    Part("silence", 1, 132, (), {}, {}, (0.0, 0.0)),
    Part("drop", 8, 132, ("Am7", "Fmaj7", "C", "G"),
         {"kick": _FOUR, "clap": _BACKBEAT, "hat": _SIXTEENTHS, "open_hat": _OFFBEAT, "bass": _BASS_DRIVE,
          "arp": _ARP_BUSY},
         {"tom": "........X..X..X.", "snare": "............x.XX", "open_hat": ""}, (0.7, 1.0), lead=True),
    Part("ending", 1, 132, ("Am",), {"kick": "X...............", "bass": "0...............", "arp": "0123456........."},
         {}, (0.6, 0.2)),
)  # fmt: skip

#: The tune over the drop: (bar of four, step, length in steps, MIDI note).
LEAD = (
    (0, 0, 3, 76), (0, 3, 3, 81), (0, 6, 4, 79), (0, 12, 2, 76), (0, 14, 2, 74),
    (1, 0, 6, 72), (1, 6, 4, 76), (1, 12, 4, 69),
    (2, 0, 3, 79), (2, 3, 3, 84), (2, 6, 4, 83), (2, 12, 2, 79), (2, 14, 2, 76),
    (3, 0, 6, 74), (3, 6, 6, 79), (3, 12, 4, 71),
)  # fmt: skip

_VELOCITY = {"X": 1.0, "x": 0.72, "-": 0.42}
_BASS_INTERVAL = {"0": 0, "5": 7, "8": 12}


@dataclass(frozen=True, slots=True)
class Note:
    """One sound. `midi` may be 0 for a drum; `velocity` and `bright` 0..1."""

    instrument: str
    t_s: float
    length_s: float
    midi: int = 0
    velocity: float = 1.0
    bright: float = 0.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a part: where it lies, its chord ("" for none), the patterns it plays and how open the filters are."""

    part: Part
    number: int
    start_s: float
    chord: str
    patterns: dict[str, str]
    bright: float

    @property
    def step_s(self) -> float:
        """Length of a sixteenth."""
        return 60.0 / self.part.bpm / (STEPS // BEATS_IN_BAR)

    @property
    def end_s(self) -> float:
        """Where the next bar begins."""
        return self.start_s + STEPS * self.step_s


def bars() -> list[Bar]:
    """All bars in order."""
    found: list[Bar] = []
    for part in PARTS:
        for number in range(part.bars):
            start_s = found[-1].end_s if found else LEAD_IN_S
            chord = part.chords[number % len(part.chords)] if part.chords else ""
            patterns = part.patterns | (part.fill if number == part.bars - 1 else {})
            along = number / max(part.bars - 1, 1)
            bright = part.bright[0] + along * (part.bright[1] - part.bright[0])
            found.append(Bar(part, number, start_s, chord, patterns, bright))
    return found


def notes(all_bars: list[Bar]) -> list[Note]:
    """Everything that sounds, ordered by time."""
    found = [note for bar in all_bars for note in (*_drums(bar), *_bass(bar), *_arp(bar), *_pad(bar), *_lead(bar))]
    for before, bar in itertools.pairwise(all_bars):
        found += _entrance(before, bar)
    return sorted(found, key=lambda note: note.t_s)


def _drums(bar: Bar) -> list[Note]:
    return [
        Note(name, bar.start_s + step * bar.step_s, bar.step_s, velocity=_VELOCITY[mark])
        for name, pattern in bar.patterns.items()
        if name not in ("bass", "arp")
        for step, mark in enumerate(pattern)
        if mark != "."
    ]


def _bass(bar: Bar) -> list[Note]:
    root = 24 + VOICINGS[bar.chord][0] % 12 if bar.chord else 0
    root += 12 if root < 28 else 0
    pattern = bar.patterns.get("bass", "")
    return [
        Note("bass", bar.start_s + step * bar.step_s, 0.92 * bar.step_s, root + _BASS_INTERVAL[mark], 0.9, bar.bright)
        for step, mark in enumerate(pattern)
        if mark != "."
    ]


def _arp(bar: Bar) -> list[Note]:
    tones = sorted(VOICINGS[bar.chord])[:3] if bar.chord else []
    return [
        Note(
            "arp",
            bar.start_s + step * bar.step_s,
            2 * bar.step_s,
            12 + tones[int(mark) % 3] + 12 * (int(mark) // 3),
            1.0 if step % 4 == 0 else 0.72,
            bar.bright,
        )
        for step, mark in enumerate(bar.patterns.get("arp", ""))
        if mark != "."
    ]


def _pad(bar: Bar) -> list[Note]:
    if not bar.chord:
        return []
    length_s = bar.end_s - bar.start_s
    return [Note("pad", bar.start_s, length_s, midi, 1.0, bar.bright) for midi in VOICINGS[bar.chord]]


def _lead(bar: Bar) -> list[Note]:
    if not bar.part.lead:
        return []
    return [
        Note("lead", bar.start_s + step * bar.step_s, 0.85 * length * bar.step_s, midi, 0.9, bar.bright)
        for in_four, step, length, midi in LEAD
        if in_four == bar.number % 4
    ]


def _entrance(before: Bar, bar: Bar) -> list[Note]:
    """A crash where a loud part begins, and a riser through the two bars before the lift."""
    found = []
    if bar.number == 0 and bar.part.name in ("groove", "lift", "drop", "ending", "breakdown"):
        found.append(Note("crash", bar.start_s, 2.0, velocity=0.6 if bar.part.name == "breakdown" else 1.0))
    if bar.part.name == "groove" and bar.number == bar.part.bars - 2:
        found.append(Note("riser", bar.start_s, 2 * (bar.end_s - bar.start_s)))
    return found


def truth() -> Truth:
    """What the score says, as data."""
    all_bars = bars()
    all_notes = notes(all_bars)
    sounding = sorted({n.instrument for n in all_notes} - {"pad", "riser"})
    end_s = all_bars[-1].end_s + TAIL_S
    parts = [(part, [b for b in all_bars if b.part is part]) for part in PARTS]
    sections = [Span(part.name, _us(own[0].start_s), _us(own[-1].end_s)) for part, own in parts]
    return Truth(
        rate_hz=RATE_HZ,
        duration_s=round(end_s * RATE_HZ) / RATE_HZ,
        key=KEY,
        sections=tuple(sections),
        silences=tuple(s for s in sections if s.name == "silence"),
        tempo_segments=_tempo_segments(all_bars),
        beats=tuple(
            Beat(_us(bar.start_s + 4 * beat * bar.step_s), beat + 1) for bar in all_bars for beat in range(BEATS_IN_BAR)
        ),
        chords=tuple(
            Chord(_us(b.start_s), _us(b.end_s), b.chord, tuple(dict.fromkeys(m % 12 for m in VOICINGS[b.chord])))
            for b in all_bars
            if b.chord
        ),
        onsets_s={name: tuple(_us(n.t_s) for n in all_notes if n.instrument == name) for name in sounding},
    )


def _tempo_segments(all_bars: list[Bar]) -> tuple[TempoSegment, ...]:
    changes = [b for a, b in zip([None, *all_bars], all_bars, strict=False) if a is None or a.part.bpm != b.part.bpm]
    ends_s = [b.start_s for b in changes[1:]] + [all_bars[-1].end_s]
    return tuple(TempoSegment(_us(b.start_s), _us(end_s), b.part.bpm) for b, end_s in zip(changes, ends_s, strict=True))


def _us(t_s: float) -> float:
    """To the microsecond, which is finer than a sample."""
    return round(t_s, 6)
