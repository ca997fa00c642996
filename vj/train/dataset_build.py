"""`vj dataset`: from shaders, clips and folders to a data set's folder. The process draws, and never has TensorFlow."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vj.core import resources
from vj.core.errors import DatasetError, UsageError
from vj.render.isf.folder import load_folder
from vj.train.dataset import ENDLESS, MANIFEST, Dataset, open_dataset
from vj.train.dataset_near import Near
from vj.train.dataset_resume import begin_at, make_folder, tally_json
from vj.train.dataset_writer import ShardWriter, Tally
from vj.train.sources import Source
from vj.train.sources.clip import ClipSource
from vj.train.sources.folder import FolderSource

#: Pictures of a shader or clip when the command does not say.
PER_SOURCE = 700
SIZES = tuple(2**k for k in range(3, 11))
OWN_LICENCE = "CC0-1.0"
NO_LICENCE = "not stated; ask the owners of the sources"


class Interrupted(DatasetError):
    """Ctrl-C: everything so far is on the disk."""

    exit_code = 130


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    size         pixels a side, one of `SIZES`
    own          the generators that come with vj; also meant when no other source is named
    world        pictures of `vj.train.world`, stored
    per_source   pictures of each; None: `PER_SOURCE` of shaders and clips, all of a folder
    time         range of TIME in seconds, lowest and highest
    supersample  shaders are drawn so many times larger and averaged down
    distinct     RMS of thumbnails below which two pictures are near-duplicates (see `vj.train.dataset_near`)
    spread       share of their ranges that a shader's inputs are drawn from, see `vj.train.sources.shader.axes_of`
    upscale      enlarge pictures that are smaller than `size` instead of dropping them
    """

    output: Path
    size: int = 256
    shaders: tuple[Path, ...] = ()
    clips: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    own: bool = False
    per_source: int | None = None
    seed: int = 0
    licence: str | None = None
    time: tuple[float, float] = (0.0, 8.0)
    supersample: int = 1
    distinct: float = 4.0
    upscale: bool = False
    spread: float = 1.0
    world: bool = False


def build(request: Request, update: Callable[[float, float | None], None]) -> None:
    """Make a data set, or go on with one; nothing is done where it is whole already.

    Called again with the same request after an interruption it goes on, and ends in the same files to the byte.
    `update` is told pictures so far and in all. Raises VjError in one line; Interrupted on Ctrl-C.
    """
    with _opened(request) as sources:
        settings = _settings(request, sources)
        start = begin_at(request.output, settings)
        if start is None:
            return
        names = tuple(dict.fromkeys(name for s in sources for name in s.parameters))
        make_folder(request.output)
        writer = ShardWriter(request.output, request.size, 1 + len(names), settings, start)
        try:
            near = Near(request.distinct)
            for rgb in writer.pictures():
                near.add(rgb)
            total = sum(source.expected for source in sources)
            for index in range(start.source, len(sources)):
                _take(writer, near, sources[index], index, names, lambda count: update(count, total))
                writer.next_source()
        except KeyboardInterrupt:
            writer.save()
            count = writer.progress.count
            raise Interrupted(f"interrupted after {count} pictures; the same command goes on from there") from None
        _finish(writer, sources, names, settings)


def _take(
    writer: ShardWriter, near: Near, source: Source, index: int, names: Sequence[str], update: Callable[[float], None]
) -> None:
    """Take from one source what is still wanted of it."""
    columns = [1 + names.index(name) for name in source.parameters]
    items = source.items(writer.progress.cursor)
    while writer.progress.tallies[index].kept < source.wanted and (item := next(items, None)) is not None:
        if item.rgb is None:
            writer.dropped(item.dropped or "broken", item.file, item.cursor)
        elif not near.is_new(item.rgb):
            writer.dropped("duplicate", item.file, item.cursor)
        else:
            row = np.full(1 + len(names), np.nan, np.float32)
            row[0], row[columns] = index, item.values
            writer.kept(item.rgb, row, item.cursor)
            near.add(item.rgb)
        update(writer.progress.count)


def _finish(writer: ShardWriter, sources: Sequence[Source], names: Sequence[str], settings: dict[str, Any]) -> None:
    tallies = writer.progress.tallies
    if writer.progress.count < 2:
        writer.remove()
        raise DatasetError(
            f"{writer.progress.count} pictures to be had, expected at least 2 ({_dropped_text(tallies)})"
        )
    own = {key: value for key, value in settings.items() if key not in ("size", "licence", "sources")}
    manifest = {"resolution": settings["size"], "licence": settings["licence"], "known": list(names), "settings": own}
    rows = [source.about() | tally_json(tally) for source, tally in zip(sources, tallies, strict=True)]
    writer.finish(manifest | {"sources": rows})


@contextlib.contextmanager
def _opened(request: Request) -> Iterator[list[Source]]:
    """All sources, opened and looked at, so that what is wrong with one is said before anything is drawn."""
    shaders = _shader_files(request)
    with contextlib.ExitStack() as stack:
        sources: list[Source] = []
        if shaders:
            sources += _shader_sources(request, shaders, stack)
        if request.world:
            # Compiles its loops, and needs what only a training does.
            from vj.train.sources.world import WorldSource

            sources.append(WorldSource(request.size, request.per_source or PER_SOURCE, request.seed))
        for clip in request.clips:
            wanted = request.per_source or PER_SOURCE
            sources.append(ClipSource(clip, request.size, wanted, request.distinct, request.upscale))
        for folder in request.folders:
            sources.append(FolderSource(folder, request.size, request.per_source, request.seed, request.upscale))
        yield sources


def _shader_files(request: Request) -> list[Path]:
    files = list(request.shaders)
    if request.own or not (request.shaders or request.clips or request.folders or request.world):
        own = [Path(s.file) for s in load_folder(resources.shaders_dir()).values() if s.kind == "generator"]
        if not own:
            raise UsageError("vj has no generators of its own here: name a source (--shader, --clip, --folder)")
        files = own + files
    return files


def _shader_sources(request: Request, files: Sequence[Path], stack: contextlib.ExitStack) -> list[Source]:
    # Loaded only where something is drawn.
    from vj.render.isf.program import open_context
    from vj.train.sources.shader import Drawing, ShaderSource

    context = open_context()
    stack.callback(context.release)
    how = Drawing(request.size, request.supersample, request.time, request.spread)
    sources: list[Source] = []
    for file in files:
        source = ShaderSource(context, file, how, request.per_source or PER_SOURCE, request.seed)
        stack.callback(source.close)
        sources.append(source)
    return sources


def _settings(request: Request, sources: Sequence[Source]) -> dict[str, Any]:
    """All that the pictures depend on, as JSON values: two requests with the same settings make the same data set."""
    others = request.shaders or request.clips or request.folders
    return {
        "size": request.size,
        "seed": request.seed,
        "per_source": request.per_source,
        "time": list(request.time),
        "spread": request.spread,
        "supersample": request.supersample,
        "distinct": request.distinct,
        "upscale": request.upscale,
        "licence": request.licence or (NO_LICENCE if others else OWN_LICENCE),
        "sources": [source.about() for source in sources],
    }


def _dropped_text(tallies: Sequence[Tally]) -> str:
    counts = {
        "near-duplicates": sum(t.duplicate for t in tallies),
        "too small": sum(t.small for t in tallies),
        "broken": sum(t.broken for t in tallies),
    }
    told = [f"{n} {what}" for what, n in counts.items() if n]
    return "left out: " + ", ".join(told) if told else "nothing was left out"


def is_whole(folder: Path) -> bool:
    """Whether there is a finished data set in `folder`."""
    return (folder / MANIFEST).is_file()


def describe_text(folder: Path) -> str:
    """What a whole data set holds, in two lines and one more for broken files. Raises DatasetError."""
    data = open_dataset(folder)
    if not isinstance(data, Dataset):
        kept = f"{data.count} pictures, kept once they are drawn" if data.count < ENDLESS else "pictures without end"
        return f"{folder}: {kept}, up to {data.resolution}x{data.resolution}, each from {len(data.known_names)} numbers"
    tallies = [
        Tally(s["count"], s["duplicates"], s["too_small"], s["broken"], tuple(s["broken_files"])) for s in data.sources
    ]
    size = data.count * data.resolution**2 * 3 / 1e9
    side, n = data.resolution, len(data.sources)
    lines = [
        f"{folder}: {data.count} pictures of {side}x{side} from {n} source{'s' if n != 1 else ''}, {size:.2f} GB",
        f"{_dropped_text(tallies)}; known: {', '.join(data.known_names) or 'nothing'}",
    ]
    if files := [name for t in tallies for name in t.broken_files]:
        lines.append("broken: " + ", ".join(files[:5]) + (f" and {len(files) - 5} more" if len(files) > 5 else ""))
    return "\n".join(lines)
