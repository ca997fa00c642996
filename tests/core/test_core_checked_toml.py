"""The one reader of TOML: what strangers write is read as it is meant, or refused in one line."""

import math
from pathlib import Path

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vj.control.midi.mapping import parse as parse_mapping
from vj.control.osc.address_map import parse as parse_map
from vj.core import checked_toml, resources
from vj.core.errors import ControlError, PresetError, UsageError, VjError
from vj.core.settings import OPTIONS, arguments
from vj.modulation.signals import SIGNALS
from vj.session.loading import default_registry, load_show
from vj.session.presets import parse as parse_preset

REGISTRY = default_registry()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_left_out(tmp_path, mark):
    path = tmp_path / "a.toml"
    path.write_bytes(mark + '"größe" = 1\n'.encode())
    assert checked_toml.load("file", path, checked_toml.tree) == {"größe": 1}


def test_a_preset_with_a_byte_order_mark_is_played(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("version = 1\n[values.noise]\nsigma = 0.25\n", encoding="utf-8-sig")
    assert load_show(str(path)).base["noise/sigma"] == 0.25


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"a = {'9' * 400}", "a: a whole number of 1329 bits, expected at most 64"),
        (f"a = {'9' * 5000}", "not valid TOML"),
        ("[b]\na = [1, nan]", "b.a.2: found nan, expected a finite number"),
        ("a = -inf", "a: found -inf, expected a finite number"),
        ("a = 1e999", "a: found inf, expected a finite number"),
        ("a = " + "[" * 80 + "]" * 80, "nested too deeply"),
        ("a = ", "not valid TOML"),
    ],
)
def test_what_is_of_no_use_is_one_line(text, told):
    with pytest.raises(ControlError) as caught:
        checked_toml.tree(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(PresetError, match="cannot be read: No such file"):
        checked_toml.load("preset", tmp_path / "none", str, PresetError)
    large = tmp_path / "large"
    with large.open("wb") as f:
        f.truncate(5 << 20)
    with pytest.raises(ControlError, match="bytes, expected at most 4194304"):
        checked_toml.load("map", large, str)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "x/" * 3000])
def test_names_that_no_file_has(name, tmp_path):
    with pytest.raises(UsageError) as caught:
        resources.find("model", name, tmp_path, ".safetensors")
    assert len(str(caught.value)) < 400
    path = tmp_path / "a.toml"
    path.write_text(tomlkit.dumps({"version": 1, "model": name}))
    with pytest.raises(VjError):
        load_show(str(path))


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8)
NUMBERS = st.one_of(st.integers(-(10**400), 10**400), st.floats(), st.integers(-2, 20))
VALUES = st.recursive(
    st.one_of(NUMBERS, TEXTS, st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
#: Words of the formats, so that trees come past the first check.
WORDS = {
    "preset": ["version", "doc", "chain", "values", "modulation", "slew_s", "model", "noise", "sigma", "signal",
               "target", "depth", "curve", "attack_s"],
    "mapping": ["version", "name", "ports", "control", "message", "channel", "number", "target", "mode", "lo", "hi",
                "light"],
    "map": ["version", "map", "address", "to", "argument", "from", "onto", "where"],
    "settings": ["play", *OPTIONS],
}  # fmt: skip
PARTS = st.sampled_from(["level", "noise/sigma", "grade", "cc", "lin", "box", "action/tap", "tap", "/a", "value", ""])


def trees(kind):
    """Trees that begin as a file of this kind does."""
    keys = st.sampled_from(WORDS[kind])
    leaves = st.one_of(PARTS, VALUES)
    inner = st.dictionaries(keys, st.one_of(leaves, st.lists(st.dictionaries(keys, leaves, max_size=5), max_size=2)))
    begin = {"play": inner} if kind == "settings" else {"version": st.sampled_from([1, 1, 1, 2, 10**30])}
    return st.tuples(st.fixed_dictionaries(begin), inner).map(lambda both: {**both[1], **both[0]})


def text_of(tree):
    # tomlkit writes integers of any size, as a person may.
    return tomlkit.dumps(tree)


PARSE = {
    "preset": lambda text, path: parse_preset(text, "x", REGISTRY, SIGNALS, ("grade", "trail")),
    "mapping": lambda text, path: parse_mapping(text),
    "map": lambda text, path: parse_map(text, REGISTRY),
    "settings": lambda text, path: (path.write_text(text, encoding="utf-8"), arguments(path)),
}


def outcome(kind, tree, path):
    """What a reader makes of a tree, or what it says against it."""
    try:
        return PARSE[kind](text_of(tree), path), ""
    except VjError as e:
        return None, str(e)


@pytest.mark.parametrize("kind", PARSE)
def test_trees_made_at_random_are_read_or_refused_in_one_line(kind, tmp_path):
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(trees(kind))
    def check(tree):
        found, told = outcome(kind, tree, tmp_path / "x.toml")
        assert len(told.splitlines()) <= 1
        assert len(told) < 3000
        if found is not None and kind == "preset":
            for id, value in found.values.items():
                assert math.isfinite(value)
                assert REGISTRY[id].lo <= value <= REGISTRY[id].hi

    check()


def test_every_bundled_file_passes():
    root = Path(checked_toml.__file__).parents[1]
    files = [*root.rglob("*.toml"), *resources.presets_dir().glob("*.toml")]
    assert len(files) > 15
    for path in files:
        checked_toml.load("file", path, checked_toml.tree)
