"""`vj model import|build|info|sample|directions|sheet|quality`."""

import argparse
import json
import sys
from pathlib import Path

from vj.cli import defaults
from vj.cli.options import Commands, command, model_path
from vj.cli.types import number_from, output, output_or_folder, seed


def add(commands: Commands) -> None:
    """Add the command and its options."""
    model = commands.add_parser("model", help="Import, describe and sample networks.")
    tools = model.add_subparsers(
        dest="tool", required=True, metavar="import|build|info|sample|directions|sheet|quality"
    )
    c = command(tools, "import", _import, "Turn a network, or a folder of them, into safetensors; runs nothing.")
    c.add_argument("source", type=Path, metavar="NET.pkl|NET.pt|DIR")
    c.add_argument("-o", "--output", type=output_or_folder, required=True, metavar="M.safetensors|DIR")
    c.add_argument("--no-directions", action="store_true", help="do not look for its directions")
    c = command(tools, "build", _build, "Work out a network of luminous liquid from its formulas; some minutes.")
    c.add_argument("-o", "--output", type=output, required=True, metavar="M.safetensors")
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="S")
    c.add_argument("--epochs", type=number_from(1, 10_000), default=defaults.BUILD_EPOCHS, metavar="N")
    c = command(tools, "info", _info, "Print a model's card.")
    c.add_argument("model", metavar="M")
    c.add_argument("--json", action="store_true")
    c = command(tools, "sample", _sample, "Draw one picture.")
    c.add_argument("model", metavar="M")
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="N")
    c.add_argument("--trunc", type=float, default=defaults.TRUNCATION, metavar="PSI")
    c.add_argument("--noise", choices=("none", "const", "random"), default="const")
    c.add_argument("-o", "--output", type=output, default="sample.png", metavar="OUT.png|.npy")
    c = command(tools, "directions", _directions, "Find by what a network's pictures change most, as sliders.")
    c.add_argument("model", metavar="M")
    c.add_argument("--method", choices=("sefa", "pca"), default="pca", help="by the weights, or by the spread of w")
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="S")
    c.add_argument(
        "-o", "--output", type=output, default=None, metavar="OUT.png|.jpg", help="a sheet: a row each, -2 … +2, twice"
    )
    _add_judging(tools)


def _add_judging(tools: Commands) -> None:
    c = command(tools, "sheet", _sheet, "Draw a sheet of pictures, or of the ways between some.")
    c.add_argument("model", metavar="M")
    c.add_argument("-o", "--output", type=output, default="sheet.png", metavar="OUT.png|.jpg")
    c.add_argument("--rows", type=number_from(1, 64), default=defaults.ROWS, metavar="N")
    c.add_argument("--columns", type=number_from(1, 64), default=defaults.COLUMNS, metavar="N")
    c.add_argument("--tile", type=number_from(8, 1024), default=None, metavar="N", help="pixels a side of a picture")
    c.add_argument(
        "--between", choices=("z", "w"), default=None, help="each row goes to the next one's latent, in z or in w"
    )
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="S")
    c.add_argument("--trunc", type=float, default=defaults.TRUNCATION, metavar="PSI")
    c = command(tools, "quality", _quality, "Measure a network's pictures against a data set's.")
    c.add_argument("model", metavar="M")
    c.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder made by `vj dataset`")
    c.add_argument(
        "--n", type=number_from(8, 50_000), default=defaults.QUALITY_OF, metavar="N", help="pictures of each"
    )
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="S")
    c.add_argument("--trunc", type=float, default=defaults.TRUNCATION, metavar="PSI")
    c.add_argument("--json", action="store_true")
    c.add_argument(
        "-o", "--output", type=output, default=None, metavar="OUT.png|.jpg",
        help="show 64 pictures of the data beside 64 of the model",
    )  # fmt: skip


def _import(args: argparse.Namespace) -> int:
    from vj.core.errors import UsageError
    from vj.generator import model_tools

    if args.source.is_dir():
        return _import_folder(args.source, args.output, args.no_directions)
    if args.output.is_dir():
        raise UsageError(f"{args.output}: cannot be written: it is a folder, expected M.safetensors")
    model_tools.import_file(args.source, args.output)
    trouble = "" if args.no_directions else _without_directions(args.output)
    print(model_tools.describe_text(args.output))
    return 1 if trouble else 0


def _without_directions(model: Path) -> str:
    """Find a model's directions; why there are none, told, or empty. The model is of use without them."""
    from vj.core.errors import ModelError
    from vj.train import directions

    try:
        directions.find(model)
    except ModelError as e:
        trouble = f"{model} came in, but its directions were not found: {e}"
        print(f"vj: {trouble}", file=sys.stderr)
        return trouble
    return ""


def _import_folder(folder: Path, out: Path, no_directions: bool) -> int:
    """Each for itself: what fails is told, at the end once more, and the others come in."""
    from vj.core.errors import ModelError, UsageError
    from vj.core.files import reason
    from vj.generator import model_tools

    sources, troubles, came = model_tools.networks_in(folder), [], 0
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise UsageError(f"{out}: cannot be made: {reason(e)}") from e
    for source, target in zip(sources, model_tools.targets_of(sources, folder, out), strict=True):
        try:
            model_tools.import_file(source, target)
        except ModelError as e:
            troubles.append(str(e))
            print(f"vj: {e}", file=sys.stderr)
            continue
        came += 1
        print(target)
        if not no_directions and (trouble := _without_directions(target)):
            troubles.append(trouble)
    print("\n".join([f"{came} of {len(sources)} came in", *troubles]))
    return 1 if troubles else 0


def _build(args: argparse.Namespace) -> int:
    from vj.core.errors import UsageError
    from vj.core.progress import bar
    from vj.generator import model_tools
    from vj.generator.weights import save_model
    from vj.train.built.model import PAIRS, liquid_model

    if args.output.suffix != ".safetensors":
        raise UsageError(f"{args.output}: found the ending {args.output.suffix!r}, expected .safetensors")
    with bar("mapping", "epochs/s") as update:
        model = liquid_model(PAIRS, args.epochs, args.seed, update)
    save_model(args.output, model, half=True)
    print(model_tools.describe_text(args.output))
    return 0


def _info(args: argparse.Namespace) -> int:
    from vj.generator import model_tools

    described = model_tools.describe(model_path(args.model))
    print(json.dumps(described, indent=2) if args.json else model_tools.describe_text(model_path(args.model)))
    return 0


def _sample(args: argparse.Namespace) -> int:
    from vj.generator import model_tools

    model_tools.sample(model_path(args.model), args.seed, args.trunc, args.noise, args.output)
    print(args.output)
    return 0


def _directions(args: argparse.Namespace) -> int:
    from vj.core.progress import bar
    from vj.train import directions

    model = model_path(args.model)
    with bar(model.name, "pictures/s") as update:
        found = directions.find(model, args.method, args.seed, args.output, update)
    print(found)
    if args.output:
        print(args.output)
    return 0


def _sheet(args: argparse.Namespace) -> int:
    from vj.train import judge

    judge.write_sheet(
        model_path(args.model), args.output, args.rows, args.columns, args.seed, args.trunc, args.between, args.tile
    )
    print(args.output)
    return 0


def _quality(args: argparse.Namespace) -> int:
    from vj.core.progress import bar
    from vj.train import judge

    model = model_path(args.model)
    with bar(model.name, "pictures/s") as update:
        found = judge.judge(model, args.data, args.n, args.trunc, args.seed, args.output, update)
    print(json.dumps(found, indent=2) if args.json else judge.text(found))
    return 0
