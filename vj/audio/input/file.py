"""Where sound comes from: for now files; anything PyAV (FFmpeg) decodes, streamed in blocks."""

import contextlib
import functools
import math
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from vj.core.errors import MediaError
from vj.core.files import ffmpeg_name
from vj.core.types import F32

#: Seeking in compressed audio is only nearly exact: begin this long before and drop what comes too early.
_SEEK_MARGIN_S = 1.0
#: Formats without a header that says how long they are: FFmpeg guesses from the first frames, ten times wrong at worst.
_LENGTH_IS_GUESSED = ("aac", "ac3", "dts", "eac3", "latm", "loas", "mp3", "truehd")
#: What an encoder adds before and behind the sound.
_PADDING_S = 0.1
#: What a file may have FFmpeg open: itself, never what a playlist in it names.
_OPTIONS = {"protocol_whitelist": "file"}


class FileSource:
    """The sound of an audio or video file, at its own rate and with its own channels.

    rate_hz, channels. Of the latest pass over the blocks, `unreadable` counts packets that could not be decoded and
    `not_finite` samples that were NaN or infinite and became 0. Raises MediaError when the file cannot be read or has
    no sound.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable = 0
        self.not_finite = 0
        with self._open() as container:
            stream = container.streams.audio[0]
            self.rate_hz = int(stream.rate or 0)
            self.channels = int(stream.channels)
            self._layout = stream.layout.name
        if self.rate_hz <= 0 or self.channels <= 0:
            raise MediaError(f"{path}: the sound has no rate or no channels")
        if next(self.blocks(), None) is None:
            raise MediaError(f"{path}: holds no sound (0 s), expected an audio file with samples in it")

    @functools.cached_property
    def duration_s(self) -> float | None:
        """How long the sound is, None when that is not known. Measured at the first use where no header says it."""
        with self._open() as container:
            says_s = _duration_s(container)
            if container.format.name not in _LENGTH_IS_GUESSED:
                return says_s
            measured_s = self._measured_s(container)
        # A header, where there is one, is exact.
        return says_s if says_s is not None and abs(says_s - measured_s) < _PADDING_S else measured_s or None

    def _measured_s(self, container: av.container.InputContainer) -> float:
        """The length of all packets, read and not decoded: a second or two for an hour."""
        stream = container.streams.audio[0]
        ticks = 0
        with contextlib.suppress(av.FFmpegError):
            for packet in container.demux(stream):
                ticks += packet.duration or 0
        return float(ticks * (stream.time_base or 0))

    def blocks(self, start_s: float = 0.0, duration_s: float | None = None) -> Iterator[F32]:
        """Blocks f32[n, channels] from `start_s` on, sample-exact, for `duration_s` or to the end."""
        self.unreadable = self.not_finite = 0
        skip = round(start_s * self.rate_hz)
        left = math.inf if duration_s is None else round((start_s + duration_s) * self.rate_hz) - skip
        for first, samples in self._decoded(start_s):
            samples = samples[max(skip - first, 0) :]
            if left <= 0:
                return
            if len(samples):
                taken = samples[: int(min(left, len(samples)))]
                left -= len(taken)
                yield taken

    def _decoded(self, start_s: float) -> Iterator[tuple[int, F32]]:
        """(number of the first sample, block) from at or before `start_s`."""
        container, sought = self._opened_at(start_s)
        with container:
            stream, position = container.streams.audio[0], None
            for frame in self._in_one_format(self._frames(container, stream)):
                if position is None:
                    at_s = frame.time - _origin_s(stream) if sought and frame.time is not None else 0.0
                    position = max(round(at_s * self.rate_hz), 0)
                samples = frame.to_ndarray().astype(np.float32, copy=False)
                block = self._finite(samples.reshape(-1, self.channels))
                yield position, block
                position += len(block)

    def _opened_at(self, start_s: float) -> tuple[av.container.InputContainer, bool]:
        """The file, and whether it stands shortly before `start_s` and not at its beginning."""
        container = self._open()
        stream = container.streams.audio[0]
        if start_s <= _SEEK_MARGIN_S or not _times_are_exact(stream):
            return container, False
        try:
            container.seek(int((start_s - _SEEK_MARGIN_S + _origin_s(stream)) * av.time_base))
        except av.FFmpegError:
            # A file that was cut short: whatever is there is found from its beginning.
            container.close()
            return self._open(), False
        return container, True

    def _in_one_format(self, frames: Iterator[av.AudioFrame]) -> Iterator[av.AudioFrame]:
        """Interleaved floats in the header's layout and rate, whatever the file changes to midway."""
        resampler, format_now = None, None
        for frame in frames:
            found = (frame.format.name, frame.layout.name, frame.sample_rate)
            if resampler is None or found != format_now:
                resampler, format_now = av.AudioResampler("flt", self._layout, self.rate_hz), found
            yield from resampler.resample(frame)

    def _frames(self, container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
        """Decoded frames; a damaged packet is counted and left out."""
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:
                self.unreadable += 1
                return
            try:
                yield from packet.decode()
            except av.FFmpegError:
                self.unreadable += 1

    def _finite(self, block: F32) -> F32:
        bad = ~np.isfinite(block)
        if bad.any():
            self.not_finite += int(bad.sum())
            block = np.where(bad, np.float32(0.0), block)
        return block

    def _open(self) -> av.container.InputContainer:
        if not self.path.exists():
            raise MediaError(f"{self.path}: no such file")
        if self.path.is_dir():
            raise MediaError(f"{self.path}: is a folder, expected an audio file")
        if not self.path.is_file():
            raise MediaError(f"{self.path}: is a pipe or a device, expected an audio file")
        if self.path.stat().st_size == 0:
            raise MediaError(f"{self.path}: is empty (0 bytes), expected an audio file")
        try:
            container = av.open(ffmpeg_name(self.path), metadata_errors="replace", options=_OPTIONS)
        except (av.FFmpegError, OSError, ValueError) as e:
            reason = getattr(e, "strerror", None) or str(e)
            raise MediaError(f"{self.path}: not an audio file that can be read ({reason})") from e
        if not container.streams.audio:
            container.close()
            raise MediaError(f"{self.path}: has no sound, expected an audio file or a video with sound")
        if container.streams.audio[0].codec_context is None:
            container.close()
            raise MediaError(f"{self.path}: its sound is coded in a way that FFmpeg does not know")
        return container


def _origin_s(stream: av.AudioStream) -> float:
    """The time that the file gives to its first sample."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def _times_are_exact(stream: av.AudioStream) -> bool:
    """Whether packets say to the sample when they play; Matroska and ASF say it to the millisecond only."""
    return stream.time_base is not None and stream.time_base * int(stream.rate or 0) <= 1


def _duration_s(container: av.container.InputContainer) -> float | None:
    stream = container.streams.audio[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None
