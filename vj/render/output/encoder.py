"""Pictures and sound into one file, with PyAV (FFmpeg): H.264 and AAC. No thread; errors are PyAV's and OSError."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from vj.core.files import ffmpeg_name
from vj.core.types import F32, U8

AUDIO_RATE_HZ = 48_000
AUDIO_BIT_RATE = 192_000
#: Constant quality: hard to tell from the original when it moves, with little banding.
CRF = 18
#: The slowest preset whose cost stays well under that of a small network's picture (measured at 512×512).
PRESET = "veryfast"
#: Seconds between key frames, so that players and VJ programs can jump.
KEY_FRAME_S = 2
#: While a show runs, the processor has better to do.
LIVE_PRESET = "ultrafast"
#: A fragment a key frame, the index of each with it: ISO/IEC 14496-12, movie fragments.
_IN_PIECES = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
#: Speakers by number of channels, in FFmpeg's order, and what each gives to (left, right) after ITU-R BS.775.
_SPEAKERS = {
    1: "FC",
    2: "FL FR",
    3: "FL FR LFE",
    4: "FL FR FC BC",
    5: "FL FR FC BL BR",
    6: "FL FR FC LFE BL BR",
    7: "FL FR FC LFE BC SL SR",
    8: "FL FR FC LFE BL BR SL SR",
}
_SHARES = {
    "FL": (1.0, 0.0), "FR": (0.0, 1.0), "FC": (0.7071, 0.7071), "LFE": (0.0, 0.0), "BC": (0.5, 0.5),
    "BL": (0.7071, 0.0), "BR": (0.0, 0.7071), "SL": (0.7071, 0.0), "SR": (0.0, 0.7071),
}  # fmt: skip
#: ITU-T H.273: BT.709 for primaries, transfer and matrix.
_BT709 = 1


class Encoder:
    """Picture n is shown at n / fps; the first sample sounds with the first picture.

    live  write in pieces of a second that play even when nobody finishes the file, as fast as can be encoded
    """

    def __init__(
        self, path: Path, size: tuple[int, int], fps: Fraction, rate_hz: int, channels: int, *, live: bool = False
    ) -> None:
        self._container = av.open(ffmpeg_name(path), "w", options=_IN_PIECES if live else {})
        self._video = _video_stream(self._container, size, fps, *((LIVE_PRESET, 1) if live else (PRESET, KEY_FRAME_S)))
        self._audio = self._container.add_stream("aac", rate=AUDIO_RATE_HZ, layout="stereo")
        self._audio.bit_rate = AUDIO_BIT_RATE
        self._sound = _Stereo(rate_hz, channels)
        # Kept: setting a conversion up takes longer than the conversion.
        self._to_yuv = VideoReformatter()
        self._frames = 0
        # Opens the encoders and the file: what cannot work is found here.
        self._container.start_encoding()

    def picture(self, rgb: U8, number: int | None = None) -> None:
        """Encode the next picture u8[h, w, 3]; `number` where some were left out, larger than any before."""
        frame = self._to_yuv.reformat(
            av.VideoFrame.from_ndarray(rgb, format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        number = self._frames if number is None else number
        frame.pts, frame.time_base = number, self._video.codec_context.time_base
        self._frames = number + 1
        self._container.mux(self._video.encode(frame))

    def sound(self, samples: F32) -> None:
        """Encode the next samples f32[n, channels]."""
        for frame in self._sound.push(samples):
            self._container.mux(self._audio.encode(frame))

    def change_rate(self, rate_hz: int) -> None:
        """Samples come at this rate from now on."""
        before = self._sound
        for frame in before.flush():
            self._container.mux(self._audio.encode(frame))
        self._sound = _Stereo(rate_hz, 2, before.gone)

    def close(self, complete: bool) -> None:
        """Write what the encoders still hold and the file's index; or, not `complete`, just let go of the file."""
        try:
            if complete:
                for frame in self._sound.flush():
                    self._container.mux(self._audio.encode(frame))
                self._container.mux(self._video.encode(None))
                self._container.mux(self._audio.encode(None))
        finally:
            self._container.close()


def _video_stream(
    container: av.container.OutputContainer, size: tuple[int, int], fps: Fraction, preset: str, key_frame_s: float
) -> av.video.stream.VideoStream:
    stream = container.add_stream("libx264", rate=fps, options={"preset": preset, "crf": str(CRF)})
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / fps
    context.gop_size = max(round(key_frame_s * fps), 1)
    context.color_range = ColorRange.MPEG
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    return stream


class _Stereo:
    """Any rate and number of channels → frames of 48 kHz stereo, exactly as long as what came in."""

    def __init__(self, rate_hz: int, channels: int, gone: int = 0) -> None:
        self._rate_hz, self._matrix = rate_hz, downmix(channels)
        # Packed samples go in and planar ones come out, so that the resampler never hands frames through unsplit.
        self._resampler = av.AudioResampler("fltp", "stereo", AUDIO_RATE_HZ, frame_size=1024)
        self._came = 0
        self.gone = gone

    def push(self, samples: F32) -> list[av.AudioFrame]:
        if not len(samples):
            return []
        stereo = np.ascontiguousarray(samples @ self._matrix, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(stereo, format="flt", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = self._rate_hz, Fraction(1, self._rate_hz), self._came
        self._came += len(samples)
        return self._stamped(self._resampler.resample(frame))

    def flush(self) -> list[av.AudioFrame]:
        return self._stamped(self._resampler.resample(None)) if self._came else []

    def _stamped(self, frames: list[av.AudioFrame]) -> list[av.AudioFrame]:
        for frame in frames:
            frame.pts, frame.time_base = self.gone, Fraction(1, AUDIO_RATE_HZ)
            self.gone += frame.samples
        return frames


def downmix(channels: int) -> F32:
    """The matrix f32[channels, 2] to stereo, each side's shares adding up to 1, so that nothing can clip.

    Channels of no known layout are averaged, even ones left and odd ones right.
    """
    if channels in _SPEAKERS:
        shares = [_SHARES[speaker] for speaker in _SPEAKERS[channels].split()]
    else:
        shares = [(1.0, 0.0) if c % 2 == 0 else (0.0, 1.0) for c in range(channels)]
    matrix = np.array(shares, np.float32)
    normed: F32 = matrix / matrix.sum(0)
    return normed
