"""`vj preset thumbnails`."""

import argparse
from pathlib import Path

from vj.cli import defaults
from vj.cli.options import Commands, add_engine, command
from vj.cli.types import seed


def add(commands: Commands) -> None:
    """Add the command and its options."""
    preset = commands.add_parser("preset", help="Pictures of presets.")
    tools = preset.add_subparsers(dest="tool", required=True, metavar="thumbnails")
    c = command(tools, "thumbnails", _thumbnails, "Draw the pictures by which the panel shows presets.")
    c.add_argument("names", nargs="*", metavar="NAME", help="default: presets of one's own that have no picture yet")
    c.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="default: beside one's own presets")
    c.add_argument("--model", default=defaults.MODEL, metavar="M", help="the network of presets that name none")
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="S", help="another seed, another dream")
    add_engine(c)


def _thumbnails(args: argparse.Namespace) -> int:
    from vj.core import resources
    from vj.core.errors import UsageError
    from vj.demo import track_path
    from vj.session.loading import load_show
    from vj.session.thumbnails import save_thumbnail
    from vj.show.thumbnails import drawn

    config = resources.config_dir()
    folder = args.output or (config / "presets" if config else None)
    if folder is None:
        raise UsageError("-o FOLDER: this user has no home folder to keep pictures in")
    names = args.names or _without(config / "presets" if config else folder)
    shows = {name: load_show(name) for name in names}
    wanted = [show.preset.model or args.model for show in shows.values()]
    models = [resources.find("model", name, resources.models_dir(), ".safetensors") for name in wanted]
    for name, picture in drawn(track_path(), shows, models, args.seed, args.engine):
        path = folder / f"{Path(name).stem}.jpg"
        save_thumbnail(path, picture)
        print(path)
    if not names:
        print("every preset of your own has a picture")
    return 0


def _without(folder: Path) -> list[str]:
    """Names of the presets of a folder that have no picture."""
    return [path.stem for path in sorted(folder.glob("*.toml")) if not path.with_suffix(".jpg").is_file()]
