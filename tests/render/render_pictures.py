"""Pictures and shaders that the tests of this folder draw with."""

import numpy as np

from vj.core.types import U8, Params
from vj.render.compositing.chain import Chain
from vj.render.compositing.layer_params import params_of
from vj.render.isf.shader import IsfShader, parse


def colourful(w: int, h: int, seed: int = 1) -> U8:
    """rgba u8[h, w, 4]: smooth waves of colour, different at every border; the top left is not the bottom right."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:h, 0:w] / max(w, h)
    kx, ky, phase = rng.uniform(-9, 9, (3, 3, 4))
    waves = [sum(np.sin(kx[c, k] * x + ky[c, k] * y + phase[c, k]) for k in range(4)) for c in range(3)]
    rgb = np.clip(127.5 + 40 * np.stack(waves, -1), 0, 255)
    return np.dstack([rgb.astype(np.uint8), np.full((h, w), 255, np.uint8)])


def shader(
    body: str, header: str = '"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]', name: str = "t"
) -> IsfShader:
    """A shader from its GLSL and the inside of its header."""
    return parse("/*{" + header + "}*/\n" + body, name + ".fs")


def defaults(*shaders: IsfShader, **values: float) -> dict[str, float]:
    """Every parameter of the shaders at its default; `values` by the last part of their id."""
    p = {q.id: q.default for s in shaders for q in params_of(s)}
    by_name = {id.split("/", 2)[2].replace("/", "_"): id for id in p}
    return p | {by_name[name]: value for name, value in values.items()}


def drawn(chain: Chain, rgba: U8, p: Params, frame: int = 0, fps: float = 30.0) -> U8:
    """One frame of a chain as u8[h, w, 3]; parameters that are not given are at their defaults."""
    chain.draw(rgba, frame / fps, 1 / fps, frame, defaults(*(layer.shader for layer in chain.layers)) | dict(p))
    return chain.read_rgb()
