"""What a hand has corrected of the tempo that is heard: half or double it, and beats that are off-beats. Pure.

What was wanted is remembered as a tempo, not as a factor: where the analysis finds the right octave by itself later,
nothing is doubled again.
"""

import math

from vj.core.types import Params

#: What the tempo that is heard may be multiplied by.
_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
SLOWEST_BPM, FASTEST_BPM = 30.0, 400.0
_HALF, _DOUBLE, _SHIFT = "audio/beat/half", "audio/beat/double", "audio/beat/shift"


class TempoHand:
    """Counts beats as a hand wants them, from those that the analysis counts. Told of each hop."""

    def __init__(self) -> None:
        self._wanted_bpm: float | None = None
        self._shift = 0.0
        #: beats = factor · heard beats + offset.
        self._factor, self._offset = 1.0, 0.0
        self._down = dict.fromkeys((_HALF, _DOUBLE, _SHIFT), False)

    @property
    def factor(self) -> float:
        """Beats of what is told for each that is heard."""
        return self._factor

    def forget(self) -> None:
        """The music is another: it may be right again."""
        self._wanted_bpm, self._shift = None, 0.0

    def wants(self, bpm: float) -> None:
        """A tempo was tapped."""
        self._wanted_bpm, self._shift = bpm, 0.0

    def press(self, heard_bpm: float, multiple: float, p: Params) -> None:
        """Look at the buttons; `heard_bpm` is the tempo of the analysis, which is told `multiple` times as quick."""
        pressed = {id for id, down in self._down.items() if p[id] >= 0.5 and not down}
        self._down = {id: p[id] >= 0.5 for id in self._down}
        for id, factor in ((_HALF, 0.5), (_DOUBLE, 2.0)):
            wanted_bpm = heard_bpm * self._factor * factor
            if id in pressed and SLOWEST_BPM <= wanted_bpm * multiple <= FASTEST_BPM:
                self._wanted_bpm = wanted_bpm
        if _SHIFT in pressed:
            self._shift = (self._shift + 0.5) % 1.0

    def beats(self, heard: float, heard_bpm: float, octave: float = 1.0) -> float:
        """Beats since the start for beats that are heard, with their part; `octave` for each where no hand says."""
        before, wanted_bpm = self._factor, self._wanted_bpm or heard_bpm * octave
        self._factor = min(_FACTORS, key=lambda factor: abs(math.log(heard_bpm * factor / wanted_bpm)))
        if self._factor != before:
            # The count goes on where it is, as near as beats that are heard allow.
            grid = min(self._factor, 1.0)
            self._offset = grid * round((self._offset + (before - self._factor) * heard) / grid)
        return heard * self._factor + self._offset + self._shift
