"""Where the bundled shaders, presets and models lie: inside an installed wheel, or beside the package in a checkout."""

from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs

from vj.core.errors import UsageError

_PACKAGE = Path(__file__).parents[1]


def _bundled(kind: str) -> Path:
    packed = _PACKAGE / "_bundled" / kind
    return packed if packed.is_dir() else _PACKAGE.parent / kind


def shaders_dir() -> Path:
    """The folder of bundled ISF files."""
    return _bundled("shaders")


def presets_dir() -> Path:
    """The folder of bundled presets."""
    return _bundled("presets")


def models_dir() -> Path:
    """The folder of bundled networks."""
    return _bundled("models")


def gallery_dir() -> Path:
    """The folder of pictures of the bundled shaders."""
    packed = _PACKAGE / "_bundled" / "gallery"
    return packed if packed.is_dir() else _PACKAGE.parent / "docs" / "images" / "shaders"


def config_dir() -> Path | None:
    """The folder of what a performer saves: presets, mappings of controllers, settings; None for a user without any."""
    return _own(platformdirs.user_config_dir)


def logs_dir() -> Path | None:
    """The folder of the shows' logs; None for a user without a folder."""
    return _own(platformdirs.user_log_dir)


def sets_dir() -> Path | None:
    """Where it is written down what the last sets were played of, None where there is no place for it."""
    logs = logs_dir()
    return logs.parent / "sets" if logs else None


def cache_dir() -> Path | None:
    """The folder of what can be made again: compiled programs; None for a user without a folder."""
    return _own(platformdirs.user_cache_dir)


def preset_dirs() -> tuple[Path, ...]:
    """Where presets are looked for by name, in order: the performer's, where there are any, and the bundled ones."""
    own = config_dir()
    return (own / "presets", presets_dir()) if own else (presets_dir(),)


def _own(folder: Callable[[str], str]) -> Path | None:
    try:
        path = Path(folder("vj"))
    except RuntimeError:
        return None
    # Older platformdirs give a user that the system has no home for a folder named "~" where vj happens to be started.
    return path if path.is_absolute() else None


def find(kind: str, name_or_path: str, folders: Path | Sequence[Path], suffix: str) -> Path:
    """The file that a command line means: a path as it stands, or the name of one in `folders` without its suffix.

    Raises UsageError that names those that there are when there is neither.
    """
    path = Path(name_or_path)
    if path.suffix == suffix or _is_there(path):
        return path
    looked_in = [folders] if isinstance(folders, Path) else folders
    for folder in looked_in:
        if _is_there(bundled := folder / (name_or_path + suffix)):
            return bundled
    known = ", ".join(sorted({p.stem for folder in looked_in for p in folder.glob("*" + suffix)})) or "none"
    raise UsageError(
        f"{kind} {name_or_path!r:.100}: no such file, and no bundled {kind} of that name (bundled: {known})"
    )


def _is_there(path: Path) -> bool:
    """Whether there is such a file or folder; there is none with a name that no system allows."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
