"""The chain changed with keys."""

from dataclasses import replace

import pytest

from vj.control.chain_editor import KEYS, ChainEditor
from vj.core import resources
from vj.core.errors import PresetError
from vj.render.compositing.layer_params import layer_id
from vj.render.isf.folder import load_folder
from vj.session.session import Session

SHADERS = load_folder(resources.shaders_dir())


@pytest.fixture
def session():
    return Session(SHADERS, "default", (), ("default",))


def names(session):
    return [shader.name for shader in session.chain]


def press(editor, session, *keys):
    for key in keys:
        editor.press(key, session)


def test_moving_and_removing(session):
    editor = ChainEditor()
    press(editor, session, "page down")
    assert names(session) == ["trail", "flow_noise", "grade"]
    press(editor, session, "page down", "page down")
    assert names(session) == ["trail", "grade", "flow_noise"]
    press(editor, session, "page up", "delete")
    assert names(session) == ["trail", "grade"]
    press(editor, session, "backspace", "up", "delete", "delete")
    assert names(session) == []


def test_adding_what_is_offered(session):
    editor = ChainEditor()
    press(editor, session, "up")
    offered = editor.lines(session)[4].text
    press(editor, session, "enter")
    assert names(session)[3] == offered.split()[1]
    press(editor, session, "down", "right")
    assert names(session)[3] not in editor.lines(session)[5].text


def test_all_that_can_be_in_a_chain_can_be_added(session):
    editor = ChainEditor()
    press(editor, session, "up")
    for _ in SHADERS:
        press(editor, session, "enter", "down")
    assert set(names(session)) == {name for name, shader in SHADERS.items() if shader.kind != "transition"}


def test_bypass_and_opacity(session):
    editor = ChainEditor()
    press(editor, session, "down", "enter", "left", "left", "left")
    assert session.current["fx/trail/layer/on"] == 0.0
    assert session.current["fx/trail/layer/opacity"] == pytest.approx(0.7)
    assert "bypassed" in editor.lines(session)[2].text
    press(editor, session, *["right"] * 9, "enter")
    assert session.current["fx/trail/layer/opacity"] == 1.0
    assert session.current["fx/trail/layer/on"] == 1.0


def test_no_keys_in_any_order_do_harm(session):
    import random

    editor, keys = ChainEditor(), random.Random(1)
    for _ in range(2000):
        press(editor, session, keys.choice(KEYS))
        assert len(set(names(session))) == len(names(session))
        assert editor.lines(session)


def test_what_cannot_stand_in_a_chain(session):
    for chain in (["nothing"], ["fade"], ["grade", "grade"]):
        with pytest.raises(PresetError, match="chain: "):
            session.edit_chain(chain)
    assert names(session) == ["flow_noise", "trail", "grade"]


def test_steps_count_from_what_was_asked_for_and_not_from_where_the_value_is(session):
    """As in the list of parameters: while a value is on its way, two presses are two steps."""
    id = layer_id(session.chain[0], "opacity")
    slews = session.state.slew_s.copy()
    slews[session.registry.index[id]] = 5.0
    session.state = replace(session.state, slew_s=slews)
    editor = ChainEditor()
    press(editor, session, "left", "left", "left")
    assert session.target[id] == pytest.approx(0.7)
    assert editor.lines(session)[1].meter == pytest.approx(0.7)
