"""`vj train`."""

import argparse
from pathlib import Path

from vj.cli import defaults
from vj.cli.options import Commands, command
from vj.cli.types import above_zero, amount, names, number_from, seed


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "train", run, "Train a network on a data set; again, it goes on where it stopped.")
    c.add_argument("data", type=Path, metavar="DATA", help="a folder made by `vj dataset`")
    _add_files(c)
    _add_machine(c)
    _add_pace(c)
    _add_settings(c)


def _add_files(c: argparse.ArgumentParser) -> None:
    c.add_argument("-o", "--output", type=Path, required=True, metavar="RUN", help="folder of checkpoints and pictures")
    c.add_argument(
        "--from", dest="start_from", type=Path, default=None, metavar="FILE",
        help="go on from a model, a training's folder or a .pkl of stylegan2-ada-pytorch",
    )  # fmt: skip
    c.add_argument(
        "--keep", type=Path, default=None, metavar="FILE",
        help="the newest state in half precision: written at every snapshot, gone on from where RUN is new",
    )  # fmt: skip


def _add_machine(c: argparse.ArgumentParser) -> None:
    c.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    c.add_argument("--engine", choices=("tensorflow", "jax"), default="tensorflow", help="what takes the steps")
    c.add_argument("--strategy", choices=("one", "mirrored", "workers"), default="one", help="devices and machines")


def _add_pace(c: argparse.ArgumentParser) -> None:
    c.add_argument("--hours", type=amount, default=0.0, metavar="H", help="stop after so long, with a checkpoint")
    for name, default, meaning in (
        ("figures", defaults.FIGURES_KIMG, "row of the log every K thousand"),
        ("snapshot", defaults.SNAPSHOT_KIMG, "a checkpoint every K thousand"),
    ):
        c.add_argument(f"--{name}-kimg", type=above_zero, default=default, metavar="K", help=meaning)
    c.add_argument(
        "--fid", type=number_from(0, 100_000), default=defaults.FID_OF, metavar="N",
        help="pictures that the running distance to the data set is measured on; 0: none",
    )  # fmt: skip


def _add_settings(c: argparse.ArgumentParser) -> None:
    """Those of `vj.train.settings.Settings`; what is not named has its default there."""
    c.add_argument(
        "--schedule", default=None, metavar="STAGES",
        help="KIND@SIDExBATCH:KIMGk, comma-separated; kinds teach, sharpen, gan, detail (default: by the data set)",
    )  # fmt: skip
    c.add_argument("--seed", type=seed, default=None, metavar="S")
    for name, meaning in (
        ("rate", "learning rate of both networks"),
        ("teach-rate", "learning rate while taught"),
        ("heads-rate", "learning rate of a projected discriminator's heads"),
        ("gamma", "weight of R1"),
        ("path-weight", "weight of path length regularisation"),
        ("mixing", "chance of style mixing"),
        ("ada-target", "adaptive augmentation for small data sets aims at this (0.6); 0: none"),
        ("ada-kimg", "thousand pictures over which augmentation may go from none to all"),
        ("taught-weight", "weight of the regression while sharpening"),
    ):
        c.add_argument(f"--{name}", type=amount, default=None, metavar="X", help=meaning)
    c.add_argument(
        "--ada-groups", type=names, default=None, metavar="G,…", help="of blit,geometry,colour (default: all)"
    )
    c.add_argument(
        "--relativistic", action="store_true", default=None,
        help="judge real and drawn pictures beside one another, with R2 beside R1 (R3GAN)",
    )  # fmt: skip
    c.add_argument(
        "--projected", action="store_true", default=None,
        help="judge through a frozen EfficientNet-Lite0, in stages gan and sharpen (Projected GAN)",
    )  # fmt: skip
    c.add_argument(
        "--hold-noise", dest="learn_noise", action="store_false", default=None,
        help="leave the noise inputs weak: adversarial training makes grain of them",
    )  # fmt: skip
    c.add_argument("--flips", action="store_true", default=None, help="mirror real pictures at random")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.train import command
    from vj.train.loop import Pace

    plan = command.Plan(
        args.data, args.output, args.schedule, args.start_from, args.precision, args.strategy, args.hours,
        args.engine, Pace(args.figures_kimg, args.snapshot_kimg), args.fid, args.keep,
    )  # fmt: skip
    names = (
        "seed", "rate", "teach_rate", "gamma", "path_weight", "mixing", "ada_target", "ada_kimg", "ada_groups",
        "taught_weight", "learn_noise", "flips", "relativistic", "projected", "heads_rate",
    )  # fmt: skip
    changes = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    print(command.run(plan, changes))
    return 0
