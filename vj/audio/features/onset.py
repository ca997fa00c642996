"""Onsets: where a note or a hit begins, decided at the first crossing, without looking ahead.

Spectral flux against a maximum-filtered past, which vibrato does not trigger: Böck and Widmer, "Maximum Filter Vibrato
Suppression for Onset Detection", DAFx 2013.
"""

import math

import numpy as np

from vj.audio.aubio_onsets import AubioOnsets
from vj.audio.crossing import Crossing
from vj.audio.spectrum import Hop, RunningPeak, Setup, widened
from vj.core.types import Params, Signal
from vj.params.spec import Param, choice

NEEDS = ("silent",)
PARAMS = (
    choice(
        "audio/onset/detector",
        "superflux",
        ("superflux", "aubio-hfc", "aubio-complex", "aubio-specflux"),
        "Who decides: ours, or one of aubio's with its own threshold.",
    ),
    Param(
        "audio/onset/threshold",
        2.0,
        0.2,
        10.0,
        curve="exp",
        doc="How many times its recent background the flux must be: low hears every touch, high the strong hits.",
    ),
    Param("audio/onset/floor", 0.04, 0.0, 1.0, doc="And this share of its strongest of late on top."),
    Param("audio/onset/refractory_s", 0.05, 0.01, 0.5, "s", doc="No second onset within this time."),
    Param("audio/onset/release_s", 0.25, 0.01, 4.0, "s", "exp", doc="Decay of onset_peak."),
    Param("audio/onset/hold_s", 0.15, 0.02, 2.0, "s", "exp", doc="How long onset_plateau holds before it falls."),
    Param("audio/onset/plateau_release_s", 0.1, 0.01, 4.0, "s", "exp", doc="Decay of onset_plateau after the hold."),
)
SIGNALS = (
    Signal("onset_strength", 0.0, 1.0, doc="Spectral flux relative to its strongest of late."),
    Signal("onset", 0.0, 1.0, pulse=True, doc="A pulse, 1 in the hop or frame in which an onset is decided."),
    Signal("onset_t_s", 0.0, 1e9, "s", dtype="f8", doc="Where that onset is; NaN in other hops."),
    Signal("onset_peak", 0.0, 1.0, doc="Jumps to each onset's strength and decays."),
    Signal("onset_plateau", 0.0, 1.0, doc="Jumps to each strong onset's strength, holds, then falls."),
)
#: The flux compares with the spectrum this many hops ago (and the maximum over three bands there).
_LAG = 2
_DETECTORS = ("superflux", "aubio-hfc", "aubio-complex", "aubio-specflux")
#: The window sees an attack this share of its length before its end when the flux crosses; measured on drum clips.
_DELAY_WINDOWS = 0.18


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._delay_s = _DELAY_WINDOWS * setup.window / setup.rate_hz
        self._past = [np.zeros(len(setup.bands_hz), np.float32)] * _LAG
        self._setup = setup
        self._peak = RunningPeak(1.0)
        self._crossing = Crossing(setup.hop_s)
        self._aubio: AubioOnsets | None = None
        self._held_until_s = -math.inf
        self._peak_now = self._plateau_now = 0.0

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        flux = float(np.maximum(hop.log - self._past[0], 0.0).sum())
        self._past = [*self._past[1:], widened(hop.log)]
        strongest = self._peak.follow(flux, self._dt_s, p["audio/gain/release_s"])
        strength = min(flux / strongest, 1.0)
        row["onset_strength"] = strength
        row["onset_t_s"] = math.nan
        t_s = self._found(hop, flux, strongest, p)
        if t_s is not None and not row["silent"]:
            self._crossing.last_t_s = hop.t_s
            row["onset"] = 1
            row["onset_t_s"] = max(t_s, 0.0)
        self._follow(row, hop.t_s, strength, p)

    def _found(self, hop: Hop, flux: float, strongest: float, p: Params) -> float | None:
        """Where the onset is that is decided here; None where there is none."""
        threshold, floor, rest_s = (p[f"audio/onset/{name}"] for name in ("threshold", "floor", "refractory_s"))
        # Ours goes on beside aubio's, so that it is ready when it is chosen again.
        rises = self._crossing.rises(flux, strongest, hop.t_s, threshold, floor, rest_s)
        detector = _DETECTORS[int(p["audio/onset/detector"])]
        if detector == _DETECTORS[0]:
            return hop.t_s - self._delay_s if rises else None
        method = detector.removeprefix("aubio-")
        if self._aubio is None or self._aubio.method != method:
            self._aubio = AubioOnsets(method, self._setup)
        age_s = self._aubio.age_s(hop.samples)
        rested = hop.t_s - self._crossing.last_t_s >= rest_s
        return hop.t_s - age_s if age_s is not None and rested else None

    def _follow(self, row: np.void, t_s: float, strength: float, p: Params) -> None:
        """The two envelopes that are set off by onsets."""
        self._peak_now *= math.exp(-self._dt_s / p["audio/onset/release_s"])
        if t_s > self._held_until_s:
            self._plateau_now *= math.exp(-self._dt_s / p["audio/onset/plateau_release_s"])
        # The flux goes on rising for a hop or two after it has crossed; the envelopes go up with it.
        if t_s - self._crossing.last_t_s < 3.5 * self._dt_s:
            self._peak_now = max(self._peak_now, strength)
            if strength >= 0.6 * self._plateau_now:
                self._plateau_now = max(self._plateau_now, strength)
                self._held_until_s = t_s + p["audio/onset/hold_s"]
        row["onset_peak"], row["onset_plateau"] = self._peak_now, self._plateau_now
