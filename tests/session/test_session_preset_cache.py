"""Presets read ahead: a call opens no file, an edit is seen, other parameters are read by anew."""

import os

import pytest

from vj.core import checked_toml, resources
from vj.core.errors import PresetError
from vj.render.isf.folder import load_folder
from vj.render.isf.shader import parse
from vj.session.session import Session

TEXT = 'version = 1\nchain = ["grade"]\n[values.noise]\nsigma = {}\n'


class Disk:
    """Files read since it was asked last."""

    def __init__(self, read_text):
        self._read_text, self.read = read_text, []

    def __call__(self, path):
        self.read.append(path.stem)
        return self._read_text(path)

    def since(self):
        self.read, read = [], self.read
        return read


@pytest.fixture
def disk(monkeypatch):
    found = Disk(checked_toml.read_text)
    monkeypatch.setattr(checked_toml, "read_text", found)
    return found


@pytest.fixture
def session(tmp_path, disk):
    for name, sigma in (("a", 0.25), ("b", 0.5), ("c", "no number")):
        (tmp_path / f"{name}.toml").write_text(TEXT.format(sigma))
    shaders = load_folder(resources.shaders_dir())
    one = Session(shaders, "a", (), ("a", "b", "c", "gone"), (tmp_path, resources.presets_dir()))
    disk.since()
    return one


def test_a_call_opens_no_file(session, disk):
    session.read_ahead()
    assert disk.since() == ["a", "b", "c"]
    session.recall("b")
    assert (session.preset, session.target["noise/sigma"]) == ("b", 0.5)
    with pytest.raises(PresetError, match=r"c\.toml.*"):
        session.recall("c")
    assert (session.preset, disk.since()) == ("b", [])
    session.read_ahead()
    assert disk.since() == []


def test_an_edit_is_read_and_so_is_what_is_asked_for_anew(session, disk, tmp_path):
    session.read_ahead()
    (tmp_path / "b.toml").write_text(TEXT.format(1.0))
    os.utime(tmp_path / "b.toml", ns=(1, 1))
    session.recall("b")
    assert session.target["noise/sigma"] == 0.5
    disk.since()
    session.read_ahead()
    assert disk.since() == ["b"]
    session.recall("b")
    assert session.target["noise/sigma"] == 1.0
    session.forget_file("b")
    session.recall("b")
    assert disk.since() == ["b"]
    (tmp_path / "c.toml").write_text(TEXT.format(1.5))
    (tmp_path / "b.toml").unlink()
    session.read_ahead()
    session.recall("c")
    assert session.target["noise/sigma"] == 1.5
    with pytest.raises(Exception, match="no such file"):
        session.recall("b")


def test_other_parameters_are_read_by_anew_some_at_a_time(tmp_path, disk):
    names = [f"p{i}" for i in range(6)]
    for name in names:
        (tmp_path / f"{name}.toml").write_text(TEXT.format(0.5))
    session = Session(load_folder(resources.shaders_dir()), "p0", (), tuple(names), (tmp_path,))
    session.read_ahead()
    header = '/*{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}, {"NAME": "more", "TYPE": "float", "MAX": 1.0}]}*/'
    session.take_shader(parse(header + "void main() { gl_FragColor = vec4(more); }", "grade"))
    disk.since()
    # Until it has been read by the parameters of now, a call reads.
    session.recall("p5")
    assert "fx/grade/more" in session.current
    assert disk.since() == ["p5"]
    read = []
    for _ in range(3):
        session.read_ahead()
        read.append(disk.since())
    assert read == [names[:4], names[4:], []]
    session.recall("p1")
    assert "fx/grade/more" in session.current
    assert disk.since() == []
