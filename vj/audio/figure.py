"""The figure of `vj analyse --plot`: everything the ears hear, over one time axis."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from vj.clock.beat_clock import SURE_OF_BAR
from vj.core.types import F32, F64

Arrays = dict[str, npt.NDArray[Any]]

_INK, _ACCENT, _SECOND, _FAINT = "#22262e", "#c8371e", "#1f6f8b", "#b9bec7"
#: What is told apart, and its colour.
_PARTS = {"drums": _ACCENT, "bass": _INK, "melody": _SECOND}
_STYLE: Any = {
    "font.family": "DejaVu Sans", "font.size": 8, "axes.linewidth": 0.6, "axes.edgecolor": _INK,
    "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6, "xtick.direction": "out", "ytick.direction": "out",
}  # fmt: skip


def draw(path: Path, title: str, a: Arrays, wave: tuple[F64, F32, F32], kind: str) -> None:
    """Write the figure as `kind` (png, pdf, svg) to `path`. Raises OSError where that fails.

    a     the arrays of `vj.audio.report.arrays`, a row a hop
    wave  seconds f64[n], lowest and highest sample f32[n] each, −1..1
    """
    import matplotlib as mpl

    panels = (_waveform, _loudness, _parts, _onsets, _envelopes, _tempo, _phase, _bar, _components)
    heights = (1.1, 0.9, 1.1, 1.1, 0.9, 0.9, 0.8, 0.9, 1.6)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(11, 11), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(len(panels), 1, sharex=True, gridspec_kw={"height_ratios": heights})
        figure.suptitle(title, fontsize=11, color=_INK, x=0.01, ha="left")
        for number, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
            panel(axis, a, wave)
            _decorate(axis, a, chr(ord("a") + number))
        axes[-1].set_xlabel("time (s)")
        axes[-1].set_xlim(0.0, float(a["t_s"][-1]))
        figure.savefig(path, format=kind)


def _decorate(axis: Axes, a: Arrays, letter: str) -> None:
    for t_s in a["segment_times_s"]:
        axis.axvline(t_s, color=_ACCENT, lw=0.9, ls=(0, (4, 2)))
    axis.text(-0.055, 1.0, letter, transform=axis.transAxes, fontweight="bold", fontsize=9, va="top")
    axis.spines[["top", "right"]].set_visible(False)
    axis.yaxis.set_label_coords(-0.04, 0.5)


def _waveform(axis: Axes, a: Arrays, wave: tuple[F64, F32, F32]) -> None:
    t_s, low, high = _coarser(wave)
    axis.fill_between(t_s, low, high, color=_INK, lw=0)
    axis.set_ylabel("waveform")
    axis.set_ylim(-1.05, 1.05)
    axis.set_yticks([-1, 0, 1])


def _loudness(axis: Axes, a: Arrays, wave: object) -> None:
    axis.plot(a["t_s"], np.maximum(a["rms_db"], -80), color=_INK, lw=0.6, label="RMS")
    axis.set_ylabel("RMS (dB)")
    axis.set_ylim(-80, 0)
    twin = axis.twinx()
    twin.plot(a["t_s"], a["level"], color=_SECOND, lw=0.6)
    twin.set_ylim(0, 1.05)
    twin.set_ylabel("level", color=_SECOND)
    twin.spines["top"].set_visible(False)


def _parts(axis: Axes, a: Arrays, wave: object) -> None:
    """Each part's level above the one before, its onsets over it."""
    for row, (name, color) in enumerate(_PARTS.items()):
        axis.fill_between(a["t_s"], row, row + 0.85 * a[name], color=color, lw=0, alpha=0.85)
        axis.vlines(a["t_s"][a[f"{name}_onset"] > 0], row + 0.87, row + 0.97, color=_INK, lw=0.4)
    axis.set_ylim(0, len(_PARTS))
    axis.set_yticks(np.arange(len(_PARTS)) + 0.4, list(_PARTS))
    axis.tick_params(axis="y", length=0)


def _onsets(axis: Axes, a: Arrays, wave: object) -> None:
    axis.plot(a["t_s"], a["onset_strength"], color=_INK, lw=0.5)
    axis.vlines(a["onset_times_s"], 1.02, 1.18, color=_ACCENT, lw=0.6)
    axis.set_ylabel("onset\nstrength, events")
    axis.set_ylim(0, 1.2)


def _envelopes(axis: Axes, a: Arrays, wave: object) -> None:
    axis.fill_between(a["t_s"], 0, a["onset_plateau"], color=_FAINT, lw=0, label="plateau")
    axis.plot(a["t_s"], a["onset_peak"], color=_ACCENT, lw=0.6, label="peak")
    axis.set_ylabel("onset\nenvelopes")
    axis.set_ylim(0, 1.05)
    _legend(axis)


def _tempo(axis: Axes, a: Arrays, wave: object) -> None:
    axis.plot(a["t_s"], a["bpm"], color=_INK, lw=0.9)
    axis.set_ylabel("tempo (bpm)")
    axis.set_ylim(55, 205)
    twin = axis.twinx()
    twin.fill_between(a["t_s"], 0, a["bpm_confidence"], color=_SECOND, alpha=0.25, lw=0)
    twin.set_ylim(0, 1.05)
    twin.set_ylabel("confidence", color=_SECOND)
    twin.spines["top"].set_visible(False)


def _phase(axis: Axes, a: Arrays, wave: object) -> None:
    axis.plot(a["t_s"], a["beat_phase"], color=_INK, lw=0.4)
    axis.vlines(a["beat_times_s"], 1.02, 1.2, color=_SECOND, lw=0.5)
    axis.set_ylabel("phase,\nbeats")
    axis.set_ylim(0, 1.22)


def _bar(axis: Axes, a: Arrays, wave: object) -> None:
    axis.fill_between(a["t_s"], 0, a["bar_confidence"], color=_SECOND, alpha=0.25, lw=0)
    axis.axhline(SURE_OF_BAR, color=_SECOND, lw=0.5, ls=(0, (1, 2)))
    axis.plot(a["t_s"], a["bar"], color=_INK, lw=0.5)
    begins, sure = bar_starts(a)
    axis.vlines(begins[sure], 1.02, 1.2, color=_ACCENT, lw=0.8)
    axis.vlines(begins[~sure], 1.02, 1.2, color=_FAINT, lw=0.8)
    axis.set_ylabel("bar,\nhow sure")
    axis.set_ylim(0, 1.22)


def bar_starts(a: Arrays) -> tuple[F64, npt.NDArray[np.bool_]]:
    """(when bars begin, in seconds f64[bars], whether that is sure bool[bars]), from arrays that hold a row a hop."""
    # A count that is moved by a beat or two falls back less than a bar.
    at = np.flatnonzero(np.diff(a["bar"], prepend=0.0) < -0.8)
    return a["t_s"][at], a["bar_confidence"][at] >= SURE_OF_BAR


def _components(axis: Axes, a: Arrays, wave: object) -> None:
    count = a["components"].shape[1]
    step = max(len(a["t_s"]) // 2000, 1)
    picture = a["components"][: len(a["t_s"]) // step * step].reshape(-1, step, count).max(1)
    extent = (0.0, float(a["t_s"][-1]), -0.5, count - 0.5)
    axis.imshow(picture.T, aspect="auto", origin="lower", extent=extent, cmap="magma", vmin=0, vmax=1)
    axis.set_ylabel("component")
    axis.set_yticks([0, 5, 11], ["1", "6", "12"])


def _legend(axis: Axes) -> None:
    axis.legend(loc="upper right", frameon=False, fontsize=7, ncols=2, borderaxespad=0.1)


def _coarser(wave: tuple[F64, F32, F32]) -> tuple[F64, F32, F32]:
    """The outline with at most a few thousand points, keeping the extremes."""
    t_s, low, high = wave
    step = max(len(t_s) // 3000, 1)
    n = len(t_s) // step * step
    return t_s[:n:step], low[:n].reshape(-1, step).min(1), high[:n].reshape(-1, step).max(1)
