"""`vj bench`."""

import argparse
import json
import sys
from pathlib import Path

from vj.cli import defaults
from vj.cli.options import Commands, command, model_path
from vj.cli.types import number_from, training_size
from vj.core.errors import UsageError
from vj.generator.config import ENGINES


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "bench", run, "Measure this machine.")
    c.add_argument(
        "--engine", nargs="?", choices=ENGINES, const=defaults.ENGINE, default=None,
        help="the network alone, drawn by this engine (default: by each that there is)",
    )  # fmt: skip
    c.add_argument("--training", action="store_true", help="training steps, with and without XLA")
    c.add_argument("--ears", action="store_true", help="the analysis, in units of an FFT")
    c.add_argument("--shaders", action="store_true", help="a frame of each shader, in units of a copy")
    c.add_argument("--live", action="store_true", help="the window: sound to light, evenness of its frames")
    c.add_argument(
        "--at", type=training_size, default=defaults.BENCH_TRAINING, metavar="SIDExBATCH", help="of --training"
    )
    c.add_argument(
        "--steps", type=number_from(1, 10_000), default=defaults.BENCH_STEPS, metavar="N", help="of --training"
    )
    c.add_argument("--model", default=defaults.MODEL, metavar="M")
    c.add_argument("--frames", type=int, default=defaults.BENCH_FRAMES, metavar="N")
    c.add_argument(
        "--peer", type=Path, default=None, metavar="CHECKOUT", help="a stylegan2-ada-pytorch checkout to run beside it"
    )
    c.add_argument("--peer-python", default=sys.executable, metavar="PYTHON", help="a Python that has PyTorch")
    c.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
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

        engine_asked = args.engine or defaults.ENGINE
        report = live.run(
            model_path(args.model), tell=lambda text: print(text, file=sys.stderr, flush=True), engine=engine_asked
        )
        print(json.dumps(report, indent=2) if args.json else live.text(report))
    if args.engine:
        report = engine.run(model_path(args.model), args.frames, args.peer, args.peer_python, args.engine)
        print(json.dumps(report, indent=2) if args.json else engine.text(report))
    if args.training:
        side, batch = args.at
        report = training.run(side, batch, args.steps)
        print(json.dumps(report, indent=2) if args.json else training.text(report))
    return 0
