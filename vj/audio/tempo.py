"""Tempo and beat phase of an onset curve. Pure arithmetic; the state lives with the features.

Tempo: autocorrelation summed over whole multiples of a period (Percival and Tzanetakis, "Streamlined Tempo Estimation
Based on Autocorrelation and Cross-correlation With Pulses", 2014), followed over time as a hidden state on a
logarithmic grid of tempi (Krebs, Böck, Widmer, "An Efficient State-Space Model for Joint Tempo and Meter Tracking",
2015, in its plainest form).
"""

import numpy as np
import numpy.typing as npt

from vj.core.types import F64

LO_BPM, HI_BPM = 60.0, 200.0
#: Tempi so close that eight beats of a narrow pulse still meet.
_STEP = 0.004
GRID_BPM: F64 = np.exp(np.arange(np.log(LO_BPM), np.log(HI_BPM), _STEP))
#: Resolution of a beat's phase.
PHASES = 48
#: One turn a beat, and two.
_TURNS = np.exp(2j * np.pi * np.outer([1, 2], np.arange(PHASES)) / PHASES)
#: Added to learnt evidence relative to its mean: where it is silent, onsets may still be right.
_DOUBT = 0.1
#: A beat is looked for again after one, two, four and eight of its periods: what music repeats in. Three is left out,
#: because three periods of a tempo that is wrong by 2/3 or 3/2 are two or four true ones.
_MULTIPLES = np.array([1.0, 2.0, 4.0, 8.0])
#: What it costs a period that its half is emptier than chance: a beat may be divided, but not missed.
_HALF_PENALTY = 0.6
#: When in doubt a tempo near the preferred one is taken; so wide that a clear rhythm outside wins (octaves).
_PREFERENCE_OCTAVES = 1.2
#: How far a tempo moves between two looks (relative), and how often it jumps anywhere.
_DRIFT, _JUMP = 0.012, 0.08
#: Half and double the tempo that is believed count this much only: a change of octave shows, and seldom helps.
_OCTAVE_RIVAL = 0.94
_WIDEN = np.array([0.25, 0.5, 0.25])
#: Four per cent, in steps of the grid.
_NEAR = round(0.04 / _STEP)
#: Score of a tempo that leaves no doubt.
_CLEAR = 0.4


def autocorrelation(curve: F64, weights: F64) -> F64:
    """Unbiased autocorrelation of a curve f64[n] about its mean, 1 at lag 0; zeros for a flat curve.

    Each product counts with the weights of both its ends.
    """
    n = len(curve)
    spectrum = np.fft.rfft(weights * (curve - np.average(curve, weights=weights)), 2 * n)
    overlap = np.fft.rfft(weights, 2 * n)
    r = np.fft.irfft(np.abs(spectrum) ** 2)[:n] / np.maximum(np.fft.irfft(np.abs(overlap) ** 2)[:n], 1e-9)
    return r / r[0] if r[0] > 1e-12 else np.zeros(n)


def tempo_scores(curve: F64, rate_hz: float, memory_s: float, preferred_bpm: float) -> F64:
    """f64[len(GRID_BPM)], 0 … about 1: how well each tempo explains the curve at rate_hz, the last `memory_s` most."""
    age_s = np.arange(len(curve))[::-1] / rate_hz
    # Onsets are narrower than a hop is long: without widening, periods that are no whole number of hops come out weak.
    wide = np.convolve(curve, _WIDEN, mode="same")
    r = autocorrelation(wide, np.exp(-age_s / memory_s))
    lags = np.arange(len(r))
    period = 60.0 / GRID_BPM * rate_hz
    at = period[:, None] * _MULTIPLES
    # A multiple that does not fit into the curve counts for nothing.
    fits = at < 0.75 * len(r)
    comb = np.where(fits, np.interp(at, lags, r), 0.0).sum(1) / np.maximum(fits.sum(1), 1)
    half = np.interp(0.5 * period, lags, r)
    comb += _HALF_PENALTY * np.minimum(half, 0.0)
    preference = np.exp(-0.5 * (np.log2(GRID_BPM / preferred_bpm) / _PREFERENCE_OCTAVES) ** 2)
    scores: F64 = np.maximum(comb, 0.0) * preference
    return scores


def follow_tempo(belief: F64, scores: F64) -> F64:
    """One step of the forward algorithm: the belief after another look at the curve, f64[len(GRID_BPM)], sum 1.

    scores  how well the curve repeats at each tempo, f64[len(GRID_BPM)], 0..1
    """
    steps = np.arange(-_NEAR, _NEAR + 1)
    drift = np.exp(-0.5 * (steps * _STEP / _DRIFT) ** 2)
    spread = np.convolve(belief, drift / drift.sum(), mode="same")
    moved: F64 = (1 - _JUMP) * spread + _JUMP / len(belief)
    scores = scores * np.where(_is_octave_of(GRID_BPM[belief.argmax()]), _OCTAVE_RIVAL, 1.0)
    peak = scores.max()
    if peak <= 0.02:
        return _normalised(moved)
    return _normalised(moved * (scores / peak + 0.02) ** 4)


def _is_octave_of(bpm: float) -> npt.NDArray[np.bool_]:
    return np.abs(np.abs(np.log2(GRID_BPM / bpm)) - 1.0) < 0.06


def _normalised(x: F64) -> F64:
    out: F64 = x / x.sum()
    return out


def best_tempo(belief: F64, scores: F64) -> tuple[float, float]:
    """The tempo in bpm, between the grid's points, and how sure it is, 0 … 1.

    belief, scores  f64[len(GRID_BPM)], as in `follow_tempo`
    Sure is a tempo that is believed (within 4 % of it) and that the curve repeats in just now.
    """
    i = int(belief.argmax())
    near = slice(max(i - _NEAR, 0), i + _NEAR + 1)
    weights = belief[near]
    log_bpm = float((np.log(GRID_BPM[near]) * weights).sum() / weights.sum())
    clarity = min(float(scores[near].max()) / _CLEAR, 1.0)
    return float(np.exp(log_bpm)), min(float(weights.sum()), 1.0) * clarity


def folded(curve: F64, clock_beats: F64, rate_hz: float, memory_s: float) -> F64:
    """f64[PHASES]: the mean of the curve at each phase of a clock, smoothed; the last `memory_s` count most."""
    weights = np.exp(-np.arange(len(curve))[::-1] / (rate_hz * memory_s))
    phase = (clock_beats % 1.0 * PHASES).astype(np.intp) % PHASES
    total, sums = (np.bincount(phase, w, PHASES).astype(np.float64) for w in (weights, weights * curve))
    return ring(sums) / np.maximum(ring(total), 1e-9)


def agreed(heard: F64, learnt: F64) -> F64:
    """f64[PHASES]: how strong each phase is by onsets f64[PHASES] and by learnt evidence f64[PHASES], 0 or more each.

    Both count alike, relative to their means; where the evidence falls twice a beat, as at half the true tempo, it says
    less of the phase and counts less.
    """
    once, twice = (abs((learnt * turn).sum()) for turn in _TURNS)
    share = 0.5 * min(float(once / max(twice, 1e-9)), 1.0)
    of_onsets, of_learnt = (x / max(float(x.mean()), 1e-9) for x in (heard, learnt))
    out: F64 = of_onsets ** (1.0 - share) * (of_learnt + _DOUBT) ** share
    return out


def ring(x: F64) -> F64:
    """A ring of numbers f64[n], smoothed over some 6 % of it."""
    kernel = np.array([0.05, 0.25, 0.4, 0.25, 0.05])
    out: F64 = np.convolve(np.concatenate([x[-2:], x, x[:2]]), kernel, mode="valid")
    return out


def beat_position(strength: F64, expected: float, loyalty: float) -> float | None:
    """Where in 0..1 the beat is, from the strength at each phase f64[PHASES]; None where no phase stands out.

    The strongest within an eighth of `expected` is kept unless another is `loyalty` times as strong.
    """
    top = float(strength.max())
    if top <= 0.0 or top - strength.mean() < 0.15 * top:
        return None
    away = np.abs((np.arange(PHASES) / PHASES - expected + 0.5) % 1.0 - 0.5)
    near = np.where(away < 0.125, strength, 0.0)
    best = int(near.argmax()) if near.max() * loyalty >= top else int(strength.argmax())
    before, peak, after = strength[best - 1], strength[best], strength[(best + 1) % PHASES]
    bend = before - 2 * peak + after
    shift = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
    return float(((best + 0.5 + min(max(shift, -0.5), 0.5)) / PHASES) % 1.0)
