"""`vj dataset`."""

import argparse
from pathlib import Path
from typing import Any

from vj.cli import defaults
from vj.cli.options import Commands, command
from vj.cli.types import number_from, part, seed, share, side, span
from vj.core.errors import UsageError


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "dataset", run, "Make pictures to train on; again, it goes on where it stopped.")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    _add_world(c)
    _add_sources(c)
    _add_shaders(c)
    c.add_argument(
        "--size", type=side, default=defaults.DATA_SIDE, metavar="N", help="pixels a side, a power of two (default 256)"
    )
    c.add_argument(
        "--per-source", type=number_from(1, 1_000_000), default=None, metavar="N",
        help="pictures of each source at most (default 700; all of a folder)",
    )  # fmt: skip
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="S")
    c.add_argument(
        "--distinct", type=float, default=defaults.DATA_DISTINCT, metavar="D",
        help="leave out what differs less than this from a picture before (RMS of 16x16 thumbnails, 0..255; default 4)",
    )  # fmt: skip
    c.add_argument("--licence", default=None, metavar="TEXT", help="what the manifest says of the pictures' licence")
    c.add_argument(
        "--preview", type=Path, default=None, metavar="OUT.png",
        help="write a contact sheet; alone with -o: of a data set that is there",
    )  # fmt: skip


def _add_world(c: argparse.ArgumentParser) -> None:
    c.add_argument("--world", action="store_true", help="luminous liquid, one continuous world; z is kept")
    c.add_argument("--endless", action="store_true", help="the world, not stored: drawn when a training asks")
    c.add_argument(
        "--keep", type=number_from(1, 1 << 30), default=None, metavar="N",
        help="of an endless world: N pictures, each drawn once and kept for the next time",
    )  # fmt: skip
    c.add_argument(
        "--flow", type=part, default=defaults.DATA_FLOW, metavar="S",
        help="of an endless world: how far things flow in it, 0..1: calm ones are learned sooner",
    )  # fmt: skip


def _add_sources(c: argparse.ArgumentParser) -> None:
    several: dict[str, Any] = {"type": Path, "nargs": "+", "action": "extend", "default": []}
    c.add_argument("--own", action="store_true", help="vj's own generators (the default when no source is named)")
    c.add_argument("--shader", metavar="FILE.fs", help="ISF generators, at parameters spread over MIN..MAX", **several)
    c.add_argument("--clip", metavar="FILE", help="videos: frames spread over their scenes", **several)
    c.add_argument("--folder", metavar="DIR", help="folders of pictures, with their sub-folders", **several)
    c.add_argument("--upscale", action="store_true", help="enlarge smaller pictures instead of leaving them out")


def _add_shaders(c: argparse.ArgumentParser) -> None:
    c.add_argument(
        "--time", type=span, default=defaults.DATA_TIME_S, metavar="LO:HI", help="range of a shader's TIME in seconds"
    )
    c.add_argument(
        "--spread", type=share, default=defaults.DATA_SPREAD, metavar="S",
        help="share of their ranges, around the defaults, that inputs are drawn from; those that colour keep all of it",
    )  # fmt: skip
    c.add_argument(
        "--supersample", type=number_from(1, 4), default=defaults.DATA_SUPERSAMPLE, metavar="K",
        help="draw shaders K times larger and average down (default 1)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.core.progress import bar
    from vj.train import dataset_build, dataset_preview

    named = args.own or args.shader or args.clip or args.folder or args.world
    if args.endless and (args.own or args.shader or args.clip or args.folder):
        raise UsageError("--endless: draws the world alone; other sources are stored in a folder of their own")
    if not args.endless and (args.keep is not None or args.flow != defaults.DATA_FLOW):
        raise UsageError("--keep and --flow: say how a world is drawn that is not stored; add --endless")
    if args.endless:
        from vj.train.world.pictures import write_world

        write_world(args.output, args.size, args.seed, args.keep, args.flow)
    elif not (args.preview and not named and dataset_build.is_whole(args.output)):
        request = dataset_build.Request(
            args.output, args.size, tuple(args.shader), tuple(args.clip), tuple(args.folder), args.own,
            args.per_source, args.seed, args.licence, args.time, args.supersample, args.distinct, args.upscale,
            args.spread, args.world,
        )  # fmt: skip
        with bar(args.output.name, "pictures/s") as update:
            dataset_build.build(request, update)
    print(dataset_build.describe_text(args.output))
    if args.preview:
        dataset_preview.write_sheet(args.output, args.preview)
        print(args.preview)
    return 0
