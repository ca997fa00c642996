"""Tempo segments.

A new one begins when the tempo has changed for good, when sound returns after silence, or when the sound itself has
become another: at a drop or a breakdown.
"""

import math

import numpy as np

from vj.audio.spectrum import Hop, Setup
from vj.audio.tempo_change import TempoChange
from vj.core.types import F32, Params, Signal
from vj.params.spec import Param, toggle

NEEDS = ("bpm", "bpm_confidence", "silent")
PARAMS = (
    Param("audio/segment/change", 0.04, 0.01, 0.5, doc="Relative change of tempo, octaves folded, that counts."),
    Param("audio/segment/patience_s", 2.0, 0.2, 20.0, "s", "exp", doc="How long it must last."),
    Param("audio/segment/confidence", 0.5, doc="How sure the tempo must be meanwhile."),
    toggle("audio/segment/on_silence", True, "Sound after a silence begins a new segment."),
    Param("audio/segment/silence_s", 0.5, 0.1, 20.0, "s", "exp", doc="How long that silence must last."),
    toggle("audio/segment/on_timbre", True, "A drop or a breakdown begins a new segment though the tempo stays."),
    Param("audio/segment/timbre", 0.2, 0.02, 1.0, doc="How different the sound must have become, 0..1."),
)
SIGNALS = (Signal("tempo_segment", 0.0, 1e6, dtype="i4", doc="Number of the tempo segment, counted from 0."),)
#: Time constants of the sound now and of the sound of late, and how long that takes to be worth comparing with.
_FAST_S, _SLOW_S, _SETTLED_S = 1.0, 12.0, 6.0
#: They are compared once in so many hops.
_LOOK_EVERY = 8


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._segment = 0
        self._tempo = TempoChange(setup.hop_s)
        self._timbre = Timbre(setup)

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        silent = bool(row["silent"])
        begins = self._tempo.step(float(row["bpm"]), float(row["bpm_confidence"]), p, silent=silent)
        if not silent and self._timbre.changed(hop.bands, p["audio/segment/timbre"]):
            self._segment += p["audio/segment/on_timbre"] >= 0.5
        self._segment += begins
        row["tempo_segment"] = self._segment


class Timbre:
    """Compares the sound of the last seconds with that of the last half minute, as power in octaves."""

    def __init__(self, setup: Setup) -> None:
        octaves = np.floor(np.log2(setup.bands_hz / setup.bands_hz[0])).astype(int)
        self._fold = (octaves[None] == np.arange(octaves.max() + 1)[:, None]).astype(np.float32)
        self._shares = [1.0 - math.exp(-setup.hop_s / time_s) for time_s in (_FAST_S, _SLOW_S)]
        self._fast = np.zeros(len(self._fold))
        self._slow = np.zeros(len(self._fold))
        self._hop_s = setup.hop_s
        self._since_s, self._hops = 0.0, 0

    def changed(self, bands: F32, threshold: float) -> bool:
        """Whether the sound of bands f32[n_bands] has become another; what was compared with is forgotten then."""
        power = self._fold @ (bands * bands)
        self._since_s += self._hop_s
        self._fast += self._shares[0] * (power - self._fast)
        # The first seconds count as a whole.
        slow = max(self._shares[1], self._hop_s / max(self._since_s, self._hop_s))
        self._slow += slow * (power - self._slow)
        self._hops += 1
        if self._since_s < _SETTLED_S or self._hops % _LOOK_EVERY or self.distance() < threshold:
            return False
        self._slow, self._since_s = self._fast.copy(), 0.0
        return True

    def distance(self) -> float:
        """0 (alike) … 1: in each octave how many decibels apart, of 30, those that are loud in either counting most."""
        loudest = max(float(self._fast.max()), float(self._slow.max()), 1e-12)
        fast, slow = (10.0 * np.log10(x / loudest + 1e-4) for x in (self._fast, self._slow))
        weight = 40.0 + np.maximum(fast, slow)
        return float((weight * np.minimum(np.abs(fast - slow) / 30.0, 1.0)).sum() / max(weight.sum(), 1e-9))
