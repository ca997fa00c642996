"""`vj demo`."""

import argparse
from pathlib import Path

from vj.cli.options import Commands, command


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "demo", run, "Show the instrument: a window where there is a display, otherwise a video.")
    c.add_argument("--output-dir", type=Path, default=Path("out"), metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.demo import show

    print(show.run(args.output_dir))
    return 0
