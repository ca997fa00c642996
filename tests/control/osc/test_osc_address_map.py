"""Other programs' addresses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vj.control.osc.address_map import MAPS, load, parse
from vj.control.osc.messages import parse_request
from vj.core.errors import ControlError, VjError
from vj.session.loading import default_registry

REGISTRY = default_registry()
TEXT = """version = 1
[[map]]
address = "/live/song/get/tempo"
to = "tempo/osc_bpm"
[[map]]
address = "/level/[0-9]"
where = { 0 = 3 }
argument = 1
from = [0, 127]
onto = [1.0, 0.0]
to = "macro/1"
[[map]]
address = "/hit"
argument = -1
to = "tap"
[[map]]
address = "/sigma"
from = [-1, 1]
to = "noise/sigma"
"""


def test_a_map():
    found = parse(TEXT, REGISTRY)
    assert found.translated("/live/song/get/tempo", (121.5,)) == [("/vj/tempo/osc_bpm", (121.5,))]
    assert found.translated("/level/7", (3, 127)) == [("/vj/macro/1", (0.0,))]
    assert found.translated("/level/7", (3, 999)) == [("/vj/macro/1", (0.0,))]
    assert found.translated("/hit", (1.0, 2.0)) == [("/vj/tap", ())]
    assert found.translated("/sigma", (0.0,)) == [("/vj/noise/sigma", (2.0,))]


@pytest.mark.parametrize(
    ("address", "arguments"),
    [("/level/77", (3, 1)), ("/level/7", (4, 1)), ("/level/7", (3,)), ("/level/7", (3, "x")),
     ("/level/7", (3, float("nan"))), ("/level/7", ()), ("/nothing", (1,)), ("/live/song/get/tempo", ())],
)  # fmt: skip
def test_what_it_does_not_know(address, arguments):
    assert parse(TEXT, REGISTRY).translated(address, arguments) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version = 1", "version = 3", "version: found 3, expected 1"),
        ("version = 1", "version = ", "not valid TOML"),
        ('to = "tap"', 'to = "explode"', "map 3: to: found 'explode', expected a parameter or an action"),
        ('address = "/hit"', "", "map 3: address is missing"),
        ('address = "/hit"', 'address = "hit"', "map 3: address: found 'hit', expected one that begins with '/'"),
        ("from = [0, 127]", "from = [0]", "map 2: from: found [0], expected two numbers"),
        ("from = [0, 127]", "from = [1, 1]", "expected two different numbers"),
        ("argument = -1", "argument = 99", "map 3: argument: found 99, expected -1..63"),
        ("where = { 0 = 3 }", "where = { a = 3 }", "map 2: where: found 'a' = 3, expected a place and a value"),
        ("argument = -1", "arguments = -1", "map 3: unknown key 'arguments', expected one of address, "),
        ('"/level/[0-9]"', '"/level/[9-0]"', "no OSC pattern"),
    ],
)
def test_bad_files_are_one_line(tmp_path, old, new, says):
    path = tmp_path / "bad.toml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(ControlError) as e:
        load(path, REGISTRY)
    assert says in str(e.value)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.toml")), ids=lambda path: path.stem)
def test_bundled_maps(path):
    found = load(path, REGISTRY)
    assert len(found.entries) >= 5
    for entry in found.entries:
        arguments = [1.0] * 8
        for place, value in entry.where:
            arguments[place] = value
        (address, values), *_ = found.translated(entry.address, arguments)
        assert parse_request(address, values, REGISTRY, lambda id: 0.0)


_VALUES = st.one_of(st.floats(), st.integers(), st.text(max_size=5), st.booleans(), st.none())


@given(st.sampled_from(["/level/1", "/sigma", "/hit", "/live/song/get/tempo"]), st.lists(_VALUES, max_size=5))
@settings(max_examples=500, deadline=None)
def test_any_arguments(address, arguments):
    for one, values in parse(TEXT, REGISTRY).translated(address, arguments):
        try:
            found = parse_request(one, values, REGISTRY, lambda id: 0.0)
        except VjError:
            continue
        assert all(REGISTRY[id].lo <= value <= REGISTRY[id].hi for id, value in found.changes.items())
