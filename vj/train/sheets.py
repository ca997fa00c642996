"""Sheets of pictures and the figure of a training: what people judge a model by."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from vj.core.errors import UsageError
from vj.core.files import replacing
from vj.core.types import F64, U8

_GAP = 2
_GROUND = (16, 16, 18)
#: What a page of documentation loads without a thought.
SMALL_BYTES = 400_000
_KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}

_INK, _ACCENT, _SECOND, _FAINT = "#22262e", "#c8371e", "#1f6f8b", "#b9bec7"
_STYLE: Any = {
    "font.family": "DejaVu Sans", "font.size": 8, "axes.linewidth": 0.6, "axes.edgecolor": _INK,
    "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
}  # fmt: skip
#: Panels of the figure: title, columns of the log, whether zero belongs to the axis.
_PANELS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("distance to the known pictures", ("distance",), True),
    ("loss", ("g_loss", "d_loss"), True),
    ("logits", ("real_logit", "fake_logit"), False),
    ("R1", ("r1",), True),
    ("path length", ("path", "path_mean"), True),
    ("augmentation p, sign of real logits", ("ada_p", "real_sign"), True),
    ("Fréchet distance", ("fid",), True),
    ("images a second", ("images_per_s",), True),
)


def contact_sheet(pictures: U8, columns: int, tile: int) -> U8:
    """u8[n, h, w, 3] → one picture of rows of `columns`, each scaled to `tile` pixels a side, with narrow gaps."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (tile + _GAP) + _GAP, rows * (tile + _GAP) + _GAP), _GROUND)
    for i, picture in enumerate(pictures):
        shown = Image.fromarray(picture)
        if shown.size != (tile, tile):
            smaller = tile < shown.width
            shown = shown.resize((tile, tile), Image.Resampling.LANCZOS if smaller else Image.Resampling.BICUBIC)
        sheet.paste(shown, (_GAP + i % columns * (tile + _GAP), _GAP + i // columns * (tile + _GAP)))
    return np.asarray(sheet)


def save_sheet(path: Path, sheet: U8, max_bytes: int | None = SMALL_BYTES) -> None:
    """Write a sheet u8[h, w, 3] as .png or .jpg; a JPEG takes the best quality that fits `max_bytes` (None: the best).

    Raises UsageError for other endings and where it cannot be written.
    """
    check_ending(path)
    _write(path, _encoded(Image.fromarray(sheet), _KINDS[path.suffix.lower()], max_bytes))


def check_ending(path: Path) -> None:
    """Raises UsageError where a sheet cannot be written by that name, before there is anything to lose."""
    if path.suffix.lower() not in _KINDS:
        raise UsageError(f"{path}: found the ending {path.suffix!r}, expected .png or .jpg")


def _encoded(picture: Image.Image, kind: str, max_bytes: int | None) -> bytes:
    for quality in range(95, 35, -5):
        data = io.BytesIO()
        picture.save(data, kind, quality=quality, optimize=True)
        if kind == "PNG" or max_bytes is None or data.tell() <= max_bytes:
            break
    return data.getvalue()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    try:
        with replacing(path) as part:
            part.write_bytes(data)
    except OSError as e:
        raise UsageError(f"{path}: cannot be written: {e.strerror or e}") from e


def beside(left: U8, right: U8) -> U8:
    """Two sheets u8[h, …, 3] of the same height, side by side with a gap: u8[h, w, 3]."""
    gap = np.full((len(left), left.shape[1] // 40 + 1, 3), _GROUND, np.uint8)
    return np.concatenate([left, gap, right], 1)


def training_figure(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw a training's log (rows as `vj.train.report.read_log` gives them) over thousands of pictures seen: PNG.

    Panels without figures are left out; stages are set apart by lines. Raises UsageError where it cannot be written.
    """
    import matplotlib as mpl

    present = {name for row in rows for name in row}
    panels = [(title, tuple(n for n in names if n in present), zero) for title, names, zero in _PANELS]
    panels = [panel for panel in panels if panel[1]]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 1.0 + 1.3 * max(len(panels), 1)), dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        axes = list(figure.subplots(max(len(panels), 1), 1, sharex=True, squeeze=False)[:, 0])
        for axis, (title, names, zero) in zip(axes, panels, strict=False):
            _panel(axis, rows, title, names, zero)
        _stages(axes, rows)
        axes[-1].set_xlabel("thousand pictures seen")
        data = io.BytesIO()
        figure.savefig(data, format="png")
    _write(path, data.getvalue())


def _panel(axis: Axes, rows: Sequence[Mapping[str, Any]], title: str, names: tuple[str, ...], zero: bool) -> None:
    for name, colour in zip(names, (_INK, _ACCENT), strict=False):
        kimg, values = _column(rows, name)
        # Few points are shown as such: a line alone does not tell one measurement from none.
        axis.plot(kimg, values, color=colour, lw=0.9, label=name, marker="." if len(kimg) < 60 else None, ms=4)
    axis.set_title(title, fontsize=8, loc="left", color=_INK)
    if zero:
        axis.axhline(0.0, color=_FAINT, lw=0.5)
    if len(names) > 1:
        axis.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), frameon=False, fontsize=7, ncols=2, borderaxespad=0)
    axis.spines[["top", "right"]].set_visible(False)


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[F64, F64]:
    told = [(float(row["kimg"]), float(row[name])) for row in rows if name in row]
    return np.array([k for k, _ in told]), np.array([v for _, v in told])


def _stages(axes: Sequence[Axes], rows: Sequence[Mapping[str, Any]]) -> None:
    """A line where a stage begins, and its name over the first panel."""
    last = None
    for row in rows:
        if (stage := row.get("stage")) == last or not stage:
            continue
        at = float(row["kimg"])
        for axis in axes:
            axis.axvline(at, color=_SECOND, lw=0.7, ls=(0, (4, 2)))
        axes[0].annotate(
            str(stage).rpartition(":")[0] or str(stage), (at, 1.0), xycoords=("data", "axes fraction"),
            xytext=(2, 13), textcoords="offset points", fontsize=7, color=_SECOND,
        )  # fmt: skip
        last = stage
