"""Tempo, beats and their phase: a clock that is never reset, only pulled gently towards what is heard."""

import functools
import logging
import math

import numpy as np

from vj.audio.bars import Bars
from vj.audio.beat_network import DELAY_S, HOP_S, LOWEST_RATE_HZ, BeatNetwork, load_weights
from vj.audio.octave import Octave
from vj.audio.spectrum import Hop, Setup
from vj.audio.tempo import (
    GRID_BPM,
    HI_BPM,
    LO_BPM,
    agreed,
    beat_position,
    best_tempo,
    folded,
    follow_tempo,
    tempo_scores,
)
from vj.audio.tempo_change import TempoChange
from vj.audio.tempo_hand import FASTEST_BPM, TempoHand
from vj.clock.taps import Taps
from vj.core import resources
from vj.core.errors import ModelError
from vj.core.types import F32, F64, Params, Signal
from vj.params.spec import Param, choice, trigger

NEEDS = ("onset_strength", "silent", "chroma")
PARAMS = (
    Param(
        "audio/beat/memory_s",
        4.0,
        1.0,
        8.0,
        "s",
        doc="How far back the tempo is looked for: short follows, long is steady.",
    ),
    Param(
        "audio/beat/preferred_bpm",
        126.0,
        60.0,
        200.0,
        "bpm",
        "exp",
        doc="Of tempi that fit alike, such as double and half, the one nearer to this is taken.",
    ),
    Param("audio/beat/phase_memory_s", 6.0, 1.0, 12.0, "s", doc="How far back the phase is looked for."),
    Param("audio/beat/loyalty", 1.3, 1.0, 3.0, doc="How much clearer another phase must be before it is taken."),
    Param("audio/beat/pull", 0.5, 0.0, 1.0, doc="Share of a phase error that is made good over the next beat."),
    Param(
        "audio/beat/nudge", 0.0, -0.5, 0.5, "beat", bound="wrap", doc="Shift of all beats, for a lock on the off-beat."
    ),
    trigger("audio/beat/half", "Beats at half their tempo, until the tempo changes or after a silence."),
    trigger("audio/beat/double", "Beats at double their tempo, likewise."),
    trigger("audio/beat/shift", "Beats where the off-beats are, likewise."),
    trigger("audio/beat/tap", "Tap the beat: three taps or more set tempo and phase, which are then kept for a while."),
    Param("audio/beat/tap_keeps_s", 8.0, 0.0, 120.0, "s", doc="How long tapped beats rule over what is heard."),
    choice("audio/beat/multiple", "1", ("1/2", "1", "2"), "Half, whole or double time."),
    choice("audio/sawtooth/beats", "1", ("1", "2", "4", "8", "16"), "Length of one sawtooth."),
)
SIGNALS = (
    Signal("bpm", 30.0, 400.0, "bpm", doc="Tempo."),
    Signal("bpm_confidence", 0.0, 1.0, doc="How sure the tempo is."),
    Signal("beat", 0.0, 1.0, pulse=True, doc="A pulse, 1 in the hop or frame in which a beat falls."),
    Signal("beat_t_s", 0.0, 1e9, "s", dtype="f8", doc="Where that beat is; NaN in other hops."),
    Signal("beat_phase", 0.0, 1.0, doc="0 on the beat, rising to 1 at the next."),
    Signal("sawtooth", 0.0, 1.0, doc="The phase over one or several beats."),
    Signal("bar", 0.0, 1.0, doc="0 where a bar of four beats is heard to begin, rising to 1 at the next."),
    Signal("bar_confidence", 0.0, 1.0, doc="How sure that is; bars of the clock begin there from 0.35 on."),
)
#: What is remembered of the onset curve, and the part of it in which the tempo is looked for.
_MEMORY_S, _TEMPO_S = 16.0, 8.0
#: A tempo this far (relative) from the last is another one; within it is a better guess of the same.
_OTHER_TEMPO = 0.03
_LOOK_EVERY_S = 0.2
#: What the tempo is before anything was heard.
_START_BPM = 120.0
#: The onset curve rises this much after the sound, in windows; beats are moved back by it. Measured on drum clips.
_DELAY_WINDOWS = 0.35
#: How far back learnt evidence counts.
_LEARNT_S = 8.0
#: So much of it must be there before it says anything of the octave.
_ENOUGH_S = 4.0
WEIGHTS = resources.models_dir() / "beat" / "beatnet.safetensors"
LOG = logging.getLogger(__name__)
#: The bands in which harmony is heard.
_TONES_HZ = (110.0, 2000.0)
_MULTIPLES = (0.5, 1.0, 2.0)
_SAW_BEATS = (1, 2, 4, 8, 16)


class Feature:
    """See SIGNALS. Free-wheels at the last tempo in silence."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._delay_s = _DELAY_WINDOWS * setup.window / setup.rate_hz
        self._curve = np.zeros(round(_MEMORY_S / setup.hop_s))
        #: Where the clock stood in each hop of the curve, in beats. The clock knows the tempo and nothing of the phase.
        self._clock = np.zeros(len(self._curve))
        self._look_every = max(round(_LOOK_EVERY_S / setup.hop_s), 1)
        self._belief = np.full(len(GRID_BPM), 1.0 / len(GRID_BPM))
        self._bpm, self._confidence = _START_BPM, 0.0
        self._hops = 0
        #: Beats since the start, whole and part; its fraction is the phase before nudging.
        self._beats = 0.0
        #: Phase error that is still to be made good, in beats.
        self._error = 0.0
        #: What a hand has made of them, with nudge and multiple.
        self._told = 0.0
        self._hand, self._change = TempoHand(), TempoChange(setup.hop_s)
        self._octave = Octave()
        self._bars = Bars()
        self._tones = np.flatnonzero((setup.bands_hz >= _TONES_HZ[0]) & (setup.bands_hz < _TONES_HZ[1]))
        self._taps = Taps()
        self._tapped_until_s = -math.inf
        weights = _weights()
        serves = setup.rate_hz >= LOWEST_RATE_HZ
        self._network = BeatNetwork(setup.rate_hz, weights) if weights and serves else None
        #: What it said of late, the newest last: stream times and evidence; and how many frames of these there were.
        self._learnt = np.zeros((2, round(_MEMORY_S / HOP_S)))
        self._learnt_frames = 0

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        self._listen(float(row["onset_strength"]))
        if self._network:
            for end_s, evidence, downbeat in self._network.feed(hop.samples):
                self._learn(end_s, evidence)
                self._bars.learn(end_s - DELAY_S + self._delay_s, downbeat)
        before = self._told
        # First of all, so that the beat and the curve are looked at as of the same moment, the end of this hop.
        self._advance(p["audio/beat/pull"])
        self._tap(hop.t_s, p)
        looks = self._hops % self._look_every == 0 and not row["silent"] and self._hops * self._dt_s > 1.0
        if looks and hop.t_s > self._tapped_until_s:
            self._look(hop.t_s, p)
        multiple = _MULTIPLES[int(p["audio/beat/multiple"])]
        self._correct(multiple, p, silent=bool(row["silent"]))
        now = self._told = (
            self._hand.beats(self._beats, self._bpm, self._octave.factor) * multiple + p["audio/beat/nudge"]
        )
        bpm = min(self._bpm * self._hand.factor * multiple, FASTEST_BPM)
        row["bpm"], row["bpm_confidence"] = bpm, self._confidence
        row["beat_t_s"] = math.nan
        phase = now % 1.0
        if math.floor(now) > math.floor(before):
            row["beat"] = 1
            row["beat_t_s"] = max(hop.t_s - phase * 60.0 / bpm, 0.0)
            if not row["silent"]:
                self._bars.beat(math.floor(now), float(row["beat_t_s"]))
        row["beat_phase"] = phase
        if not row["silent"]:
            self._bars.listen(phase, row["chroma"], hop.log[self._tones])
        row["bar"], row["bar_confidence"] = self._bars.position(now), self._bars.confidence
        n = _SAW_BEATS[int(p["audio/sawtooth/beats"])]
        row["sawtooth"] = now % n / n

    def _correct(self, multiple: float, p: Params, *, silent: bool) -> None:
        """What a hand has corrected holds for a tempo segment."""
        if self._change.step(self._bpm, self._confidence, p, silent=silent):
            self._hand.forget()
            self._octave.forget()
            self._bars.forget()
        self._hand.press(self._bpm, multiple, p)

    def _tap(self, t_s: float, p: Params) -> None:
        """A tap is a beat; from the third on the tempo is that of the taps."""
        if not self._taps.tapped(p["audio/beat/tap"] >= 0.5, t_s):
            return
        bpm = self._taps.bpm
        if bpm is None:
            return
        self._hand.wants(bpm)
        self._bpm, self._confidence = min(max(_folded(bpm), LO_BPM), HI_BPM), 1.0
        self._belief = np.exp(-0.5 * (np.log(GRID_BPM / self._bpm) / 0.02) ** 2)
        self._belief /= self._belief.sum()
        self._error = (0.5 - self._beats) % 1.0 - 0.5
        self._tapped_until_s = t_s + p["audio/beat/tap_keeps_s"]

    def _listen(self, strength: float) -> None:
        self._curve[:-1] = self._curve[1:]
        self._curve[-1] = strength
        self._clock[:-1] = self._clock[1:]
        self._clock[-1] += self._bpm / 60.0 * self._dt_s
        self._hops += 1

    def _learn(self, t_s: float, evidence: float) -> None:
        self._learnt[:, :-1] = self._learnt[:, 1:]
        self._learnt[:, -1] = t_s, evidence
        self._learnt_frames = min(self._learnt_frames + 1, self._learnt.shape[1])

    def _advance(self, pull: float) -> None:
        step = self._bpm / 60.0 * self._dt_s
        # Never backwards: at most half the step is taken away.
        correction = min(max(self._error * pull * step, -0.5 * step), step)
        self._error -= correction
        self._beats += step + correction

    def _look(self, t_s: float, p: Params) -> None:
        """Look at the curve: where the tempo is and how far the phase is off."""
        heard = min(self._hops, len(self._curve))
        curve, rate_hz = self._curve[-heard:], 1.0 / self._dt_s
        recent = curve[-round(_TEMPO_S * rate_hz) :]
        scores = tempo_scores(recent, rate_hz, p["audio/beat/memory_s"], p["audio/beat/preferred_bpm"])
        self._belief = follow_tempo(self._belief, scores)
        bpm, self._confidence = best_tempo(self._belief, scores)
        if abs(bpm / self._bpm - 1.0) > _OTHER_TEMPO:
            self._clock = self._clock[-1] + (self._clock - self._clock[-1]) * (bpm / self._bpm)
            self._octave.moved(bpm / self._bpm)
        self._bpm = bpm
        now = self._clock[-1]
        heard_beats = folded(curve, self._clock[-heard:], rate_hz, p["audio/beat/phase_memory_s"])
        if self._learnt_frames:
            learnt = self._learnt_beats(t_s)
            heard_beats = agreed(heard_beats, learnt)
            if self._learnt_frames * HOP_S > _ENOUGH_S:
                self._octave.look(learnt, bpm)
        delay = self._delay_s * bpm / 60.0
        # Where beats fall on the clock, for the phase that is believed and for the one that is heard.
        expected = (now + delay - self._beats - self._error) % 1.0
        found = beat_position(heard_beats, expected, p["audio/beat/loyalty"])
        if found is not None:
            self._error = (now + delay - found - self._beats + 0.5) % 1.0 - 0.5

    def _learnt_beats(self, t_s: float) -> F64:
        """The evidence f64[PHASES] of the network at each phase of the clock, which stands at t_s now."""
        at_s, evidence = self._learnt[:, -self._learnt_frames :]
        hops_s = t_s - self._dt_s * np.arange(len(self._clock))[::-1]
        # As late as onsets are in their curve.
        beats = np.interp(at_s - DELAY_S + self._delay_s, hops_s, self._clock)
        return folded(evidence, beats, 1.0 / HOP_S, _LEARNT_S)


def _folded(bpm: float) -> float:
    """The tempo, or its half or double where that alone can be heard."""
    if bpm > HI_BPM:
        return bpm / 2.0
    return bpm * 2.0 if bpm < LO_BPM else bpm


@functools.cache
def _weights() -> dict[str, F32] | None:
    """The network's weights; None where they are missing, or no such weights, which is logged: onsets do without."""
    if not WEIGHTS.exists():
        return None
    try:
        return load_weights(WEIGHTS)
    except ModelError as e:
        LOG.warning("%s", e)
        return None
