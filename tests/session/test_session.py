"""What is played: presets recalled, hands' changes kept, shaders edited."""

import numpy as np
import pytest

from vj.audio.features import FEATURE_DTYPE
from vj.core import resources
from vj.core.errors import PresetError, UsageError
from vj.core.types import Beat
from vj.modulation.matrix import Row, fields
from vj.modulation.sources import at_rest
from vj.params.bounds import written
from vj.render.isf.folder import load_folder
from vj.render.isf.shader import load, parse, uniform_value
from vj.session.session import Session, preset_names
from vj.session.state import GENERATOR_PARAMS, advanced, moved

SHADERS = load_folder(resources.shaders_dir())
PRESETS = preset_names(resources.presets_dir())


def later(session, dt_s, beat=None):
    """A frame passes."""
    session.state = advanced(session.state, dt_s, beat)


@pytest.fixture
def session():
    return Session(SHADERS, "default", (), PRESETS)


def test_the_default_is_the_first_of_the_presets():
    assert PRESETS[0] == "default"
    assert len(PRESETS) >= 3


def test_stepping_goes_round_and_changes_what_is_drawn(session):
    seen = []
    for _ in PRESETS:
        seen.append((session.preset, tuple(s.name for s in session.chain)))
        session.recall(session.neighbour(1))
    assert session.preset == "default"
    assert len({chain for _, chain in seen}) > 1
    session.recall(session.neighbour(-1))
    assert session.preset == PRESETS[-1]


def test_what_a_performer_does_to_the_output_outlives_a_preset(session):
    session.flip("stage/blackout")
    session.set({"noise/sigma": 2.0})
    session.recall(session.neighbour(1))
    assert session.current["stage/blackout"] == 1.0
    assert session.target["noise/sigma"] != 2.0
    session.panic()
    assert session.current["stage/blackout"] == 0.0
    assert session.preset == "default"


def test_settings_lie_over_every_preset():
    session = Session(SHADERS, "undertow", ("noise/sigma=1.5",), PRESETS)
    assert session.current["noise/sigma"] == 1.5
    session.recall(session.neighbour(1))
    assert session.current["noise/sigma"] == 1.5
    session.panic()
    assert session.current["noise/sigma"] != 1.5


@pytest.mark.parametrize("bad", ["no such preset", "broken.toml"])
def test_a_preset_that_is_none_changes_nothing(session, bad, tmp_path):
    (tmp_path / "broken.toml").write_text("version = ")
    before = session.preset, session.current
    with pytest.raises((PresetError, UsageError)):
        session.recall(bad if " " in bad else str(tmp_path / bad))
    assert (session.preset, session.current) == before


def test_panic_does_not_read_a_file_that_may_have_been_spoilt(session, monkeypatch, tmp_path):
    monkeypatch.setattr(resources, "presets_dir", lambda: tmp_path)
    (tmp_path / "default.toml").write_text("garbage")
    chain = session.chain
    session.set({"noise/sigma": 3.0})
    session.panic()
    assert session.chain == chain
    assert session.current["noise/sigma"] != 3.0


def test_a_value_out_of_range_changes_nothing(session):
    before = session.current
    with pytest.raises(PresetError):
        session.set({"noise/sigma": 0.5, "motion/psi": 99.0})
    assert session.current is before


def test_the_generator_is_told_of_its_own_parameters_alone(session):
    ids = [p.id for p in GENERATOR_PARAMS]
    rows, leaving = session.state.generator_rows
    assert all(row.target in ids for row in rows)
    assert 0 < len(rows) < len(session.rows)
    assert leaving == ()
    session.set({"motion/psi": 0.5})
    assert session.state.generator_values[ids.index("motion/psi")] == np.float32(0.5)
    assert session.state.generator_values.shape == (len(ids),)


def test_rows_move_values_and_silence_does_not(session):
    row = np.zeros(1, FEATURE_DTYPE)[0]
    _, silence = moved(session.state, fields(row.copy(), at_rest()), 0.1)
    row["drums"] = 1.0
    _, loud = moved(session.state, fields(row, at_rest()), 0.1)
    assert silence["motion/mix"] == session.current["motion/mix"] == 0.0
    rows = [r for r in session.state.rows if (r.signal, r.target) == ("drums", "motion/mix")]
    assert rows
    assert loud["motion/mix"] == pytest.approx(sum(r.depth for r in rows))


PLAIN = """version = 1
chain = ["{chain}"]
[values.noise]
sigma = {sigma}
[values.fx.grade]
contrast = {contrast}
[values.lfo.1]
rate_hz = {rate_hz}
[[modulation]]
signal = "{signal}"
target = "noise/sigma"
depth = 0.5
"""


@pytest.fixture
def two(tmp_path):
    """Two presets that differ in values alone, and one with another chain."""
    (tmp_path / "a.toml").write_text(PLAIN.format(chain="grade", sigma=0.0, contrast=0.0, rate_hz=0.1, signal="level"))
    (tmp_path / "b.toml").write_text(PLAIN.format(chain="grade", sigma=2.0, contrast=1.0, rate_hz=10.0, signal="drums"))
    (tmp_path / "c.toml").write_text(PLAIN.format(chain="trail", sigma=2.0, contrast=1.0, rate_hz=10.0, signal="drums"))
    settings = ("stage/transition_s=2",)
    return Session(SHADERS, str(tmp_path / "a.toml"), settings, PRESETS), tmp_path


def test_presets_of_one_chain_morph(two):
    session, folder = two
    session.recall(str(folder / "b.toml"))
    assert session.current["noise/sigma"] == 0.0
    assert session.state.generator_rows[1] == (Row("level", "noise/sigma", 0.5),)
    later(session, 1.0)
    assert session.state.morph.arrived == pytest.approx(0.5)
    assert session.current["noise/sigma"] == pytest.approx(1.0)
    assert session.current["fx/grade/contrast"] == pytest.approx(0.5)
    # Along the curve: half way between 0.1 and 10 Hz.
    assert session.current["lfo/1/rate_hz"] == pytest.approx(1.0, rel=1e-4)
    later(session, 1.5)
    assert session.current["noise/sigma"] == 2.0
    assert np.array_equal(session.current.array, session.target.array)


def test_where_shaders_change_the_network_morphs_and_the_stage_crosses(two):
    session, folder = two
    session.recall(str(folder / "c.toml"))
    assert session.current["noise/sigma"] == 0.0
    assert session.current["fx/grade/contrast"] == 1.0
    later(session, 1.0)
    assert session.current["noise/sigma"] == pytest.approx(1.0)


def test_a_morph_in_bars(two):
    session, _ = two
    session.set({"stage/transition_bars": 2.0})
    later(session, 0.0, Beat(0.0, 120.0, 4))
    assert session.state.span_s == pytest.approx(4.0)


def test_a_hand_takes_its_value_out_of_the_morph(two):
    session, folder = two
    session.recall(str(folder / "b.toml"))
    later(session, 0.5)
    session.set({"noise/sigma": 3.0})
    later(session, 0.5)
    assert session.current["noise/sigma"] == 3.0
    assert session.current["fx/grade/contrast"] == pytest.approx(0.5)


def test_a_morph_that_is_interrupted_does_not_jump(two):
    session, folder = two
    session.recall(str(folder / "b.toml"))
    later(session, 1.0)
    before = session.current["noise/sigma"]
    session.recall(str(folder / "a.toml"))
    assert session.current["noise/sigma"] == before
    assert [row.depth for row in session.state.generator_rows[1]] == pytest.approx([0.25, 0.25])
    later(session, 9.0)
    assert session.current["noise/sigma"] == 0.0


def test_slew(session):
    session.set({"macro/1": 1.0})
    assert session.target["macro/1"] == 1.0
    assert session.current["macro/1"] == 0.0
    later(session, 0.02)
    assert session.current["macro/1"] == pytest.approx(1 - np.exp(-1), abs=1e-3)
    later(session, 1.0)
    assert session.current["macro/1"] == 1.0


def test_an_edited_shader_brings_its_inputs_and_keeps_what_was_set(session, tmp_path):
    text = (resources.shaders_dir() / "grade.fs").read_text()
    session.set({"motion/psi": 0.25})
    new = '"INPUTS": [ {"NAME": "extra", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0.0, "MAX": 1.0},'
    edited = text.replace('"INPUTS": [', new, 1)
    assert edited != text
    (tmp_path / "grade.fs").write_text(edited)
    session.take_shader(load(tmp_path / "grade.fs"))
    assert session.current["fx/grade/extra"] == 0.5
    assert session.current["motion/psi"] == 0.25
    session.take_shader(SHADERS["grade"])
    assert "fx/grade/extra" not in session.current


def test_a_session_is_one_moment_whatever_is_played_after(two):
    """What another thread took stays as it was: values, chain, rows, the name."""
    session, folder = two
    taken = session.state
    told = (taken.preset, taken.chain, taken.target.array.tobytes(), taken.current.array.tobytes(), taken.rows)
    session.set({"noise/sigma": 1.0})
    session.recall(str(folder / "c.toml"))
    later(session, 0.7)
    session.edit_chain(["grade", "trail"])
    session.saved_as("other")
    assert (taken.preset, taken.chain, taken.target.array.tobytes(), taken.current.array.tobytes(), taken.rows) == told


def test_arrays_of_a_session_are_read_only(two):
    session, folder = two
    session.recall(str(folder / "b.toml"))
    later(session, 0.1)
    session.state, p = moved(session.state, fields(np.zeros(1, FEATURE_DTYPE)[0], at_rest()), 0.1)
    one = session.state
    for array in (
        one.target.array,
        one.current.array,
        one.slew_s,
        one.morph.begin,
        one.morph.which,
        one.stands,
        p.array,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_preset_that_waits_outlives_an_edited_shader(two, tmp_path):
    session, folder = two
    session.recall_on_beat(str(folder / "b.toml"))
    session.take_shader(SHADERS["grade"])
    assert session.state.waiting.show.registry is session.registry
    # A preset that is called at once takes its place.
    session.recall(str(folder / "c.toml"))
    assert session.state.waiting is None


def test_after_the_last_show_s_state_there_is_a_next_preset(two):
    """A file of no list is played: its neighbours are those of the first."""
    session, folder = two
    session.recall(str(folder / "b.toml"))
    assert session.neighbour(1) == session.presets[1]


PULSE = """/*{"ISFVSN": "2", "INPUTS": [{"NAME": "inputImage", "TYPE": "image"},
{"NAME": "amount", "TYPE": "float", "DEFAULT": 0.1, "MIN": 0.0, "MAX": 0.1},
{"NAME": "steps", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1], "LABELS": ["few", "many"]}]}*/
void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage) * amount; }
"""
PLAYED = """version = 1
chain = ["pulse", "grade"]
[values.fx.pulse]
amount = 0.05
steps = 1
[slew_s.fx.pulse]
amount = 0.5
[[modulation]]
signal = "level"
target = "fx/pulse/amount"
depth = 0.5
[[modulation]]
signal = "level"
target = "noise/sigma"
depth = 0.5
"""


@pytest.fixture
def pulsing(tmp_path):
    """A preset plays that sets and moves an input of a shader."""
    (tmp_path / "pulsing.toml").write_text(PLAYED)
    one = Session({**SHADERS, "pulse": parse(PULSE, "pulse")}, str(tmp_path / "pulsing.toml"), (), ("default",))
    one.set({"fx/pulse/amount": 0.075, "fx/grade/hue": 0.25})
    return one


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ('"amount", "TYPE": "float"', '"extent", "TYPE": "float"', ("fx/pulse/amount",)),
        ('"TYPE": "float", "DEFAULT": 0.1, "MIN": 0.0, "MAX": 0.1', '"TYPE": "bool", "DEFAULT": true',
         ("fx/pulse/amount",)),
        ('"TYPE": "float", "DEFAULT": 0.1, "MIN": 0.0, "MAX": 0.1', '"TYPE": "point2D"', ("fx/pulse/amount",)),
        ('"TYPE": "float", "DEFAULT": 0.1, "MIN": 0.0, "MAX": 0.1', '"TYPE": "color", "DEFAULT": [1, 1, 1, 1]',
         ("fx/pulse/amount",)),
        ('"DEFAULT": 0.1, "MIN": 0.0, "MAX": 0.1', '"DEFAULT": 9.0, "MIN": 8.0, "MAX": 9.0', ()),
    ],
)  # fmt: skip
def test_an_input_that_a_preset_plays_may_be_renamed_or_become_another_kind(pulsing, before, after, lost):
    text = PULSE.replace(before, after).replace("* amount", "")
    assert text != PULSE
    assert pulsing.take_shader(parse(text, "pulse")) == lost
    signals = fields(np.zeros(1, FEATURE_DTYPE)[0], at_rest())
    for _ in range(3):
        pulsing.state = advanced(pulsing.state, 0.1)
        pulsing.state, drawn = moved(pulsing.state, signals, 0.1)
        for i in pulsing.shaders["pulse"].inputs:
            if i.ids:
                uniform_value(i, drawn)
    assert [one.name for one in pulsing.chain] == ["pulse", "grade"]
    assert len(pulsing.current.array) == len(pulsing.registry)
    # What has nothing to do with the input is as it was.
    assert pulsing.target["fx/grade/hue"] == 0.25
    assert ("noise/sigma" in [row.target for row in pulsing.rows]) is True
    assert [row.target for row in pulsing.rows].count("fx/pulse/amount") == (not lost)


def test_a_choice_that_is_given_more_names_keeps_the_one_it_has(session):
    one = session
    one.set({"stage/transition": "wipe" if "wipe" in one.registry["stage/transition"].choices else "fade"})
    chosen = written(one.registry["stage/transition"], one.target["stage/transition"])
    one.take_shader(parse(TRANSITION, "aaa_first"))
    assert "aaa_first" in one.registry["stage/transition"].choices
    assert written(one.registry["stage/transition"], one.target["stage/transition"]) == chosen


TRANSITION = """/*{"ISFVSN": "2", "INPUTS": [{"NAME": "startImage", "TYPE": "image"},
{"NAME": "endImage", "TYPE": "image"},
{"NAME": "progress", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0}]}*/
void main() { gl_FragColor = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), progress); }
"""


def test_a_shader_that_becomes_a_transition_leaves_the_chain(pulsing):
    pulsing.take_shader(parse(TRANSITION, "pulse"))
    assert [one.name for one in pulsing.chain] == ["grade"]
    pulsing.state = advanced(pulsing.state, 0.1)


def test_an_edit_that_cannot_be_changes_nothing(pulsing, monkeypatch):
    before = (pulsing.registry, pulsing.current, pulsing.chain, dict(pulsing.shaders))

    def refuse(*given):
        raise PresetError("no")

    monkeypatch.setattr("vj.session.session.build_registry", refuse)
    with pytest.raises(PresetError):
        pulsing.take_shader(parse(PULSE.replace("amount", "extent"), "pulse"))
    assert (pulsing.registry, pulsing.current, pulsing.chain, dict(pulsing.shaders)) == before
    pulsing.state = advanced(pulsing.state, 0.1)


def test_rows_come_change_and_go(session):
    n = len(session.rows)
    session.set_row(Row("drums", "noise/sigma", 0.5))
    assert session.rows[-1] == Row("drums", "noise/sigma", 0.5)
    place = next(i for i, row in enumerate(session.rows) if row.signal == "drums")
    session.set_row(Row("drums", session.rows[place].target, 0.125, "square", 0.25, 2.0))
    assert session.rows[place].depth == 0.125
    assert len(session.rows) == n + 1
    session.remove_row("drums", "noise/sigma")
    assert len(session.rows) == n
    with pytest.raises(PresetError, match="there is none"):
        session.remove_row("drums", "noise/sigma")


@pytest.mark.parametrize(
    "row",
    [Row("nothing", "noise/sigma", 1.0), Row("drums", "nothing/here", 1.0), Row("drums", "stage/freeze", 1.0),
     Row("drums", "noise/sigma", float("nan")), Row("drums", "noise/sigma", 1.0, "odd"),
     Row("drums", "noise/sigma", 1.0, "lin", -1.0), Row("drums", "noise/sigma", 1.0, "lin", 0.0, 1e9)],
)  # fmt: skip
def test_rows_that_cannot_be_change_nothing(session, row):
    before = session.state
    with pytest.raises(PresetError):
        session.set_row(row)
    assert session.state is before


def test_a_new_row_lets_the_others_go_on_from_where_they_are(session):
    signals = fields(np.zeros(1, FEATURE_DTYPE)[0], at_rest()) | {"drums": 1.0, "level": 1.0}
    session.state, _ = moved(session.state, signals, 0.0)
    session.state, _ = moved(session.state, signals | {"drums": 0.0}, 0.1)
    stands = dict(zip(session.state.matrix.all_rows, session.state.stands, strict=True))
    session.set_row(Row("level", "noise/sigma", 0.75, attack_s=1.0))
    after = dict(zip(session.state.matrix.all_rows, session.state.stands, strict=True))
    assert {row: after[row] for row in stands if row in after} == {
        row: at for row, at in stands.items() if row in after
    }


def test_a_locked_parameter_outlives_presets(session):
    session.set({"noise/sigma": 2.0, "motion/psi": 0.3})
    session.lock("noise/sigma", lock=True)
    session.recall(session.neighbour(1))
    assert session.target["noise/sigma"] == session.current["noise/sigma"] == 2.0
    assert session.target["motion/psi"] != pytest.approx(0.3)
    session.lock("noise/sigma", lock=False)
    session.recall("default")
    assert session.target["noise/sigma"] != 2.0
    with pytest.raises(PresetError, match="unknown parameter"):
        session.lock("nothing/here", lock=True)


def test_panic_unlocks(session):
    session.set({"noise/sigma": 2.0})
    session.lock("noise/sigma", lock=True)
    session.panic()
    assert session.state.locked == frozenset()
    assert session.target["noise/sigma"] != 2.0


def test_presets_are_put_in_order(session):
    first = session.presets[-2:]
    session.order(first)
    assert session.presets == (*first, *PRESETS[:-2])
    with pytest.raises(PresetError, match="expected one of"):
        session.order(("nothing",))


def test_cards_say_what_presets_are(session):
    session.read_ahead()
    cards = {card["name"]: card for card in session.cards()}
    assert list(cards) == list(session.presets)
    assert cards["tide"]["doc"]
