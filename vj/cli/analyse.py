"""`vj analyse`."""

import argparse
from pathlib import Path

from vj.cli.options import Commands, add_preset, command, warn
from vj.cli.types import output


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "analyse", run, "Write what the ears hear in an audio file.")
    c.add_argument("audio", type=Path, metavar="AUDIO")
    c.add_argument("-o", "--output", type=output, required=True, metavar="OUT.npz|.csv")
    c.add_argument("--plot", type=output, default=None, metavar="OUT.png")
    add_preset(c)


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.audio.report import analyse_file
    from vj.core.progress import bar
    from vj.session.loading import load_show

    show = load_show(args.preset, args.set, args.shaders, warn)
    with bar(args.audio.name, "× real time") as update:
        summary = analyse_file(args.audio, args.output, args.plot, show.base, update)
    print(summary)
    return 0
