"""`vj analyse`: what the ears hear in a file, as arrays, as a table, as a figure."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vj.audio.analyser import Analyser
from vj.audio.features import SIGNALS
from vj.audio.input.file import FileSource
from vj.audio.spectrum import to_mono
from vj.core.errors import MediaError, UsageError
from vj.core.files import replacing
from vj.core.types import F32, F64, Params

#: Fields that are event times: they leave the table of rows and become lists.
_EVENTS = ("onset_t_s", "beat_t_s")
#: The waveform is drawn from the extremes of pieces this long.
_OUTLINE_SAMPLES = 256


def analyse_file(
    audio: Path,
    output: Path,
    plot: Path | None,
    p: Params,
    on_progress: Callable[[float, float | None], None] | None = None,
) -> str:
    """Analyse a file and write `output` (.npz or .csv) and, if wanted, a figure; returns a summary in one line.

    Arrays, one row a hop: t_s and every signal. Event lists: onset_times_s (where the onset is), onset_decided_s (end
    of the hop that decided it), beat_times_s, segment_times_s. Raises MediaError or UsageError.
    """
    if output.suffix not in (".npz", ".csv"):
        raise UsageError(f"{output}: found the ending {output.suffix!r}, expected .npz or .csv")
    source = FileSource(audio)
    rows, wave = _analysed(source, p, on_progress)
    if not len(rows):
        raise MediaError(f"{audio}: shorter than one step of the analysis, expected at least 20 ms of sound")
    with _whole_file(output) as part:
        if output.suffix == ".npz":
            with part.open("wb") as f:
                np.savez_compressed(f, **arrays(rows))  # type: ignore[arg-type]
        else:
            write_csv(part, rows)
    if plot is not None:
        from vj.audio.figure import draw

        with _whole_file(plot) as part:
            draw(part, audio.name, arrays(rows), wave, plot.suffix.removeprefix(".") or "png")
    return summary(audio, rows, source)


def arrays(rows: npt.NDArray[np.void]) -> dict[str, npt.NDArray[Any]]:
    """Arrays [hops] or [hops, width] and event lists, seconds f64[events], from rows FEATURE_DTYPE[hops], by name."""
    out = {"t_s": rows["t_s"]} | {s.name: rows[s.name] for s in SIGNALS if s.name not in _EVENTS}
    onset, beat = rows["onset"] > 0, rows["beat"] > 0
    changed = np.flatnonzero(np.diff(rows["tempo_segment"], prepend=rows["tempo_segment"][:1]))
    events = {
        "onset_times_s": rows["onset_t_s"][onset],
        "onset_decided_s": rows["t_s"][onset],
        "beat_times_s": rows["beat_t_s"][beat],
        "segment_times_s": rows["t_s"][changed],
    }
    return out | events


def write_csv(path: Path, rows: npt.NDArray[np.void]) -> None:
    """Write rows, FEATURE_DTYPE[hops]: one line a hop, a column a value.

    An event's time stands in the line of the hop that decided it.
    """
    columns = ["t_s"]
    for s in SIGNALS:
        columns += [s.name] if s.width == 1 else [f"{s.name}_{i}" for i in range(s.width)]
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerow(columns)
        names = ("t_s", *(s.name for s in SIGNALS))
        for row in rows:
            flat = np.concatenate([np.ravel(row[name]).astype(np.float64) for name in names])
            writer.writerow(["" if np.isnan(v) else f"{v:.9g}" for v in flat])


def summary(audio: Path, rows: npt.NDArray[np.void], source: FileSource) -> str:
    """What was found in rows, FEATURE_DTYPE[hops], in a line."""
    text = (
        f"{audio.name}: {rows['t_s'][-1]:.1f} s, {int(rows['onset'].sum())} onsets, {int(rows['beat'].sum())} beats, "
        f"{float(np.median(rows['bpm'])):.1f} bpm, {int(rows['tempo_segment'][-1]) + 1} segments"
    )
    if source.unreadable:
        text += f"; {source.unreadable} damaged packets left out"
    if source.not_finite:
        text += f"; {source.not_finite} samples that were not numbers became silence"
    return text


def _analysed(
    source: FileSource, p: Params, on_progress: Callable[[float, float | None], None] | None
) -> tuple[npt.NDArray[np.void], tuple[F64, F32, F32]]:
    """All feature rows, and the waveform's outline (t_s, lowest, highest) for the figure."""
    analyser = Analyser(source.rate_hz)
    kept, outline, heard = [], [], 0
    for block in source.blocks():
        kept.append(analyser.process(block, p))
        mono = to_mono(block)
        for i in range(0, len(mono), _OUTLINE_SAMPLES):
            piece = mono[i : i + _OUTLINE_SAMPLES]
            outline.append(((heard + i) / source.rate_hz, float(piece.min()), float(piece.max())))
        heard += len(block)
        if on_progress:
            on_progress(heard / source.rate_hz, source.duration_s)
    t_s, low, high = np.array(outline).T
    return np.concatenate(kept), (t_s, low.astype(np.float32), high.astype(np.float32))


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to (`vj.core.files.replacing`). Raises MediaError."""
    try:
        with replacing(path) as part:
            yield part
    except OSError as e:
        raise MediaError(f"{path}: cannot be written: {e.strerror or e}") from e
