"""The chain changed with keys."""

import pytest

from vj.control.chain_editor import KEYS, Editor
from vj.core import resources
from vj.core.errors import PresetError
from vj.render.isf.folder import load_folder
from vj.session.session import Performance

SHADERS = load_folder(resources.shaders_dir())


@pytest.fixture
def performance():
    return Performance(SHADERS, "default", (), ("default",))


def names(performance):
    return [shader.name for shader in performance.chain]


def press(editor, performance, *keys):
    for key in keys:
        editor.press(key, performance)


def test_moving_and_removing(performance):
    editor = Editor()
    press(editor, performance, "page down")
    assert names(performance) == ["trail", "flow_noise", "grade"]
    press(editor, performance, "page down", "page down")
    assert names(performance) == ["trail", "grade", "flow_noise"]
    press(editor, performance, "page up", "delete")
    assert names(performance) == ["trail", "grade"]
    press(editor, performance, "backspace", "up", "delete", "delete")
    assert names(performance) == []


def test_adding_what_is_offered(performance):
    editor = Editor()
    press(editor, performance, "up")
    offered = editor.lines(performance)[4].text
    press(editor, performance, "enter")
    assert names(performance)[3] == offered.split()[1]
    press(editor, performance, "down", "right")
    assert names(performance)[3] not in editor.lines(performance)[5].text


def test_all_that_can_be_in_a_chain_can_be_added(performance):
    editor = Editor()
    press(editor, performance, "up")
    for _ in SHADERS:
        press(editor, performance, "enter", "down")
    assert set(names(performance)) == {name for name, shader in SHADERS.items() if shader.kind != "transition"}


def test_bypass_and_opacity(performance):
    editor = Editor()
    press(editor, performance, "down", "enter", "left", "left", "left")
    assert performance.base["fx/trail/layer/on"] == 0.0
    assert performance.base["fx/trail/layer/opacity"] == pytest.approx(0.7)
    assert "bypassed" in editor.lines(performance)[2].text
    press(editor, performance, *["right"] * 9, "enter")
    assert performance.base["fx/trail/layer/opacity"] == 1.0
    assert performance.base["fx/trail/layer/on"] == 1.0


def test_no_keys_in_any_order_do_harm(performance):
    import random

    editor, keys = Editor(), random.Random(1)
    for _ in range(2000):
        press(editor, performance, keys.choice(KEYS))
        assert len(set(names(performance))) == len(names(performance))
        assert editor.lines(performance)


def test_what_cannot_stand_in_a_chain(performance):
    for chain in (["nothing"], ["fade"], ["grade", "grade"]):
        with pytest.raises(PresetError, match="chain: "):
            performance.edit_chain(chain)
    assert names(performance) == ["flow_noise", "trail", "grade"]
