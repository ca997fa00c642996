"""Whether a folder can be begun, gone on with, or is whole already: what was asked for then is compared with now."""

import json
from pathlib import Path
from typing import Any

from vj.core.errors import DatasetError, UsageError
from vj.train.dataset import MANIFEST, read_manifest
from vj.train.dataset_writer import Progress, Tally, read_progress


def begin_at(folder: Path, settings: dict[str, Any]) -> Progress | None:
    """Where to begin in `folder`; None when the data set is whole. Raises UsageError when it holds something else."""
    if not folder.exists():
        return _nothing_yet(settings)
    if not folder.is_dir():
        raise UsageError(f"{folder}: is a file, expected a folder for the data set")
    if (folder / MANIFEST).exists():
        manifest = read_manifest(folder)[0]
        _check_same(folder, _settings_in(manifest), settings)
        return None
    if found := read_progress(folder):
        _check_same(folder, found[1], settings)
        return found[0]
    if any(folder.iterdir()):
        raise UsageError(f"{folder}: is not empty and holds no data set, expected a new or an empty folder")
    return _nothing_yet(settings)


def _nothing_yet(settings: dict[str, Any]) -> Progress:
    return Progress(0, 0, 0, (Tally(),) * len(settings["sources"]))


def make_folder(folder: Path) -> None:
    """Make the folder where there is none. Raises DatasetError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise DatasetError(f"{folder}: cannot be made: {e.strerror or e}") from None


def _settings_in(manifest: dict[str, Any]) -> dict[str, Any]:
    counts = tally_json(Tally()).keys()
    sources = [{key: value for key, value in s.items() if key not in counts} for s in manifest["sources"]]
    return {
        "size": manifest["resolution"],
        **manifest.get("settings", {}),
        "licence": manifest["licence"],
        "sources": sources,
    }


def _check_same(folder: Path, there: Any, here: Any) -> None:
    if difference := _difference(there, here, ""):
        key, old, new = difference
        raise UsageError(
            f"{folder}: was begun with {key[:60]} {old}, and this command has {new}: "
            "take another folder, or the same arguments to go on"
        )


def _difference(there: Any, here: Any, key: str) -> tuple[str, str, str] | None:
    """The first place where two JSON values differ: key, one value, the other."""
    if isinstance(there, dict) and isinstance(here, dict):
        pairs = [(f"{key} {k}".strip(), there.get(k), here.get(k)) for k in here | there]
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        pairs = [(f"{key} {i + 1}", a, b) for i, (a, b) in enumerate(zip(there, here, strict=True))]
    else:
        return None if there == here else (key, _short(there), _short(here))
    return next((found for k, a, b in pairs if (found := _difference(a, b, k))), None)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "…"


def tally_json(tally: Tally) -> dict[str, Any]:
    """A source's counts as its manifest entry has them."""
    return {
        "count": tally.kept,
        "duplicates": tally.duplicate,
        "too_small": tally.small,
        "broken": tally.broken,
        "broken_files": list(tally.broken_files),
    }
