"""Hands' edits, and steps back and forward."""

import pytest

from vj.core import resources
from vj.core.errors import PresetError
from vj.modulation.matrix import Row
from vj.render.isf.folder import load_folder
from vj.session.session import Session, preset_names
from vj.show.editing import Editing


@pytest.fixture
def session():
    return Session(load_folder(resources.shaders_dir()), "default", (), preset_names(resources.presets_dir()))


class Told(list):
    def __call__(self, what):
        self.append(set(what))


@pytest.fixture
def editing(session):
    return Editing(session, Told())


def turn(editing, session, **values):
    values = {id.replace("__", "/"): value for id, value in values.items()}
    before = session.target
    session.set(values)
    editing.values_changed(values, before)


def test_values_go_back_and_forward(editing, session):
    at_first = session.target["noise/sigma"]
    turn(editing, session, noise__sigma=2.0)
    editing.act("undo", None)
    assert session.target["noise/sigma"] == at_first
    editing.act("redo", None)
    assert session.target["noise/sigma"] == 2.0
    with pytest.raises(PresetError, match="redo: nothing is left"):
        editing.act("redo", None)


def test_chains_go_back_and_forward(editing, session):
    before = editing.chain_names
    editing.act("chain", ("grade",))
    editing.act("undo", None)
    assert editing.chain_names == before
    editing.act("redo", None)
    assert editing.chain_names == ("grade",)
    assert editing._on_edited == [{"chain"}] * 3


def test_rows_go_back_and_forward(editing, session):
    before = session.rows
    editing.act("modulation/set", ("drums", "noise/sigma", 1))
    assert session.rows[-1] == Row("drums", "noise/sigma", 1.0)
    editing.act("modulation/remove", (before[0].signal, before[0].target))
    editing.act("undo", None)
    editing.act("undo", None)
    assert session.rows == before
    editing.act("redo", None)
    assert session.rows == (*before, Row("drums", "noise/sigma", 1.0))


def test_output_and_presses_are_no_steps(editing, session):
    turn(editing, session, stage__blackout=1.0)
    turn(editing, session, envelope__1__fire=1.0)
    turn(editing, session, noise__sigma=session.target["noise/sigma"])
    assert editing.history.steps == (0, 0)


def test_what_cannot_be_done_is_no_step(editing, session):
    for id, argument in (("chain", ("nothing",)), ("modulation/set", ("nothing", "noise/sigma", 1.0)),
                         ("modulation/remove", ("drums", "nothing")), ("lock", "nothing/here")):  # fmt: skip
        with pytest.raises(PresetError):
            editing.act(id, argument)
    assert editing.history.steps == (0, 0)
    assert editing._on_edited == []


def test_locks_are_no_steps(editing, session):
    editing.act("lock", "noise/sigma")
    assert session.state.locked == {"noise/sigma"}
    editing.act("unlock", "noise/sigma")
    assert session.state.locked == frozenset()
    assert editing.history.steps == (0, 0)
