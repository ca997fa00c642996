"""Which of a shader's inputs are drawn, and how far."""

from pathlib import Path

from vj.render.isf.shader import load
from vj.train.sources.shader import WIDE, axes_of

SILK = load(Path(__file__).parents[2] / "shaders" / "silk.fs")


def test_every_input_but_the_speed_is_drawn_over_all_of_its_range():
    axes = {a.name: a for a in axes_of(SILK, (0.0, 8.0))}
    assert set(axes) == {"time", *(i.name for i in SILK.inputs)} - {"speed"}
    for i in SILK.inputs:
        if i.name != "speed":
            assert (axes[i.name].lo, axes[i.name].hi) == (i.lo[0], i.hi[0])


def test_a_small_spread_stays_around_the_defaults_but_for_colours():
    axes = {a.name: a for a in axes_of(SILK, (0.0, 8.0), spread=0.2)}
    for i in SILK.inputs:
        if i.name == "speed":
            continue
        axis, whole = axes[i.name], i.hi[0] - i.lo[0]
        share = 1.0 if i.name in WIDE else 0.2
        assert abs(axis.hi - axis.lo - share * whole) < 1e-9
        assert i.lo[0] - 1e-9 <= axis.lo <= i.default[0] <= axis.hi <= i.hi[0] + 1e-9
