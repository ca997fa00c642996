"""Headers that strangers write, made at random: each is read, or refused in one line; no number is out of bounds."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vj.core.errors import VjError
from vj.render.isf.shader import parse
from vj.session.loading import build_registry

BODY = "\nvoid main() { gl_FragColor = vec4(1.0); }\n"
NUMBERS = st.one_of(
    st.integers(-(10**400), 10**400), st.floats(), st.integers(-2, 20), st.sampled_from(["1", "1e999", "x"])
)
NAMES = st.sampled_from(
    ["inputImage", "amount", "a b", "x" * 5000, "größe", "", "TIME", "gl_x", "0", "kept", "amount/x"]
)
KINDS = ["float", "bool", "long", "point2D", "color", "image", "event", "audio", "audioFFT", "cube", 3, None]
VALUES = st.recursive(
    st.one_of(NUMBERS, NAMES, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=2)),
    max_leaves=6,
)
INPUT_KEYS = ["DEFAULT", "MIN", "MAX", "IDENTITY", "VALUES", "LABELS", "LABEL", "UNIT", "BOUND"]
PASS_KEYS = ["TARGET", "PERSISTENT", "FLOAT", "WIDTH", "HEIGHT"]


def table(keys, values=VALUES):
    return st.dictionaries(st.sampled_from(keys), values, max_size=5)


INPUTS = st.builds(
    lambda name, kind, rest: {**rest, "NAME": name, "TYPE": kind}, NAMES, st.sampled_from(KINDS), table(INPUT_KEYS)
)
HEADERS = st.builds(
    lambda inputs, passes, rest: {**rest, "INPUTS": inputs, "PASSES": passes},
    st.one_of(st.lists(INPUTS, max_size=3), VALUES),
    st.one_of(st.lists(table(PASS_KEYS), max_size=3), VALUES),
    table(["ISFVSN", "DESCRIPTION", "CREDIT", "CATEGORIES", "IMPORTED", "PERSISTENT_BUFFERS"]),
)


def outcome(header):
    """The registry of a shader with this header, or what is said against it."""
    try:
        return build_registry([parse(f"/*{json.dumps(header)}*/{BODY}", "strange")]), ""
    except VjError as e:
        return None, str(e)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(HEADERS)
def test_anything_is_read_or_refused(header):
    registry, told = outcome(header)
    assert len(told.splitlines()) <= 1
    assert len(told) < 1000
    for param in registry or ():
        assert math.isfinite(param.lo)
        assert math.isfinite(param.hi)
        assert param.lo <= param.default <= param.hi


@pytest.mark.parametrize("key", ["DEFAULT", "MIN", "MAX"])
@pytest.mark.parametrize("number", [10**400, -(10**400), 1e300, 10**12])
def test_numbers_of_no_use_are_named(key, number):
    for kind in ("float", "long", "point2D", "color"):
        value = number if kind in ("float", "long") else [number] * (2 if kind == "point2D" else 4)
        header = {"INPUTS": [{"NAME": "a", "TYPE": kind, key: value}]}
        shader = parse(f"/*{json.dumps(header)}*/{BODY}", "strange")
        assert all(abs(p.hi) <= 1e9 and abs(p.lo) <= 1e9 for p in build_registry([shader]))
        assert f'input "a": {key}' in shader.repairs[0]
        assert "expected a number of at most a thousand million: left out" in shader.repairs[0]
        assert len(shader.repairs[0]) < 300


def test_names_of_thousands_of_characters():
    shader = parse("/*" + json.dumps({"INPUTS": [{"NAME": "a" * 5000, "TYPE": "float"}]}) + "*/" + BODY, "strange")
    assert not shader.inputs
    assert len(shader.repairs[0]) < 300
