"""The file of all monitors: what is written comes back, what is no such file is one line."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vj.core.errors import UsageError
from vj.render.output.projection import MOST_POINTS, Projection
from vj.render.output.projection_file import load, parsed, save

BENT = Projection(
    ((0.02, 0.0), (1.0, 0.04), (0.98, 1.0), (0.0, 0.97)), 1, True, (0.1, 0.0, 0.25, 0.0), 2.4,
    ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)), 0.05,
)  # fmt: skip


def test_what_is_kept_comes_back(tmp_path):
    path = tmp_path / "projection.toml"
    assert load(path) == {}
    save(path, {'EPSON "PJ" 1.2': BENT, "DUMMY1": Projection(mirrored=True), "plain": Projection()})
    assert load(path) == {'EPSON "PJ" 1.2': BENT, "DUMMY1": Projection(mirrored=True)}
    assert "gamma" not in path.read_text().split("DUMMY1")[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "version: found None, expected 1"),
        ("version = 1\nscreens = {}", "unknown key 'screens', expected one of version, monitors"),
        ("version = 1\nmonitors = { A = 3 }", "monitors.A: found 3, expected a table named after a monitor"),
        ("version = 1\n[monitors.A]\nturns = 5", "monitors.A: turns: found 5, expected 0, 1, 2 or 3 quarter turns"),
        ("version = 1\n[monitors.A]\nmirrored = 1", "monitors.A: mirrored: found 1, expected true or false"),
        ("version = 1\n[monitors.A]\ngamma = 9", "monitors.A: gamma: found 9, expected a number from 1 to 4"),
        ("version = 1\n[monitors.A]\nedges = [0.1]", "edges: found [0.1], expected 4 numbers from 0 to 0.5"),
        ("version = 1\n[monitors.A]\nmask = [[0, 3]]", "mask, point 1: found [0, 3], expected 2 numbers from -1 to 2"),
        ("version = 1\n[monitors.A]\ncorners = [[0, 0], [1, 0], [0, 1]]", "expected four points around a picture"),
        ("version = 1\n[monitors.A]\ncorners = [[0, 0], [1, 1], [1, 0], [0, 1]]", "four points around a picture"),
        (f"version = 1\n[monitors.A]\nmask = {[[0, 0]] * (MOST_POINTS + 1)}", "found 33 points, expected at most 32"),
        ("version = 1\n[monitors.A]\nsize = 3", "monitors.A: unknown key 'size'"),
        ("version = 1\n[monitors.A]\nmask_soft = inf", "expected a finite number"),
        ("not toml", "not valid TOML"),
    ],
)
def test_what_is_none_is_one_line(tmp_path, text, expected):
    path = tmp_path / "projection.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as e:
        load(path)
    assert expected in str(e.value)
    assert str(e.value).startswith(f"projection {path}: ")
    assert "\n" not in str(e.value)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
TREES = st.recursive(LEAVES, lambda t: st.lists(t, max_size=5) | st.dictionaries(st.text(max_size=5), t, max_size=4))


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(["corners", "turns", "mirrored", "edges", "gamma", "mask", "mask_soft"]), TREES))
def test_trees_of_any_kind_are_read_or_refused(tree):
    import tomlkit

    try:
        text = tomlkit.dumps({"version": 1, "monitors": {"A": tree}})
    except (ValueError, TypeError):
        return
    with contextlib.suppress(UsageError):
        assert isinstance(parsed(text)["A"], Projection)
