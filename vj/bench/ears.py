"""`vj bench --ears`: what each feature costs a hop, in units of one real FFT of 2048 points timed beside it."""

import time
from typing import Any

import numpy as np

from vj.audio.analyser import Analyser
from vj.audio.features import FEATURE_DTYPE, MODULES
from vj.audio.spectrum import Hop, Setup, Spectrum
from vj.core.types import F32, Params

_FFT = 2048
RATE_HZ = 48_000


def run(p: Params, seconds: float = 10.0) -> dict[str, Any]:
    """{"rate_hz", "hop", "fft_us", "us": {what: mean microseconds a hop}, "chain_over_fft", "times_real_time"}.

    Hops of noise bursts over chords at 48 kHz; FFT and parts are timed in turns, hop by hop, so that what else the
    machine does weighs on all alike.
    """
    setup = Setup.of(RATE_HZ)
    sound = some_sound(seconds)
    spectrum = Spectrum(setup)
    features = [(module.__name__.rpartition(".")[2], module.Feature(setup)) for module in MODULES]
    spent = dict.fromkeys(("fft", "spectrum", *(name for name, _ in features)), 0.0)
    hops, window = len(sound) // setup.hop, np.zeros(setup.window, np.float32)
    probe = sound[:_FFT]
    for i in range(hops):
        samples = sound[i * setup.hop : (i + 1) * setup.hop]
        window = np.concatenate([window[setup.hop :], samples])
        began = time.perf_counter()
        np.fft.rfft(probe)
        began = _tell(spent, "fft", began)
        bands = spectrum.bands(window)
        log, rms = spectrum.compressed(bands, p["audio/gain/release_s"]), float(np.sqrt(np.mean(np.square(window))))
        hop = Hop((i + 1) * setup.hop_s, samples, window, bands, log, rms, is_noise=False)
        began = _tell(spent, "spectrum", began)
        row = np.zeros(1, FEATURE_DTYPE)[0]
        for name, feature in features:
            began = time.perf_counter()
            feature.step(hop, row, p)
            _tell(spent, name, began)
    began = time.perf_counter()
    Analyser(RATE_HZ).process(sound, p)
    whole_s = time.perf_counter() - began
    us = {name: 1e6 * total / hops for name, total in spent.items()}
    fft_us = us.pop("fft")
    return {
        "rate_hz": RATE_HZ, "hop": setup.hop, "fft_us": fft_us, "us": us, "chain_over_fft": sum(us.values()) / fft_us,
        "times_real_time": len(sound) / RATE_HZ / whole_s,
    }  # fmt: skip


def _tell(spent: dict[str, float], name: str, began: float) -> float:
    now = time.perf_counter()
    spent[name] += now - began
    return now


def some_sound(seconds: float) -> F32:
    """f32[n], −1..1, at RATE_HZ: something of everything, noise bursts twice a second over a chord."""
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(0).standard_normal(len(t_s)) * np.exp(-(t_s % 0.5) * 20.0)
    chord = sum(np.sin(2.0 * np.pi * hz * t_s) for hz in (110.0, 220.0, 277.2, 329.6))
    out: F32 = (0.2 * noise + 0.1 * chord).astype(np.float32)
    return out


def text(report: dict[str, Any]) -> str:
    """The report for people."""
    fft_us = report["fft_us"]
    lines = [f"a hop of {report['hop']} samples at {report['rate_hz']} Hz, in FFTs of {_FFT} ({fft_us:.1f} µs)"]
    lines += [f"{name:12}{us / fft_us:8.2f}" for name, us in sorted(report["us"].items(), key=lambda x: -x[1])]
    lines.append(f"{'all':12}{report['chain_over_fft']:8.2f}")
    lines.append(f"{report['times_real_time']:.0f} times faster than the sound lasts")
    return "\n".join(lines)
