"""Composes the bundled track: `python -m vj.demo.compose` writes vj/demo/track.opus and vj/demo/track.json anew.

The sound is the same on every run; the truth is the score's own, so nothing in it is measured or guessed.
"""

from collections.abc import Mapping
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from vj.core.files import ffmpeg_name
from vj.core.types import F64
from vj.demo import annotation, mix, score

SEED = 7
BIT_RATE = 160_000


def stems(seed: int = SEED) -> dict[str, F64]:
    """Each instrument alone and dry, name → f64[2, n]."""
    n = round(score.truth().duration_s * score.RATE_HZ)
    return mix.stems(score.notes(score.bars()), n, score.RATE_HZ, seed)


def mixdown(parts: Mapping[str, F64], seed: int = SEED) -> npt.NDArray[np.float32]:
    """The whole track from its stems, mastered: f32[n, 2] at `score.RATE_HZ`, |x| < 1."""
    truth = score.truth()
    mixed = mix.mix(parts, truth.onsets_s["kick"], score.RATE_HZ, seed + 1)
    return np.ascontiguousarray(mix.master(mixed, truth.silences, score.RATE_HZ).T, dtype=np.float32)


def write(sound: npt.NDArray[np.float32], path: Path, rate_hz: int) -> None:
    """Encode f32[n, 2] as Opus. Its pre-skip is in the file's header, so decoding begins at the first sample."""
    # Bit-exact: without it the file carries a random serial number, and every run would be a change to commit.
    with av.open(ffmpeg_name(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=rate_hz, layout="stereo")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.reshape(1, -1)), "flt", "stereo")
        frame.sample_rate = rate_hz
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    """Write both files beside this one."""
    folder = Path(__file__).parent
    write(mixdown(stems()), folder / "track.opus", score.RATE_HZ)
    (folder / "track.json").write_text(annotation.dump(score.truth()), encoding="utf-8")


if __name__ == "__main__":
    main()
