"""Checkpoints: everything that a training needs to go on as if it had not stopped, in one safetensors file.

The header's metadata holds `vj_training` (the format's version) and `about`, a JSON object: the settings, how many
pictures were seen, the augmentation's state and which data set. Tensors are those of `vj.train.state`. What is drawn at
random depends on the seed and on the pictures seen alone (`vj.train.feed`), so no generator's state needs keeping.

A packed one ("packed" in the metadata) holds the weights alone, in half precision: a fifth of the size, for carrying a
training from machine to machine. Adam begins anew there, so what follows is near, and not the same to the bit.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from vj.core import checked_json
from vj.core.errors import TrainingError
from vj.core.files import check_ordinary, reason, replacing
from vj.train.settings import Settings
from vj.train.state import State, misfit, with_fresh_moments

FORMAT = "1"
KEPT = 3
_WEIGHTS = ("g.", "d.", "ema.", "path_mean")
_NAME = re.compile(r"checkpoint-(\d{9})\.safetensors")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A training at one moment.

    seen     pictures shown so far
    ada      state of the augmentation: {"p", "signs", "count"}
    dataset  digest of the data set
    """

    settings: Settings
    seen: int
    state: State
    ada: Mapping[str, float]
    dataset: str


def save_checkpoint(run: Path, found: Checkpoint) -> Path:
    """Write RUN/checkpoint-<seen>.safetensors, whole or not at all, and delete all but the last three.

    Raises TrainingError where it cannot be written, and for a state that holds NaN: the earlier checkpoints stay.
    """
    if broken := [name for name, a in found.state.items() if not np.isfinite(a).all()]:
        raise TrainingError(f"{broken[0]} holds NaN or infinity after {found.seen} pictures; {_last_good(run)}")
    path = run / f"checkpoint-{found.seen:09d}.safetensors"
    _write(path, found, found.state, {}, np.float32, _last_good(run))
    for old in checkpoints(run)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def pack_checkpoint(path: Path, found: Checkpoint) -> None:
    """Write a packed checkpoint, whole or not at all. Raises TrainingError where it cannot be written."""
    weights = {name: a for name, a in found.state.items() if name.startswith(_WEIGHTS)}
    _write(path, found, weights, {"packed": "1"}, np.float16, "the training's own checkpoints are there")


def _write(
    path: Path, found: Checkpoint, state: State, metadata: Mapping[str, str], dtype: type, otherwise: str
) -> None:
    about = {"settings": found.settings.as_dict(), "seen": found.seen, "ada": found.ada, "dataset": found.dataset}
    tensors: dict[str, Any] = {name: np.ascontiguousarray(a, dtype).reshape(a.shape) for name, a in state.items()}
    try:
        with replacing(path) as part:
            save_file(tensors, part, {"vj_training": FORMAT, "about": json.dumps(about, sort_keys=True), **metadata})
    except (OSError, SafetensorError) as e:
        raise TrainingError(f"{path}: cannot be written: {reason(e)}; {otherwise}") from e


def load_checkpoint(path: Path) -> Checkpoint:
    """Read one. Raises TrainingError naming the file and what is wrong with it."""
    try:
        check_ordinary(path)
        with safe_open(path, "np") as f:
            metadata = f.metadata() or {}
            if metadata.get("vj_training") != FORMAT:
                raise TrainingError(f"{path}: not a checkpoint of `vj train`")
            about = checked_json.tree(f"{path}: its header", metadata.get("about", ""), TrainingError)
            state = {name: f.get_tensor(name) for name in f.keys()}  # noqa: SIM118 – not a dict
            if "packed" in metadata:
                state = with_fresh_moments({name: np.asarray(a, np.float32) for name, a in state.items()})
    except FileNotFoundError:
        raise TrainingError(f"{path}: no such file") from None
    except (SafetensorError, OSError, ValueError, RecursionError) as e:
        raise TrainingError(f"{path}: damaged or not a checkpoint ({e})") from None
    return _checked(path, about, state)


def checkpoints(run: Path) -> list[Path]:
    """Those of a run, oldest first."""
    return sorted(p for p in run.glob("checkpoint-*.safetensors") if _NAME.fullmatch(p.name))


def _last_good(run: Path) -> str:
    kept = checkpoints(run)
    return f"the last good checkpoint is {kept[-1]}" if kept else "there is no checkpoint yet"


def _checked(path: Path, about: Any, state: State) -> Checkpoint:
    if not isinstance(about, dict) or about.keys() != {"settings", "seen", "ada", "dataset"}:
        raise TrainingError(f"{path}: damaged: expected settings, seen, ada and dataset in the header")
    try:
        settings = Settings.from_dict(about["settings"])
    except TrainingError as e:
        raise TrainingError(f"{path}: {e}") from None
    seen, ada = about["seen"], about["ada"]
    if type(seen) is not int or seen < 0 or not isinstance(ada, dict):
        raise TrainingError(f"{path}: damaged: found {seen!r:.60} pictures seen")
    if broken := [name for name, a in state.items() if a.dtype != np.float32 or not np.isfinite(a).all()]:
        raise TrainingError(f"{path}: damaged: {broken[0]} is not finite float32")
    if wrong := misfit(state, settings):
        raise TrainingError(f"{path}: {wrong}")
    return Checkpoint(settings, seen, state, ada, str(about["dataset"]))
