"""A training's folder: checkpoints, log, samples, curves, and the model as it stands.

RUN/checkpoint-000120000.safetensors   the last three
RUN/model.safetensors                  the averaged generator with its card
RUN/log.csv                            a row every thousand pictures
RUN/samples.png                        latents drawn once, shown at every snapshot
RUN/taught.png                         known pictures above the network's own, where it is taught
RUN/samples-000120.png                 the first of these, by thousand pictures
RUN/curves.png, RUN/events…            the log as a figure and for TensorBoard
"""

import csv
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vj.core.errors import TrainingError
from vj.core.files import replacing
from vj.core.types import F32, U8
from vj.train import export, pictures
from vj.train.checkpoint import Checkpoint, pack_checkpoint, save_checkpoint
from vj.train.feed import Feed
from vj.train.settings import Stage
from vj.train.state import generator_arch, part

COLUMNS = (
    "kimg", "stage", "images_per_s", "distance", "g_loss", "d_loss", "fake_logit", "real_logit", "real_sign",
    "r1", "path", "path_mean", "ada_p", "fid", "r2", "clipped",
)  # fmt: skip
_COLUMNS_OF_SAMPLES = 8
#: Known pictures by which it is told how much has been learned of them.
_EXPLAINED = 256
_ROWS_OF_SAMPLES = 4


def _say(line: str) -> None:
    # Where nobody watches a terminal somebody reads a file.
    print(line, flush=True)


@dataclass(frozen=True, slots=True)
class Extras:
    """What is told beside checkpoints and pictures.

    say     one line for a person
    fid     pictures drawn u8[n, h, w, 3] → their distance to the data set's; None for none
    fid_of  how many pictures that is measured on
    board   told (kimg, figures, name → picture): TensorBoard
    keep    where the newest state is packed into at every snapshot; None: nowhere
    curves  told (rows of the log, where to write the figure)
    """

    say: Callable[[str], None] = _say
    fid: Callable[[U8], float] | None = None
    fid_of: int = 500
    board: Callable[[float, Mapping[str, float], Mapping[str, U8]], None] | None = None
    keep: Path | None = None
    curves: Callable[[list[dict[str, Any]], Path], None] | None = None


class Report:
    """Writes a training's folder; a `vj.train.loop.Watcher`."""

    def __init__(self, run: Path, feed: Feed, name: str, command: str, extras: Extras) -> None:
        self._run, self._feed, self._name, self._command, self._extras = run, feed, name, command, extras
        self._row: dict[str, Any] = {}
        rng = np.random.default_rng([feed.settings.seed, 7])
        count = _COLUMNS_OF_SAMPLES * _ROWS_OF_SAMPLES
        self._z: F32 = rng.standard_normal((count, feed.settings.generator.z_dim), np.float32)

    def figures(self, seen: int, stage: Stage, means: Mapping[str, float], images_per_s: float) -> None:
        """Append a row to the log."""
        told = {"kimg": f"{seen / 1000:.3f}", "stage": str(stage), "images_per_s": f"{images_per_s:.2f}"}
        self._row = {**told, **{k: f"{v:.5g}" for k, v in means.items() if k in COLUMNS}}
        _append(self._run / "log.csv", self._row)

    def snapshot(self, found: Checkpoint, stage: Stage, left_s: float) -> None:
        """Save the state and the model, and show what it draws."""
        save_checkpoint(self._run, found)
        if self._extras.keep:
            pack_checkpoint(self._extras.keep, found)
        card = export.card(found, self._feed.dataset, self._name, self._command)
        export.export(self._run / "model.safetensors", found, card)
        shown = self._shown(found, stage)
        for name, picture in shown.items():
            _save_png(self._run / f"{name}.png", picture)
        shutil.copyfile(self._run / "samples.png", self._run / f"samples-{found.seen // 1000:06d}.png")
        measured = self._measured(found, stage)
        if self._extras.board:
            self._extras.board(found.seen / 1000, _numbers({**self._row, **measured}), shown)
        if self._extras.curves:
            self._extras.curves(read_log(self._run / "log.csv"), self._run / "curves.png")
        figures = " ".join(f"{k} {self._row[k]}" for k in COLUMNS[3:] if k in self._row)
        told = " ".join(f"{k} {v:.4g}" for k, v in measured.items())
        rate = self._row.get("images_per_s", "0")
        self._extras.say(
            f"{found.seen / 1000:.1f} kimg, {stage}: {figures} {told}, {rate} images/s, {_time(left_s)} left"
        )

    def _shown(self, found: Checkpoint, stage: Stage) -> dict[str, U8]:
        arch, tensors = generator_arch(found.settings, stage.resolution), part(found.state, "ema.")
        out = {"samples": pictures.grid(pictures.draw(tensors, arch, self._z), _COLUMNS_OF_SAMPLES)}
        if stage.kind in ("teach", "sharpen"):
            given = self._feed.examples(2 * _COLUMNS_OF_SAMPLES, stage)
            own = pictures.draw(tensors, arch, given["z"])
            rows = [x[i : i + _COLUMNS_OF_SAMPLES] for i in (0, _COLUMNS_OF_SAMPLES) for x in (given["real"], own)]
            out["taught"] = pictures.grid(np.concatenate(rows), _COLUMNS_OF_SAMPLES)
        return out

    def _measured(self, found: Checkpoint, stage: Stage) -> dict[str, float]:
        """What is measured on pictures at a snapshot; a row of the log besides those of the steps."""
        measured = self._fid(found, stage) | self._explained(found, stage)
        if measured:
            told = {"kimg": f"{found.seen / 1000:.3f}", "stage": str(stage)}
            _append(self._run / "log.csv", told | {name: f"{value:.5g}" for name, value in measured.items()})
        return measured

    def _fid(self, found: Checkpoint, stage: Stage) -> dict[str, float]:
        if not self._extras.fid:
            return {}
        arch, rng = generator_arch(found.settings, stage.resolution), np.random.default_rng([found.settings.seed, 8])
        z = rng.standard_normal((self._extras.fid_of, arch.z_dim), np.float32)
        fid = self._extras.fid(pictures.draw(part(found.state, "ema."), arch, z))
        return {"fid": fid}

    def _explained(self, found: Checkpoint, stage: Stage) -> dict[str, float]:
        """Of pictures that belong to latents: how much of what varies in them the network's own have."""
        if stage.kind not in ("teach", "sharpen"):
            return {}
        given = self._feed.examples(_EXPLAINED, stage)
        own = pictures.draw(part(found.state, "ema."), generator_arch(found.settings, stage.resolution), given["z"])
        r2 = pictures.explained(own, given["real"])
        return {"r2": r2}


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a log: column name → text or number; what a row does not tell is missing."""
    if not path.exists():
        return []
    with path.open(newline="") as f:
        return [{k: v if k == "stage" else float(v) for k, v in row.items() if v} for row in csv.DictReader(f)]


def cut_log(path: Path, seen: int) -> None:
    """Drop the rows after `seen` pictures: a training that resumes there tells them again."""
    rows = [row for row in read_log(path) if row["kimg"] <= seen / 1000 + 1e-6]
    with replacing(path) as part, part.open("w", newline="") as f:
        writer = csv.DictWriter(f, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _append(path: Path, row: Mapping[str, Any]) -> None:
    try:
        with path.open("a", newline="") as f:
            csv.DictWriter(f, COLUMNS).writerow(row)
    except OSError as e:
        raise TrainingError(f"{path}: cannot be written: {e.strerror}") from e


def _save_png(path: Path, picture: U8) -> None:
    try:
        Image.fromarray(picture).save(path)
    except OSError as e:
        raise TrainingError(f"{path}: cannot be written: {e.strerror}") from e


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    return {k: float(v) for k, v in row.items() if k not in ("stage", "kimg")}


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
