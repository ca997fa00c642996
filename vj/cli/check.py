"""`vj check`."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from vj.cli import defaults
from vj.cli.options import Commands, add_engine, add_source, command, model_path, source, warn
from vj.cli.types import amount, size


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "check", run, "Before doors: try all that a show needs, and say what to look at.")
    add_source(c)
    c.add_argument("--model", default=defaults.MODEL, metavar="M", help="a bundled network or a file")
    add_engine(c)
    c.add_argument("--size", type=size, default=defaults.WINDOW_SIZE, metavar="WxH", help="of the picture inside")
    c.add_argument("--shaders", type=Path, action="append", default=[], metavar="DIR", help="ISF files of your own")
    c.add_argument("--cues", type=Path, default=None, metavar="LIST.toml", help="the list that will be played")
    c.add_argument("--record", type=Path, default=Path("recording.mp4"), metavar="OUT.mp4", help="where it would lie")
    c.add_argument("--no-midi", action="store_true", help="leave MIDI controllers to other programs")
    c.add_argument("--midi-api", default="", metavar="API", help="alsa, jack, core or windows (default: what works)")
    c.add_argument(
        "--touch", type=amount, default=0.0, metavar="S", help="so many seconds to move each control that was learnt"
    )
    c.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status: 1 where something will not work. Raises VjError."""
    from vj.control.midi.ports import MidiConfig
    from vj.core import resources
    from vj.render.isf.folder import load_with_own
    from vj.session.preset_library import PresetLibrary
    from vj.session.session import Session, preset_names
    from vj.show.rig_check import Rig, findings, line, verdict

    shaders, troubles = load_with_own(resources.shaders_dir(), args.shaders)
    for trouble in troubles:
        warn(trouble)
    config, bundled = resources.config_dir(), resources.presets_dir()
    library = PresetLibrary(config, bundled) if config else None
    names, folders = (library.names(), library.folders) if library else (preset_names(bundled), (bundled,))
    rig = Rig(
        Session(shaders, defaults.PRESET, (), names, folders), lambda name: model_path(name or args.model),
        source(args), args.size, config, args.record, None if args.no_midi else MidiConfig(args.midi_api),
        args.touch, args.cues, args.engine,
    )  # fmt: skip
    if args.touch:
        warn(f"move each control that was learnt, within {args.touch:g} s")
    found = []
    for one in findings(rig):
        found.append(one)
        if not args.json:
            print(line(one), flush=True)
    print(json.dumps([asdict(one) for one in found], indent=2) if args.json else verdict(found))
    return 1 if any(one.verdict == "fail" for one in found) else 0
