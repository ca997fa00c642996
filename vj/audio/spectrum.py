"""One spectrum per hop, shared by all features, and the logarithmic bands laid over it. Pure."""

import math
from dataclasses import dataclass

import numpy as np

from vj.core.types import F32, F64

#: The hop aims at this length; powers of two come to 8–16 ms at any rate (512 at 48 and 44.1 kHz).
_HOP_S = 0.0107
_WINDOW_HOPS = 4
_BANDS_PER_OCTAVE = 12
_LOWEST_HZ, _HIGHEST_HZ = 55.0, 16000.0
#: How strongly the logarithm compresses band magnitudes: log10(1 + this · magnitude / loudest of late).
_COMPRESSION = 150.0
#: The share of the window in which it falls. An early maximum separates better; a late one hears an attack sooner.
_FALL = 0.3
#: The scale of the logarithm never sinks below this band magnitude (-80 dB), so that noise stays small.
_QUIETEST = 1e-4


@dataclass(frozen=True, slots=True)
class Setup:
    """What does not change during a stream: rates and sizes. `hop` and `window` in samples, `hop_s` in seconds."""

    rate_hz: float
    hop: int
    window: int
    bands_hz: F64

    @property
    def hop_s(self) -> float:
        """Length of a hop."""
        return self.hop / self.rate_hz

    @staticmethod
    def of(rate_hz: float) -> "Setup":
        """The setup for a sample rate in Hz."""
        hop = 2 ** max(round(math.log2(_HOP_S * rate_hz)), 4)
        top = min(_HIGHEST_HZ, 0.45 * rate_hz)
        count = int(_BANDS_PER_OCTAVE * math.log2(top / _LOWEST_HZ))
        bands_hz = _LOWEST_HZ * 2.0 ** (np.arange(count) / _BANDS_PER_OCTAVE)
        return Setup(rate_hz, hop, _WINDOW_HOPS * hop, bands_hz)


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of sound as the features see it.

    t_s      stream time at the hop's end
    samples  f32[hop], the new samples; window f32[window], those and the ones before
    bands    f32[n_bands], magnitude in each semitone band, 1 for a full-scale sine
    log      f32[n_bands], relative to the loudest of late and compressed logarithmically, 0 … about 2.2
    rms      of the window, 0..1; is_noise: it is no more than the line's own noise (`vj.audio.entrance`)
    """

    t_s: float
    samples: F32
    window: F32
    bands: F32
    log: F32
    rms: float
    is_noise: bool


class Spectrum:
    """Computes the bands of a window: an asymmetric window, a real FFT, triangular semitone bands."""

    def __init__(self, setup: Setup) -> None:
        self._dt_s = setup.hop_s
        self._window = late_window(setup.window)
        self._filters = filterbank(setup)
        self._loudest = RunningPeak(_QUIETEST)

    def bands(self, window: F32) -> F32:
        """f32[window] → f32[n_bands], magnitudes."""
        magnitude = np.abs(np.fft.rfft(window * self._window)).astype(np.float32)
        out: F32 = self._filters @ magnitude
        return out

    def compressed(self, bands: F32, release_s: float) -> F32:
        """f32[n_bands]: log10(1 + c · magnitude / running peak), 0 or more; after it loud and quiet sound are alike."""
        loudest = self._loudest.follow(float(bands.max()), self._dt_s, release_s)
        out: F32 = np.log10(1.0 + np.float32(_COMPRESSION / loudest) * bands)
        return out


def late_window(size: int) -> F32:
    """f32[size]: a Hann window whose maximum is moved towards the end, with the same sum as a plain one (size / 2)."""
    rise = round(size * (1.0 - _FALL))
    fall = size - rise
    halves = np.hanning(2 * rise + 1)[:rise], np.hanning(2 * fall + 1)[fall:-1]
    window = np.concatenate(halves)
    out: F32 = (window * (0.5 * size / window.sum())).astype(np.float32)
    return out


def widened(log: F32) -> F32:
    """f32[n_bands]: the maximum of each band and its two neighbours; what vibrato moves does not count as new."""
    out = log.copy()
    np.maximum(out[1:], log[:-1], out=out[1:])
    np.maximum(out[:-1], log[1:], out=out[:-1])
    return out


class RunningPeak:
    """A peak that rises quickly and sinks slowly, never below `floor`: the scale of an automatic gain."""

    def __init__(self, floor: float) -> None:
        self._floor = floor
        self.value = floor

    def follow(self, x: float, dt_s: float, release_s: float, rise_s: float = 0.05) -> float:
        """The peak after another value; `release_s` is the time constant of its decay."""
        time_s = rise_s if x > self.value else release_s
        self.value = max(self.value + (x - self.value) * (1.0 - math.exp(-dt_s / max(time_s, 1e-6))), self._floor)
        return self.value


def filterbank(setup: Setup) -> F32:
    """f32[n_bands, n_bins]: triangles between neighbouring semitones; a full-scale sine in its centre gives 1.

    Where semitones lie closer than bins, a triangle is widened to one bin on each side.
    """
    bin_hz = np.fft.rfftfreq(setup.window, 1.0 / setup.rate_hz)
    step = 2.0 ** (1.0 / _BANDS_PER_OCTAVE)
    centre = setup.bands_hz[:, None]
    spacing = setup.rate_hz / setup.window
    below = np.minimum(centre / step, centre - spacing)
    above = np.maximum(centre * step, centre + spacing)
    rising, falling = (bin_hz - below) / (centre - below), (above - bin_hz) / (above - centre)
    # A sine of amplitude 1 makes a peak of window / 4 under a window with the sum window / 2.
    out: F32 = (np.clip(np.minimum(rising, falling), 0.0, None) * (4.0 / setup.window)).astype(np.float32)
    return out


def to_mono(block: F32) -> F32:
    """f32[n, channels] or f32[n] → f32[n], the mean of the channels."""
    if block.ndim == 1:
        return block
    out: F32 = block.mean(axis=1, dtype=np.float32)
    return out
