"""What a shader has to pass before it is drawn in a show, on OpenGL."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from render_pictures import shader

from vj.core import resources
from vj.core.errors import ShaderError, WorkerError
from vj.render.isf.folder import load_folder
from vj.render.isf.shader import load
from vj.render.proving import Limits, check_sizes, prove

pytestmark = pytest.mark.gl

SIZE = (160, 90)
#: What any machine keeps.
WIDE = Limits(60.0, 20.0, 8 << 30, 64 << 20, 1 << 20)


def proven(ctx, one, limits=WIDE, values=()):
    doing = []
    pictures = prove(ctx, one, dict(values), SIZE, limits, doing.append)
    return pictures, doing


@pytest.mark.parametrize("name", ["grade", "bloom", "waveform", "melt", "silk"])
def test_vjs_own_pass(ctx, name):
    pictures, doing = proven(ctx, load_folder(resources.shaders_dir())[name])
    assert pictures == {}
    assert doing[1:] == ["compiling it", "drawing it at 64x36", "drawing it at 64x36", "drawing it at 160x90",
                         "loading it again"]  # fmt: skip


def test_what_does_not_compile_is_told_by_its_line(ctx):
    with pytest.raises(ShaderError, match=r"t\.fs: line 2: `x' undeclared"):
        proven(ctx, shader("void main() { x; }"))


def test_a_limit_on_a_frame_is_named_with_what_broke_it(ctx):
    none = Limits(60.0, 0.0, 8 << 30, 64 << 20, 1 << 20)
    with pytest.raises(ShaderError, match=r"t\.fs: not taken: a frame takes \d+ ms at 64x36, expected at most 0 ms"):
        proven(ctx, shader("void main() { gl_FragColor = vec4(1.0); }"), none)


COSTLY = (
    "void main() { float x = TIME; for (int i = 0; i < int(steps); i++) for (int j = 0; j < 1000; j++)"
    " x = fract(x * 1.1 + float(j)); gl_FragColor = vec4(x); }"
)


def test_the_ends_of_inputs_are_tried_too(ctx):
    def costly(most):
        return shader(COSTLY, f'"INPUTS": [{{"NAME": "steps", "TYPE": "float", "MAX": {most}, "DEFAULT": 0}}]')

    limits = Limits(60.0, 0.05, 8 << 30, 64 << 20, 1 << 20)
    proven(ctx, costly(1), replace(limits, frame_s=1.0))
    with pytest.raises(ShaderError, match="a frame at the upper ends of its inputs takes"):
        proven(ctx, costly(2000), limits)
    with pytest.raises(ShaderError, match="a frame takes"):
        proven(ctx, costly(2000), limits, {"fx/t/steps": 2000.0})


def buffers(**size):
    text = json.dumps([{"TARGET": "b", "PERSISTENT": True, "FLOAT": True, **size}])
    inputs = '"INPUTS": [{"NAME": "k", "TYPE": "float", "MAX": 50, "DEFAULT": 1}]'
    return shader("void main() { gl_FragColor = vec4(1.0); }", f'{inputs}, "PASSES": {text}')


def test_buffers_are_added_up_before_there_are_any():
    check_sizes(buffers(), SIZE, {"fx/t/k": 1.0}, WIDE)
    line = r"t\.fs: not taken: the buffers of its passes take 2\.0 GB at 160x90, expected at most 64 MB"
    with pytest.raises(ShaderError, match=line):
        check_sizes(buffers(WIDTH="8192", HEIGHT="8192"), SIZE, {"fx/t/k": 1.0}, WIDE)
    # Also where a hand has to turn an input up first.
    with pytest.raises(ShaderError, match="the buffers of its passes take"):
        check_sizes(buffers(WIDTH="$WIDTH*$k", HEIGHT="$HEIGHT*$k"), SIZE, {"fx/t/k": 1.0}, WIDE)


def test_pictures_come_decoded_and_are_added_up_before_that(ctx, tmp_path):
    rng = np.random.default_rng(1)
    rgba = rng.integers(0, 256, (6, 8, 4), dtype=np.uint8)
    Image.fromarray(rgba).save(tmp_path / "p.png")
    text = '/*{"IMPORTED": {"p": {"PATH": "p.png"}}}*/ void main() { gl_FragColor = IMG_THIS_PIXEL(p); }'
    (tmp_path / "t.fs").write_text(text)
    pictures, _ = proven(ctx, load(tmp_path / "t.fs"))
    np.testing.assert_array_equal(pictures["p"], rgba[::-1])
    Image.new("L", (2000, 1000)).save(tmp_path / "p.png")
    with pytest.raises(ShaderError, match=r"its pictures take 8 MB when decoded, expected at most 1 MB"):
        proven(ctx, load(tmp_path / "t.fs"))
    (tmp_path / "p.png").write_bytes(b"none")
    with pytest.raises(ShaderError, match=r"p\.png cannot be read as a picture"):
        proven(ctx, load(tmp_path / "t.fs"))


def test_pictures_go_through_shared_memory_and_none_is_left():
    from multiprocessing.shared_memory import SharedMemory

    from vj.render.proving_process import shared, taken

    rgba = np.arange(96, dtype=np.uint8).reshape(4, 6, 4)
    blocks = shared({"p": rgba})
    np.testing.assert_array_equal(taken(blocks)["p"], rgba)
    with pytest.raises(FileNotFoundError):
        SharedMemory(blocks["p"][0])


def test_of_pictures_for_which_there_is_no_memory_none_is_left(monkeypatch):
    from multiprocessing.shared_memory import SharedMemory

    from vj.render import proving_process

    made = []

    def scarce(size):
        if made:
            raise WorkerError("no shared memory")
        made.append(SharedMemory(create=True, size=size))
        return made[0]

    monkeypatch.setattr(proving_process, "shared_memory", scarce)
    rgba = np.zeros((4, 6, 4), np.uint8)
    with pytest.raises(WorkerError):
        proving_process.shared({"p": rgba, "q": rgba})
    with pytest.raises(FileNotFoundError):
        SharedMemory(made[0].name)
