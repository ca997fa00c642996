"""Sound as ISF shaders see it: textures of one row a channel, values 0..1 (TYPE audio and audioFFT).

The figures are those of the Web Audio API's AnalyserNode (W3C, "Web Audio API 1.1", 1.8), which the ISF renderer of
browsers uses: waveform 0.5 + x / 2; spectrum of 2,048 samples under a Blackman window, smoothed in time, in dB from
−100 (0) to −30 (1), bins evenly from 0 Hz to half the sample rate.
"""

import math

import moderngl
import numpy as np

from vj.core.types import F32

#: Newest samples that are looked at.
SAMPLES = 2048
WAVE_WIDTH, FFT_WIDTH = 1024, 512
CHANNELS = 2
_LOW_DB, _HIGH_DB = -100.0, -30.0
#: A smoothing of 0.8 at 60 frames a second, as a time.
_SMOOTH_S = -1.0 / (60.0 * math.log(0.8))
_n = np.arange(SAMPLES) / SAMPLES
_WINDOW = (0.42 - 0.5 * np.cos(2 * np.pi * _n) + 0.08 * np.cos(4 * np.pi * _n)).astype(np.float32)


def waveform(samples: F32, width: int) -> F32:
    """The newest `width` of samples f32[SAMPLES, CHANNELS] as f32[CHANNELS, width], 0.5 is silence, clipped to 0..1.

    More than there are: stretched. One alone is the volume of them all, as ISF has it: 0.5 + RMS / 2.
    """
    if width == 1:
        samples = np.sqrt((samples**2).mean(0, keepdims=True))
    newest = samples[-min(width, SAMPLES) :].T
    at = np.arange(width) * newest.shape[1] // width
    out: F32 = np.clip(0.5 + 0.5 * newest[:, at], 0.0, 1.0).astype(np.float32)
    return out


def magnitudes(samples: F32) -> F32:
    """f32[CHANNELS, SAMPLES / 2]: magnitude of each bin of samples f32[SAMPLES, CHANNELS]."""
    spectrum = np.abs(np.fft.rfft(samples.T * _WINDOW, axis=1))[:, :-1] / SAMPLES
    return spectrum.astype(np.float32)


def loudness(spectrum: F32, width: int) -> F32:
    """Magnitudes f32[CHANNELS, n] as f32[CHANNELS, width], 0..1 in dB; of several bins in one place the loudest."""
    db = 20.0 * np.log10(np.maximum(spectrum, 1e-9))
    n = db.shape[1]
    begins = np.arange(width) * n // width
    db = np.maximum.reduceat(db, begins, axis=1) if width <= n else db[:, begins]
    out: F32 = np.clip((db - _LOW_DB) / (_HIGH_DB - _LOW_DB), 0.0, 1.0).astype(np.float32)
    return out


class Sound:
    """The newest sound, and textures of it, made when a shader asks."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._samples: F32 = np.zeros((SAMPLES, CHANNELS), np.float32)
        self._spectrum: F32 = np.zeros((CHANNELS, SAMPLES // 2), np.float32)
        self._pending_s = 0.0
        self._textures: dict[tuple[str, int], moderngl.Texture] = {}
        self._fresh: set[tuple[str, int]] = set()

    def hear(self, samples: F32 | None, dt_s: float) -> None:
        """A frame passed in which these samples f32[n, 1 or more] came; None: nothing is heard."""
        self._fresh.clear()
        self._pending_s += dt_s
        if samples is None:
            self._samples = np.zeros((SAMPLES, CHANNELS), np.float32)
        elif len(samples):
            two = samples[-SAMPLES:, [0, min(1, samples.shape[1] - 1)]]
            self._samples = np.concatenate([self._samples, two])[-SAMPLES:]

    def texture(self, kind: str, width: int) -> moderngl.Texture:
        """The texture of `kind` "audio" or "audioFFT", `width` wide (0: as is usual)."""
        width = width or (WAVE_WIDTH if kind == "audio" else FFT_WIDTH)
        key = (kind, width)
        if key not in self._textures:
            texture = self._ctx.texture((width, CHANNELS), 1, dtype="f4")
            texture.repeat_x = texture.repeat_y = False
            texture.swizzle = "RRR1"
            self._textures[key] = texture
        if key not in self._fresh:
            self._fresh.add(key)
            rows = waveform(self._samples, width) if kind == "audio" else loudness(self._smoothed(), width)
            self._textures[key].write(np.ascontiguousarray(rows))
        return self._textures[key]

    def _smoothed(self) -> F32:
        if self._pending_s > 0:
            kept = math.exp(-self._pending_s / _SMOOTH_S)
            self._spectrum = kept * self._spectrum + (1.0 - kept) * magnitudes(self._samples)
            self._pending_s = 0.0
        return self._spectrum

    def release(self) -> None:
        """Let go of the textures."""
        for texture in self._textures.values():
            texture.release()
        self._textures.clear()
