"""Writes docs/bends.md, and draws docs/images/bends.jpg: what each bend does in each depth of the default model.

python scripts/bend_page.py [--check]     --check: whether the page says what it should, without drawing
"""

import argparse
import importlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vj.core.types import FLOW_SIZE, GeneratorInput
from vj.generator import bending
from vj.generator.bending.spec import Bend
from vj.generator.engine import Engine, resting_input
from vj.generator.latents.vectors import flow_field
from vj.generator.opening import open_engine
from vj.params.spec import Param

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "bends.md", ROOT / "docs" / "images" / "bends.jpg"
DEPTHS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)
TILE, NAME_WIDTH, HEAD = 112, 104, 22
#: How far from its default each amount that drives a bend is drawn, as a share of the way to its end.
SHARE = 0.6
SEED = 12
INTRODUCTION = """# Network bends

A bend changes the features of one layer on their way through the network: in coarse layers it moves what the picture
is made of, in fine ones its surface, at depth 1 the picture itself. Each has its amounts, `bend/NAME/layer` (depth),
`channels_lo` and `channels_hi` (which share of the channels, in their order or, with a `channels_seed`, shuffled). All
may move in every frame without a compile, by hands, MIDI, OSC or the sound; at rest a bend costs nothing. Several may
be at work in one layer. Broad, Leymarie and Grierson, "Network Bending", 2021.

![What each does to the default model's picture, from the coarsest layer to the finished picture](images/bends.jpg)

A row a bend, at six tenths of its range; a column a depth, from 0 to 1.

| bend | what it does | amounts |
|---|---|---|
"""
END = """
What bends that move pixels read beyond the border is `bend/border`: the features mirrored (as at first), again, or
their border held.

Not there: feedback of a layer's features of the frame before, which would need a state in the program.
"""


def page() -> str:
    """docs/bends.md."""
    return INTRODUCTION + "".join(f"{row(bend)}\n" for bend in bending.BENDS) + END


def row(bend: Bend) -> str:
    """One line of the table."""
    module = importlib.import_module(f"vj.generator.bending.{bend.name}")
    words = (module.__doc__ or "").splitlines()[0].partition(": ")[2].rstrip(".")
    amounts = ", ".join(f"`{a.id.rpartition('/')[2]}` {a.lo:g} … {a.hi:g}" for a in bend.amounts)
    return f"| `{bend.name}` | {words} | {amounts} |"


def values(bend: Bend, depth: float) -> dict[str, float]:
    """All bends' parameters, this one's so far from their defaults."""
    driving = {a.id: a.default + SHARE * (_end(a) - a.default) for a in bend.amounts[: bend.drives]}
    return {p.id: p.default for p in bending.PARAMS} | driving | {f"bend/{bend.name}/layer": depth}


def _end(amount: Param) -> float:
    return amount.hi if amount.hi != amount.default else amount.lo


def still(engine: Engine) -> GeneratorInput:
    """A picture that shows form and surface, with a little noise."""
    z = np.random.default_rng(SEED).standard_normal((1, engine.z_dim), np.float32)
    ws = np.repeat(engine.map(z), engine.num_ws, axis=0).astype(np.float32)
    return replace(resting_input(engine), ws=ws, flow=flow_field(FLOW_SIZE, 0.0, 1.5, SEED))


def draw() -> None:
    """Draw them all."""
    engine = open_engine(ROOT / "models" / "default.safetensors", "auto", noise_seed=SEED)
    given = still(engine)
    sheet = Image.new("RGB", (NAME_WIDTH + TILE * len(DEPTHS), HEAD + TILE * len(bending.BENDS)), (16, 16, 18))
    text = ImageDraw.Draw(sheet)
    for column, depth in enumerate(DEPTHS):
        text.text((NAME_WIDTH + TILE * column + TILE // 2, HEAD // 2), f"{depth:g}", "white", font_size=13, anchor="mm")
    for line, bend in enumerate(bending.BENDS):
        text.text((8, HEAD + TILE * line + TILE // 2), bend.name, "white", font_size=14, anchor="lm")
        for column, depth in enumerate(DEPTHS):
            rgba = engine.frame(replace(given, bends=bending.pack(values(bend, depth), engine.n_noise)))
            tile = Image.fromarray(rgba[..., :3]).resize((TILE, TILE), Image.Resampling.LANCZOS)
            sheet.paste(tile, (NAME_WIDTH + TILE * column, HEAD + TILE * line))
    sheet.save(PICTURE, quality=80)


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page():
            sys.exit(f"{PAGE.relative_to(ROOT)} is not what scripts/bend_page.py writes")
        return
    PAGE.write_text(page(), encoding="utf-8")
    draw()


if __name__ == "__main__":
    main()
