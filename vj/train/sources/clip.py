"""Pictures from a video clip, spread over its scenes."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation
from PIL import Image

from vj.core.errors import MediaError
from vj.core.types import U8
from vj.render.output.video_check import open_video, probe
from vj.train.dataset_near import SIDE, rms
from vj.train.sources import Item, file_sha256
from vj.train.sources.crops import crop_boxes, cropped

Indices: TypeAlias = npt.NDArray[np.int64]

#: A cut: the picture changes by at least this (RMS of 16×16 thumbnails, 0..255) …
CUT_RMS = 24.0
#: … and by this many times the change that is usual around it.
CUT_RATIO = 3.0
_AROUND = 8
#: All frames of a clip of this many are looked at; of a longer one every other, every third …
MAX_LOOKS = 6000


@dataclass(frozen=True, slots=True)
class Scan:
    """What was seen of a clip: thumbnails u8[n, 16, 16, 3] of every `step`-th frame, the size as shown, damage."""

    thumbs: U8
    step: int
    width: int
    height: int
    damaged: bool


class ClipSource:
    """`wanted` squares of a clip: scenes by their length, frames spread evenly, near-duplicates left out.

    Where the picture is wide, the place of the square changes from frame to frame.

    Raises MediaError when it is no video or none of its frames can be decoded, and when it is smaller than `size`
    without `upscale`.
    """

    kind = "clip"
    parameters: tuple[str, ...] = ()

    def __init__(self, path: Path, size: int, wanted: int, distinct: float, upscale: bool) -> None:
        self._path, self._size, self.wanted = path, size, wanted
        self.name = path.stem
        self._scan = scan(path)
        shown = self._scan
        if min(shown.width, shown.height) < size and not upscale:
            raise MediaError(
                f"{path}: {shown.width}x{shown.height}, expected at least {size} pixels a side (--upscale)"
            )
        self._boxes = crop_boxes(shown.width, shown.height)
        frames = choose_frames(shown.thumbs, wanted, distinct)
        self._plan = _with_crops(frames * shown.step, len(self._boxes), wanted)
        self.expected = len(self._plan)

    def about(self) -> dict[str, Any]:
        """See `Source`."""
        return {
            "kind": self.kind,
            "name": self.name,
            "sha256": file_sha256(self._path),
            "seed": None,
            "scenes": len(scenes(self._scan.thumbs)),
            "damaged": self._scan.damaged,
            "parameters": [],
        }

    def items(self, cursor: int) -> Iterator[Item]:
        """See `Source`. The cursor counts the squares chosen."""
        crops: dict[int, list[int]] = {}
        for number, crop in self._plan[cursor:]:
            crops.setdefault(number, []).append(crop)
        last = max(crops, default=-1)
        # Where the file is damaged it ends, as it did when it was looked at; `about` tells.
        with contextlib.suppress(MediaError):
            for number, frame in enumerate(_decoded(self._path)):
                if number > last:
                    return
                if number not in crops:
                    continue
                picture = _picture(frame, (self._scan.width, self._scan.height))
                for crop in crops[number]:
                    cursor += 1
                    yield Item(cursor, cropped(picture, self._boxes[crop], self._size))

    def close(self) -> None:
        """Nothing to let go of."""


def scan(path: Path) -> Scan:
    """Look at a clip once from end to end. Raises MediaError when no frame can be had of it."""
    step, aspect = max(-(-probe(path).frames // MAX_LOOKS), 1), _pixel_aspect(path)
    thumbs: list[U8] = []
    size, damaged = (0, 0), False
    try:
        for number, frame in enumerate(_decoded(path)):
            if not thumbs:
                size = _shown_size(frame, aspect)
            if number % step == 0:
                small = frame.reformat(SIDE, SIDE, format="rgb24", interpolation=Interpolation.AREA)
                thumbs.append(_turned(small.to_ndarray(), frame))
    except MediaError:
        damaged = True
    if not thumbs:
        raise MediaError(f"{path}: no frame of this video can be decoded")
    return Scan(np.stack(thumbs), step, *size, damaged)


def scenes(thumbs: U8) -> list[tuple[int, int]]:
    """First and one past the last index of every scene of thumbnails u8[n, 16, 16, 3]; cuts are where it jumps."""
    jumps = rms(thumbs[1:], thumbs[:-1])
    starts = [0]
    for k, jump in enumerate(jumps):
        around = np.delete(jumps[max(k - _AROUND, 0) : k + _AROUND + 1], min(k, _AROUND))
        usual = float(np.median(around)) if len(around) else 0.0
        if jump >= CUT_RMS and jump >= CUT_RATIO * usual:
            starts.append(k + 1)
    return list(zip(starts, [*starts[1:], len(thumbs)], strict=True))


def choose_frames(thumbs: U8, wanted: int, distinct: float) -> Indices:
    """Indices i64[≤ wanted], ascending, of thumbnails u8[n, 16, 16, 3].

    All scenes have their share, evenly spread over what moves.
    In each scene those count that differ by `distinct` from the last that counted, so that a still does not fill the
    data set. A scene's share goes by their number, and is at least one while there are as many as scenes.
    """
    moving = [_moving(thumbs, begin, end, distinct) for begin, end in scenes(thumbs)]
    if len(moving) > wanted:
        moving = [moving[k] for k in _spread(len(moving), wanted)]
    shares = _shares([len(m) for m in moving], wanted)
    return np.concatenate([m[_spread(len(m), share)] for m, share in zip(moving, shares, strict=True)])


def _moving(thumbs: U8, begin: int, end: int, distinct: float) -> Indices:
    kept = [begin]
    for k in range(begin + 1, end):
        if rms(thumbs[k], thumbs[kept[-1]]) >= distinct:
            kept.append(k)
    return np.array(kept, np.int64)


def _spread(n: int, share: int) -> Indices:
    """`share` of 0..n−1 (all when there are fewer), in the middles of equal parts."""
    share = min(share, n)
    return ((np.arange(share) + 0.5) * n / max(share, 1)).astype(np.int64)


def _shares(lengths: Sequence[int], wanted: int) -> list[int]:
    """`wanted` dealt out by length, at least one each and none more than it has (largest remainders)."""
    wanted = min(wanted, sum(lengths))
    exact = np.array(lengths) * wanted / sum(lengths)
    shares = np.maximum(np.floor(exact).astype(np.int64), 1)
    while shares.sum() != wanted:
        # One at a time where it is most missed, or can best be spared.
        missed = exact - shares
        if shares.sum() < wanted:
            shares[int(np.argmax(missed))] += 1
        else:
            shares[int(np.argmin(np.where(shares > 1, missed, np.inf)))] -= 1
    return [int(s) for s in shares]


def _with_crops(frames: Indices, crops: int, wanted: int) -> list[tuple[int, int]]:
    """(frame, crop) of at most `wanted` squares in the order of the frames: one a frame, then the others if needed."""
    rounds = [(int(f), (j + r) % crops) for r in range(crops) for j, f in enumerate(frames)]
    return sorted(rounds[:wanted])


def _decoded(path: Path) -> Iterator[av.VideoFrame]:
    with open_video(path) as container:
        container.streams.video[0].thread_type = "AUTO"
        yield from container.decode(video=0)


def _picture(frame: av.VideoFrame, size: tuple[int, int]) -> Image.Image:
    """A frame as RGB, upright, with square pixels."""
    picture = Image.fromarray(_turned(frame.to_ndarray(format="rgb24"), frame))
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _turned(rgb: npt.NDArray[Any], frame: av.VideoFrame) -> U8:
    """Telephones film lying down and say so. PyAV gives the angle counter-clockwise, in degrees."""
    return np.ascontiguousarray(np.rot90(rgb, round(frame.rotation / 90)), np.uint8)


def _shown_size(frame: av.VideoFrame, aspect: Fraction) -> tuple[int, int]:
    """Width and height as they are shown: upright, with square pixels where theirs are `aspect` as wide as high."""
    size = max(round(frame.width * aspect), 1), frame.height
    return size[::-1] if round(frame.rotation / 90) % 2 else size


def _pixel_aspect(path: Path) -> Fraction:
    with open_video(path) as container:
        return Fraction(container.streams.video[0].sample_aspect_ratio or 1)
