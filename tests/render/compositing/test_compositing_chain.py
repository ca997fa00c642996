"""Drawing, against pictures computed in numpy."""

from typing import Any

import numpy as np
import pytest
from render_pictures import colourful, defaults, drawn, shader

from vj.core.errors import ShaderError
from vj.render.compositing.chain import Chain
from vj.render.compositing.fit import fit_rgba

pytestmark = pytest.mark.gl

IMAGE = '{"NAME": "inputImage", "TYPE": "image"}'


def worst(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.abs(a.astype(int) - b.astype(int)).max())


@pytest.mark.parametrize("size", [(64, 64), (50, 31), (127, 2)])
def test_without_filters_the_picture_comes_back_upright_and_unchanged(ctx: Any, size: tuple[int, int]) -> None:
    picture = colourful(*size)
    chain = Chain(ctx, [], size)
    assert worst(drawn(chain, picture, {}), picture[..., :3]) == 0
    chain.release()


def test_the_shape_of_the_picture_may_change_between_frames(ctx: Any) -> None:
    chain = Chain(ctx, [], (40, 40))
    for w, h in ((40, 40), (20, 20), (64, 48), (40, 40)):
        out = drawn(chain, colourful(w, h), {})
    assert worst(out, colourful(40, 40)[..., :3]) == 0
    chain.release()


@pytest.mark.parametrize("fit", ["cover", "contain"])
@pytest.mark.parametrize("size", [(96, 40), (40, 96), (160, 90), (24, 18)])
def test_fit_agrees_with_the_way_without_opengl(ctx: Any, size: tuple[int, int], fit: Any) -> None:
    picture = colourful(64, 64)
    chain = Chain(ctx, [], size, fit)
    out, reference = drawn(chain, picture, {}).astype(float), fit_rgba(picture, size, fit).astype(float)
    chain.release()
    # The two filter differently, and the bars' edges may lie half a pixel apart; the picture is smooth.
    assert np.abs(out - reference).mean() < 3.0
    assert ((out.sum(2) == 0) != (reference.sum(2) == 0)).mean() < 0.06


def test_contain_leaves_black_bars_and_cover_none(ctx: Any) -> None:
    white = np.full((32, 32, 4), 255, np.uint8)
    for fit, share in (("contain", 0.5), ("cover", 1.0)):
        chain = Chain(ctx, [], (64, 32), fit)  # type: ignore[arg-type]
        assert (drawn(chain, white, {}) == 255).mean() == share
        chain.release()


def dense_warp(image: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """out[y, x] = image[y − flow_y, x − flow_x], bilinear, clamped at the border."""
    h, w = image.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(float)
    qy, qx = np.clip(y - flow[..., 0], 0, h - 1), np.clip(x - flow[..., 1], 0, w - 1)
    y0, x0 = np.minimum(qy.astype(int), h - 2), np.minimum(qx.astype(int), w - 2)
    fy, fx = (qy - y0)[..., None], (qx - x0)[..., None]
    top = image[y0, x0] * (1 - fx) + image[y0, x0 + 1] * fx
    bottom = image[y0 + 1, x0] * (1 - fx) + image[y0 + 1, x0 + 1] * fx
    return top * (1 - fy) + bottom * fy


@pytest.mark.parametrize("amount", [0.0, 0.37, 3.0, 25.0])
def test_dense_displacement_equals_the_reference(ctx: Any, amount: float) -> None:
    warp = shader(
        # Rows count from the top in the reference and from the bottom in OpenGL, hence the sign of y.
        """
        void main() {
            vec2 top_left = vec2(gl_FragCoord.x, RENDERSIZE.y - gl_FragCoord.y) - 0.5;
            vec2 flow_yx = amount * vec2(sin(0.2 * top_left.x), cos(0.15 * top_left.y));
            gl_FragColor = IMG_PIXEL(inputImage, gl_FragCoord.xy + vec2(-flow_yx.y, flow_yx.x));
        }""",
        f'"INPUTS": [{IMAGE}, {{"NAME": "amount", "TYPE": "float", "MIN": 0, "MAX": 99, "DEFAULT": 0}}]',
    )
    picture = colourful(48, 40)
    y, x = np.mgrid[0:40, 0:48].astype(float)
    flow = amount * np.stack([np.sin(0.2 * x), np.cos(0.15 * y)], -1)
    chain = Chain(ctx, [warp], (48, 40))
    out = drawn(chain, picture, defaults(warp, amount=amount))
    chain.release()
    assert worst(out, dense_warp(picture[..., :3].astype(float), flow).round()) <= 1


def test_every_kind_of_number_reaches_the_shader(ctx: Any) -> None:
    probe = shader(
        """
        void main() {
            bool right = f == 0.25 && b && e && l == 7 && p == vec2(0.5, -2.0) && c == vec4(0.0, 0.25, 0.5, 1.0)
                && PASSINDEX == 0 && FRAMEINDEX == 3 && RENDERSIZE == vec2(8.0, 4.0) && abs(TIME - 0.1) < 1e-6
                && abs(TIMEDELTA - 1.0 / 30.0) < 1e-6 && DATE.x == 2000.0 && IMG_SIZE(inputImage) == vec2(8.0, 4.0);
            gl_FragColor = vec4(vec3(right), 0.0);
        }""",
        f'"INPUTS": [{IMAGE}, {{"NAME": "f", "TYPE": "float", "DEFAULT": 0.25}}, {{"NAME": "b", "TYPE": "bool"}},'
        '{"NAME": "e", "TYPE": "event"}, {"NAME": "l", "TYPE": "long", "VALUES": [3, 7], "LABELS": ["a", "b"]},'
        '{"NAME": "p", "TYPE": "point2D", "MIN": [0, -2], "MAX": [1, 2], "DEFAULT": [0.5, -2]},'
        '{"NAME": "c", "TYPE": "color", "DEFAULT": [0, 0.25, 0.5, 1]}]',
    )
    chain = Chain(ctx, [probe], (8, 4))
    # FRAMEINDEX counts from the shader's own first frame.
    drawn(chain, colourful(8, 4), defaults(probe))
    assert (drawn(chain, colourful(8, 4), defaults(probe, b=1.0, e=1.0, l=1.0), frame=3) == 255).all()
    assert (drawn(chain, colourful(8, 4), defaults(probe, b=1.0, e=0.0, l=1.0), frame=3) == 0).all()
    chain.release()


def test_all_spellings_of_this_pixel_agree(ctx: Any) -> None:
    spellings = [
        "IMG_THIS_PIXEL(inputImage)", "IMG_THIS_NORM_PIXEL(inputImage)", "IMG_NORM_PIXEL(inputImage, vv_FragNormCoord)",
        "IMG_PIXEL(inputImage, isf_FragNormCoord * RENDERSIZE)", "texture2D(inputImage, isf_FragNormCoord)",
        "IMG_NORM_PIXEL(inputImage, mix(vec2(0.0), vec2(1.0), vec2(isf_FragNormCoord.x, isf_FragNormCoord.y)))",
        "IMG_PIXEL(inputImage, gl_FragCoord.xy / _inputImage_imgSize * IMG_SIZE(inputImage))",
    ]  # fmt: skip
    picture = colourful(20, 12)
    for spelling in spellings:
        chain = Chain(ctx, [shader(f"void main() {{ gl_FragColor = {spelling}; }}")], (20, 12))
        assert worst(drawn(chain, picture, {}), picture[..., :3]) <= 1, spelling
        chain.release()


def test_filters_run_in_order(ctx: Any) -> None:
    half = shader("void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage) * 0.5; }", name="half")
    invert = shader("void main() { gl_FragColor = 1.0 - IMG_THIS_PIXEL(inputImage); }", name="invert")
    white = np.full((4, 4, 4), 255, np.uint8)
    for shaders, expected in (([half, invert], 127), ([invert, half], 0), ([half, half, half], 32)):
        chain = Chain(ctx, shaders, (4, 4))
        assert abs(int(drawn(chain, white, {})[0, 0, 0]) - expected) <= 1
        chain.release()


COUNTER = """
void main() {
    if (PASSINDEX == 0) gl_FragColor = IMG_NORM_PIXEL(store, vec2(0.5)) + vec4(STEP);
    else gl_FragColor = vec4(IMG_NORM_PIXEL(store, vec2(0.5)).r * SCALE);
}"""


def counter(step: float, scale: float, flags: str) -> Any:
    passes = f'"PASSES": [{{"TARGET": "store", "WIDTH": "1", "HEIGHT": "1", {flags}}}, {{}}]'
    body = COUNTER.replace("STEP", f"{step:.9f}").replace("SCALE", f"{scale:.3f}")
    return shader(body, f'"INPUTS": [{IMAGE}], {passes}')


def test_a_persistent_float_buffer_keeps_what_eight_bits_would_lose(ctx: Any) -> None:
    picture = colourful(4, 4)
    for flags, expected in (('"PERSISTENT": true, "FLOAT": true', 40), ('"PERSISTENT": true', 0)):
        one = counter(0.001, 1000 / 255, flags)
        chain = Chain(ctx, [one], (4, 4))
        for frame in range(40):
            out = drawn(chain, picture, {}, frame)
        assert abs(int(out[0, 0, 0]) - expected) <= 1, flags
        chain.release()


def test_a_new_chain_starts_from_nothing(ctx: Any) -> None:
    one = counter(0.5, 0.5, '"PERSISTENT": true, "FLOAT": true')
    for _ in range(2):
        chain = Chain(ctx, [one], (4, 4))
        assert abs(int(drawn(chain, colourful(4, 4), {})[0, 0, 0]) - 64) <= 1
        chain.release()


def test_pass_sizes_follow_expressions_and_inputs(ctx: Any) -> None:
    sized = shader(
        """
        void main() {
            if (PASSINDEX == 0) gl_FragColor = vec4(RENDERSIZE / 100.0, 0.0, 1.0);
            else gl_FragColor = vec4(IMG_NORM_PIXEL(small, vec2(0.5)).rg, IMG_SIZE(small).x / 100.0, 1.0);
        }""",
        f'"INPUTS": [{IMAGE}, {{"NAME": "n", "TYPE": "float", "MIN": 1, "MAX": 9, "DEFAULT": 2}}],'
        '"PASSES": [{"TARGET": "small", "FLOAT": true, "WIDTH": "floor($WIDTH / $n)",'
        '"HEIGHT": "max($HEIGHT, 40) - 1"}, {}]',
    )
    chain = Chain(ctx, [sized], (64, 32))
    for n, width in ((2.0, 32), (5.0, 12), (2.0, 32)):
        out = drawn(chain, colourful(8, 8), defaults(sized, n=n))[0, 0]
        assert out.tolist() == [round(2.55 * width), round(2.55 * 39), round(2.55 * width)]
    chain.release()


def test_a_last_pass_with_a_target_is_the_picture(ctx: Any) -> None:
    one = shader(
        "void main() { gl_FragColor = vec4(isf_FragNormCoord, 0.0, 1.0); }",
        f'"INPUTS": [{IMAGE}], "PASSES": [{{"TARGET": "kept", "PERSISTENT": true}}]',
    )
    chain = Chain(ctx, [one], (64, 64))
    out = drawn(chain, colourful(8, 8), {})
    assert out[0, 0, 1] > 250, "isf_FragNormCoord is 0 at the bottom"
    assert out[-1, -1, 0] > 250
    assert out[-1, 0].tolist() == [2, 2, 0]
    chain.release()


def test_isf_1_persistent_buffers(ctx: Any) -> None:
    body = COUNTER.replace("STEP", "0.25").replace("SCALE", "1.0")
    for buffers in ('["store"]', '{"store": {"WIDTH": 1, "HEIGHT": 1, "FLOAT": true}}'):
        one = shader(
            body, f'"INPUTS": [{IMAGE}], "PERSISTENT_BUFFERS": {buffers}, "PASSES": [{{"TARGET": "store"}}, {{}}]'
        )
        chain = Chain(ctx, [one], (4, 4))
        levels = [int(drawn(chain, colourful(4, 4), {}, f)[0, 0, 0]) for f in range(3)]
        assert np.abs(np.subtract(levels, [64, 128, 191])).max() <= 1
        chain.release()


def test_a_generator_needs_no_input(ctx: Any) -> None:
    one = shader("void main() { gl_FragColor = vec4(1.0, 0.0, 0.0, 1.0); }", '"INPUTS": []')
    chain = Chain(ctx, [one], (4, 4))
    assert drawn(chain, colourful(4, 4), {})[0, 0].tolist() == [255, 0, 0]
    chain.release()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("void main() {\n  gl_FragColor = vec4(1.0);\n  wrong;\n}", "t.fs: line 4: `wrong' undeclared"),
        ("#version 120\n#extension GL_ARB_foo : enable\nvoid main() { gl_FragColor = nothing; }", "t.fs: line 4:"),
        ("float f() { return 1.0; }", "t.fs: does not compile:"),
        ("void main() { gl_FragColor = vec4(", "t.fs: line "),
    ],
)
def test_a_compile_error_is_one_line_with_the_line_of_the_file(ctx: Any, body: str, message: str) -> None:
    with pytest.raises(ShaderError) as caught:
        Chain(ctx, [shader(body)], (4, 4))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_failed_chain_leaves_nothing_behind(ctx: Any) -> None:
    good = shader("void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage); }")
    for _ in range(3):
        with pytest.raises(ShaderError):
            Chain(ctx, [good, shader("void main() { x; }")], (4, 4))
    chain = Chain(ctx, [good], (4, 4))
    assert worst(drawn(chain, colourful(4, 4), {}), colourful(4, 4)[..., :3]) == 0
    chain.release()
