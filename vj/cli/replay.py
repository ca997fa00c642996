"""`vj replay`."""

import argparse
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vj.cli.options import Commands, add_engine, command, model_path, warn
from vj.cli.types import fps, output, seconds, size

if TYPE_CHECKING:
    from vj.audio.input.file import FileSource
    from vj.render.isf.shader import IsfShader
    from vj.session.set_log import SetLog


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(
        commands, "replay", run, "Render a set that was played (vj play --log) to a video, at any size and rate."
    )
    c.add_argument("log", type=Path, metavar="SET.vjlog")
    c.add_argument("-o", "--output", type=output, required=True, metavar="OUT.mp4")
    c.add_argument("--size", type=size, default=None, metavar="WxH", help="picture size (default: as it was played)")
    c.add_argument("--fps", type=fps, default=Fraction(60), metavar="F", help="frames per second (default 60)")
    c.add_argument("--fit", choices=("cover", "contain"), default="cover", help="fill the size, or show all of it")
    c.add_argument("--duration", type=seconds, default=None, metavar="s", help="only the beginning")
    c.add_argument("--model", metavar="M", help="another network than the set's")
    c.add_argument("--shaders", type=Path, action="append", default=[], metavar="DIR", help="ISF files of your own")
    add_engine(c)
    c.add_argument("--audio", type=Path, default=None, metavar="FILE", help="its sound, as a recording of the set")
    c.add_argument(
        "--audio-start", type=float, default=None, metavar="s", help="where in it the set begins (default: 0; of the "
        "file that was played: where it was); negative: so long after"
    )  # fmt: skip
    c.add_argument("--silent", action="store_true", help="a video without sound")
    c.add_argument("--no-shaders", action="store_true", help="the network's picture alone; needs no OpenGL")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.core import resources
    from vj.core.progress import bar
    from vj.render.isf.folder import load_with_own
    from vj.session.loading import build_registry
    from vj.session.set_log import SetLog
    from vj.show import offline
    from vj.show.replay import Replay, ReplayClock
    from vj.show.summary import timings_text

    log = SetLog(args.log)
    shaders, troubles = load_with_own(resources.shaders_dir(), args.shaders)
    for trouble in troubles:
        warn(trouble)
    _tell_of_changes(log, shaders, args.model)
    sound, starts_s = _sound(log, args)
    names = lambda name: model_path(args.model or name or log.head.model[0])  # noqa: E731
    replay = Replay(log, build_registry(tuple(shaders.values())), shaders, names, warn)
    clock = ReplayClock(log, args.fps, sound, starts_s, args.duration)
    width, height = args.size or log.head.size
    look = offline.VideoConfig(width, height, args.fit, not args.no_shaders, args.engine)
    with bar(args.output.name, "fps") as update:
        timings = offline.render_by(clock, replay, look, args.output, log.head.seed, offline.Timings(), update)
    print(timings_text(args.output, timings))
    return 0


def _sound(log: "SetLog", args: argparse.Namespace) -> tuple["FileSource | None", float]:
    """The sound, and where in it the set begins. Raises MediaError."""
    from vj.audio.input.file import FileSource
    from vj.show.replay import sound_of, sound_starts_s

    if args.silent:
        return None, 0.0
    if args.audio:
        return FileSource(args.audio), args.audio_start or 0.0
    sound = sound_of(log)
    if sound is None:
        warn(f"{args.log}: a device was heard, whose sound is not in the log; the video is silent (--audio FILE)")
    return sound, sound_starts_s(log) if args.audio_start is None else args.audio_start


def _tell_of_changes(log: "SetLog", shaders: "Mapping[str, IsfShader]", model: str | None) -> None:
    """What is not as it was when the set was played."""
    from vj.core.errors import VjError
    from vj.show.set_recorder import digest

    if not log.whole:
        warn(f"{log.path}: breaks off after {log.duration_s:.1f} s")
    others = [name for name, was in log.head.shaders.items()
              if name in shaders and was and digest(Path(shaders[name].file)) != was]  # fmt: skip
    if others:
        warn(f"other than in the set: the shaders {', '.join(others)[:300]}")
    try:
        same = bool(model) or digest(model_path(log.head.model[0])) == log.head.model[1]
    except VjError:
        # It is told where it is opened.
        return
    if not same:
        warn(f"other than in the set: the network {log.head.model[0]:.200}")
