"""Pictures of presets made without a window: a few seconds of a track, of which the last moment is kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from vj.audio.input.file import FileSource
from vj.core.types import F32, U8
from vj.generator.config import EngineChoice
from vj.session.loading import Show
from vj.session.thumbnails import WIDTH
from vj.show.offline import FrameClock, Networks, Part, Timings, pictures
from vj.show.painter import Shown, open_painter
from vj.show.score import OnePreset

#: The part of the track that is played, and how often a second it is drawn.
_START_S, _SECONDS, _FPS = 24.0, 5.0, Fraction(15)
_SIZE = (WIDTH, WIDTH * 9 // 16)


@dataclass(frozen=True, slots=True)
class _Unheard:
    """A sound track that nobody keeps."""

    def write_audio(self, sound: F32) -> None:
        """Let it go by."""


def drawn(
    track: Path, shows: Mapping[str, Show], models: Sequence[Path], seed: int = 0, engine: EngineChoice = "auto"
) -> Iterator[tuple[str, U8]]:
    """(name, picture u8[h, w, 3]) of each preset, drawn with the network in the same place of `models`.

    Raises ModelError, ShaderError, GraphicsError or WorkerError.
    """
    with ExitStack() as stack:
        networks: Networks | None = None
        for (name, show), model in zip(shows.items(), models, strict=True):
            if networks is None:
                networks = Networks(show.registry.params, seed, engine)
                stack.callback(networks.close)
            yield name, _picture(track, OnePreset(show, model), networks)


def _picture(track: Path, score: OnePreset, networks: Networks) -> U8:
    painter, timings = open_painter(Shown(score.state, score.shaders), _SIZE, "cover", True), Timings()
    part = Part(track, _FPS, _START_S, _SECONDS)
    out: U8 = np.zeros((_SIZE[1], _SIZE[0], 3), np.uint8)
    try:
        clock = FrameClock(FileSource(part.audio), part, score.state.current, timings)
        for i, (picture, made) in enumerate(pictures(networks, clock, score, _Unheard(), timings)):
            out = painter.paint(picture, made, i / float(_FPS), float(1 / _FPS), i)
    finally:
        painter.close()
    return out
