"""`vj render`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vj.cli import defaults
from vj.cli.options import Commands, add_engine, add_preset, command, model_path, warn
from vj.cli.types import fps, output, seconds, seed, size

if TYPE_CHECKING:
    from vj.show.score import Score


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "render", run, "Render an audio file to a video.")
    c.add_argument("audio", type=Path, metavar="AUDIO")
    c.add_argument("-o", "--output", type=output, required=True, metavar="OUT.mp4")
    c.add_argument("--model", metavar="M", help="a bundled model or a .safetensors file (default: the preset's)")
    add_engine(c)
    add_preset(c)
    c.add_argument(
        "--size", type=size, default=defaults.VIDEO_SIZE, metavar="WxH", help="picture size in pixels (default 512x512)"
    )
    c.add_argument(
        "--fit", choices=("cover", "contain"), default="cover", help="fill the size, or show the whole picture"
    )
    c.add_argument("--fps", type=fps, default=defaults.VIDEO_FPS, metavar="F", help="frames per second (default 30)")
    c.add_argument(
        "--seed", type=seed, default=defaults.SEED, metavar="S", help="another seed, another dream (default 0)"
    )
    c.add_argument("--start", type=seconds, default=0.0, metavar="s", help="begin here in the file")
    c.add_argument(
        "--duration", type=seconds, default=None, metavar="s", help="render this much of it (default: to the end)"
    )
    c.add_argument("--cues", type=Path, default=None, metavar="LIST.toml", help="a set of presets: see `vj cues`")
    c.add_argument("--no-shaders", action="store_true", help="the network's picture alone; needs no OpenGL")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.core.progress import bar
    from vj.show import offline
    from vj.show.summary import timings_text

    score = _set(args) if args.cues else _one_preset(args)
    part = offline.Part(args.audio, args.fps, args.start, args.duration)
    width, height = args.size
    look = offline.VideoConfig(width, height, args.fit, not args.no_shaders, args.engine)
    with bar(args.output.name, "fps") as update:
        timings = offline.render(score, part, look, args.output, args.seed, update)
    print(timings_text(args.output, timings))
    return 0


def _one_preset(args: argparse.Namespace) -> "Score":
    from vj.session.loading import load_show
    from vj.show.score import OnePreset

    show = load_show(args.preset, args.set, args.shaders, warn)
    return OnePreset(show, model_path(args.model or show.preset.model or defaults.MODEL))


def _set(args: argparse.Namespace) -> "Score":
    """The presets of a cue list. Raises VjError."""
    from vj.core import resources
    from vj.core.errors import UsageError
    from vj.render.isf.folder import load_with_own
    from vj.session.session import Session, preset_names
    from vj.show.cue_score import CueScore

    if args.preset != defaults.PRESET:
        raise UsageError("--cues and --preset: the list says which presets are played")
    shaders, troubles = load_with_own(resources.shaders_dir(), args.shaders)
    for trouble in troubles:
        warn(trouble)
    folders = resources.preset_dirs()
    session = Session(shaders, args.preset, tuple(args.set), preset_names(*folders), folders)
    return CueScore(args.cues, session, lambda name: model_path(args.model or name or defaults.MODEL), warn)
