"""Pictures from a folder of files, read with Pillow."""

import hashlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from vj.core.errors import DatasetError
from vj.core.files import check_ordinary
from vj.train.sources import Item, file_sha256, source_seed
from vj.train.sources.crops import MAX_CROPS, crop_boxes, cropped

EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".ppm", ".pgm")
#: What Pillow says of files that it cannot read: damaged, of another kind, cut short, absurdly large.
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError, Image.DecompressionBombError)


class FolderSource:
    """All pictures in a folder and its folders, sorted by name; `wanted` of them, in an order drawn by `seed`, or all.

    Pictures with a shorter side than `size` are dropped, or enlarged with `upscale`. Raises DatasetError when there is
    no such folder or nothing in it that looks like a picture.
    """

    kind = "folder"
    parameters: tuple[str, ...] = ()

    def __init__(self, path: Path, size: int, wanted: int | None, seed: int, upscale: bool) -> None:
        self._folder, self._size, self._upscale = path, size, upscale
        self.name = path.resolve().name
        self._seed = source_seed(seed, self.kind, self.name)
        self._files = _picture_files(path)
        self._limited = wanted is not None
        self.wanted = wanted if wanted is not None else len(self._files) * MAX_CROPS
        self.expected = min(self.wanted, len(self._files))

    def about(self) -> dict[str, Any]:
        """See `Source`. The sha256 is one over the names and contents of all files."""
        digest = hashlib.sha256()
        for file in self._files:
            digest.update(f"{file.relative_to(self._folder).as_posix()}\n{file_sha256(file)}\n".encode())
        return {
            "kind": self.kind,
            "name": self.name,
            "sha256": digest.hexdigest(),
            "seed": self._seed,
            "files": len(self._files),
            "parameters": [],
        }

    def items(self, cursor: int) -> Iterator[Item]:
        """See `Source`. The cursor is file · MAX_CROPS + crop."""
        files = self._files
        if self._limited:
            files = [files[i] for i in np.random.default_rng(self._seed).permutation(len(files))]
        for index in range(cursor // MAX_CROPS, len(files)):
            first = max(cursor - index * MAX_CROPS, 0)
            yield from self._crops(files[index], index, first)

    def _crops(self, file: Path, index: int, first: int) -> Iterator[Item]:
        name, after = file.relative_to(self._folder).as_posix(), (index + 1) * MAX_CROPS
        try:
            picture = read_rgb(file, self._size)
        except _UNREADABLE:
            yield Item(after, None, dropped="broken", file=name)
            return
        if min(picture.size) < self._size and not self._upscale:
            yield Item(after, None, dropped="small", file=name)
            return
        boxes = crop_boxes(*picture.size)
        for k in range(first, len(boxes)):
            cursor = index * MAX_CROPS + k + 1 if k + 1 < len(boxes) else after
            yield Item(cursor, cropped(picture, boxes[k], self._size))

    def close(self) -> None:
        """Nothing to let go of."""


def _picture_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DatasetError(f"{folder}: {'is a file' if folder.exists() else 'no such folder'}, expected a folder")
    inside = (p for p in folder.rglob("*") if p.suffix.lower() in EXTENSIONS and p.is_file())
    seen = [p for p in inside if not any(part.startswith(".") for part in p.relative_to(folder).parts)]
    if not seen:
        raise DatasetError(f"{folder}: no pictures in this folder, expected {', '.join(EXTENSIONS)}")
    return sorted(seen, key=lambda p: p.relative_to(folder).as_posix())


def read_rgb(file: Path, size: int) -> Image.Image:
    """A file's (first) picture as 8-bit RGB, turned upright as its EXIF says. What is transparent shows black.

    Grey, palette, CMYK and 16-bit pictures are converted; colour profiles are not looked at. A JPEG may be decoded
    smaller, but not below `size`. Raises what Pillow raises (`_UNREADABLE`), ValueError for pixels of floats.
    """
    with warnings.catch_warnings():
        # Large photographs are welcome; Pillow refuses what is beyond twice its limit.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        check_ordinary(file)
        with Image.open(file) as opened:
            opened.draft("RGB", (2 * size, 2 * size))
            opened.load()
            return _to_rgb(ImageOps.exif_transpose(opened))


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode == "F":
        raise ValueError("pixels of floats, expected 8 or 16 bit")
    if picture.mode.startswith("I"):
        grey = np.asarray(picture).astype(np.int64)
        return Image.fromarray(np.clip((grey + 128) // 257, 0, 255).astype(np.uint8)).convert("RGB")
    if "A" in picture.getbands() or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba).convert("RGB")
    return picture.convert("RGB")
