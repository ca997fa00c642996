"""Learnt evidence of beats: BeatNet's network, frame by frame in NumPy.

Heydari, Cwitkowitz, Duan, "BeatNet: CRNN and Particle Filtering for Online Joint Beat, Downbeat and Meter Tracking",
2021: a convolution over one frame's spectrum and what is new in it, two LSTM layers, a softmax over beat, downbeat and
neither. Causal. The weights (CC BY 4.0) lie in `models/beat`; without them there is no such evidence.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from vj.core.errors import ModelError
from vj.core.types import F32, F64

#: What the network was trained on: frames of 64 ms every 20 ms, 24 bands an octave on bins 15.6 Hz apart, up to 11 kHz.
HOP_S, _WINDOW_S = 0.020, 0.064
_BANDS_PER_OCTAVE, _LOWEST_HZ, _HIGHEST_HZ, _TUNING_HZ = 24, 30.0, 17_000.0, 440.0
_BINS, _WINDOW = 705, 1411
BANDS = 136
#: Below, bands are missing and the evidence is worth nothing.
LOWEST_RATE_HZ = 22_050.0
#: Its outputs depend on the level: sound is brought to this RMS, as measured over so long, but no further than so much.
_RMS, _LEVEL_S, _QUIETEST = 0.3, 5.0, 1e-4
#: A downbeat is a beat too, but the network is often wrong about which is which.
_DOWNBEAT = 0.5
#: The evidence is highest so long before the end of its frame. Measured on clips.
DELAY_S = 0.037
_CELLS = 150
SHAPES = {
    "conv1.weight": (2, 1, 10), "conv1.bias": (2,), "linear0.weight": (_CELLS, 262), "linear0.bias": (_CELLS,),
    **{f"lstm.weight_{kind}_l{i}": (4 * _CELLS, _CELLS) for i in (0, 1) for kind in ("ih", "hh")},
    **{f"lstm.bias_{kind}_l{i}": (4 * _CELLS,) for i in (0, 1) for kind in ("ih", "hh")},
    "linear.weight": (3, _CELLS), "linear.bias": (3,),
}  # fmt: skip


def load_weights(path: Path) -> dict[str, F32]:
    """Name → f32[…] of every tensor of `SHAPES`. Raises ModelError where the file is missing or not of this network."""
    try:
        found = load_file(path)
    except (OSError, SafetensorError) as e:
        raise ModelError(f"{path}: cannot be read: {e}") from e
    shapes = {name: a.shape for name, a in found.items()}
    if shapes != SHAPES or not all(np.isfinite(a).all() for a in found.values()):
        raise ModelError(f"{path}: not the weights of BeatNet")
    return {name: a.astype(np.float32) for name, a in found.items()}


class BeatNetwork:
    """Listens to one stream of LOWEST_RATE_HZ or more. `weights` as from `load_weights`."""

    def __init__(self, rate_hz: float, weights: Mapping[str, F32]) -> None:
        self._rate_hz, self._hop = rate_hz, round(HOP_S * rate_hz)
        size = round(_WINDOW_S * rate_hz)
        # Spectra are as large as at the rate that the network was trained at.
        self._window = (np.hanning(size) * (_WINDOW / size)).astype(np.float32)
        self._filters = filterbank(rate_hz / size)
        self._heard, self._pending = np.zeros(size, np.float32), np.zeros(0, np.float32)
        self._before = np.zeros(BANDS, np.float32)
        self._square, self._frames = 0.0, 0
        self._layers = Layers(weights)

    def feed(self, samples: F32) -> list[tuple[float, float, float]]:
        """Samples f32[n], n ≥ 0 → of each frame that ends: (its end in seconds of the stream, evidence, downbeat).

        Both 0..1: evidence of a beat of any kind, and how likely it is a bar's first.
        """
        pending = np.concatenate([self._pending, samples])
        out = []
        while len(pending) >= self._hop:
            new, pending = pending[: self._hop], pending[self._hop :]
            self._heard = np.concatenate([self._heard[self._hop :], new])
            self._frames += 1
            out.append((self._frames * self._hop / self._rate_hz, *self._evidence(new)))
        self._pending = pending
        return out

    def _evidence(self, new: F32) -> tuple[float, float]:
        share = max(HOP_S / _LEVEL_S, 1.0 / self._frames)
        self._square += (float(new @ new) / len(new) - self._square) * share
        gain = np.float32(_RMS / max(np.sqrt(self._square), _QUIETEST))
        spectrum = np.abs(np.fft.rfft(self._heard * self._window))[:_BINS].astype(np.float32)
        bands = np.log10(gain * (self._filters @ spectrum) + np.float32(1.0))
        new_in_it, self._before = np.maximum(bands - self._before, 0.0), bands
        beat, downbeat, _ = self._layers.step(np.concatenate([bands, new_in_it]))
        return float(beat + _DOWNBEAT * downbeat), float(downbeat)


class Layers:
    """The network itself; remembers what it has seen."""

    def __init__(self, weights: Mapping[str, F32]) -> None:
        self._w = weights
        # What comes in and what was said last are one vector.
        self._gates = [
            np.concatenate([weights[f"lstm.weight_ih_l{i}"], weights[f"lstm.weight_hh_l{i}"]], axis=1) for i in (0, 1)
        ]
        self._biases = [weights[f"lstm.bias_ih_l{i}"] + weights[f"lstm.bias_hh_l{i}"] for i in (0, 1)]
        self._cells = [(np.zeros(_CELLS, np.float32), np.zeros(_CELLS, np.float32)) for _ in range(2)]

    def step(self, frame: F32) -> F32:
        """Bands and what is new in them f32[2 · BANDS] → f32[3]: how likely a beat, a downbeat, neither is; sum 1."""
        maps = np.stack([np.correlate(frame, kernel) for kernel in self._w["conv1.weight"][:, 0]])
        maps = np.maximum(maps + self._w["conv1.bias"][:, None], 0.0)
        pooled = maps[:, : maps.shape[1] // 2 * 2].reshape(2, -1, 2).max(2)
        x = self._w["linear0.weight"] @ pooled.reshape(-1) + self._w["linear0.bias"]
        for i in (0, 1):
            x = self._lstm(i, x)
        logits = self._w["linear.weight"] @ x + self._w["linear.bias"]
        likely = np.exp(logits - logits.max())
        out: F32 = likely / likely.sum()
        return out

    def _lstm(self, i: int, x: F32) -> F32:
        h, c = self._cells[i]
        gates = self._gates[i] @ np.concatenate([x, h]) + self._biases[i]
        entered, kept, new, out = gates.reshape(4, _CELLS)
        c = _sigmoid(kept) * c + _sigmoid(entered) * np.tanh(new)
        said: F32 = _sigmoid(out) * np.tanh(c)
        self._cells[i] = said, c
        return said


def filterbank(bin_hz: float) -> F32:
    """f32[BANDS, 705]: triangles of area 1 between neighbouring bands, on bins `bin_hz` apart.

    Bands that would share a bin are one (Böck, Schedl, "Enhanced Beat Tracking with Context-Aware Neural Networks",
    2011).
    """
    first = np.floor(np.log2(_LOWEST_HZ / _TUNING_HZ) * _BANDS_PER_OCTAVE)
    last = np.ceil(np.log2(_HIGHEST_HZ / _TUNING_HZ) * _BANDS_PER_OCTAVE)
    centres: F64 = _TUNING_HZ * 2.0 ** (np.arange(first, last) / _BANDS_PER_OCTAVE)
    centres = centres[(centres >= _LOWEST_HZ) & (centres <= _HIGHEST_HZ)]
    bins = np.unique(np.clip(np.rint(centres / bin_hz), 1, _BINS - 1).astype(int))
    filters = np.zeros((len(bins) - 2, _BINS), np.float32)
    for row, (start, centre, stop) in zip(filters, zip(bins, bins[1:], bins[2:], strict=False), strict=True):
        row[start:centre] = np.linspace(0.0, 1.0, centre - start, endpoint=False)
        row[centre:stop] = np.linspace(1.0, 0.0, stop - centre, endpoint=False)
        row /= row.sum()
    return filters


def _sigmoid(x: F32) -> F32:
    out: F32 = 0.5 + 0.5 * np.tanh(0.5 * x)
    return out
