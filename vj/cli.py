"""The commands. Each is a thin function: it reads its arguments and calls the package that does the work.

What a command needs is imported inside it, so that `vj params` does not load a video encoder, and so that a process
spawned from here starts with nothing it does not need.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from vj import __version__
from vj.errors import UsageError, VjError

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Errors that a user can act on are one line on stderr."""
    args = _parser().parse_args(argv)
    try:
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


def _render(args: argparse.Namespace) -> int:
    from vj import offline, resources
    from vj.progress import bar
    from vj.show import load_show
    from vj.summary import timings_text

    show = load_show(args.preset, args.set)
    model = resources.find("model", args.model, resources.models_dir(), ".safetensors")
    part = offline.Part(args.audio, args.fps, args.start, args.duration)
    width, height = args.size
    look = offline.Look(model, width, height, args.fit, not args.no_shaders)
    with bar(args.output.name, "fps") as update:
        timings = offline.render(show, part, look, args.output, args.seed, update)
    print(timings_text(args.output, timings))
    return 0


def _analyse(args: argparse.Namespace) -> int:
    from vj.audio.report import analyse_file
    from vj.progress import bar
    from vj.show import load_show

    show = load_show(args.preset, args.set)
    with bar(args.audio.name, "× real time") as update:
        summary = analyse_file(args.audio, args.output, args.plot, show.base, update)
    print(summary)
    return 0


def _model_import(args: argparse.Namespace) -> int:
    from vj.gan import model_tools

    model_tools.import_pickle(args.pickle, args.output)
    print(model_tools.describe_text(args.output))
    return 0


def _model_info(args: argparse.Namespace) -> int:
    from vj.gan import model_tools

    described = model_tools.describe(_model_path(args.model))
    print(json.dumps(described, indent=2) if args.json else model_tools.describe_text(_model_path(args.model)))
    return 0


def _model_sample(args: argparse.Namespace) -> int:
    from vj.gan import model_tools

    model_tools.sample(_model_path(args.model), args.seed, args.trunc, args.noise, args.output)
    print(args.output)
    return 0


def _shader_check(args: argparse.Namespace) -> int:
    from vj.render import shader_tools

    results = shader_tools.check(args.paths)
    print(json.dumps(results, indent=2) if args.json else shader_tools.check_text(results))
    return 0 if all(r["ok"] for r in results) else 1


def _shader_render(args: argparse.Namespace) -> int:
    from vj.render import shader_tools

    shader_tools.render(args.file, args.image, args.output, args.time, args.set)
    print(args.output)
    return 0


def _params(args: argparse.Namespace) -> int:
    from vj.show import default_registry
    from vj.summary import params_json, params_text

    registry = default_registry()
    print(json.dumps(params_json(registry), indent=2) if args.json else params_text(registry))
    return 0


def _bench(args: argparse.Namespace) -> int:
    from vj.gan import bench

    if not args.engine:
        raise UsageError("nothing to measure: add --engine (the network alone)")
    report = bench.run(_model_path(args.model), args.frames, args.peer, args.peer_python)
    print(json.dumps(report, indent=2) if args.json else bench.text(report))
    return 0


def _demo(args: argparse.Namespace) -> int:
    from vj.demo import show

    print(show.run(args.output_dir))
    return 0


def _model_path(name: str) -> Path:
    from vj import resources

    return resources.find("model", name, resources.models_dir(), ".safetensors")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8192 and 0 < int(height) <= 8192):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected WIDTHxHEIGHT in pixels, such as 1280x720")
    if int(width) % 2 or int(height) % 2:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected even numbers (H.264 in yuv420p has no others)")
    return int(width), int(height)


def _fps(text: str) -> Fraction:
    try:
        fps = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number such as 30, 29.97 or 30000/1001") from None
    if not 1 <= fps <= 240:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected 1 to 240")
    return fps.limit_denominator(1001)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e7:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected seconds, 0 or more")
    return value


def _seed(text: str) -> int:
    if not text.isdigit() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a whole number from 0 to {2**32 - 1}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("vj", description="An instrument for live visuals.")
    parser.add_argument("--version", action="version", version=f"vj {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_render(commands)
    _add_analyse(commands)
    _add_model(commands)
    _add_shader(commands)
    _add_tools(commands)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Command, help: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help, description=help)
    command.set_defaults(run=run)
    return command


def _add_preset(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--preset", default="default", metavar="P", help="a bundled preset or a .toml file (default: default)"
    )
    command.add_argument(
        "--set", action="append", default=[], metavar="ID=VALUE", help="set one parameter; `vj params` lists them"
    )


def _add_render(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "render", _render, "Render an audio file to a video.")
    c.add_argument("audio", type=Path, metavar="AUDIO")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.mp4")
    c.add_argument("--model", default="default", metavar="M", help="a bundled model or a .safetensors file")
    _add_preset(c)
    c.add_argument(
        "--size", type=_size, default=(512, 512), metavar="WxH", help="picture size in pixels (default 512x512)"
    )
    c.add_argument(
        "--fit", choices=("cover", "contain"), default="cover", help="fill the size, or show the whole picture"
    )
    c.add_argument("--fps", type=_fps, default=Fraction(30), metavar="F", help="frames per second (default 30)")
    c.add_argument("--seed", type=_seed, default=0, metavar="S", help="another seed, another dream (default 0)")
    c.add_argument("--start", type=_seconds, default=0.0, metavar="s", help="begin here in the file")
    c.add_argument(
        "--duration", type=_seconds, default=None, metavar="s", help="render this much of it (default: to the end)"
    )
    c.add_argument("--no-shaders", action="store_true", help="the network's picture alone; needs no OpenGL")


def _add_analyse(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "analyse", _analyse, "Write what the ears hear in an audio file.")
    c.add_argument("audio", type=Path, metavar="AUDIO")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.npz|.csv")
    c.add_argument("--plot", type=Path, default=None, metavar="OUT.png")
    _add_preset(c)


def _add_model(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    model = commands.add_parser("model", help="Import, describe and sample networks.")
    tools = model.add_subparsers(dest="tool", required=True, metavar="import|info|sample")
    c = _add(
        tools, "import", _model_import, "Turn a stylegan2-ada-pytorch pickle into safetensors; runs nothing from it."
    )
    c.add_argument("pickle", type=Path, metavar="NET.pkl")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="M.safetensors")
    c = _add(tools, "info", _model_info, "Print a model's card.")
    c.add_argument("model", metavar="M")
    c.add_argument("--json", action="store_true")
    c = _add(tools, "sample", _model_sample, "Draw one picture.")
    c.add_argument("model", metavar="M")
    c.add_argument("--seed", type=_seed, default=0, metavar="N")
    c.add_argument("--trunc", type=float, default=1.0, metavar="PSI")
    c.add_argument("--noise", choices=("none", "const", "random"), default="const")
    c.add_argument("-o", "--output", type=Path, default=Path("sample.png"), metavar="OUT.png|.npy")


def _add_shader(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    shader = commands.add_parser("shader", help="Check and draw ISF shaders.")
    tools = shader.add_subparsers(dest="tool", required=True, metavar="check|render")
    c = _add(tools, "check", _shader_check, "Compile and draw each file; one line a file.")
    c.add_argument("paths", type=Path, nargs="+", metavar="FILE|FOLDER")
    c.add_argument("--json", action="store_true")
    c = _add(tools, "render", _shader_render, "Draw a shader over a picture.")
    c.add_argument("file", type=Path, metavar="FILE")
    c.add_argument("--image", type=Path, required=True, metavar="IN.png")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png")
    c.add_argument("--time", type=_seconds, default=0.0, metavar="s")
    c.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")


def _add_tools(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "params", _params, "Print the whole parameter tree.")
    c.add_argument("--json", action="store_true")
    c = _add(commands, "devices", _devices, "List audio inputs, MIDI ports, monitors, OpenGL and GPUs.")
    c.add_argument("--json", action="store_true")
    c = _add(commands, "bench", _bench, "Measure this machine.")
    c.add_argument("--engine", action="store_true", help="the network alone")
    c.add_argument("--model", default="default", metavar="M")
    c.add_argument("--frames", type=int, default=300, metavar="N")
    c.add_argument(
        "--peer", type=Path, default=None, metavar="CHECKOUT", help="a stylegan2-ada-pytorch checkout to run beside it"
    )
    c.add_argument("--peer-python", default=sys.executable, metavar="PYTHON", help="a Python that has PyTorch")
    c.add_argument("--json", action="store_true")
    c = _add(commands, "demo", _demo, "Show the instrument: a window where there is a display, otherwise a video.")
    c.add_argument("--output-dir", type=Path, default=Path("out"), metavar="DIR")


def _devices(args: argparse.Namespace) -> int:
    from vj.devices import devices, devices_text

    found = devices()
    print(json.dumps(found, indent=2) if args.json else devices_text(found))
    return 0
