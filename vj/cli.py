"""The commands. Each is a thin function: it reads its arguments and calls the package that does the work.

What a command needs is imported inside it, so that `vj params` does not load a video encoder, and so that a process
spawned from here starts with nothing it does not need.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from vj import __version__
from vj.core.errors import UsageError, VjError

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Errors that a user can act on are one line on stderr."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = _parser().parse_args(words)
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


def _with_settings(words: list[str]) -> argparse.Namespace:
    """`vj play` as it is meant on this machine: the settings file, then the command line."""
    from vj.core import resources, settings

    path = resources.config_dir() / "settings.toml"
    if "--remember" in words:
        print(f"vj play: {path}: {', '.join(settings.remember(path, words)) or 'nothing to remember'}")
    return _parser().parse_args([words[0], *settings.arguments(path), *words[1:]])


def _warn(text: str) -> None:
    print(f"vj: {text}", file=sys.stderr)


def _render(args: argparse.Namespace) -> int:
    from vj.core import resources
    from vj.core.progress import bar
    from vj.session.loading import load_show
    from vj.show import offline
    from vj.show.summary import timings_text

    show = load_show(args.preset, args.set, args.shaders, _warn)
    name = args.model or show.preset.model or "default"
    model = resources.find("model", name, resources.models_dir(), ".safetensors")
    part = offline.Part(args.audio, args.fps, args.start, args.duration)
    width, height = args.size
    look = offline.VideoConfig(model, width, height, args.fit, not args.no_shaders)
    with bar(args.output.name, "fps") as update:
        timings = offline.render(show, part, look, args.output, args.seed, update)
    print(timings_text(args.output, timings))
    return 0


def _analyse(args: argparse.Namespace) -> int:
    from vj.audio.report import analyse_file
    from vj.core.progress import bar
    from vj.session.loading import load_show

    show = load_show(args.preset, args.set, args.shaders, _warn)
    with bar(args.audio.name, "× real time") as update:
        summary = analyse_file(args.audio, args.output, args.plot, show.base, update)
    print(summary)
    return 0


def _source(args: argparse.Namespace) -> Any:
    """What is to be heard, as the command line says (`vj.audio.listener.AudioInput`)."""
    from vj.audio.input.file import FileSource
    from vj.audio.input.player import Playback
    from vj.audio.input.sound_card import Input
    from vj.audio.input.virtual import Virtual

    if args.audio:
        # What is wrong with the file is said before anything starts.
        FileSource(args.audio)
        return Virtual(args.audio, once=True) if args.mute else Playback(args.audio, 0.0, args.speakers)
    if args.tone is not None:
        return Virtual(gain_db=args.tone)
    return Input(args.input, args.channels, args.rate, args.block)


def _listen(args: argparse.Namespace) -> int:
    from vj.session.loading import load_show
    from vj.show import listen

    wanted = _source(args)
    values = load_show(args.preset, args.set, args.shaders, _warn).base
    print(listen.run(wanted, {id: values[id] for id in values if id.startswith("audio/")}, args.seconds))
    return 0


def _osc(args: argparse.Namespace) -> Any:
    """Where to listen for OSC, None: nowhere (`vj.control.osc.server.OscConfig`)."""
    from vj.control.osc.address_map import MAPS
    from vj.control.osc.server import OscConfig
    from vj.core import resources

    if not args.osc:
        return None
    named = resources.find("OSC map", args.osc_map, MAPS, ".toml") if args.osc_map else None
    to, allowed = tuple(args.osc_to), tuple(args.osc_allow)
    return OscConfig(args.osc_bind, args.osc, allowed, args.osc_rate, to, named, args.osc_query)


def _play(args: argparse.Namespace) -> int:
    from vj.control.midi.ports import MidiConfig
    from vj.core import resources
    from vj.show import app
    from vj.show.live import PictureConfig

    config = resources.config_dir()
    last = config / "last.toml"
    preset = str(last) if args.resume and last.is_file() else args.preset
    playing = app.ShowConfig(
        _source(args), _model_path(args.model), preset, tuple(args.set), args.seed, spare=not args.no_spare,
        own=tuple(args.shaders),
        osc=_osc(args), midi=None if args.no_midi else MidiConfig(args.midi_api), config=config,
    )  # fmt: skip
    look = PictureConfig(args.size, args.fps, args.hud)
    screen = app.OutputConfig(args.fullscreen, args.monitor, args.record)
    print(app.play(playing, look, screen, args.seconds, args.report))
    return 0


def _model_import(args: argparse.Namespace) -> int:
    from vj.generator import model_tools

    model_tools.import_pickle(args.pickle, args.output)
    print(model_tools.describe_text(args.output))
    return 0


def _model_info(args: argparse.Namespace) -> int:
    from vj.generator import model_tools

    described = model_tools.describe(_model_path(args.model))
    print(json.dumps(described, indent=2) if args.json else model_tools.describe_text(_model_path(args.model)))
    return 0


def _model_sample(args: argparse.Namespace) -> int:
    from vj.generator import model_tools

    model_tools.sample(_model_path(args.model), args.seed, args.trunc, args.noise, args.output)
    print(args.output)
    return 0


def _model_sheet(args: argparse.Namespace) -> int:
    from vj.train import judge

    judge.write_sheet(
        _model_path(args.model), args.output, args.rows, args.columns, args.seed, args.trunc, args.between, args.tile
    )
    print(args.output)
    return 0


def _model_quality(args: argparse.Namespace) -> int:
    from vj.core.progress import bar
    from vj.train import judge

    model = _model_path(args.model)
    with bar(model.name, "pictures/s") as update:
        found = judge.judge(model, args.data, args.n, args.trunc, args.seed, args.output, update)
    print(json.dumps(found, indent=2) if args.json else judge.text(found))
    return 0


def _shader_check(args: argparse.Namespace) -> int:
    from vj.render import shader_tools

    results = shader_tools.check(args.paths)
    print(json.dumps(results, indent=2) if args.json else shader_tools.check_text(results))
    return 0 if all(r["ok"] for r in results) else 1


def _shader_render(args: argparse.Namespace) -> int:
    from vj.render import shader_tools

    shader_tools.render(args.file, args.image, args.output, args.time, args.set, args.end_image)
    print(args.output)
    return 0


def _shader_new(args: argparse.Namespace) -> int:
    from vj.render.isf import starter

    starter.write(args.file, args.kind)
    print(args.file)
    return 0


def _params(args: argparse.Namespace) -> int:
    from vj.session.loading import default_registry
    from vj.show.summary import params_json, params_text

    registry = default_registry()
    print(json.dumps(params_json(registry), indent=2) if args.json else params_text(registry))
    return 0


def _bench(args: argparse.Namespace) -> int:
    from vj.bench import ears, engine
    from vj.train import bench as training

    if not (args.engine or args.training or args.ears or args.live or args.shaders):
        raise UsageError(
            "nothing to measure: add --engine (the network), --training (its steps), --ears (analysis), "
            "--shaders (each of them) or --live (the window)"
        )
    if args.shaders:
        from vj.bench import shaders

        report = shaders.run()
        print(json.dumps(report, indent=2) if args.json else shaders.text(report))
    if args.ears:
        from vj.session.loading import default_registry

        report = ears.run(default_registry().defaults())
        print(json.dumps(report, indent=2) if args.json else ears.text(report))
    if args.live:
        from vj.bench import live

        report = live.run(_model_path(args.model), tell=lambda text: print(text, file=sys.stderr, flush=True))
        print(json.dumps(report, indent=2) if args.json else live.text(report))
    if args.engine:
        report = engine.run(_model_path(args.model), args.frames, args.peer, args.peer_python)
        print(json.dumps(report, indent=2) if args.json else engine.text(report))
    if args.training:
        side, batch = args.at
        report = training.run(side, batch, args.steps)
        print(json.dumps(report, indent=2) if args.json else training.text(report))
    return 0


def _dataset(args: argparse.Namespace) -> int:
    from vj.core.progress import bar
    from vj.train import dataset_build, dataset_preview

    named = args.own or args.shader or args.clip or args.folder or args.world
    if args.endless:
        from vj.train.world.pictures import write_world

        write_world(args.output, args.size, args.seed, args.keep, args.flow)
    elif not (args.preview and not named and dataset_build.is_whole(args.output)):
        request = dataset_build.Request(
            args.output, args.size, tuple(args.shader), tuple(args.clip), tuple(args.folder), args.own,
            args.per_source, args.seed, args.licence, args.time, args.supersample, args.distinct, args.upscale,
            args.spread, args.world,
        )  # fmt: skip
        with bar(args.output.name, "pictures/s") as update:
            dataset_build.build(request, update)
    print(dataset_build.describe_text(args.output))
    if args.preview:
        dataset_preview.write_sheet(args.output, args.preview)
        print(args.preview)
    return 0


def _train(args: argparse.Namespace) -> int:
    from vj.train import command
    from vj.train.loop import Pace

    plan = command.Plan(
        args.data, args.output, args.schedule, args.start_from, args.precision, args.strategy, args.hours,
        args.engine, Pace(args.figures_kimg, args.snapshot_kimg), args.fid,
    )  # fmt: skip
    names = (
        "seed", "rate", "gamma", "path_weight", "mixing", "ada_target", "ada_kimg", "ada_groups", "taught_weight",
        "flips",
    )  # fmt: skip
    changes = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    print(command.run(plan, changes))
    return 0


def _demo(args: argparse.Namespace) -> int:
    from vj.demo import show

    print(show.run(args.output_dir))
    return 0


def _model_path(name: str) -> Path:
    from vj.core import resources

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


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e7:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number, 0 or more")
    return value


def _channels(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in text.split(",") if part.strip().isdigit())
    if len(numbers) != len(text.split(",")) or len(numbers) not in (1, 2) or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected one or two numbers from 1 on, such as 3,4")
    return numbers


def _decibels(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value <= 0:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected 0 or less, or -inf")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _part(text: str) -> float:
    if (value := _amount(text)) > 1.0:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number from 0 to 1")
    return value


def _share(text: str) -> float:
    if not 0.0 < (value := _amount(text)) <= 1.0:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number above 0 and at most 1")
    return value


def _endpoint(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and 0 < int(port) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r}, expected HOST:PORT such as 192.168.1.5:9000")
    return host, int(port)


def _above_zero(text: str) -> float:
    if not (value := _amount(text)):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number above 0")
    return value


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


def _side(text: str) -> int:
    if not text.isdigit() or int(text) not in range(8, 1025) or int(text) & (int(text) - 1):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a power of two from 8 to 1024")
    return int(text)


def _number_from(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"found {text!r}, expected a whole number from {low} to {high}")
        return int(text)

    return number


def _training_size(text: str) -> tuple[int, int]:
    side, _, batch = text.partition("x")
    return _side(side), _number_from(1, 4096)(batch)


def _span(text: str) -> tuple[float, float]:
    lo, colon, hi = text.partition(":")
    span = _seconds(lo), _seconds(hi) if colon else -1.0
    if not span[0] <= span[1]:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected LO:HI in seconds, such as 0:8")
    return span


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("vj", description="An instrument for live visuals.")
    parser.add_argument("--version", action="version", version=f"vj {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_render(commands)
    _add_analyse(commands)
    _add_play(commands)
    _add_listen(commands)
    _add_model(commands)
    _add_shader(commands)
    _add_dataset(commands)
    _add_train(commands)
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
    command.add_argument(
        "--shaders", type=Path, action="append", default=[], metavar="DIR", help="a folder of ISF files of your own"
    )


def _add_render(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "render", _render, "Render an audio file to a video.")
    c.add_argument("audio", type=Path, metavar="AUDIO")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.mp4")
    c.add_argument("--model", metavar="M", help="a bundled model or a .safetensors file (default: the preset's)")
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


def _add_listen(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "listen", _listen, "Show what the ears hear, live.")
    _add_source(c)
    _add_preset(c)


def _add_play(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "play", _play, "Play live: the sound card or a file, in a window or full screen.")
    _add_source(c)
    c.add_argument("--model", default="default", metavar="M", help="a bundled network or a file")
    c.add_argument("--seed", type=_seed, default=0, metavar="N", help="other numbers are other pictures")
    c.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH", help="of the picture inside")
    c.add_argument("--fps", type=_above_zero, default=None, metavar="F", help="default: the display's")
    c.add_argument("--fullscreen", action="store_true")
    c.add_argument("--monitor", default=None, metavar="N", help="for full screen: number from 1, or part of its name")
    c.add_argument("--hud", action="store_true", help="figures over the picture; H shows and hides them")
    c.add_argument("--record", type=Path, default=None, metavar="OUT.mp4", help="what is seen and heard, to a file")
    c.add_argument("--no-spare", action="store_true", help="no second generator that waits: half the memory")
    c.add_argument("--report", type=Path, default=None, metavar="OUT.json", help="figures of the show, at its end")
    c.add_argument("--remember", action="store_true", help="devices, ports and monitor given here are the usual ones")
    c.add_argument("--resume", action="store_true", help="begin with what the last show ended with")
    c.add_argument("--no-midi", action="store_true", help="leave MIDI controllers to other programs")
    c.add_argument("--midi-api", default="", metavar="API", help="alsa, jack, core or windows (default: what works)")
    c.add_argument("--osc", type=_number_from(0, 65535), default=7700, metavar="PORT", help="0: none (default 7700)")
    c.add_argument("--osc-map", default=None, metavar="FILE", help="what other programs' addresses mean: a file, or "
                   "ableton_osc, max_for_live, touchdesigner")  # fmt: skip
    c.add_argument("--osc-query", type=_number_from(0, 65535), default=7701, metavar="PORT",
                   help="OSCQuery, for tools that build their panels; 0: none (default 7701)")  # fmt: skip
    c.add_argument("--osc-bind", default="127.0.0.1", metavar="HOST", help="0.0.0.0 opens it to other machines")
    c.add_argument("--osc-allow", action="append", default=[], metavar="NET", help="only these, such as 192.168.1.0/24")
    c.add_argument("--osc-to", type=_endpoint, action="append", default=[], metavar="HOST:PORT", help="send there")
    c.add_argument("--osc-rate", type=_above_zero, default=30.0, metavar="HZ", help="of what is sent (default 30)")
    _add_preset(c)


def _add_source(c: argparse.ArgumentParser) -> None:
    c.add_argument("audio", type=Path, nargs="?", default=None, metavar="AUDIO", help="play this file instead")
    c.add_argument("--input", default=None, metavar="NAME", help="part of a device's name, see `vj devices`")
    c.add_argument("--channels", type=_channels, default=(1, 2), metavar="A,B", help="inputs of the device, from 1 on")
    c.add_argument("--rate", type=_above_zero, default=None, metavar="HZ", help="default: the device's own")
    c.add_argument("--block", type=_number_from(256, 65536), default=256, metavar="N", help="samples a callback")
    c.add_argument("--speakers", default=None, metavar="NAME", help="part of the name of the output for AUDIO")
    c.add_argument("--mute", action="store_true", help="AUDIO in its own time, without a sound card")
    c.add_argument("--tone", type=_decibels, default=None, metavar="DB", help="a test tone; -inf is silence")
    c.add_argument("--seconds", type=_amount, default=0.0, metavar="S", help="0: until Ctrl-C or the file's end")


def _add_model(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    model = commands.add_parser("model", help="Import, describe and sample networks.")
    tools = model.add_subparsers(dest="tool", required=True, metavar="import|info|sample|sheet|quality")
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
    _add_model_judging(tools)


def _add_model_judging(tools: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(tools, "sheet", _model_sheet, "Draw a sheet of pictures, or of the ways between some.")
    c.add_argument("model", metavar="M")
    c.add_argument("-o", "--output", type=Path, default=Path("sheet.png"), metavar="OUT.png|.jpg")
    c.add_argument("--rows", type=_number_from(1, 64), default=8, metavar="N")
    c.add_argument("--columns", type=_number_from(1, 64), default=8, metavar="N")
    c.add_argument("--tile", type=_number_from(8, 1024), default=None, metavar="N", help="pixels a side of a picture")
    c.add_argument(
        "--between", choices=("z", "w"), default=None, help="each row goes to the next one's latent, in z or in w"
    )
    c.add_argument("--seed", type=_seed, default=0, metavar="S")
    c.add_argument("--trunc", type=float, default=1.0, metavar="PSI")
    c = _add(tools, "quality", _model_quality, "Measure a network's pictures against a data set's.")
    c.add_argument("model", metavar="M")
    c.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder made by `vj dataset`")
    c.add_argument("--n", type=_number_from(8, 50_000), default=2000, metavar="N", help="pictures of each")
    c.add_argument("--seed", type=_seed, default=0, metavar="S")
    c.add_argument("--trunc", type=float, default=1.0, metavar="PSI")
    c.add_argument("--json", action="store_true")
    c.add_argument(
        "-o", "--output", type=Path, default=None, metavar="OUT.png|.jpg",
        help="show 64 pictures of the data beside 64 of the model",
    )  # fmt: skip


def _add_shader(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    shader = commands.add_parser("shader", help="Check and draw ISF shaders.")
    tools = shader.add_subparsers(dest="tool", required=True, metavar="check|render|new")
    c = _add(tools, "check", _shader_check, "Compile and draw each file; one line a file.")
    c.add_argument("paths", type=Path, nargs="+", metavar="FILE|FOLDER")
    c.add_argument("--json", action="store_true")
    c = _add(tools, "render", _shader_render, "Draw a shader over a picture.")
    c.add_argument("file", type=Path, metavar="FILE")
    c.add_argument("--image", type=Path, required=True, metavar="IN.png")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png")
    c.add_argument("--time", type=_seconds, default=0.0, metavar="s")
    c.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    c.add_argument("--end-image", type=Path, metavar="END.png", help="what a transition goes to")
    c = _add(tools, "new", _shader_new, "Write a commented ISF file to begin with.")
    c.add_argument("file", type=Path, metavar="NAME.fs")
    c.add_argument("--kind", choices=("filter", "generator", "transition"), default="filter")


def _add_dataset(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "dataset", _dataset, "Make pictures to train on; again, it goes on where it stopped.")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    c.add_argument("--world", action="store_true", help="luminous liquid, one continuous world; z is kept")
    c.add_argument(
        "--endless",
        action="store_true",
        help="the world, not stored: drawn when a training asks",
    )
    c.add_argument(
        "--keep", type=_number_from(1, 1 << 30), default=None, metavar="N",
        help="of an endless world: N pictures, each drawn once and kept for the next time",
    )  # fmt: skip
    c.add_argument(
        "--flow", type=_part, default=1.0, metavar="S",
        help="of an endless world: how far things flow in it, 0..1: calm ones are learned sooner",
    )  # fmt: skip
    several: dict[str, Any] = {"type": Path, "nargs": "+", "action": "extend", "default": []}
    c.add_argument("--own", action="store_true", help="vj's own generators (the default when no source is named)")
    c.add_argument("--shader", metavar="FILE.fs", help="ISF generators, at parameters spread over MIN..MAX", **several)
    c.add_argument("--clip", metavar="FILE", help="videos: frames spread over their scenes", **several)
    c.add_argument("--folder", metavar="DIR", help="folders of pictures, with their sub-folders", **several)
    c.add_argument("--size", type=_side, default=256, metavar="N", help="pixels a side, a power of two (default 256)")
    c.add_argument(
        "--per-source", type=_number_from(1, 1_000_000), default=None, metavar="N",
        help="pictures of each source at most (default 700; all of a folder)",
    )  # fmt: skip
    c.add_argument("--seed", type=_seed, default=0, metavar="S")
    c.add_argument(
        "--time", type=_span, default=(0.0, 8.0), metavar="LO:HI", help="range of a shader's TIME in seconds"
    )
    c.add_argument(
        "--spread", type=_share, default=1.0, metavar="S",
        help="share of their ranges, around the defaults, that inputs are drawn from; those that colour keep all of it",
    )  # fmt: skip
    c.add_argument(
        "--supersample", type=_number_from(1, 4), default=1, metavar="K",
        help="draw shaders K times larger and average down (default 1)",
    )  # fmt: skip
    c.add_argument(
        "--distinct", type=float, default=4.0, metavar="D",
        help="leave out what differs less than this from a picture before (RMS of 16x16 thumbnails, 0..255; default 4)",
    )  # fmt: skip
    c.add_argument("--upscale", action="store_true", help="enlarge smaller pictures instead of leaving them out")
    c.add_argument("--licence", default=None, metavar="TEXT", help="what the manifest says of the pictures' licence")
    c.add_argument(
        "--preview", type=Path, default=None, metavar="OUT.png",
        help="write a contact sheet; alone with -o: of a data set that is there",
    )  # fmt: skip


def _add_train(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "train", _train, "Train a network on a data set; again, it goes on where it stopped.")
    c.add_argument("data", type=Path, metavar="DATA", help="a folder made by `vj dataset`")
    c.add_argument("-o", "--output", type=Path, required=True, metavar="RUN", help="folder of checkpoints and pictures")
    c.add_argument(
        "--schedule", default=None, metavar="STAGES",
        help="KIND@SIDExBATCH:KIMGk, comma-separated; kinds teach, sharpen, gan, detail (default: by the data set)",
    )  # fmt: skip
    c.add_argument(
        "--from", dest="start_from", type=Path, default=None, metavar="FILE",
        help="go on from a model, a training's folder or a .pkl of stylegan2-ada-pytorch",
    )  # fmt: skip
    c.add_argument("--seed", type=_seed, default=None, metavar="S")
    c.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    c.add_argument("--engine", choices=("tensorflow", "jax"), default="tensorflow", help="what takes the steps")
    c.add_argument("--strategy", choices=("one", "mirrored", "workers"), default="one", help="devices and machines")
    c.add_argument("--hours", type=_amount, default=0.0, metavar="H", help="stop after so long, with a checkpoint")
    c.add_argument("--figures-kimg", type=_above_zero, default=1.0, metavar="K", help="row of the log every K thousand")
    c.add_argument("--snapshot-kimg", type=_above_zero, default=10.0, metavar="K", help="a checkpoint every K thousand")
    c.add_argument(
        "--fid", type=_number_from(0, 100_000), default=500, metavar="N",
        help="pictures that the running distance to the data set is measured on; 0: none",
    )  # fmt: skip
    for name, meaning in (
        ("rate", "learning rate of both networks"),
        ("gamma", "weight of R1"),
        ("path-weight", "weight of path length regularisation"),
        ("mixing", "chance of style mixing"),
        ("ada-target", "adaptive augmentation for small data sets aims at this (0.6); 0: none"),
        ("ada-kimg", "thousand pictures over which augmentation may go from none to all"),
        ("taught-weight", "weight of the regression while sharpening"),
    ):
        c.add_argument(f"--{name}", type=_amount, default=None, metavar="X", help=meaning)
    c.add_argument(
        "--ada-groups", type=_names, default=None, metavar="G,…", help="of blit,geometry,colour (default: all)"
    )
    c.add_argument("--flips", action="store_true", default=None, help="mirror real pictures at random")


def _add_tools(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    c = _add(commands, "params", _params, "Print the whole parameter tree.")
    c.add_argument("--json", action="store_true")
    c = _add(commands, "devices", _devices, "List audio inputs, MIDI ports, monitors, OpenGL and GPUs.")
    c.add_argument("--json", action="store_true")
    c = _add(commands, "bench", _bench, "Measure this machine.")
    c.add_argument("--engine", action="store_true", help="the network alone")
    c.add_argument("--training", action="store_true", help="training steps, with and without XLA")
    c.add_argument("--ears", action="store_true", help="the analysis, in units of an FFT")
    c.add_argument("--shaders", action="store_true", help="a frame of each shader, in units of a copy")
    c.add_argument("--live", action="store_true", help="the window: sound to light, evenness of its frames")
    c.add_argument("--at", type=_training_size, default=(64, 16), metavar="SIDExBATCH", help="of --training")
    c.add_argument("--steps", type=_number_from(1, 10_000), default=8, metavar="N", help="of --training")
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
    from vj.show.devices import devices, devices_text

    found = devices()
    print(json.dumps(found, indent=2) if args.json else devices_text(found))
    return 0
