"""Folders of ISF files: the bundled ones, and a performer's own."""

from collections.abc import Sequence
from pathlib import Path

from vj.core.errors import ShaderError
from vj.render.isf.shader import IsfShader, load


def load_folder(*folders: Path) -> dict[str, IsfShader]:
    """Every *.fs file of the folders by name, sorted; of two with one name the later folder's counts.

    Raises ShaderError at the first that does not parse.
    """
    found: dict[str, IsfShader] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ShaderError(f"{folder}: no such folder, expected one with *.fs files")
        for path in sorted(folder.glob("*.fs")):
            shader = load(path)
            found[shader.name] = shader
    return dict(sorted(found.items()))


def load_with_own(bundled: Path, own: Sequence[Path]) -> tuple[dict[str, IsfShader], list[str]]:
    """(shaders by name, what is wrong with files that were left out).

    Of two with one name the performer's counts. Raises ShaderError where a folder is missing, or a bundled file bad.
    """
    found, troubles = load_folder(bundled), []
    for folder in own:
        if not folder.is_dir():
            raise ShaderError(f"{folder}: no such folder, expected one with *.fs files")
        for path in sorted(folder.rglob("*.fs")):
            try:
                shader = load(path)
            except ShaderError as e:
                troubles.append(str(e))
            else:
                found[shader.name] = shader
    return dict(sorted(found.items())), troubles
