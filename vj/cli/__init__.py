"""The commands, one file each: its options, and a thin function that calls the package that does the work.

What a command needs is imported inside it, so that `vj params` does not load a video encoder, and so that a process
spawned from here starts with nothing it does not need.
"""

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from vj import __version__
from vj.cli import (
    analyse,
    bench,
    check,
    cues,
    dataset,
    demo,
    devices,
    listen,
    model,
    params,
    play,
    preset,
    render,
    replay,
    shader,
    train,
)
from vj.core import logs
from vj.core.errors import UsageError, VjError

#: In the order of the help.
COMMANDS = (
    render, analyse, play, replay, listen, model, shader, preset, cues, check, dataset, train, params, devices, bench,
    demo,
)  # fmt: skip
#: Nobody's fault but the machine's limits: open files, of this process or of all; memory; processes.
_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Errors that a user can act on are one line on stderr."""
    logs.tell_crashes()
    words = list(sys.argv[1:] if argv is None else argv)
    if not _stands():
        print("vj: the folder in which it was started is gone; expected one that is there", file=sys.stderr)
        return UsageError.exit_code
    args = parser().parse_args(words)
    try:
        if args.command == "play":
            args = _with_settings(words)
        return int(args.run(args))
    except VjError as e:
        if os.environ.get("VJ_DEBUG"):
            raise
        print(f"vj {args.command}: {e}", file=sys.stderr)
        return e.exit_code
    except KeyboardInterrupt:
        print(f"vj {args.command}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`vj params | head`); the interpreter must not trip over it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as e:
        if e.errno not in _SCARCE or os.environ.get("VJ_DEBUG"):
            raise
        print(f"vj {args.command}: the system gives no more: {e.strerror} (see `ulimit -a`)", file=sys.stderr)
        return 1


def _stands() -> bool:
    """Whether there is a folder that relative names begin at."""
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _with_settings(words: list[str]) -> argparse.Namespace:
    """`vj play` as it is meant on this machine: the settings file, then the command line."""
    from vj.core import resources, settings

    folder = resources.config_dir()
    if folder is None:
        return _without_settings(words)
    path = folder / "settings.toml"
    if "--remember" in words:
        print(f"vj play: {path}: {', '.join(settings.remember(path, words)) or 'nothing to remember'}")
    return parser().parse_args([words[0], *settings.arguments(path), *words[1:]])


def _without_settings(words: list[str]) -> argparse.Namespace:
    if "--remember" in words:
        raise UsageError("--remember: this user has no home folder to keep settings in")
    return parser().parse_args(words)


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser("vj", description="An instrument for live visuals.")
    parser.add_argument("--version", action="version", version=f"vj {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for one in COMMANDS:
        one.add(commands)
    return parser
