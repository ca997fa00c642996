"""`vj params`."""

import argparse
import json

from vj.cli.options import Commands, command


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "params", run, "Print the whole parameter tree.")
    c.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.session.loading import default_registry
    from vj.show.summary import params_json, params_text

    registry = default_registry()
    print(json.dumps(params_json(registry), indent=2) if args.json else params_text(registry))
    return 0
