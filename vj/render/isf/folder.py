"""Folders of ISF files: the bundled ones, and a performer's own."""

from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from vj.core.errors import ShaderError
from vj.render.isf.inputs import slug_of
from vj.render.isf.shader import IsfShader, load


def load_folder(folder: Path) -> dict[str, IsfShader]:
    """Every *.fs file of a folder by name, sorted. Raises ShaderError at the first that does not parse."""
    if not folder.is_dir():
        raise _no_folder(folder)
    shaders = [load(path) for path in sorted(folder.glob("*.fs"))]
    return {shader.name: shader for shader in sorted(shaders, key=lambda one: one.name)}


def load_with_own(bundled: Path, own: Sequence[Path]) -> tuple[dict[str, IsfShader], list[str]]:
    """(shaders by name, what there is to tell: files that were left out, names that were taken, files with repairs).

    A bundled shader keeps its name, so that presets mean what they meant; of the performer's own the first that is
    found does, and the others have the name of their folder before theirs.
    Raises ShaderError where a folder is missing, or a bundled file bad.
    """
    found, seen = load_folder(bundled), set[Path]()
    told: list[str] = []
    for folder in own:
        if not folder.is_dir():
            raise _no_folder(folder)
        files = [path for path in sorted(folder.rglob("*.fs")) if path.resolve() not in seen]
        seen.update(path.resolve() for path in files)
        told += _add(found, files)
        names = {str(path) for path in files}
        repaired = sum(one.file in names and bool(one.repairs) for one in found.values())
        if repaired:
            told.append(f"{folder}: {repaired} of its shaders read with repairs; vj shader check says which")
    return dict(sorted(found.items())), told


def _no_folder(folder: Path) -> ShaderError:
    return ShaderError(f"{folder}: no such folder, expected one with *.fs files")


def _add(found: dict[str, IsfShader], files: Sequence[Path]) -> Iterator[str]:
    """Load files into `found`, under names that are free; yields what there is to tell."""
    for path in files:
        plain, name = slug_of(path.stem), free_name(path, found)
        try:
            found[name] = load(path, name)
        except ShaderError as e:
            yield str(e)
            continue
        if name != plain:
            yield f"{path}: {plain} is the name of {found[plain].file}; this one is {name}"


def free_name(path: Path, taken: Container[str]) -> str:
    """The name of a file's shader where others are `taken`: its own, or that of its folder before it."""
    plain = slug_of(path.stem)
    prefixed = f"{slug_of(path.resolve().parent.name)}_{plain}"
    names = (plain, prefixed, *(f"{prefixed}_{n}" for n in range(2, 10_000)))
    return next(name for name in names if name not in taken)
