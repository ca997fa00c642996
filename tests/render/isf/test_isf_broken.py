"""Shaders that were spoilt: told in a line, and the last good one goes on."""

import random
import re
from typing import Any

import numpy as np
import pytest
from render_pictures import colourful, defaults

from vj.core import resources
from vj.core.errors import ShaderError
from vj.render.compositing.chain import Chain
from vj.render.compositing.layer import Layer
from vj.render.isf.shader import IsfShader, parse
from vj.render.isf.shader_cache import ShaderCache

pytestmark = pytest.mark.gl

JUNK = [*"{}();-*/#\0é", "vec4", "float ", "0.0", "for (;;)", "gl_", "inputImage", "return;"]


def mutated(body: str, rng: random.Random) -> str:
    for _ in range(rng.randint(1, 3)):
        i, j = sorted(rng.randrange(len(body) + 1) for _ in range(2))
        j = min(j, i + rng.choice([0, 1, 2, 9, 60]))
        body = body[:i] + rng.choice([*JUNK, body[j : j + 12], ""]) + body[j:]
    return body


@pytest.mark.parametrize("name", ["grade", "lens", "kaleido", "trail", "radial_zoom"])
def test_a_hundred_spoilt_sources(ctx: Any, name: str) -> None:
    text = (resources.shaders_dir() / f"{name}.fs").read_text()
    cut, rng, shader_cache = text.index("*/") + 2, random.Random(name), ShaderCache(ctx)
    good = parse(text, "x.fs")
    p, size = defaults(good), (48, 27)
    told: list[str] = []

    def compiled(one: IsfShader) -> None:
        shader_cache.want_proven(one, {})
        while not (done := shader_cache.work(p)):
            pass
        if before := shader_cache.keep(done):
            before.release()

    compiled(good)
    for _ in range(100):
        try:
            compiled(parse(text[:cut] + mutated(text[cut:], rng), "x.fs"))
        except ShaderError as e:
            told.append(str(e))
        else:
            # What still compiles may draw anything; the good one comes back.
            compiled(good)
        assert ctx.error == "GL_NO_ERROR"
    assert len(told) > 40
    assert all(re.match(r"x\.fs: (line \d+: |does not compile: |INPUTS or PASSES)", line) for line in told), told
    assert not any("\n" in line for line in told)
    ready = shader_cache.ready([good])
    assert ready
    fresh, kept = Chain(ctx, [good], size), Chain(ctx, [], size)
    kept.layers = [Layer(ready[0])]
    pictures = []
    for chain in (fresh, kept):
        chain.draw(colourful(*size), 0.0, 0.1, 0, p)
        pictures.append(chain.read_rgb())
    assert (pictures[0] == pictures[1]).all()
    kept.layers[0].release()
    for thing in (fresh, kept, shader_cache):
        thing.release()


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ('{"PASSES": [' + "{}," * 999_999 + "{}]}", "header of 3"),
        ('{"PASSES": [{"TARGET": "a", "WIDTH": "100000"}]}', "expected 1 to 8192 pixels"),
        ('{"IMPORTED": {"a": {"PATH": "../../../etc/hostname"}}}', "a picture in the shader's own folder"),
        ('{"a": ' + "[" * 90_000 + "]" * 90_000 + "}", "nested too deeply"),
    ],
    ids=["a million passes", "a huge buffer", "a path outside", "nesting"],
)
def test_what_would_eat_the_machine_is_refused(header: str, told: str) -> None:
    with pytest.raises(ShaderError) as caught:
        parse(f"/*{header}*/ void main() {{}}", "x.fs")
    assert told in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_buffer_that_grows_while_playing_is_held(ctx: Any) -> None:
    header = (
        '{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}, {"NAME": "n", "TYPE": "float", "MIN": 0, "MAX": 1e6}],'
        ' "PASSES": [{"TARGET": "a", "WIDTH": "$n * 1000", "HEIGHT": "1 / $n"}, {}]}'
    )
    one = parse(f"/*{header}*/ void main() {{ gl_FragColor = vec4(IMG_SIZE(a) / 8192.0, 0.0, 1.0); }}", "x.fs")
    chain = Chain(ctx, [one], (8, 8))
    for n, size in ((1e6, (255, 0)), (0.0, (0, 0)), (1.0, (31, 0))):
        chain.draw(colourful(8, 8), 0.0, 0.1, 0, defaults(one, n=n))
        assert np.abs(chain.read_rgb()[0, 0, :2].astype(int) - size).max() <= 1
    chain.release()
