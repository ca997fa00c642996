"""What ISF files may ask for, drawn and compared with numpy: images, sound, vertex shaders, transitions, layers."""

from typing import Any

import numpy as np
import pytest
from PIL import Image
from render_pictures import colourful, defaults, drawn, shader

from vj.core.errors import ShaderError
from vj.render.compositing.chain import Chain
from vj.render.compositing.transition import Transition
from vj.render.isf.filter import Compiled, Moment
from vj.render.isf.shader import load, parse
from vj.render.isf.sound import SAMPLES, loudness, magnitudes, waveform

pytestmark = pytest.mark.gl

IMAGE = '{"NAME": "inputImage", "TYPE": "image"}'


def once(ctx: Any, shaders: list[Any], picture: np.ndarray, sound: Any = None, **values: float) -> np.ndarray:
    """One frame at the picture's size, as int[h, w, 3]."""
    chain = Chain(ctx, shaders, (picture.shape[1], picture.shape[0]))
    chain.draw(picture, 0.0, 1 / 30, 0, defaults(*shaders, **values), sound=sound)
    rgb = chain.read_rgb().astype(int)
    chain.release()
    return rgb


@pytest.mark.parametrize("form", ['{"pic": {"PATH": "sub/p.png"}}', '[{"NAME": "pic", "PATH": "sub/p.png"}]'])
def test_a_picture_that_a_shader_brings_along_stands_upright(ctx: Any, tmp_path: Any, form: str) -> None:
    picture = colourful(20, 12, seed=5)
    (tmp_path / "sub").mkdir()
    Image.fromarray(picture).save(tmp_path / "sub" / "p.png")
    text = f'/*{{"INPUTS": [{IMAGE}], "IMPORTED": {form}}}*/ void main() {{ gl_FragColor = IMG_THIS_PIXEL(pic); }}'
    (tmp_path / "a.fs").write_text(text)
    out = once(ctx, [load(tmp_path / "a.fs")], colourful(20, 12))
    assert np.abs(out - picture[..., :3]).max() <= 1


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_picture_that_is_none_is_one_line(ctx: Any, tmp_path: Any, content: bytes) -> None:
    (tmp_path / "p.png").write_bytes(content)
    one = parse('/*{"IMPORTED": {"pic": {"PATH": "p.png"}}}*/ void main() {}', str(tmp_path / "a.fs"))
    with pytest.raises(ShaderError, match=r"IMPORTED pic: p\.png cannot be read as a picture") as caught:
        Chain(ctx, [one], (4, 4))
    assert "\n" not in str(caught.value)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Any) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.png").write_bytes(b"")
    (inside / "p.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ShaderError, match="in the shader's own folder"):
        parse('/*{"IMPORTED": {"pic": {"PATH": "p.png"}}}*/ void main() {}', str(inside / "a.fs"))


BOTH_VERSIONS = "#if __VERSION__ <= 120\nvarying vec2 moved;\n#else\nOUT vec2 moved;\n#endif"


@pytest.mark.parametrize("declare", ["varying vec2 moved;", BOTH_VERSIONS])
@pytest.mark.parametrize("start", ["isf_vertShaderInit", "vv_vertShaderInit"])
def test_a_vertex_shader_of_the_files_own(ctx: Any, declare: str, start: str) -> None:
    vertex = f"{declare.replace('OUT', 'out')}\nvoid main() {{ {start}(); moved = isf_FragNormCoord + vec2(by, 0.0); }}"
    header = f'/*{{"INPUTS": [{IMAGE}, {{"NAME": "by", "TYPE": "float", "DEFAULT": 0.25}}]}}*/\n'
    body = f"{declare.replace('OUT', 'in')}\nvoid main() {{ gl_FragColor = IMG_NORM_PIXEL(inputImage, moved); }}"
    picture = colourful(32, 8)
    out = once(ctx, [parse(header + body, "v.fs", vertex)], picture)
    assert np.abs(out[:, :24] - picture[:, 8:, :3]).max() <= 1
    assert np.abs(out[:, 24:] - picture[:, -1:, :3]).max() <= 1


def test_a_vertex_shader_may_cover_a_part_and_is_clear_elsewhere(ctx: Any) -> None:
    vertex = "void main() { isf_vertShaderInit(); gl_Position.xy *= 0.5; }"
    body = f'/*{{"INPUTS": [{IMAGE}]}}*/ void main() {{ gl_FragColor = vec4(1.0); }}'
    out = once(ctx, [parse(body, "v.fs", vertex)], colourful(16, 16))
    assert (out[4:12, 4:12] == 255).all()
    assert out[:4].max() == out[12:].max() == out[:, :4].max() == out[:, 12:].max() == 0


def test_an_error_in_a_vertex_shader_names_its_file_and_line(ctx: Any) -> None:
    one = parse(
        "/*{}*/ void main() { gl_FragColor = vec4(1.0); }", "v.fs", "void main() {\n isf_vertShaderInit();\n x;\n}"
    )
    with pytest.raises(ShaderError, match=r"^v\.vs: line 3: `x' undeclared"):
        Chain(ctx, [one], (4, 4))


def test_both_kinds_of_sound_are_what_numpy_says(ctx: Any) -> None:
    rng = np.random.default_rng(2)
    t = np.arange(SAMPLES) / 48_000
    tones = 0.5 * np.sin(2 * np.pi * np.array([[440.0], [3_000.0]]) * t)
    sound = (tones.T + 0.01 * rng.standard_normal((SAMPLES, 2))).astype(np.float32)
    body = """
    void main() {
        float row = isf_FragNormCoord.y < 0.5 ? 0.25 : 0.75;
        float a = IMG_NORM_PIXEL(wave, vec2(isf_FragNormCoord.x, row)).r;
        float b = IMG_NORM_PIXEL(bins, vec2(isf_FragNormCoord.x, row)).r;
        gl_FragColor = vec4(a, b, IMG_SIZE(wave).x == 64.0 && IMG_SIZE(bins).x == 64.0, 1.0);
    }"""
    sounds = '{"NAME": "wave", "TYPE": "audio", "MAX": 64}, {"NAME": "bins", "TYPE": "audioFFT", "MAX": 64}'
    one = shader(body, f'"INPUTS": [{IMAGE}, {sounds}]')
    chain = Chain(ctx, [one], (64, 2))
    # Long enough that what is smoothed in time has arrived.
    for frame in range(60):
        chain.draw(colourful(64, 2), frame / 30, 1 / 30, frame, defaults(one), sound=sound)
    out = chain.read_rgb().astype(int)
    chain.release()
    assert (out[..., 2] == 255).all()
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(SAMPLES + 1)[:-1, None], axis=0))[:-1] / SAMPLES
    db = 20 * np.log10(spectrum.reshape(64, -1, 2).max(1))
    for channel, row in ((0, 1), (1, 0)):
        assert np.abs(out[row, :, 0] - 255 * (0.5 + 0.5 * sound[-64:, channel])).max() <= 1
        assert np.abs(out[row, :, 1] - 255 * np.clip((db[:, channel] + 100) / 70, 0, 1)).max() <= 1


def test_without_sound_there_is_silence(ctx: Any) -> None:
    body = "void main() { gl_FragColor = vec4(IMG_THIS_PIXEL(wave).r, IMG_THIS_PIXEL(bins).r, 0.0, 1.0); }"
    sounds = '{"NAME": "wave", "TYPE": "audio"}, {"NAME": "bins", "TYPE": "audioFFT"}'
    out = once(ctx, [shader(body, f'"INPUTS": [{IMAGE}, {sounds}]')], colourful(8, 4))
    assert set(np.unique(out[..., 0])) <= {127, 128}
    assert out[..., 1].max() == 0


def test_widths_of_sound() -> None:
    samples = np.random.default_rng(0).standard_normal((SAMPLES, 2)).astype(np.float32)
    for width in (1, 7, 100, 1024, 5000, 8192):
        for rows in (waveform(samples, width), loudness(magnitudes(samples), width)):
            assert rows.shape == (2, width)
            assert rows.dtype == np.float32
            assert rows.min() >= 0
            assert rows.max() <= 1


WIPE = (
    '"INPUTS": [{"NAME": "startImage", "TYPE": "image"}, {"NAME": "endImage", "TYPE": "image"},'
    '{"NAME": "progress", "TYPE": "float"}]'
)


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_a_transition_is_between_its_two_images(ctx: Any, progress: float) -> None:
    body = "void main() { gl_FragColor = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), progress); }"
    one = shader(body, WIPE)
    assert one.kind == "transition"
    pictures = colourful(24, 10, seed=1), colourful(24, 10, seed=2)
    chains = [Chain(ctx, [], (24, 10)) for _ in pictures]
    for chain, picture in zip(chains, pictures, strict=True):
        drawn(chain, picture, {})
    compiled = Compiled(ctx, one)
    crossing = Transition(compiled, (24, 10))
    moment = Moment(0.0, 0.1, 0, (2000.0, 1.0, 1.0, 0.0))
    crossing.draw(chains[0].texture, chains[1].texture, moment, defaults(one), progress)
    out = crossing.read_rgb().astype(int)
    for thing in (crossing, compiled, *chains):
        thing.release()
    a, b = (picture[..., :3].astype(float) for picture in pictures)
    assert np.abs(out - (a + progress * (b - a))).max() <= 1


def test_a_further_image_is_the_picture_before_all_shaders(ctx: Any) -> None:
    dark = shader("void main() { gl_FragColor = vec4(0.0, 0.0, 0.0, 1.0); }", name="dark")
    body = "void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage) + IMG_THIS_PIXEL(mask); }"
    second = shader(body, f'"INPUTS": [{IMAGE}, {{"NAME": "mask", "TYPE": "image"}}]', name="second")
    picture = colourful(16, 8)
    assert np.abs(once(ctx, [dark, second], picture) - picture[..., :3]).max() <= 1


def compose(mode: str, b: np.ndarray, s: np.ndarray) -> np.ndarray:
    """W3C, "Compositing and Blending Level 1", written down again."""
    if mode == "overlay":
        return np.where(b <= 0.5, 2 * b * s, 1 - 2 * (1 - b) * (1 - s))
    if mode == "soft light":
        d = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
        return np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (d - b))
    return {
        "normal": s, "add": np.minimum(b + s, 1), "screen": 1 - (1 - b) * (1 - s), "multiply": b * s,
        "lighten": np.maximum(b, s), "darken": np.minimum(b, s), "difference": np.abs(b - s),
        "exclusion": b + s - 2 * b * s,
    }[mode]  # fmt: skip


def test_layers_are_laid_over_the_picture_in_every_mode(ctx: Any) -> None:
    from vj.render.compositing.layer_params import MODES

    body = "void main() { gl_FragColor = vec4(isf_FragNormCoord, 0.3, 0.75); }"
    over = shader(body, '"INPUTS": []', name="over")
    picture = colourful(32, 32)
    b = picture[..., :3] / 255.0
    at = (np.arange(32) + 0.5) / 32
    s = np.stack([np.tile(at, (32, 1)), np.tile(at[::-1, None], (1, 32)), np.full((32, 32), 0.3)], -1)
    for index, mode in enumerate(MODES):
        out = once(ctx, [over], picture, layer_mode=float(index), layer_opacity=0.6)
        k = 0.6 * 0.75
        assert np.abs(out - 255 * (b + k * (compose(mode, b, s) - b))).max() <= 2, mode


def test_a_filter_is_laid_over_what_it_was_given(ctx: Any) -> None:
    invert = shader("void main() { gl_FragColor = vec4(1.0 - IMG_THIS_PIXEL(inputImage).rgb, 1.0); }")
    picture = colourful(16, 16)
    b = picture[..., :3].astype(int)
    assert np.abs(once(ctx, [invert], picture) - (255 - b)).max() <= 1
    assert np.abs(once(ctx, [invert], picture, layer_opacity=0.5) - 127.5).max() <= 2
    for off in ({"layer_opacity": 0.0}, {"layer_on": 0.0}):
        assert np.abs(once(ctx, [invert], picture, **off) - b).max() == 0


def test_old_glsl_is_drawn(ctx: Any) -> None:
    body = """
    uniform float unused;
    float first(float sample) { if (sample < -1.0) return 0; return sample; }
    void main() {
        float sum = 0, input = first(0.25);
        int n = int(IMG_SIZE(inputImage).x) / 8;
        uint small = 3;
        for (int i = 0; i < n; i++) sum += 1;
        vec4 filter = texture2D(inputImage, vv_FragNormCoord);
        vec4 other = texture2DRect(inputImage, gl_FragCoord.xy);
        gl_FragColor = vec4(input, sum / 8, filter.g - other.g, small == 3 ? 1 : 0);
    }"""
    assert once(ctx, [shader(body)], colourful(16, 16))[3, 3].tolist() == [64, 64, 0]
