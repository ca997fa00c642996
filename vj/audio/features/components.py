"""Twelve sound components: an online non-negative factorisation of the spectrum.

Each hop's bands are explained as a mixture of 12 spectra, which are learnt from what was heard with an exponential
memory. They start as the twelve pitch classes, so that their order means something, and are never reordered.
Mairal et al., "Online Learning for Matrix Factorization and Sparse Coding", JMLR 2010; activations by non-negative
least squares, Lawson and Hanson, 1974, as SciPy has it.

"Learn this sound": while `audio/components/fit` names a component, its spectrum becomes that of what is heard, most
of all of what is loud; let go it stays so, named by its number, while the others go on learning around it.
"""

import numpy as np

from vj.audio.spectrum import Hop, Setup
from vj.core.types import F32, F64, N_COMPONENTS, Params, Signal
from vj.params.spec import Param, choice, trigger

NEEDS = ("silent",)
PARAMS = (
    Param("audio/components/memory_s", 20.0, 2.0, 300.0, "s", "exp", doc="How far back the spectra are learnt from."),
    Param(
        "audio/components/learn", 1.0, doc="Share of each new spectrum that is taken over; 0 keeps them as they are."
    ),
    choice(
        "audio/components/fit",
        "off",
        ("off", *map(str, range(1, N_COMPONENTS + 1))),
        "Learn this sound: while held, this component becomes what is heard; then it is kept.",
    ),
    trigger("audio/components/forget", "All components learn again, those that were kept too."),
)
SIGNALS = (
    Signal(
        "components",
        0.0,
        1.0,
        width=N_COMPONENTS,
        doc="Activation of each component, relative to its strongest of late.",
    ),
)
_LEARN_EVERY = 4


class Feature:
    """See SIGNALS. Learning stands still in silence."""

    def __init__(self, setup: Setup) -> None:
        # Here, as it takes long to load, and who only asks for names should not wait for it.
        from scipy.optimize import nnls

        self._nnls = nnls
        self._dt_s = setup.hop_s
        self._spectra = pitch_class_spectra(setup.bands_hz)
        self._activation = np.full(N_COMPONENTS, 0.1)
        self._second = np.eye(N_COMPONENTS) * 0.1
        self._cross = self._spectra * 0.1
        self._peaks = np.full(N_COMPONENTS, 1e-3)
        self._hops = 0
        #: Components that were fitted, and what is heard while one is.
        self._kept = np.zeros(N_COMPONENTS, bool)
        self._fitted = np.zeros(len(setup.bands_hz))
        self._fitting = 0

    def step(self, hop: Hop, row: np.void, p: Params) -> None:
        """One hop."""
        if p["audio/components/forget"] >= 0.5:
            self._kept[:] = False
        if row["silent"]:
            return
        heard = hop.log.astype(np.float64)
        self._fit(int(p["audio/components/fit"]), hop.bands)
        self._activation = self._explained(heard)
        self._hops += 1
        # While one is fitted the others must not learn the same.
        if not self._fitting:
            self._learn(heard, p)
        release = float(np.exp(-self._dt_s / p["audio/gain/release_s"]))
        # One scale for all, softened: a component that is weak throughout shows as weak.
        self._peaks = np.maximum(self._peaks * release, self._activation)
        scale = np.maximum(self._peaks, 0.3 * self._peaks.max())
        row["components"] = np.clip(self._activation / scale, 0.0, 1.0)

    def _learn(self, heard: F64, p: Params) -> None:
        """Remember what was heard, and now and then move the spectra towards it."""
        self._remember(heard, float(np.exp(-self._dt_s / p["audio/components/memory_s"])))
        if self._hops % _LEARN_EVERY == 0 and p["audio/components/learn"] > 0.0:
            learnt = updated_spectra(self._spectra, self._second, self._cross)
            self._spectra += p["audio/components/learn"] * ~self._kept * (learnt - self._spectra)

    def _explained(self, heard: F64) -> F64:
        """Activations that mix the spectra into what is heard, as near as can be; as they were where that fails."""
        try:
            found: F64 = self._nnls(self._spectra, heard)[0]
        except RuntimeError:
            return self._activation
        return found

    def _fit(self, number: int, bands: F32) -> None:
        """Gather what is heard while component `number` (from 1 on; 0 for none) is fitted."""
        if number != self._fitting:
            self._fitting, self._fitted = number, np.zeros_like(self._fitted)
        if number == 0:
            return
        self._fitted += bands.astype(np.float64) ** 2
        loudest = float(np.sqrt(self._fitted.max()))
        if loudest > 0.0:
            # As the bands are compressed before they are explained.
            shape = np.log10(1.0 + 150.0 * np.sqrt(self._fitted) / loudest)
            self._spectra[:, number - 1] = shape / shape.sum()
            self._kept[number - 1] = True

    def _remember(self, heard: F64, keep: float) -> None:
        h = self._activation
        self._second = keep * self._second + (1 - keep) * np.outer(h, h)
        self._cross = keep * self._cross + (1 - keep) * np.outer(heard, h)


def pitch_class_spectra(bands_hz: F64) -> F64:
    """f64[n_bands, 12]: for each pitch class from A upwards, its octaves with three harmonics, columns of sum 1."""
    semitone = 12.0 * np.log2(bands_hz / 55.0)
    out = np.full((len(bands_hz), N_COMPONENTS), 0.02)
    for k in range(N_COMPONENTS):
        for harmonic, gain in ((1, 1.0), (2, 0.5), (3, 0.3)):
            away = (semitone - k - 12.0 * np.log2(harmonic) + 6.0) % 12.0 - 6.0
            out[:, k] += gain * np.exp(-0.5 * (away / 0.5) ** 2) * 0.8 ** (semitone / 12.0)
    spectra: F64 = out / out.sum(0)
    return spectra


def updated_spectra(spectra: F64, second: F64, cross: F64) -> F64:
    """One pass of block-coordinate descent over the spectra f64[bands, k], 0 or more; columns keep the sum 1.

    second, cross  sums of products of activations f64[k, k], and of spectra with activations f64[bands, k]
    """
    out = spectra.copy()
    for k in range(out.shape[1]):
        if second[k, k] > 1e-8:
            step = (cross[:, k] - out @ second[:, k]) / second[k, k]
            out[:, k] = np.maximum(out[:, k] + step, 1e-6)
            out[:, k] /= out[:, k].sum()
    return out
