"""What `vj shader new` writes can be played as it is."""

import numpy as np
import pytest

from vj.core.errors import UsageError
from vj.render import shader_tools
from vj.render.isf import starter
from vj.render.isf.shader import load


@pytest.mark.gl
@pytest.mark.parametrize("kind", starter.KINDS)
def test_a_starter_draws(tmp_path, kind):
    path = tmp_path / "mine.fs"
    starter.write(path, kind)
    shader = load(path)
    assert shader.kind == kind
    assert all(i.label for i in shader.inputs if i.ids)
    assert "NAME/" not in path.read_text()
    (result,) = shader_tools.check([path])
    assert (result["ok"], result["blank"], result["error"]) == (True, False, None)


@pytest.mark.gl
def test_a_filter_begins_at_its_identity(ctx, tmp_path):
    from render_pictures import colourful, defaults, drawn

    from vj.render.compositing.chain import Chain

    starter.write(tmp_path / "mine.fs", "filter")
    shader = load(tmp_path / "mine.fs")
    chain = Chain(ctx, [shader], (32, 16))
    picture = colourful(32, 16)
    assert np.abs(drawn(chain, picture, defaults(shader, amount=0.0)).astype(int) - picture[..., :3]).max() <= 1
    assert np.abs(drawn(chain, picture, {}).astype(int) - picture[..., :3]).max() > 10
    chain.release()


def test_nothing_is_written_over(tmp_path):
    path = tmp_path / "mine.fs"
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        starter.write(path, "filter")
    assert path.read_text() == "mine"
    for bad in (tmp_path / "mine.txt", tmp_path / "no" / "mine.fs"):
        with pytest.raises(UsageError):
            starter.write(bad, "filter")
