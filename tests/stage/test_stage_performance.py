"""What is played: presets recalled, hands' changes kept, shaders edited."""

import numpy as np
import pytest

from vj import resources
from vj.audio.features import FEATURE_DTYPE
from vj.errors import PresetError, UsageError
from vj.render.isf import load
from vj.render.shaders import load_folder
from vj.stage.performance import DREAM_PARAMS, Performance, preset_names

SHADERS = load_folder(resources.shaders_dir())
PRESETS = preset_names(resources.presets_dir())


@pytest.fixture
def performance():
    return Performance(SHADERS, "default", (), PRESETS)


def test_the_default_is_the_first_of_the_presets():
    assert PRESETS[0] == "default"
    assert len(PRESETS) >= 3


def test_stepping_goes_round_and_changes_what_is_drawn(performance):
    seen = []
    for _ in PRESETS:
        seen.append((performance.preset, tuple(s.name for s in performance.chain)))
        performance.step(1)
    assert performance.preset == "default"
    assert len({chain for _, chain in seen}) > 1
    performance.step(-1)
    assert performance.preset == PRESETS[-1]


def test_what_a_performer_does_to_the_output_outlives_a_preset(performance):
    performance.flip("stage/blackout")
    performance.set({"noise/sigma": 2.0})
    performance.step(1)
    assert performance.base["stage/blackout"] == 1.0
    assert performance.base["noise/sigma"] != 2.0
    performance.panic()
    assert performance.base["stage/blackout"] == 0.0
    assert performance.preset == "default"


def test_settings_lie_over_every_preset():
    performance = Performance(SHADERS, "undertow", ("noise/sigma=1.5",), PRESETS)
    assert performance.base["noise/sigma"] == 1.5
    performance.step(1)
    assert performance.base["noise/sigma"] == 1.5
    performance.panic()
    assert performance.base["noise/sigma"] != 1.5


@pytest.mark.parametrize("bad", ["no such preset", "broken.toml"])
def test_a_preset_that_is_none_changes_nothing(performance, bad, tmp_path):
    (tmp_path / "broken.toml").write_text("version = ")
    before = performance.preset, performance.base
    with pytest.raises((PresetError, UsageError)):
        performance.recall(bad if " " in bad else str(tmp_path / bad))
    assert (performance.preset, performance.base) == before


def test_panic_does_not_read_a_file_that_may_have_been_spoilt(performance, monkeypatch, tmp_path):
    monkeypatch.setattr(resources, "presets_dir", lambda: tmp_path)
    (tmp_path / "default.toml").write_text("garbage")
    chain = performance.chain
    performance.set({"noise/sigma": 3.0})
    performance.panic()
    assert performance.chain == chain
    assert performance.base["noise/sigma"] != 3.0


def test_a_value_out_of_range_changes_nothing(performance):
    before = performance.base
    with pytest.raises(PresetError):
        performance.set({"noise/sigma": 0.5, "motion/psi": 99.0})
    assert performance.base is before


def test_the_generator_is_told_of_its_own_parameters_alone(performance):
    ids = [p.id for p in DREAM_PARAMS]
    assert all(row.target in ids for row in performance.dream_rows)
    assert 0 < len(performance.dream_rows) < len(performance.show.matrix.rows)
    performance.set({"motion/psi": 0.5})
    assert performance.dream_values[ids.index("motion/psi")] == np.float32(0.5)
    assert performance.dream_values.shape == (len(ids),)


def test_rows_move_values_and_silence_does_not(performance):
    row = np.zeros(1, FEATURE_DTYPE)[0]
    row["drums"] = 1.0
    assert performance.moved(None) is performance.base
    assert performance.moved(row)["motion/mix"] == 1.0


def test_an_edited_shader_brings_its_inputs_and_keeps_what_was_set(performance, tmp_path):
    text = (resources.shaders_dir() / "grade.fs").read_text()
    performance.set({"motion/psi": 0.25})
    new = '"INPUTS": [ {"NAME": "extra", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0.0, "MAX": 1.0},'
    edited = text.replace('"INPUTS": [', new, 1)
    assert edited != text
    (tmp_path / "grade.fs").write_text(edited)
    performance.take_shader(load(tmp_path / "grade.fs"))
    assert performance.base["fx/grade/extra"] == 0.5
    assert performance.base["motion/psi"] == 0.25
    performance.take_shader(SHADERS["grade"])
    assert "fx/grade/extra" not in performance.base
