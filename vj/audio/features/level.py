"""Loudness: RMS as it is, and a level 0..1 behind a bounded automatic gain."""

import math

import numpy as np

from vj.audio.spectrum import Hop, RunningPeak, Setup
from vj.core.types import Params, Signal
from vj.params.spec import Param

NEEDS: tuple[str, ...] = ()
PARAMS = (
    Param(
        "audio/gain/release_s",
        20.0,
        1.0,
        120.0,
        "s",
        "exp",
        doc="How slowly the automatic gain rises in quieter parts.",
    ),
    Param(
        "audio/gain/gate_db",
        -70.0,
        -90.0,
        -20.0,
        "dB",
        doc="Below this RMS, and in a line's own noise, it is silence: levels are 0 and gains stand still.",
    ),
    Param("audio/gain/gate_hold_s", 0.3, 0.0, 5.0, "s", doc="How long it must be so before it counts as silence."),
)
SIGNALS = (
    Signal("rms", 0.0, 1.0, doc="Root mean square of the last 43 ms (at 48 kHz), full scale is 1."),
    Signal("rms_db", -120.0, 0.0, "dB", doc="The same in decibels."),
    Signal("level", 0.0, 1.0, doc="RMS relative to the loudest of late; silence is 0."),
    Signal("silent", 0.0, 1.0, doc="1 once the sound has been below the gate for a while."),
)


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._peak = RunningPeak(1e-3)
        # A stream begins in silence.
        self._below_s = math.inf

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        rms, rms_db = hop.rms, 20.0 * math.log10(max(hop.rms, 1e-6))
        quiet = hop.is_noise or rms_db < p["audio/gain/gate_db"]
        self._below_s = self._below_s + self._dt_s if quiet else 0.0
        silent = self._below_s > p["audio/gain/gate_hold_s"]
        row["rms"], row["rms_db"], row["silent"] = rms, rms_db, silent
        if not silent:
            peak = self._peak.follow(rms, self._dt_s, p["audio/gain/release_s"])
            row["level"] = min(rms / peak, 1.0)
