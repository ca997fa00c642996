"""Drums, bass and melody, told apart: three drivers with a level and onsets each.

Drums and harmony by two medians: steady in time is harmony, broad in pitch is percussion. A causal form of Fitzgerald,
"Harmonic/Percussive Separation Using Median Filtering", DAFx 2010: the median in time looks at the past only. Melody is
the harmony above the bass. Down there bands are narrower than the spectrum's bins, and all looks broad: bass is what
lasts, the median of the level over a tenth of a second, through which little of a kick comes.
"""

import math

import numpy as np
import numpy.typing as npt

from vj.audio.crossing import Crossing
from vj.audio.spectrum import Hop, RunningPeak, Setup, widened
from vj.core.types import F32, Params, Signal
from vj.params.spec import Param

NEEDS = ("silent",)
PARAMS = (
    Param("audio/drums/exponent", 2.0, 0.5, 4.0, doc="Hardness of the separation: high decides, low shares out."),
)
SIGNALS = (
    Signal("drums_rms", 0.0, 1.0, doc="RMS of the percussive part, full scale is 1."),
    Signal("drums", 0.0, 1.0, doc="The same relative to its loudest of late."),
    Signal("drums_onset", 0.0, 1.0, pulse=True, doc="A pulse, 1 where an onset of the percussive part is decided."),
    Signal("bass_rms", 0.0, 1.0, doc="RMS of what lasts below 250 Hz; it rises some 50 ms after a note begins."),
    Signal("bass", 0.0, 1.0, doc="The same relative to its loudest of late."),
    Signal("bass_onset", 0.0, 1.0, pulse=True, doc="A pulse, 1 where the bass is decided to rise."),
    Signal("melody_rms", 0.0, 1.0, doc="RMS of what is no percussion from 250 Hz on: voices, chords."),
    Signal("melody", 0.0, 1.0, doc="The same relative to its loudest of late."),
    Signal("melody_onset", 0.0, 1.0, pulse=True, doc="A pulse, 1 where an onset of it is decided."),
)
_PARTS = ("drums", "bass", "melody")
_PAST_HOPS = 17
_BANDS = 17
_BASS_HZ = 250.0
#: The bass is the median over so long: twice as long as a kick is loud.
_BASS_S = 0.1
#: Scales of the automatic gains never sink below these: that of levels, and those of what is new, which in the bass is
#: a share of its loudest of late.
_QUIETEST, _LEAST_NEW = 1e-3, {"drums": 1.0, "bass": 0.1, "melody": 1.0}
#: The flux compares with the spectrum this many hops ago.
_LAG = 2


class Feature:
    """See SIGNALS."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._past = np.zeros((_PAST_HOPS, len(setup.bands_hz)), np.float32)
        self._next = 0
        self._low = int(np.searchsorted(setup.bands_hz, _BASS_HZ))
        self._bass = Sustained(setup.hop_s)
        self._peaks = {name: RunningPeak(_QUIETEST) for name in _PARTS}
        self._hits = {name: Hits(setup.hop_s, least) for name, least in _LEAST_NEW.items()}
        self._flux = {name: Flux() for name in ("drums", "melody")}
        self._neighbours = neighbours(len(setup.bands_hz))

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        percussive = self._share(hop.bands, p["audio/drums/exponent"])
        harmonic = np.float32(1.0) - percussive
        bass = self._bass.level(_rms(hop.bands[: self._low]))
        self._tell("drums", _rms(hop.bands * percussive), hop, row, p)
        self._tell("bass", bass, hop, row, p)
        self._tell("melody", _rms((hop.bands * harmonic)[self._low :]), hop, row, p)
        self._decide("drums", self._flux["drums"].rise(hop.log * percussive), hop, row, p)
        self._decide("bass", self._bass.rise() / self._peaks["bass"].value, hop, row, p)
        self._decide("melody", self._flux["melody"].rise((hop.log * harmonic)[self._low :]), hop, row, p)

    def _share(self, bands: F32, exponent: float) -> F32:
        """What of each band is percussive, 0..1."""
        self._past[self._next] = bands
        self._next = (self._next + 1) % _PAST_HOPS
        harmonic, percussive = _median(self._past), _median(bands[self._neighbours])
        h, q = harmonic**exponent, percussive**exponent
        out: F32 = (q / (h + q + 1e-12)).astype(np.float32)
        return out

    def _tell(self, name: str, rms: float, hop: Hop, row: np.void, p: Params) -> None:
        row[f"{name}_rms"] = min(rms, 1.0)
        if not row["silent"]:
            row[name] = min(rms / self._peaks[name].follow(rms, self._dt_s, p["audio/gain/release_s"]), 1.0)

    def _decide(self, name: str, flux: float, hop: Hop, row: np.void, p: Params) -> None:
        if self._hits[name].falls(flux, hop.t_s, p, silent=bool(row["silent"])):
            row[f"{name}_onset"] = 1


class Hits:
    """Onsets of one part, decided as `vj.audio.features.onset` decides those of the whole."""

    def __init__(self, hop_s: float, least_new: float) -> None:
        self._dt_s = hop_s
        self._strongest = RunningPeak(least_new)
        self._crossing = Crossing(hop_s)

    def falls(self, flux: float, t_s: float, p: Params, *, silent: bool) -> bool:
        """Whether one is decided in the hop that ends at `t_s` with this flux."""
        strongest = self._strongest.follow(flux, self._dt_s, p["audio/gain/release_s"])
        threshold, floor = p["audio/onset/threshold"], p["audio/onset/floor"]
        rises = self._crossing.rises(flux, strongest, t_s, threshold, floor, p["audio/onset/refractory_s"])
        if not rises or silent:
            return False
        self._crossing.last_t_s = t_s
        return True


class Flux:
    """How much of a part's spectrum is new."""

    def __init__(self) -> None:
        self._last: list[F32] = []

    def rise(self, part: F32) -> float:
        """The sum of what rose in f32[n] since _LAG hops ago."""
        before = self._last[0] if len(self._last) == _LAG else np.zeros_like(part)
        self._last = [*self._last[-_LAG + 1 :], widened(part)]
        return float(np.maximum(part - before, 0.0).sum())


class Sustained:
    """A level without what lasts less than half of _BASS_S."""

    def __init__(self, hop_s: float) -> None:
        self._levels = np.zeros(2 * round(0.5 * _BASS_S / hop_s) + 1)
        self._next = 0
        self._now = [0.0] * (_LAG + 1)

    def level(self, heard: float) -> float:
        """The level after another one was heard."""
        self._levels[self._next] = heard
        self._next = (self._next + 1) % len(self._levels)
        middle = len(self._levels) // 2
        lasts = min(float(np.partition(self._levels, middle)[middle]), heard)
        self._now = [*self._now[1:], lasts]
        return lasts

    def rise(self) -> float:
        """How far it rose since _LAG hops ago."""
        return max(self._now[-1] - self._now[0], 0.0)


def _rms(bands: F32) -> float:
    """Bands overlap by half and a sine's RMS is its amplitude / √2: the sum of squares counts twice."""
    return 0.5 * math.sqrt(float(bands @ bands))


def neighbours(count: int) -> npt.NDArray[np.intp]:
    """int[_BANDS, count]: the number of each band and its neighbours, the border mirrored."""
    index = np.abs(np.arange(count) + np.arange(_BANDS)[:, None] - _BANDS // 2)
    out: npt.NDArray[np.intp] = np.minimum(index, 2 * (count - 1) - index)
    return out


def _median(x: F32) -> F32:
    """The median over the first axis, which has an odd length; partition is faster than np.median here."""
    middle = x.shape[0] // 2
    out: F32 = np.partition(x, middle, axis=0)[middle]
    return out
