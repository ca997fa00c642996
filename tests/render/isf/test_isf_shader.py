"""The ISF header: what it gives, and how it says no. No OpenGL."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from vj.core.errors import ShaderError
from vj.render.isf.glsl import compile_error, fragment_source
from vj.render.isf.shader import IsfShader, identity_of, load, params_of, parse, pass_size, uniform_value

BUNDLED = sorted((Path(__file__).parents[3] / "shaders").glob("*.fs"))


def isf(header: str, body: str = "void main() {}", file: str = "My Warp.fs") -> IsfShader:
    return parse("/*" + header + "*/\n" + body, file)


def with_input(text: str) -> IsfShader:
    return isf('{"INPUTS": [{"NAME": "a", ' + text + "}]}")


def test_inputs_become_parameters_with_their_ranges() -> None:
    shader = isf(
        """{"INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "Amount", "LABEL": "how much", "TYPE": "float", "MIN": -2, "MAX": 4, "DEFAULT": 0.5, "UNIT": "turn"},
        {"NAME": "on", "TYPE": "bool", "DEFAULT": true}, {"NAME": "hit", "TYPE": "event"},
        {"NAME": "mode", "TYPE": "long", "VALUES": [3, 5], "LABELS": ["soft", "hard"], "DEFAULT": 5},
        {"NAME": "at", "TYPE": "point2D", "MIN": [0, -1], "MAX": [1, 1], "DEFAULT": [0.5, 0]},
        {"NAME": "ink", "TYPE": "color", "DEFAULT": [0.1, 0.2, 0.3, 1]}]}"""
    )
    rows = {p.id: p for p in params_of(shader)}
    assert list(rows) == [
        "fx/my_warp/amount", "fx/my_warp/on", "fx/my_warp/hit", "fx/my_warp/mode", "fx/my_warp/at/x",
        "fx/my_warp/at/y", "fx/my_warp/ink/r", "fx/my_warp/ink/g", "fx/my_warp/ink/b", "fx/my_warp/ink/a",
    ]  # fmt: skip
    amount = rows["fx/my_warp/amount"]
    assert (amount.lo, amount.hi, amount.default, amount.unit, amount.doc) == (-2, 4, 0.5, "turn", "how much")
    kinds = ["continuous", "toggle", "trigger", "choice", "continuous"]
    assert [p.kind for p in list(rows.values())[:5]] == kinds
    assert rows["fx/my_warp/mode"].choices == ("soft", "hard")
    assert rows["fx/my_warp/mode"].default == 1
    assert (rows["fx/my_warp/at/y"].lo, rows["fx/my_warp/ink/b"].default) == (-1, 0.3)
    values = {i.name: uniform_value(i, {p.id: p.default for p in rows.values()}) for i in shader.inputs if i.ids}
    assert values == {"Amount": 0.5, "on": True, "hit": False, "mode": 5, "at": (0.5, 0.0), "ink": (0.1, 0.2, 0.3, 1.0)}


@pytest.mark.parametrize(
    ("text", "lo", "hi", "default"),
    [
        ('"TYPE": "float"', 0, 1, 0.5),
        ('"TYPE": "float", "MIN": 2, "MAX": 6', 2, 6, 4),
        ('"TYPE": "float", "MAX": 1, "DEFAULT": 3', 0, 3, 3),
        ('"TYPE": "float", "IDENTITY": -1', -1, 1, 0.5),
        ('"TYPE": "bool"', 0, 1, 0),
        ('"TYPE": "event", "DEFAULT": true', 0, 1, 0),
        ('"TYPE": "color"', 0, 1, 1),
        ('"TYPE": "long", "MIN": 2, "MAX": 5, "DEFAULT": 3', 0, 3, 1),
        ('"TYPE": "long", "VALUES": [1], "LABELS": ["one"]', 0, 1, 0),
    ],
)
def test_what_a_header_leaves_out(text: str, lo: float, hi: float, default: float) -> None:
    row = params_of(with_input(text))[0]
    assert (row.lo, row.hi, row.default) == (lo, hi, default)


def test_labels_that_cannot_be_told_apart_become_numbers() -> None:
    row = params_of(with_input('"TYPE": "long", "VALUES": [4, 5, 6], "LABELS": ["x", "x"]'))[0]
    assert row.choices == ("x", "5", "6")


def test_names_that_differ_in_case_stay_two_parameters() -> None:
    shader = isf('{"INPUTS": [{"NAME": "A", "TYPE": "float"}, {"NAME": "a", "TYPE": "float"}]}')
    assert [p.id for p in params_of(shader)] == ["fx/my_warp/a", "fx/my_warp/a_2"]


def test_identity_comes_from_the_header() -> None:
    shader = isf('{"INPUTS": [{"NAME": "a", "TYPE": "float", "IDENTITY": 0}, {"NAME": "b", "TYPE": "float"}]}')
    assert identity_of(shader) == {"fx/my_warp/a": 0.0, "fx/my_warp/b": 0.5}


def test_kinds_of_shaders() -> None:
    def kind(*images: str, progress: str = "float") -> str:
        inputs = [{"NAME": i, "TYPE": "image"} for i in images]
        return isf(json.dumps({"INPUTS": [*inputs, {"NAME": "progress", "TYPE": progress}]})).kind

    assert [kind("inputImage"), kind(), kind("startImage", "endImage")] == ["filter", "generator", "transition"]
    # All three make a transition.
    assert kind("startImage", "endImage", progress="bool") == "generator"
    assert kind("startImage", "inputImage") == "filter"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$WIDTH", 640), ("floor($WIDTH / 16.0)", 40), ("$HEIGHT*$n - 2 ^ 3", 712), ("max($WIDTH, $HEIGHT) % 100", 40),
        ("-(2 - 5) * (1 + 1)", 6), ("min(2, 3) + pow(2, 3)", 10), ("1e1 + .5*2", 11), ("2^3^2 / 2", 256), ("64", 64),
        ("($WIDTH > 600 ? 320 : 1 / 0)", 320), ("$HEIGHT >= $WIDTH ? 1 : $n == 2 && !0 ? 7 : 9", 7), ("1 < 2 || 0", 1),
        ("1 / 0", 640), ("sqrt(0 - 1)", 640), ("10 ^ 400", 640), ("$WIDTH * 1000000", 8192), ("0 - 5", 1),
    ],
)  # fmt: skip
def test_buffer_sizes(expression: str, value: int) -> None:
    shader = isf(
        '{"INPUTS": [{"NAME": "n", "TYPE": "float", "MAX": 9, "DEFAULT": 2}],'
        ' "PASSES": [{"TARGET": "b", "WIDTH": "' + expression + ' + 0 * $n"}, {}]}'
    )
    assert pass_size(shader.passes[0], (640, 360), shader, {"fx/my_warp/n": 2.0}) == (value, 360)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ('{"INPUTS": [1 2]}', "My Warp.fs: line 1: the header is not JSON: Expecting ',' delimiter"),
        ('{\n"A": 1,\n"B": }', "My Warp.fs: line 3: the header is not JSON: Expecting value, column 6"),
        ('{"A": [1}', "My Warp.fs: line 1: the header is not JSON"),
        ("[1]", "My Warp.fs: header: found [1], expected an object"),
        ("[" * 100_000, "My Warp.fs: line 1: the header is nested too deeply"),
        ('{"A": NaN}', "My Warp.fs: line 1: the header has a number that cannot be used: NaN is not a number"),
        ('{"IMPORTED": {"a": {"PATH": "../../etc/passwd"}}}', "expected a picture in the shader's own folder"),
        ('{"IMPORTED": [{"NAME": "a", "PATH": "/etc/passwd"}]}', "expected a picture in the shader's own folder"),
        ('{"PASSES": [{"TARGET": "b", "WIDTH": 100000}]}', "PASSES[0].WIDTH: found 100000, expected 1 to 8192 pixels"),
        (json.dumps({"PASSES": [{}] * 1_000}), "PASSES: found 1000 entries, expected at most 32"),
        (json.dumps({"INPUTS": [{}] * 1_000}), "INPUTS: found 1000 entries, expected at most 200"),
        (json.dumps({"PERSISTENT_BUFFERS": {f"a{i}": {} for i in range(99)}}), "expected at most 32 buffers"),
    ],
)
def test_a_header_that_is_refused_names_the_key_and_what_was_expected(header: str, message: str) -> None:
    with pytest.raises(ShaderError) as caught:
        isf(header)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ["", "void main() {}", "void f(); /*{}*/", "/*{}", "\x00\x01"])
def test_files_that_are_no_isf(text: str) -> None:
    with pytest.raises(ShaderError, match=r"^x\.fs: line 1"):
        parse(text, "x.fs")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ShaderError, match="cannot be read: No such file"):
        load(tmp_path / "none.fs")
    (tmp_path / "big.fs").write_bytes(b" " * 1_000_001)
    with pytest.raises(ShaderError, match="expected at most 1000000"):
        load(tmp_path / "big.fs")


def test_lines_of_the_file_keep_their_numbers() -> None:
    text = '// a\n/*{\n"CREDIT": "é"}\n*/ // é\n#version 120\nvoid main() {}\n'
    source = fragment_source(parse(text, "x.fs"), 0)
    lines = source.split("\n")
    assert lines[0] == "#version 330 core"
    mark = lines.index("#line 1 0")
    assert lines[mark + 6] == "void main() {}"
    assert source.isascii()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("0:7(2): error: `foo' undeclared", "x.fs: line 7: `foo' undeclared"),
        ("0:7(2): error: `isf_smooth' undeclared", "x.fs: line 7: `smooth' undeclared"),
        ("0(7) : error C1008: undefined variable", "x.fs: line 7: C1008: undefined variable"),
        ("ERROR: 0:7: 'foo' : undeclared identifier", "x.fs: line 7: 'foo' : undeclared identifier"),
        ("0:3(1): warning: hm\n0:7(2): error: bad", "x.fs: line 7: bad"),
        ("1:5(2): error: bad", "x.fs: INPUTS or PASSES (a name GLSL cannot use): bad"),
        ("Linker\n====\nerror: lacks `main'", "x.fs: does not compile: error: lacks `main'"),
        ("", "x.fs: does not compile: "),
    ],
)
def test_driver_messages(message: str, expected: str) -> None:
    assert compile_error(message, parse("/*{}*/", "x.fs")) == expected


def mutated(text: str, rng: random.Random) -> str:
    """Bytes dropped, doubled, swapped; keys and values exchanged for others of the wrong kind."""
    junk = ["{", "}", "[", "]", '"', ",", "null", "1e400", "-1", '"x"', "true", "[[]]", "{}", "\\u0000", "é", "$", "*/"]
    for _ in range(rng.randint(1, 4)):
        i, j = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        j = min(j, i + rng.choice([0, 1, 3, 20]))
        text = text[:i] + rng.choice([*junk, text[j : j + 10], ""]) + text[j:]
    return text


@pytest.mark.parametrize("path", BUNDLED, ids=lambda p: p.stem)
def test_mutated_headers_are_read_or_refused_in_one_line(path: Path) -> None:
    rng, text = random.Random(path.stem), path.read_text()
    end = text.index("*/")
    refused: list[str] = []
    for _ in range(350):
        try:
            shader = parse("/*" + mutated(text[2:end], rng) + text[end:], "x.fs")
            values: dict[str, Any] = {p.id: p.default for p in params_of(shader)}
            assert all(1 <= side <= 8192 for one in shader.passes for side in pass_size(one, (64, 64), shader, values))
            fragment_source(shader, 0)
        except ShaderError as e:
            refused.append(str(e))
    assert len(refused) > 50
    assert all(line.startswith("x.fs: ") and "\n" not in line for line in refused)
