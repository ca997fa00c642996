"""Files as people write them: what is repaired and told, what is left out, and what GLSL makes of their names."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from render_pictures import colourful, defaults

from vj.core.errors import ShaderError
from vj.render.compositing.chain import Chain
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources
from vj.render.isf.glsl import fragment_source
from vj.render.isf.shader import IsfShader, load, params_of, parse, uniform_value
from vj.render.isf.sound import SAMPLES, waveform
from vj.render.isf.words import fitted

BODY = "\nvoid main() { gl_FragColor = vec4(1.0); }\n"
IMAGE = {"NAME": "inputImage", "TYPE": "image"}


def with_header(header: str, body: str = BODY) -> IsfShader:
    return parse(f"/*{header}*/{body}", "mine.fs")


def with_inputs(*inputs: Any, body: str = BODY, **header: Any) -> IsfShader:
    return with_header(json.dumps({"INPUTS": inputs, **header}), body)


@pytest.mark.parametrize(
    ("header", "same", "told"),
    [
        ('{"A": [1, 2,],\n"B": {"C": 3,},\n}', {"A": [1, 2], "B": {"C": 3}}, "lines 1, 2: a comma too many: left out"),
        ('{"A": 1,, "B": 2}', {"A": 1, "B": 2}, "line 1: a comma too many: left out"),
        ('{ // of it, "all"\n"A": "http://x" }', {"A": "http://x"}, "line 1: a comment in the header: left out"),
        ('{"A": .5, "B": -1., "C": +2, "D": 007}', {"A": 0.5, "B": -1.0, "C": 2, "D": 7}, "line 1: .5: read as 0.5"),
        ('{"A": {"X": 1}\n"B": [{}\n{}]}', {"A": {"X": 1}, "B": [{}, {}]}, "lines 2, 3: a comma missing before this"),
        ('{"A": [{"X": 1}', {"A": [{"X": 1}]}, "line 1: ]} missing at the end: put there"),
        ('{"A": "a\tb, ]\\", }"}', {"A": 'a\tb, ]", }'}, ""),
    ],
)
def test_json_as_people_write_it(header: str, same: Any, told: str) -> None:
    from vj.render.isf.header import parse_header

    node = parse_header(header, 1, "mine.fs")
    assert node.value == same
    assert [line for line in node.told if told in line] if told else not node.told
    assert all(line.startswith("mine.fs: ") and "\n" not in line for line in node.told)


def test_a_line_is_counted_from_the_files_beginning() -> None:
    assert parse('// a\n/*\n{\n"A": 1,\n}*/' + BODY, "mine.fs").repairs == (
        "mine.fs: line 4: a comma too many: left out",
    )


@pytest.mark.parametrize(
    "before", ["/* Free to use { by anyone }. */\n", "#version 150\n", "// by me\n#version 120\n/* MIT */ /**/\n"]
)
def test_what_may_stand_before_the_header(before: str) -> None:
    shader = parse(before + '/* {"INPUTS": [{"NAME": "a", "TYPE": "float"}]} */' + BODY, "mine.fs")
    assert [i.name for i in shader.inputs] == ["a"]
    assert not shader.repairs
    assert shader.body.count("\n", 0, shader.body.index("void main")) == before.count("\n") + 1


@pytest.mark.parametrize(
    ("entry", "expected", "told"),
    [
        ({"TYPE": "color", "DEFAULT": [0.1, 0.2, 0.3]}, ((0,) * 4, (0.1, 0.2, 0.3, 1), (1,) * 4), "3 numbers for 4"),
        ({"TYPE": "point2D", "DEFAULT": [1, 2, 3]}, ((0, 0), (1, 2), (1, 2)), "3 numbers for 2: the last left out"),
        ({"TYPE": "point2D", "MIN": -1, "MAX": 3}, ((-1, -1), (1, 1), (3, 3)), "MIN: one number for all 2 components"),
        ({"TYPE": "float", "MAX": "2", "DEFAULT": " 0.5 "}, ((0,), (0.5,), (2,)), "text, read as the number 2"),
        ({"TYPE": "float", "MAX": "much"}, ((0,), (0.5,), (1,)), 'MAX: found "much", expected a number'),
        ({"TYPE": "float", "DEFAULT": [1, 2]}, ((0,), (1,), (1,)), "2 numbers for 1: the last left out"),
        ({"TYPE": "float", "DEFAULT": {}}, ((0,), (0.5,), (1,)), "DEFAULT: found {}, expected a number"),
        ({"TYPE": "bool", "DEFAULT": "maybe"}, ((0,), (0,), (1,)), 'found "maybe", expected true or false'),
        ({"TYPE": "float", "BOUND": "bounce"}, ((0,), (0.5,), (1,)), "BOUND: found"),
    ],
)
def test_a_sloppy_entry_of_an_input_is_repaired(entry: Any, expected: Any, told: str) -> None:
    shader = with_inputs({"NAME": "blur", **entry})
    rows = params_of(shader)
    assert [(r.lo, r.default, r.hi) for r in rows] == list(zip(*expected, strict=True))
    assert any(line.startswith('mine.fs: input "blur": ') and told in line for line in shader.repairs)


def test_a_component_whose_range_is_one_number_is_held() -> None:
    shader = with_inputs(
        {"NAME": "blur", "TYPE": "float", "MIN": 0.5, "MAX": 0.5, "DEFAULT": 0.5},
        {"NAME": "ink", "TYPE": "color", "DEFAULT": [0, 0, 0, 1], "MIN": [0, 0, 0, 1], "MAX": [1, 1, 1, 1]},
    )
    assert shader.repairs == (
        'mine.fs: input "blur": MIN = MAX 0.5: held there',
        'mine.fs: input "ink": MIN = MAX 1 of a: held there',
    )
    p = {row.id: 0.25 for row in params_of(shader)}
    assert list(p) == ["fx/mine/ink/r", "fx/mine/ink/g", "fx/mine/ink/b"]
    assert [uniform_value(i, p) for i in shader.inputs] == [0.5, (0.25, 0.25, 0.25, 1.0)]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"NAME": "a", "TYPE": "text"}, 'mine.fs: input "a": TYPE: found "text", expected one of float, bool'),
        ({"NAME": "a", "TYPE": ["x"]}, 'mine.fs: input "a": TYPE: found ["x"], expected one of'),
        ({"NAME": "a"}, 'mine.fs: input "a": TYPE is missing, expected one of'),
        ({"TYPE": "float"}, "mine.fs: INPUTS[0]: NAME is missing, expected a name"),
        ({"NAME": "größe", "TYPE": "float"}, 'mine.fs: INPUTS[0].NAME: found "größe", expected a GLSL name'),
        ({"NAME": "gl_a", "TYPE": "float"}, "mine.fs: INPUTS[0].NAME: found"),
        ({"NAME": "TIME", "TYPE": "float"}, "a name that is no word of GLSL or ISF"),
        ({"NAME": "vec3", "TYPE": "float"}, "a name that is no word of GLSL or ISF"),
        ({"NAME": "good", "TYPE": "bool"}, "expected a name used once"),
        ("amount", 'mine.fs: INPUTS[0]: found "amount", expected an object'),
    ],
)
def test_an_input_that_cannot_be_is_left_out(entry: Any, told: str) -> None:
    good = {"NAME": "good", "TYPE": "float"}
    shader = with_inputs(*((good, entry) if entry == {"NAME": "good", "TYPE": "bool"} else (entry, good)))
    assert [i.name for i in shader.inputs] == ["good"]
    assert told in shader.repairs[0]
    assert shader.repairs[0].endswith(": left out")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"INPUTS": {}}, "INPUTS: found {}, expected a list"),
        ({"CATEGORIES": "Blur"}, 'CATEGORIES: found "Blur", expected a list'),
        ({"CREDIT": []}, "CREDIT: found [], expected text"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "$NOPE"}]}, "one number instead of $NOPE: the picture's size"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "__import__(1)"}]}, "but '__import__', expected a number"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "2 +"}]}, "but 'the end', expected a number"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "floor(1, 2)"}]}, "floor of 2 values, expected 1"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "(" * 99}]}, "more than 24 levels"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "-" * 99 + "1"}]}, "more than 24 levels"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "1?" * 30 + "1" + ":1" * 30}]}, "more than 24 levels"),
        ({"PASSES": [{"TARGET": "b", "WIDTH": "1+" * 200 + "1"}]}, "expected at most 200"),
        ({"PASSES": [{"TARGET": "b", "FLOAT": "maybe"}]}, "FLOAT: found"),
        ({"PASSES": [3]}, "PASSES[0]: found 3, expected an object { … }: drawn to the picture"),
        ({"IMPORTED": {"a": {}}}, 'picture "a": PATH is missing: black'),
        ({"IMPORTED": [{"NAME": "a", "PATH": "none.png"}]}, 'picture "a": there is no none.png: black'),
        ({"IMPORTED": {"a": {"PATH": ["x.png", "y.png"]}}}, "2 files, expected one: black"),
        ({"IMPORTED": {"a": {"PATH": "x.png", "TYPE": "cube"}}}, "1 files, expected 6 for a cube: black"),
        ({"IMPORTED": {"a": {}, "b": 3}, "PASSES": [{"TARGET": "a"}, {}]}, '"a" is the name of two things'),
        ({"INPUTS": [{"NAME": "w", "TYPE": "audio", "MAX": 1e6}]}, "expected 1 to 8192 samples or bins: as many as"),
    ],
)
def test_what_else_is_sloppy_is_left_out_or_as_usual(header: Any, told: str) -> None:
    shader = with_header(json.dumps(header))
    assert any(told in line for line in shader.repairs), shader.repairs
    assert all(len(line) < 400 and "\n" not in line for line in shader.repairs)


def test_no_file_says_more_than_a_hundred_lines() -> None:
    assert len(with_inputs(*({} for _ in range(200))).repairs) == 100


@pytest.mark.parametrize(
    ("entry", "values", "default"),
    [
        ({"VALUES": [0, 1, 2], "DEFAULT": 7}, (0, 1, 2, 7), 7),
        ({"VALUES": [4, 5], "LABELS": ["a", "b"], "DEFAULT": 5}, (4, 5), 5),
        ({"DEFAULT": 3}, (0, 1, 2, 3), 3),
        ({"MIN": 0, "MAX": 100_000, "DEFAULT": 50_000}, (), 50_000),
        ({"VALUES": ["one", "two"]}, (0, 1), 0),
    ],
)
def test_whole_numbers(entry: Any, values: tuple[int, ...], default: int) -> None:
    shader = with_inputs({"NAME": "n", "TYPE": "long", **entry})
    (row,) = params_of(shader)
    assert shader.inputs[0].values == values
    assert row.lo <= row.default <= row.hi
    assert uniform_value(shader.inputs[0], {row.id: row.default}) == default
    assert isinstance(uniform_value(shader.inputs[0], {row.id: row.default}), int)


def test_names_that_mean_something_at_their_place_get_parameters_of_their_own() -> None:
    from vj.render.compositing.layer_params import params_of as with_layer

    shader = with_inputs({"NAME": "layer", "TYPE": "float"}, {"NAME": "Norm", "TYPE": "float"})
    ids = [row.id for row in with_layer(shader)]
    assert ids[:2] == ["fx/mine/layer_2", "fx/mine/norm_2"]
    assert 'input "layer": its parameter is fx/mine/layer_2' in shader.repairs[0]


# -- passes --


def test_two_passes_into_one_target_are_one_buffer() -> None:
    shader = with_inputs(
        PASSES=[{"TARGET": "a"}, {"TARGET": "a", "PERSISTENT": True, "FLOAT": True, "WIDTH": "8"}, {"TARGET": "b"}, {}]
    )
    assert shader.passes[0] == shader.passes[1]
    assert (shader.passes[0].persistent, shader.passes[0].float32) == (True, True)
    assert shader.buffers["a"].width
    assert not shader.buffers["b"].persistent


@pytest.mark.parametrize("form", [["a", "idle"], {"a": {"WIDTH": "4"}, "idle": {"FLOAT": True}}])
def test_buffers_of_isf_1(form: Any) -> None:
    passes = [{"TARGET": "a", "WIDTH": "8", "HEIGHT": "9", "FLOAT": True}, {}]
    shader = with_inputs(PERSISTENT_BUFFERS=form, PASSES=passes)
    a, idle = shader.buffers["a"], shader.buffers["idle"]
    assert (a.persistent, a.float32, idle.persistent) == (True, True, True)
    assert a.width
    assert a.width.text == "8"
    assert a.height
    assert [one.target for one in shader.passes] == ["a", None]


def frames(ctx: Any, shader: IsfShader, count: int, size: tuple[int, int] = (4, 4), fps: float = 10.0) -> np.ndarray:
    """The corner of each frame, int[count, 4]."""
    compiled = Compiled(ctx, shader)
    one, target, given = Filter(compiled), Buffer(ctx, size), Buffer(ctx, size)
    corners = []
    for frame in range(count):
        moment = Moment(frame / fps, 1 / fps, frame + 5, (2000.0, 1.0, 1.0, 0.0))
        one.draw(Sources(given.texture, given.texture), target.front, moment, defaults(shader))
        corners.append(np.frombuffer(target.front.read(components=4), np.uint8)[:4].astype(int))
    for thing in (one, compiled, target, given):
        thing.release()
    return np.stack(corners)


@pytest.mark.gl
@pytest.mark.parametrize(("persistent", "seen"), [(True, [64, 128, 191]), (False, [64, 64, 64])])
def test_only_a_persistent_buffer_outlives_a_frame(ctx: Any, persistent: bool, seen: list[int]) -> None:
    body = """void main() {
        if (PASSINDEX == 0) gl_FragColor = IMG_THIS_PIXEL(sum) + 0.25;
        else gl_FragColor = IMG_THIS_PIXEL(sum);
    }"""
    shader = with_inputs(PASSES=[{"TARGET": "sum", "PERSISTENT": persistent}, {}], body=body)
    assert np.abs(frames(ctx, shader, 3)[:, 0] - seen).max() <= 1


@pytest.mark.gl
def test_a_buffer_has_its_size_before_its_first_pass(ctx: Any) -> None:
    body = "void main() { gl_FragColor = vec4(IMG_SIZE(late) / 255.0, IMG_SIZE(idle).x / 255.0, 1.0); }"
    passes = [{"TARGET": "early"}, {"TARGET": "late", "WIDTH": 7, "HEIGHT": 9}, {}]
    header = {"PASSES": passes, "PERSISTENT_BUFFERS": {"idle": {"WIDTH": 11}}}
    shader = with_inputs(**header, body=body.replace("gl_FragColor", "vec4 c") .replace("1.0); }", "1.0);") + """
        gl_FragColor = PASSINDEX == 2 ? IMG_NORM_PIXEL(early, vec2(0.5)) : c; }""")  # fmt: skip
    assert frames(ctx, shader, 1)[0].tolist() == [7, 9, 11, 255]


@pytest.mark.gl
def test_no_time_has_passed_at_the_first_frame(ctx: Any) -> None:
    shader = with_inputs(body="void main() { gl_FragColor = vec4(TIMEDELTA * 5.0, FRAMEINDEX, 0.0, 1.0); }")
    assert np.abs(frames(ctx, shader, 3)[:, 0] - [0, 127.5, 127.5]).max() <= 1


def test_one_sample_is_the_volume_of_the_sound() -> None:
    t = np.arange(SAMPLES)[:, None]
    tone = np.sin(2 * np.pi * t / 32) * np.array([[0.5, 1.0]])
    assert np.allclose(waveform(tone.astype(np.float32), 1)[:, 0], 0.5 + 0.5 * np.array([0.5, 1.0]) / np.sqrt(2))
    assert (waveform(np.zeros((SAMPLES, 2), np.float32), 1) == 0.5).all()


# -- GLSL --


def drawn(ctx: Any, body: str, *inputs: Any, vertex: str | None = None, **header: Any) -> list[int]:
    """A pixel of what a filter of these inputs draws of a picture, [r, g, b]."""
    text = f"/*{json.dumps({'INPUTS': [IMAGE, *inputs], **header})}*/\n{body}"
    shader = parse(text, "mine.fs", vertex)
    chain = Chain(ctx, [shader], (8, 8))
    chain.draw(colourful(8, 8), 0.0, 1 / 30, 0, defaults(shader))
    rgb: list[int] = chain.read_rgb()[2, 5].tolist()
    chain.release()
    return rgb


@pytest.mark.gl
@pytest.mark.parametrize(
    "word",
    ["smooth", "flat", "case", "precision", "layout", "sample", "input", "filter", "texture", "switch", "default",
     "common", "buffer", "mix", "length", "noise2", "half", "lowp"],
)  # fmt: skip
def test_words_of_glsl_are_names_of_inputs(ctx: Any, word: str) -> None:
    body = "void main() { float a = WORD * 2.0; gl_FragColor = vec4(a, WORD, mix(0.0, 1.0, WORD), 1.0); }"
    rgb = drawn(ctx, body.replace("WORD", word), {"NAME": word, "TYPE": "float", "DEFAULT": 0.2})
    assert rgb == [102, 51, 51]


@pytest.mark.gl
@pytest.mark.parametrize("word", ["smooth", "flat", "case", "sample", "filter", "texture", "layout", "precision"])
def test_words_of_glsl_are_names_of_variables_functions_and_macros(ctx: Any, word: str) -> None:
    body = """
    precision mediump float;
    struct Thing { float WORD; };
    #define F(WORD) (WORD * 0.5)
    float twice(float WORD) { WORD = WORD * 2.0; return WORD; }
    void main() {
        Thing thing;
        thing.WORD = 0.1;
        float WORD = twice(thing.WORD);
        int n = 1;
        switch (n) { case 0: break; case 1: WORD += 0.2; default: break; }
        gl_FragColor = vec4(WORD, F(WORD), texture2D(inputImage, vec2(0.5)).a, 1.0);
    }"""
    assert drawn(ctx, body.replace("WORD", word)) == [102, 51, 255]


@pytest.mark.gl
def test_an_image_may_be_called_texture_and_a_buffer_sample(ctx: Any) -> None:
    body = """void main() {
        vec4 texture2 = texture2D(texture, isf_FragNormCoord) + IMG_THIS_PIXEL(texture);
        gl_FragColor = PASSINDEX == 0 ? 0.5 * texture2 : IMG_NORM_PIXEL(sample, isf_FragNormCoord);
    }"""
    texture = {"NAME": "texture", "TYPE": "image"}
    same = drawn(ctx, "void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage); }")
    assert drawn(ctx, body, texture, PASSES=[{"TARGET": "sample"}, {}]) == same


@pytest.mark.gl
@pytest.mark.parametrize(
    ("functions", "value"),
    [
        ("int min(int a, int b) { return a < b ? a : b; }", "min(0.2, 0.7) * float(min(3, 1))"),
        ("float mod(float a, int b) { return mod(a, float(b)); }", "mod(2.2, 2) + mod(vec2(4.0), vec2(2.0)).x"),
        ("float length(vec4 v) { return 0.1; }", "length(vec4(1.0)) + length(vec2(0.0, 0.1))"),
        ("float round(in float x) { return 0.2; }", "round(7.0) + round(vec2(0.2)).y"),
        ("float mix(float a);\nfloat mix(float a) { return a; }", "mix(0.1) + mix(0.0, 0.2, 0.5)"),
        ("vec4 texture(sampler2D s, float x) { return vec4(0.2); }", "texture(inputImage, 1.0).x"),
        ("mat2 transpose(mat2 m) { return m * 0.2; }", "transpose(mat2(1.0))[0].x + determinant(mat2(0.0))"),
    ],
)
def test_built_in_functions_may_be_declared_beside_the_built_in_ones(ctx: Any, functions: str, value: str) -> None:
    rgb = drawn(ctx, f"{functions}\nvoid main() {{ gl_FragColor = vec4({value}); }}")
    assert rgb == [51, 51, 51]


@pytest.mark.gl
def test_a_third_argument_of_the_picture_functions(ctx: Any) -> None:
    body = "void main() { gl_FragColor = 0.5 * (IMG_NORM_PIXEL(inputImage, isf_FragNormCoord, 0.0) + "
    rgb = drawn(ctx, body + "IMG_PIXEL(inputImage, gl_FragCoord.xy, -1.0)); }")
    assert rgb == drawn(ctx, "void main() { gl_FragColor = texture2D(inputImage, gl_TexCoord[0].xy); }")


@pytest.mark.gl
@pytest.mark.parametrize("precision", ["", "lowp "])
def test_what_the_host_declares_may_be_declared_again(ctx: Any, precision: str) -> None:
    body = """
    #ifdef GL_ES
    precision mediump float;
    #endif
    uniform PRECISIONfloat TIME, blur, other;
    uniform vec2 RENDERSIZE; uniform sampler2D inputImage;
    uniform int PASSINDEX;
    layout(location = 0) in vec2 isf_FragNormCoord;
    const float kept[2] = float[2](0.0, 1.0);
    struct Light { float blur; };
    void main() { float blur2 = blur; gl_FragColor = vec4(blur2, other, kept[1], TIME); }"""
    rgb = drawn(ctx, body.replace("PRECISION", precision), {"NAME": "blur", "TYPE": "float", "DEFAULT": 0.2})
    assert rgb == [51, 0, 255]
    vertex = "varying vec2 isf_FragNormCoord;\nuniform vec2 RENDERSIZE;\nvoid main() { isf_vertShaderInit(); }"
    body = "varying vec2 vv_FragNormCoord;\nvoid main() { gl_FragColor = vec4(0.2); }"
    assert drawn(ctx, body, vertex=vertex) == [51, 51, 51]


@pytest.mark.gl
def test_a_cube_of_pictures(ctx: Any, tmp_path: Path) -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255), (0, 255, 255)]
    for i, colour in enumerate(colours):
        Image.new("RGB", (4, 4), colour).save(tmp_path / f"{i}.png")
    header = {"INPUTS": [], "IMPORTED": {"sky": {"TYPE": "cube", "PATH": [f"{i}.png" for i in range(6)]}}}
    for axis, sign, colour in zip("xxyyzz", (1, -1) * 3, colours, strict=True):
        way = f"vec3(0.0) + vec3({', '.join(str(float(sign * (axis == a))) for a in 'xyz')})"
        body = f"void main() {{ gl_FragColor = textureCube(sky, {way}) * 0.5 + 0.5 * IMG_NORM_PIXEL(sky, {way}); }}"
        (tmp_path / "a.fs").write_text(f"/*{json.dumps(header)}*/{body}")
        chain = Chain(ctx, [load(tmp_path / "a.fs")], (4, 4))
        chain.draw(colourful(4, 4), 0.0, 0.1, 0, defaults(load(tmp_path / "a.fs")))
        assert tuple(chain.read_rgb()[1, 1]) == colour
        chain.release()


@pytest.mark.gl
def test_a_picture_that_is_not_there_is_black(ctx: Any) -> None:
    body = "void main() { gl_FragColor = IMG_THIS_PIXEL(a) + textureCube(b, vec3(1.0)) + 0.2; }"
    assert drawn(ctx, body, IMPORTED={"a": {}, "b": {"TYPE": "cube"}}) == [51, 51, 51]


def test_what_does_not_clash_stays_as_it_is() -> None:
    text = "#define T texture\nflat in vec2 a; // smooth\nvec4 b = T(x, /* mix */ a); float c = mix(1., 2., .5);\n"
    assert fitted(text, ("blur",)) == ("", text)


def test_an_include_is_refused_in_its_line() -> None:
    with pytest.raises(ShaderError, match=r"^mine\.fs: line 2: #include: expected a shader that is one file"):
        with_inputs(body='\n#include "noise.glsl"\nvoid main() {}')


@pytest.mark.parametrize(
    "body", ["min(", "float min(", "layout(;", "uniform float TIME;", "/*", "#define min\n", "filter*"]
)
def test_a_file_as_large_as_may_be_is_read_in_seconds(body: str) -> None:
    """Work that grew with the square of the size would take hours."""
    shader = with_inputs({"NAME": "min", "TYPE": "float"}, body=body * (900_000 // len(body)))
    began_s = time.process_time()
    assert fragment_source(shader, 0)
    assert time.process_time() - began_s < 30


@pytest.mark.parametrize("header", ['\\"', '"\\', "[", ",", ".5,", "{,", "//\n,"])
def test_a_header_as_large_as_may_be_is_read_in_seconds(header: str) -> None:
    began_s = time.process_time()
    try:
        told = with_header("{" + header * (190_000 // len(header)) + "}").repairs
    except ShaderError as e:
        told = (str(e),)
    assert time.process_time() - began_s < 30
    assert len(told) <= 100
    assert all(len(line) < 400 for line in told)
