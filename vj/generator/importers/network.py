"""A network of whichever kind a file holds, as a model of ours."""

from pathlib import Path

from vj.core.errors import ModelError
from vj.core.files import read_bytes, reason
from vj.generator.importers import rosinality, stylegan2_ada
from vj.generator.weights import Model

#: What files of networks are called; of other files in a folder nobody expects any.
ENDINGS = ".pkl", ".pickle", ".pt", ".pth"
_ZIP = b"PK\x03\x04"
_MOST_BYTES = 4 << 30


def import_network(path: Path) -> Model:
    """The generator in a file of stylegan2-ada-pytorch (a pickle) or of rosinality's stylegan2-pytorch (a zip).

    Nothing in it is run. Raises ModelError naming the file and what it is instead, or what is wrong with it.
    """
    try:
        with path.open("rb") as f:
            begin = f.read(len(_ZIP))
    except OSError as e:
        raise ModelError(f"{path}: cannot be read: {reason(e)}") from e
    if begin != _ZIP:
        return stylegan2_ada.import_snapshot(path)
    try:
        return rosinality.import_checkpoint(read_bytes(path, _MOST_BYTES), path.name)
    except OSError as e:
        raise ModelError(f"{path}: cannot be read: {reason(e)}") from e
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from e
