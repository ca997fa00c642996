"""Options that several commands share, and what they stand for."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from vj.cli import defaults
from vj.cli.types import above_zero, amount, channels, decibels, number_from
from vj.core.errors import one_line
from vj.generator.config import ENGINES

#: What commands are added to, and what each of them runs.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Command: TypeAlias = Callable[[argparse.Namespace], int]


def command(commands: Commands, name: str, run: Command, help: str) -> argparse.ArgumentParser:
    """Add a command that runs `run`; `help` in the list of commands and above its own options."""
    command = commands.add_parser(name, help=help, description=help)
    command.set_defaults(run=run)
    return command


def add_preset(command: argparse.ArgumentParser) -> None:
    """Options that choose a preset and lay values over it."""
    command.add_argument(
        "--preset", default=defaults.PRESET, metavar="P", help="a bundled preset or a .toml file (default: default)"
    )
    command.add_argument(
        "--set", action="append", default=[], metavar="ID=VALUE", help="set one parameter; `vj params` lists them"
    )
    command.add_argument(
        "--shaders", type=Path, action="append", default=[], metavar="DIR", help="a folder of ISF files of your own"
    )


def add_engine(command: argparse.ArgumentParser) -> None:
    """The option that chooses what draws the network."""
    command.add_argument(
        "--engine", choices=ENGINES, default=defaults.ENGINE, help="what draws the network (default: the faster one)"
    )


def add_source(c: argparse.ArgumentParser) -> None:
    """Options that say what is to be heard, and for how long."""
    c.add_argument("audio", type=Path, nargs="?", default=None, metavar="AUDIO", help="play this file instead")
    c.add_argument("--input", default=None, metavar="NAME", help="part of a device's name, see `vj devices`")
    c.add_argument(
        "--channels", type=channels, default=defaults.CHANNELS, metavar="A,B", help="inputs of the device, from 1 on"
    )
    c.add_argument("--rate", type=above_zero, default=None, metavar="HZ", help="default: the device's own")
    c.add_argument(
        "--block", type=number_from(256, 65536), default=defaults.BLOCK, metavar="N", help="samples a callback"
    )
    c.add_argument("--speakers", default=None, metavar="NAME", help="part of the name of the output for AUDIO")
    c.add_argument("--mute", action="store_true", help="AUDIO in its own time, without a sound card")
    c.add_argument("--tone", type=decibels, default=None, metavar="DB", help="a test tone; -inf is silence")
    c.add_argument("--seconds", type=amount, default=0.0, metavar="S", help="0: until Ctrl-C or the file's end")


def source(args: argparse.Namespace) -> Any:
    """What is to be heard, as the command line says (`vj.audio.listener.AudioInput`)."""
    from vj.audio.input.file import FileSource
    from vj.audio.input.player import Playback
    from vj.audio.input.sound_card import Input
    from vj.audio.input.virtual import Virtual

    if args.audio:
        # What is wrong with the file is said before anything starts.
        FileSource(args.audio)
        # It is opened again where the process that plays it is lost, and the folder may be gone by then.
        file = args.audio.absolute()
        return Virtual(file, once=True) if args.mute else Playback(file, 0.0, args.speakers)
    if args.tone is not None:
        return Virtual(gain_db=args.tone)
    return Input(args.input, args.channels, args.rate, args.block)


def model_path(name: str) -> Path:
    """The file of a network that is named or given as a path. Raises UsageError."""
    from vj.core import resources

    return resources.find("model", name, resources.models_dir(), ".safetensors")


def warn(text: str) -> None:
    """A line on stderr."""
    print(f"vj: {one_line(text)}", file=sys.stderr)
