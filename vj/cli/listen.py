"""`vj listen`."""

import argparse

from vj.cli.options import Commands, add_preset, add_source, command, source, warn


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "listen", run, "Show what the ears hear, live.")
    add_source(c)
    add_preset(c)


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.session.loading import load_show
    from vj.show import listen

    wanted = source(args)
    values = load_show(args.preset, args.set, args.shaders, warn).base
    print(listen.run(wanted, {id: values[id] for id in values if id.startswith("audio/")}, args.seconds))
    return 0
