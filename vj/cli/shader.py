"""`vj shader check|render|new`."""

import argparse
import json
from pathlib import Path

from vj.cli.options import Commands, command
from vj.cli.types import output, seconds


def add(commands: Commands) -> None:
    """Add the command and its options."""
    shader = commands.add_parser("shader", help="Check and draw ISF shaders.")
    tools = shader.add_subparsers(dest="tool", required=True, metavar="check|render|new")
    c = command(tools, "check", _check, "Compile and draw each file; one line a file.")
    c.add_argument("paths", type=Path, nargs="+", metavar="FILE|FOLDER")
    c.add_argument("--json", action="store_true")
    c = command(tools, "render", _render, "Draw a shader over a picture.")
    c.add_argument("file", type=Path, metavar="FILE")
    c.add_argument("--image", type=Path, required=True, metavar="IN.png")
    c.add_argument("-o", "--output", type=output, required=True, metavar="OUT.png")
    c.add_argument("--time", type=seconds, default=0.0, metavar="s")
    c.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    c.add_argument("--end-image", type=Path, metavar="END.png", help="what a transition goes to")
    c = command(tools, "new", _new, "Write a commented ISF file to begin with.")
    c.add_argument("file", type=Path, metavar="NAME.fs")
    c.add_argument("--kind", choices=("filter", "generator", "transition"), default="filter")


def _check(args: argparse.Namespace) -> int:
    from vj.render import shader_tools

    results = shader_tools.check(args.paths)
    print(json.dumps(results, indent=2) if args.json else shader_tools.check_text(results))
    return 0 if all(r["ok"] for r in results) else 1


def _render(args: argparse.Namespace) -> int:
    from vj.render import shader_tools

    shader_tools.render(args.file, args.image, args.output, args.time, args.set, args.end_image)
    print(args.output)
    return 0


def _new(args: argparse.Namespace) -> int:
    from vj.render.isf import starter

    starter.write(args.file, args.kind)
    print(args.file)
    return 0
