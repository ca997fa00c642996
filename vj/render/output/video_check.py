"""Looking at video files: what they hold, whether they are worth showing, and a sheet of their pictures."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from PIL import Image, ImageDraw, ImageFont

from vj.core.errors import MediaError
from vj.core.files import ffmpeg_name
from vj.core.types import U8

#: Luma 0..255 below which a picture counts as black, and the mean change between pictures that counts as movement.
BLACK_LUMA = 8.0
STILL_CHANGE = 0.3
#: A video is judged by this many pictures at most.
_LOOKS = 60
_THUMB = (96, 54)


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a file holds. Seconds None where the file does not say; `audio_codec` None without sound."""

    duration_s: float
    width: int
    height: int
    fps: Fraction
    frames: int
    video_codec: str
    pix_fmt: str
    audio_codec: str | None
    audio_rate_hz: int
    audio_start_s: float
    audio_duration_s: float

    def __str__(self) -> str:
        sound = f"{self.audio_codec} {self.audio_rate_hz} Hz" if self.audio_codec else "no sound"
        return (
            f"{self.duration_s:.2f} s, {self.width}x{self.height}, "
            f"{self.frames} pictures at {float(self.fps):g} a second, {self.video_codec} {self.pix_fmt}, {sound}"
        )


@contextmanager
def open_video(path: Path) -> Iterator[InputContainer]:
    """A file with pictures, opened. Raises MediaError, in one line, also for what goes wrong while it is open."""
    try:
        container = av.open(ffmpeg_name(path))
    except (OSError, av.FFmpegError) as e:
        raise MediaError(f"{path}: cannot be read as a video: {e.strerror}") from None
    with container:
        if not container.streams.video:
            raise MediaError(f"{path}: holds no pictures, expected a video")
        try:
            yield container
        except av.FFmpegError as e:
            raise MediaError(f"{path}: is damaged: {e.strerror}") from None


def probe(path: Path) -> VideoInfo:
    """Read a file's header; the frames are counted packet by packet. Raises MediaError."""
    with open_video(path) as container:
        video = container.streams.video[0]
        audio = container.streams.audio[0] if container.streams.audio else None
        frames = sum(1 for packet in container.demux(video) if packet.size)
        return VideoInfo(
            duration_s=_seconds(video.duration, video.time_base) or (container.duration or 0) / av.time_base,
            width=video.width,
            height=video.height,
            fps=Fraction(video.average_rate or 0),
            frames=frames,
            video_codec=video.codec_context.name,
            pix_fmt=video.codec_context.pix_fmt or "",
            audio_codec=audio.codec_context.name if audio else None,
            audio_rate_hz=int(audio.rate or 0) if audio else 0,
            audio_start_s=_seconds(audio.start_time, audio.time_base) if audio else 0.0,
            audio_duration_s=_seconds(audio.duration, audio.time_base) if audio else 0.0,
        )


def _seconds(ticks: int | None, time_base: Fraction | None) -> float:
    return float(ticks * time_base) if ticks is not None and time_base is not None else 0.0


def check_video(path: Path, duration_s: float | None = None) -> VideoInfo:
    """Raise MediaError in one line unless the file is a real video.

    It must have pictures and sound of the same length (within 0.1 s, and of `duration_s` when that is given), must
    decode, move, and not be black.
    """
    info = probe(path)
    if info.audio_codec is None:
        raise MediaError(f"{path}: holds no sound, expected pictures and sound")
    if info.frames < 2 or abs(info.frames / info.fps - info.audio_duration_s) > 0.1:
        raise MediaError(
            f"{path}: {info.frames} pictures at {float(info.fps):g} a second and {info.audio_duration_s:.2f} s of "
            "sound, expected both to be as long"
        )
    if duration_s is not None and abs(info.duration_s - duration_s) > 0.1:
        raise MediaError(f"{path}: lasts {info.duration_s:.2f} s, expected {duration_s:.2f} s")
    luma = np.stack(list(_thumbs(path, max(info.frames // _LOOKS, 1)))).astype(np.float32)
    if luma.mean() < BLACK_LUMA:
        raise MediaError(f"{path}: is black (mean luma {luma.mean():.1f} of 255)")
    change = float(np.abs(np.diff(luma, axis=0)).mean()) if len(luma) > 1 else 0.0
    if change < STILL_CHANGE:
        raise MediaError(f"{path}: does not move (mean change {change:.2f} of 255 between pictures)")
    return info


def _thumbs(path: Path, every: int) -> Iterator[U8]:
    with open_video(path) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i % every == 0:
                yield np.asarray(frame.reformat(*_THUMB, format="gray").to_ndarray(), np.uint8)


def pictures(path: Path, count: int) -> Iterator[tuple[float, U8]]:
    """`count` pictures (t_s, rgb u8[h, w, 3]), spread evenly over a video. Raises MediaError."""
    frames = probe(path).frames
    wanted = {round((k + 0.5) * frames / count - 0.5) for k in range(count)}
    with open_video(path) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i in wanted:
                yield float(frame.time or 0.0), np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def contact_sheet(frames: Path | Iterable[tuple[float, U8]], out_png: Path, columns: int = 5, count: int = 20) -> None:
    """Write a sheet of pictures with their times: `count` of a video, or all of (t_s, rgb u8[h, w, 3]).

    Raises MediaError when there are none or the sheet cannot be written.
    """
    shown = list(pictures(frames, count) if isinstance(frames, Path) else frames)
    if not shown:
        raise MediaError(f"{out_png}: no pictures for a contact sheet")
    height, width = shown[0][1].shape[:2]
    tile = (320, max(round(320 * height / width), 1))
    gap, text = 8, 20
    rows = -(-len(shown) // columns)
    columns = min(columns, len(shown))
    size = (columns * (tile[0] + gap) + gap, rows * (tile[1] + text + gap) + gap)
    sheet = Image.new("RGB", size, (16, 16, 18))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for i, (t_s, rgb) in enumerate(shown):
        x, y = gap + i % columns * (tile[0] + gap), gap + i // columns * (tile[1] + text + gap)
        sheet.paste(Image.fromarray(rgb).resize(tile, Image.Resampling.LANCZOS), (x, y))
        draw.text((x + 1, y + tile[1] + 1), f"{int(t_s // 60)}:{t_s % 60:05.2f}", fill=(190, 190, 195), font=font)
    try:
        sheet.save(out_png)
    except (OSError, ValueError) as e:
        raise MediaError(f"{out_png}: cannot be written: {getattr(e, 'strerror', None) or e}") from None
