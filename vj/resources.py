"""Where the bundled shaders, presets and models lie: inside an installed wheel, or beside the package in a checkout."""

from pathlib import Path

from vj.errors import UsageError

_PACKAGE = Path(__file__).parent


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


def find(kind: str, name_or_path: str, folder: Path, suffix: str) -> Path:
    """The file that a command line means: a path as it stands, or the name of a bundled one without its suffix.

    Raises UsageError that names the bundled ones when there is neither.
    """
    path = Path(name_or_path)
    if path.suffix == suffix or path.exists():
        return path
    bundled = folder / (name_or_path + suffix)
    if bundled.is_file():
        return bundled
    known = ", ".join(sorted(p.stem for p in folder.glob("*" + suffix))) or "none"
    raise UsageError(f"{kind} {name_or_path!r}: no such file, and no bundled {kind} of that name (bundled: {known})")
