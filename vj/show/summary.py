"""Tables for people and trees for programs: what the commands print."""

import io
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from vj.audio import features
from vj.core.types import Signal
from vj.params.bounds import expected, written
from vj.params.registry import Registry
from vj.show.offline import Timings


def params_json(registry: Registry) -> list[dict[str, Any]]:
    """One entry a parameter, then one a signal: id, OSC address, kind, range, default, unit, doc."""
    rows = [
        {
            "id": p.id, "osc": "/vj/" + p.id, "kind": p.kind, "lo": p.lo, "hi": p.hi, "default": written(p, p.default),
            "unit": p.unit, "curve": p.curve, "bound": p.bound, "choices": list(p.choices), "rebuild": p.rebuild,
            "doc": p.doc,
        }
        for p in registry
    ]  # fmt: skip
    return rows + [_signal_json(s) for s in features.SIGNALS]


def _signal_json(s: Signal) -> dict[str, Any]:
    return {
        "id": "audio/" + s.name, "osc": "/vj/audio/" + s.name, "kind": "signal", "lo": s.lo, "hi": s.hi, "unit": s.unit,
        "width": s.width, "doc": s.doc,
    }  # fmt: skip


def params_text(registry: Registry) -> str:
    """The parameters and the read-only signals as two tables."""
    table = Table("parameter", "default", "takes", "what it does", title="Parameters", box=None, title_justify="left")
    for p in registry:
        table.add_row(p.id, _short(written(p, p.default)), expected(p).removeprefix("a number "), p.doc)
    signals = Table(
        "signal", "range", "what it is", title="\nSignals that modulation can use", box=None, title_justify="left"
    )
    for s in features.SIGNALS:
        name = s.name if s.width == 1 else f"{s.name}/0 … {s.name}/{s.width - 1}"
        signals.add_row(name, f"{s.lo:g}..{s.hi:g} {s.unit}".rstrip(), s.doc)
    return text_of(table, signals)


def timings_text(out: Path, t: Timings) -> str:
    """Where a render's time went; the stages overlap, so their sum may exceed the total."""
    drawn_s = max(t.total_s - t.ready_s, 1e-9)
    per_frame = "  ".join(
        f"{name} {1000 * spent_s / max(t.frames, 1):.1f}"
        for name, spent_s in (
            ("network", t.network_s), ("analysis", t.analysis_s), ("shaders", t.shaders_s), ("encoding", t.encoding_s),
        )
    )  # fmt: skip
    text = (
        f"{out}: {t.frames} frames in {t.total_s:.1f} s ({t.ready_s:.1f} s to start), {t.frames / drawn_s:.1f} fps\n"
        f"ms a frame, each in its own process or thread: {per_frame}"
    )
    text += f"\n{t.troubles}" if t.troubles else ""
    return text + (f"\n{limited_text(t)}" if t.limited_frames else "")


def limited_text(t: Timings) -> str:
    """In how much of a render flashes were held back."""
    return (
        f"flashes held back in {t.limited_frames / max(t.frames, 1):.1%} of the frames, "
        f"on {t.limited_share:.1%} of all pictures"
    )


def text_of(*tables: Table) -> str:
    """Rich tables as plain text, as wide as the terminal or 120 columns."""
    console = Console(file=io.StringIO(), width=Console().width if Console().is_terminal else 120)
    for table in tables:
        console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().rstrip()


def _short(value: float | bool | str) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
