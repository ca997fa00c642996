"""`vj shader check` and `vj shader render`, below the command line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from render_pictures import colourful

from vj.core.errors import MediaError, UsageError
from vj.render import shader_tools

SHADERS = Path(__file__).parents[2] / "shaders"

pytestmark = pytest.mark.gl


def test_check_tells_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "bad.fs").write_text("/*{}*/\nvoid main() {\n wrong;\n}")
    (tmp_path / "blank.fs").write_text("/*{}*/\nvoid main() { gl_FragColor = vec4(0.5); }")
    (tmp_path / "json.fs").write_text("/*{:}*/")
    results = shader_tools.check([tmp_path, SHADERS / "grade.fs", tmp_path / "none.fs"])
    bad, blank, broken, grade, none = results
    assert [set(r) for r in results] == [{"file", "ok", "error", "blank", "draw_ms", "repairs"}] * 5
    assert bad["error"] == f"{tmp_path / 'bad.fs'}: line 3: `wrong' undeclared"
    assert (blank["ok"], blank["blank"], blank["error"]) == (True, True, None)
    assert "line 1: the header is not JSON" in broken["error"]
    assert (grade["ok"], grade["blank"]) == (True, False)
    assert grade["draw_ms"] > 0
    assert "No such file" in none["error"]
    text = shader_tools.check_text(results).splitlines()
    assert [line[:4] for line in text] == ["FAIL", "ok  ", "FAIL", "ok  ", "FAIL"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no \*\.fs files"):
        shader_tools.check([tmp_path / "empty"])


def test_render_draws_a_picture(tmp_path: Path) -> None:
    picture = colourful(60, 40)
    Image.fromarray(picture).save(tmp_path / "in.png")
    neutral = ["contrast=0", "saturation=1", "vignette=0", "grain=0"]
    shader_tools.render(SHADERS / "grade.fs", tmp_path / "in.png", tmp_path / "out.png", 0.0, neutral)
    out = np.asarray(Image.open(tmp_path / "out.png"))
    assert np.abs(out.astype(int) - picture[..., :3]).max() <= 1
    settings = ["amount=1", "mode=blend", "drift/x=1"]
    shader_tools.render(SHADERS / "trail.fs", tmp_path / "in.png", tmp_path / "out.png", 2.0, settings)
    assert np.abs(np.asarray(Image.open(tmp_path / "out.png")).astype(int) - picture[..., :3]).mean() > 5


@pytest.mark.parametrize("setting", ["nope=1", "zoom", "zoom=99", "mode=sideways", "zoom=nan"])
def test_render_refuses_what_it_cannot_set(tmp_path: Path, setting: str) -> None:
    with pytest.raises(UsageError, match="--set"):
        shader_tools.render(SHADERS / "trail.fs", tmp_path / "in.png", tmp_path / "out.png", 0.0, [setting])


def test_render_says_what_is_wrong_with_the_pictures(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"in\.png: cannot be read as a picture: No such file"):
        shader_tools.render(SHADERS / "lens.fs", tmp_path / "in.png", tmp_path / "out.png", 0.0, [])
    (tmp_path / "in.png").write_text("hello")
    with pytest.raises(MediaError, match="cannot be read as a picture"):
        shader_tools.render(SHADERS / "lens.fs", tmp_path / "in.png", tmp_path / "out.png", 0.0, [])
    Image.fromarray(colourful(8, 8)).save(tmp_path / "in.png")
    with pytest.raises(MediaError, match="cannot be written"):
        shader_tools.render(SHADERS / "lens.fs", tmp_path / "in.png", tmp_path / "none" / "out.png", 0.0, [])
    with pytest.raises(MediaError, match="cannot be written"):
        shader_tools.render(SHADERS / "lens.fs", tmp_path / "in.png", tmp_path / "out.nope", 0.0, [])
