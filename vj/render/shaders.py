"""Folders of ISF files."""

from pathlib import Path

from vj.errors import ShaderError
from vj.render.isf import IsfShader, load


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
