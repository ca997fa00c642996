"""The contract of every generator in shaders/: at any setting a picture worth showing, and no input without effect."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vj.render.isf.folder import load_folder
from vj.render.isf.shader import params_of
from vj.train.sources.shader import Canvas, axes_of, spread_points

FOLDER = Path(__file__).parents[3] / "shaders"
GENERATORS = {name: shader for name, shader in load_folder(FOLDER).items() if shader.kind == "generator"}
SIDE = 64

every = pytest.mark.parametrize("name", list(GENERATORS))


def settings(name: str, count: int) -> list[dict[Any, float]]:
    """Spread over all inputs; None is TIME."""
    axes = axes_of(GENERATORS[name], (0.0, 8.0))
    points = spread_points(count, len(axes), seed=3)
    return [{a.id: a.settle(float(u))[0] for a, u in zip(axes, point, strict=True)} for point in points]


def shown(canvas: Canvas, values: dict[Any, float]) -> np.ndarray:
    values = dict(values)
    return canvas.draw(values, values.pop(None, 0.0)).astype(int)


def test_there_are_ten_and_more() -> None:
    assert len(GENERATORS) >= 10


@every
def test_the_header_tells_the_performer_what_it_is(name: str) -> None:
    shader = GENERATORS[name]
    assert shader.description
    assert shader.credit
    assert "Generator" in shader.categories
    names = [i.name for i in shader.inputs]
    assert {"palette", "scale", "speed"} <= set(names)
    assert 7 <= len(names) <= 11
    assert all(i.label for i in shader.inputs)
    for row in params_of(shader):
        assert row.lo <= row.default <= row.hi


@every
@pytest.mark.gl
def test_no_setting_is_black_blown_out_or_flat(ctx: Any, name: str) -> None:
    canvas = Canvas(ctx, GENERATORS[name], SIDE)
    pictures = np.stack([shown(canvas, values) for values in settings(name, 32)])
    canvas.release()
    means, spreads = pictures.mean((1, 2, 3)), pictures.std((1, 2)).max(1)
    assert means.min() > 14
    assert means.max() < 240
    assert spreads.min() > 6
    assert (pictures.min(3) >= 254).mean((1, 2)).max() < 0.35


@every
@pytest.mark.gl
def test_every_input_and_time_move_the_picture_and_gently(ctx: Any, name: str) -> None:
    canvas = Canvas(ctx, GENERATORS[name], SIDE)
    axes = axes_of(GENERATORS[name], (0.0, 8.0))
    some = settings(name, 6)
    for axis in axes:
        far, near = [], []
        for values in some:
            at = values[axis.id]
            other = axis.lo if at > (axis.lo + axis.hi) / 2 else axis.hi
            step = (other - at) * 0.02
            far.append(np.abs(shown(canvas, values | {axis.id: other}) - shown(canvas, values)).mean())
            near.append(np.abs(shown(canvas, values | {axis.id: at + step}) - shown(canvas, values)).mean())
        assert np.mean(far) > 1.0, axis.name
        assert np.mean(near) < 0.4 * np.mean(far) + 1.0, axis.name
    canvas.release()
