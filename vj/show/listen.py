"""`vj listen`: what the ears hear, in the terminal, as it is heard."""

import contextlib
import sys
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from vj.audio import events
from vj.audio.listener import AudioInput, Listener, Status
from vj.core.errors import VjError
from vj.core.types import I64

_LOOK_S = 1 / 30
_WIDTH = 40
_BANDS = ("sub", "low", "mid", "high")


class NothingHeard(VjError):
    """There is no device to listen to."""


def run(wanted: AudioInput, values: Mapping[str, float], seconds: float) -> str:
    """Listen, and show it, for `seconds` (0: until Ctrl-C or the file's end); returns a line that sums it up.

    In a terminal: meters that move. Elsewhere: a line a second. Raises NothingHeard where no sound came in all the
    time, and what the source raises.
    """
    with Listener(wanted, values) as listener:
        # Ctrl-C is the ordinary end.
        with contextlib.suppress(KeyboardInterrupt):
            (_watch if sys.stdout.isatty() else _print)(listener, seconds)
        status = listener.tend()
        heard = listener.rows.written
    if not heard:
        raise NothingHeard(f"no sound came: {status.device or status.state}")
    return (
        f"{status.device}: {heard} rows, {status.lost_s:.2f} s of sound missed, {status.overflows} overflows, "
        f"{status.restarts} restarts of the capture, {status.ears_restarts} of the analysis"
    )


def _going_on(listener: Listener, seconds: float) -> Any:
    """(status, newest row) thirty times a second."""
    end_s = time.monotonic() + seconds
    while not seconds or time.monotonic() < end_s:
        status = listener.tend()
        yield status, listener.newest()
        if status.ended:
            return
        time.sleep(_LOOK_S)


def _watch(listener: Listener, seconds: float) -> None:
    with Live(console=Console(), auto_refresh=False, transient=True) as live:
        seen: I64 | None = None
        for status, row in _going_on(listener, seconds):
            seen, new = events.look(seen, row)
            live.update(picture(status, row, struck=new["onset"] > 0), refresh=True)


def _print(listener: Listener, seconds: float) -> None:
    told_s = 0.0
    for status, row in _going_on(listener, seconds):
        if time.monotonic() - told_s >= 1.0:
            told_s = time.monotonic()
            print(line(status, row), flush=True)


def line(status: Status, row: Any) -> str:
    """One line for a log."""
    if row is None or status.state != "open":
        return f"{status.state}: {status.device}"
    return (
        f"{row['rms_db']:6.1f} dBFS  level {row['level']:.2f}  drums {row['drums']:.2f}  {row['bpm']:6.1f} bpm "
        f"({row['bpm_confidence']:.2f})  beat {row['beat_phase']:.2f}  "
        f"{(row['t_out_s'] - row['t_air_s']) * 1000:5.1f} ms  missed {status.lost_s:.2f} s"
    )


def picture(status: Status, row: Any, *, struck: bool = False) -> Table:
    """Meters, lights and numbers; `struck`: there was an onset since the last look."""
    table = Table.grid(padding=(0, 1))
    table.add_row("input", f"{status.device}  {status.rate_hz:g} Hz" if status.rate_hz else status.device or "…")
    if row is None or status.state != "open":
        table.add_row("", Text(status.state, style="bold yellow"))
        return table
    table.add_row("level", _meter(float(row["level"]), f"{float(row['rms_db']):6.1f} dBFS"))
    for name, value in zip(_BANDS, row["bands"], strict=True):
        table.add_row(name, _meter(float(value)))
    for name in ("drums", "bass", "melody"):
        table.add_row(name, _meter(float(row[name])))
    onset = Text("● onset" if row["onset_plateau"] > 0.5 else "○ onset", style="bold red" if struck else "")
    table.add_row("", onset)
    phase = int(float(row["beat_phase"]) * _WIDTH) % _WIDTH
    table.add_row("beat", Text("·" * phase + "●" + "·" * (_WIDTH - 1 - phase), style="cyan"))
    table.add_row("tempo", f"{float(row['bpm']):.1f} bpm, confidence {float(row['bpm_confidence']):.2f}")
    table.add_row("delay", f"{(float(row['t_out_s']) - float(row['t_air_s'])) * 1000:.1f} ms from the air to here")
    table.add_row("missed", f"{status.lost_s:.2f} s, {status.overflows} overflows, {status.restarts} restarts")
    return table


def _meter(value: float, note: str = "") -> Text:
    filled = round(min(max(value, 0.0), 1.0) * _WIDTH)
    return Text("█" * filled + "░" * (_WIDTH - filled) + f"  {note}", style="green")
