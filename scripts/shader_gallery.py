"""Writes docs/shaders.md and its pictures: `python scripts/shader_gallery.py [--check | --only NAME … --to FOLDER]`.

Each shader is drawn over a moving picture at three settings: its default, and two that are drawn at random once and for
all. The costs are those of `vj bench --shaders` on the machine that makes the page; --check leaves them out.
"""

import argparse
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from vj.bench import shaders as bench
from vj.core import resources
from vj.core.types import U8
from vj.params.bounds import expected, written
from vj.params.spec import Param
from vj.render.compositing.chain import Chain
from vj.render.compositing.layer_params import params_of
from vj.render.isf import shader as isf
from vj.render.isf.filter import Moment
from vj.render.isf.folder import load_folder
from vj.render.isf.program import open_context
from vj.render.isf.shader import IsfShader
from vj.render.shader_tools import Alone

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PICTURES = DOCS / "shaders.md", DOCS / "images" / "shaders"
SIZE = (256, 144)
FPS, FRAMES = 30, 40
#: What the filters are drawn over, and what transitions go to: generators that look as different as can be.
BELOW, TO = "silk", "coral"
_KINDS = {"filter": "Filters", "generator": "Generators", "transition": "Transitions"}
_NUMBER = re.compile(r"costs [0-9.]+ copies of the screen \([0-9.]+ ms\)|takes [0-9.]+ ms on .*\.")


def settings(shader: IsfShader) -> list[dict[str, float]]:
    """Three settings: the default, and two others, by id."""
    rows = isf.params_of(shader)
    defaults = {row.id: row.default for row in rows}
    if shader.kind == "transition":
        return [defaults | {row.id: at for row in rows if row.id.endswith("/progress")} for at in (0.25, 0.5, 0.75)]
    dice = random.Random(shader.name)
    return [defaults, *({row.id: _drawn(row, dice) for row in rows} for _ in range(2))]


def _drawn(row: Param, dice: random.Random) -> float:
    """A value on either side of the default, more often near it than far: ends are for moments, not for pages."""
    if row.kind != "continuous":
        return float(dice.randint(int(row.lo), int(row.hi)))
    share = dice.uniform(-0.7, 0.7)
    return round(row.default + share * ((row.hi - row.default) if share > 0 else (row.default - row.lo)), 3)


def strip(shader: IsfShader, shaders: dict[str, IsfShader]) -> U8:
    """The picture before and after at three settings, side by side, u8[h, w, 3]."""
    ctx = open_context()
    below, to = (Chain(ctx, [shaders[name]], SIZE) for name in (BELOW, TO))
    drawn = []
    for values in settings(shader):
        alone = Alone(ctx, shader, SIZE)
        p = {row.id: row.default for row in params_of(shader)} | values
        for frame in range(FRAMES):
            t_s = frame / FPS
            pictures = []
            for chain, name in ((below, BELOW), (to, TO)):
                black = np.zeros((*SIZE[::-1], 4), np.uint8)
                chain.draw(black, 3.0 * t_s, 1 / FPS, frame, {q.id: q.default for q in params_of(shaders[name])})
                pictures.append(np.dstack([chain.read_rgb(), np.full(SIZE[::-1], 255, np.uint8)]))
            alone.draw(pictures[0], pictures[1], Moment(t_s, 1 / FPS, frame, (2000.0, 1.0, 1.0, t_s)), p)
        drawn.append(alone.read_rgb())
        alone.release()
    before = [] if shader.kind == "generator" else [pictures[0][..., :3]]
    for chain in (below, to):
        chain.release()
    ctx.release()
    return np.concatenate([*before, *drawn], 1)


def page(shaders: dict[str, IsfShader], costs: dict[str, object]) -> str:
    """The page; `costs` is the report of the bench."""
    lines = [
        "# Shaders",
        "",
        "Made by `scripts/shader_gallery.py`. Filters: the picture before, then at the default and two other settings;",
        "transitions: at a quarter, a half and three quarters of the way. Every shader of a chain also has",
        "`fx/NAME/layer/on`, `…/opacity` and `…/mode`. Costs are those of a frame of 1280x720 in software, in copies",
        f"of the screen: a copy takes {costs['copy_ms']:.1f} ms on {costs['renderer']}.",
        "",
        "What becomes of files from elsewhere (`--shaders DIR`), and of what is sloppy in them, is in",
        "[reliability.md](reliability.md).",
        "",
        _cost("The default preset", costs, "default preset"),
        _cost("The flash limiter, where nothing flashes,", costs, "limiter"),
    ]
    for kind, title in _KINDS.items():
        lines += ["", f"## {title}"]
        for name, shader in shaders.items():
            if shader.kind == kind:
                lines += _about(name, shader, costs)
    return "\n".join(lines) + "\n"


def _about(name: str, shader: IsfShader, costs: dict[str, object]) -> list[str]:
    rows = isf.params_of(shader)
    others = settings(shader)[1:] if shader.kind != "transition" else []
    shown = "; ".join(", ".join(f"{_short(id)} {value:g}" for id, value in values.items()) for values in others)
    lines = ["", f"### {name}", "", f"![{name}](images/shaders/{name}.jpg)", "", shader.description, ""]
    lines += [f"The two other settings: {shown}.", ""] if shown else []
    lines += [_cost("A frame", costs, name), "", "| parameter | default | takes | |", "|---|---|---|---|"]
    for row in rows:
        value = written(row, row.default)
        default = f"{value:g}" if isinstance(value, float) else str(value)
        lines.append(f"| `{row.id}` | {default} | {expected(row).removeprefix('a number ')} | {row.doc} |")
    return lines


def _cost(what: str, costs: dict[str, object], name: str) -> str:
    copies, ms = costs["copies"], costs["ms"]
    assert isinstance(copies, dict)
    assert isinstance(ms, dict)
    return f"{what} costs {copies[name]:.1f} copies of the screen ({ms[name]:.1f} ms)."


def _short(id: str) -> str:
    return id.split("/", 2)[2]


def _written(shaders: dict[str, IsfShader], names: Sequence[str], to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for name in names:
        Image.fromarray(strip(shaders[name], shaders)).save(to / f"{name}.jpg", quality=86)


def main() -> str | None:
    """Returns what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="only tell whether the page is what the shaders say")
    parser.add_argument("--only", nargs="+", default=[], help="draw these, and leave the page")
    parser.add_argument("--to", type=Path, default=PICTURES)
    args = parser.parse_args()
    shaders = load_folder(resources.shaders_dir())
    if args.check:
        names = [*shaders, "limiter", "default preset"]
        nothing = {"copy_ms": 0.0, "renderer": "x.", "ms": dict.fromkeys(names, 0.0), "copies": dict.fromkeys(names, 0)}
        same = _NUMBER.sub("", PAGE.read_text(encoding="utf-8")) == _NUMBER.sub("", page(shaders, nothing))
        there = {path.stem for path in PICTURES.glob("*.jpg")} == set(shaders)
        return None if same and there else "docs/shaders.md is out of date"
    _written(shaders, args.only or list(shaders), args.to)
    if not args.only:
        PAGE.write_text(page(shaders, bench.run()), encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(main())
