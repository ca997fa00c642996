"""`vj devices`."""

import argparse
import json

from vj.cli.options import Commands, command


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "devices", run, "List audio inputs, MIDI ports, monitors, OpenGL and GPUs.")
    c.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.show.devices import devices, devices_text

    found = devices()
    print(json.dumps(found, indent=2) if args.json else devices_text(found))
    return 0
