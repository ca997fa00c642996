"""`vj cues`."""

import argparse
import sys
from pathlib import Path

from vj.cli.options import Commands, command


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "cues", run, "Check a cue list, and print it as it will be played.")
    c.add_argument("file", type=Path, metavar="FILE.toml")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.core import resources
    from vj.core.errors import PresetError
    from vj.session import cues
    from vj.session.loading import default_registry
    from vj.session.preset_library import PresetLibrary
    from vj.session.session import preset_names

    config, bundled = resources.config_dir(), resources.presets_dir()
    names = PresetLibrary(config, bundled).names() if config else preset_names(bundled)
    registry = default_registry()
    if faults := cues.faults(args.file, registry, names):
        print("\n".join(f"vj cues: {line}" for line in faults), file=sys.stderr)
        return PresetError.exit_code
    found = cues.load(args.file, registry, names)
    for i, cue in enumerate(found, 1):
        print(f"{i:>3}  {cue.name:<24} {cue.preset:<16} {_length(cue.bars, cue.seconds, cue.until)}")
    return 0


def _length(bars: float, seconds: float, until: str) -> str:
    if bars:
        return f"{bars:g} bars"
    return f"{seconds:g} s" if seconds else "until the tempo segment ends" if until else "until GO"
