"""Presets that are saved: what comes back is what was played, and what a person wrote stays."""

import itertools
import threading
import time

import pytest

from vj.core import resources
from vj.core.errors import PresetError
from vj.render.isf.folder import load_folder
from vj.session.preset_library import LAST, PREVIOUS, PresetLibrary, played
from vj.session.session import Session, preset_names

SHADERS = load_folder(resources.shaders_dir())
BUNDLED = preset_names(resources.presets_dir())


@pytest.fixture
def library(tmp_path):
    return PresetLibrary(tmp_path, resources.presets_dir())


def playing(library, preset="default"):
    return Session(SHADERS, preset, (), library.names(), library.folders)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_preset_comes_back_as_it_was(library, name):
    one = playing(library, name)
    one.set({"noise/sigma": 0.3125, "macro/2": 0.5, "motion/space": "w"})
    one.edit_chain([s.name for s in one.chain][::-1])
    library.save("mine", played(one.state), one.registry)
    two = playing(library, "mine")
    assert two.chain == one.chain
    assert two.rows == one.rows
    assert dict(two.target) == pytest.approx(dict(one.target), rel=1e-5)
    assert two.show.preset.doc == one.show.preset.doc


def test_what_a_person_wrote_stays(library, tmp_path):
    (tmp_path / "presets").mkdir()
    path = tmp_path / "presets" / "mine.toml"
    path.write_text(
        'version = 2  # of the future\nfuture = "x"\nchain = ["grade"] # colours\n'
        "[values.noise]\nsigma = 0.5 # fine\nquantum = 3\n"
        '[[modulation]]\nsignal = "level" # loud\ntarget = "noise/sigma"\ndepth = 0.1\n'
        '[[modulation]]\nsignal = "aura"\ntarget = "noise/sigma"\ndepth = 0.1\n'
    )
    before = path.read_text()
    one = playing(library, "mine")
    assert one.show.preset.unknown == ("future", "noise/quantum", "1 rows of modulation")
    one.set({"noise/sigma": 0.75})
    library.save("mine", played(one.state), one.registry)
    text = path.read_text()
    for kept in ("# of the future", 'future = "x"', "# colours", "quantum = 3", "# loud", 'signal = "aura"'):
        assert kept in text, kept
    assert "sigma = 0.75 # fine" in text
    assert path.with_suffix(".before").read_text() == before


def test_own_presets_come_before_bundled_ones(library):
    one = playing(library, "undertow")
    one.set({"noise/sigma": 0.125})
    library.save("undertow", played(one.state), one.registry)
    assert library.names() == BUNDLED
    assert playing(library, "undertow").target["noise/sigma"] == 0.125
    assert library.new_name("undertow") == "undertow_2"
    library.save("undertow_2", played(one.state), one.registry)
    assert library.new_name("undertow_2") == "undertow_3"


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "x" * 61, "a\nb"])
def test_names_that_are_no_file_of_ours(library, name):
    one = playing(library)
    with pytest.raises(PresetError, match="preset name"):
        library.save(name, played(one.state), one.registry)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "presets").write_text("a file")
    library = PresetLibrary(tmp_path, resources.presets_dir())
    one = Session(SHADERS, "default", (), BUNDLED)
    with pytest.raises(PresetError, match="cannot be written"):
        library.save("mine", played(one.state), one.registry)


def test_what_is_played_is_kept_and_offered_at_the_next_show(library, tmp_path, monkeypatch):
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    library = PresetLibrary(tmp_path, resources.presets_dir())
    assert library.begin() is None
    one = playing(library, "stained")
    assert not library.keep(one.state)
    now_s += 10
    assert library.keep(one.state)
    now_s += 10
    assert not library.keep(one.state)
    one.set({"noise/sigma": 0.0625})
    now_s += 10
    library.keep(one.state)
    assert (tmp_path / LAST).is_file()
    previous = PresetLibrary(tmp_path, resources.presets_dir()).begin()
    assert previous == tmp_path / PREVIOUS
    assert not (tmp_path / LAST).exists()
    two = playing(library, str(previous))
    assert two.target["noise/sigma"] == 0.0625
    assert two.chain == one.chain


def test_what_is_kept_is_one_moment_while_another_thread_plays_on(library, tmp_path):
    """Presets are called as fast as can be meanwhile: values, chain and rows in the file are of one of them."""
    one, ends = playing(library), threading.Event()
    names = ["default", "undertow", "oscilloscope"]

    def call():
        for name in itertools.cycle(names):
            if ends.is_set():
                return
            one.recall(name)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        for _ in range(20):
            assert library.keep(one.state, now=True) in (True, False)
            kept = playing(library, str(tmp_path / LAST))
            (name,) = [name for name in names if playing(library, name).chain == kept.chain]
            as_called = playing(library, name)
            assert kept.rows == as_called.rows
            assert dict(kept.target) == pytest.approx(dict(as_called.target), rel=1e-5)
    finally:
        ends.set()
        thread.join()


def test_inputs_called_as_what_stands_at_their_place_are_saved_and_reachable(tmp_path):
    from vj.control.osc.messages import parse_request
    from vj.render.isf.shader import parse

    names = ("layer", "norm", "on", "x")
    inputs = ", ".join(f'{{"NAME": "{name}", "TYPE": "float"}}' for name in names)
    mine = parse(f'/*{{"INPUTS": [{inputs}, {{"NAME": "LAYER", "TYPE": "color"}}]}}*/ void main() {{}}', "mine.fs")
    library = PresetLibrary(tmp_path, resources.presets_dir())
    one = Session({**SHADERS, "mine": mine}, "default", (), BUNDLED, library.folders)
    one.edit_chain(["mine"])
    wanted = {id: 0.25 for i in mine.inputs for id in i.ids} | {"fx/mine/layer/opacity": 0.75}
    assert len(wanted) == 9
    one.set(wanted)
    library.save("kept", played(one.state), one.registry)
    one.saved_as("kept")
    again = Session({**SHADERS, "mine": mine}, "kept", (), ("kept", *BUNDLED), library.folders)
    assert {id: again.target[id] for id in wanted} == wanted
    for id in wanted:
        assert parse_request(f"/vj/{id}", [0.5], again.registry, again.target.__getitem__).changes == {id: 0.5}
        assert parse_request(f"/vj/{id}/norm", [0.5], again.registry, again.target.__getitem__).changes == {id: 0.5}


def test_tags_come_back(library, tmp_path):
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "mine.toml").write_text('version = 1\ntags = ["calm", "dark"] # mine\n')
    one = playing(library, "mine")
    library.save("other", played(one.state), one.registry)
    library.save("mine", played(one.state), one.registry)
    assert playing(library, "other").show.preset.tags == ("calm", "dark")
    assert "# mine" in (tmp_path / "presets" / "mine.toml").read_text()


def test_an_order_is_kept_and_new_presets_follow(library, tmp_path):
    names = library.names()
    library.keep_order((names[2], "gone", names[0]))
    assert library.names() == (names[2], names[0], *(n for n in names if n not in (names[2], names[0])))
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "zzz.toml").write_text("version = 1\n")
    assert library.names()[-1] == "zzz"


@pytest.mark.parametrize("text", ["", "presets = 7", "presets = [1, [2]]", "[", "x" * 9, "\0"])
def test_an_order_that_cannot_be_read_is_none(library, tmp_path, text):
    names = library.names()
    (tmp_path / "order.toml").write_text(text)
    assert library.names() == names


def test_an_order_that_cannot_be_written_is_one_line(library, tmp_path):
    (tmp_path / "order.toml").mkdir()
    with pytest.raises(PresetError, match=r"order\.toml: cannot be written"):
        library.keep_order(("default",))
