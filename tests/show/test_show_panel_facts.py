"""What a panel is told of how a show goes."""

import json
from dataclasses import replace

from vj.audio.listener import Status as Hearing
from vj.clock.beat_clock import ClockState
from vj.core import resources
from vj.generator.pool import Status as Dreaming
from vj.render.isf.folder import load_folder
from vj.session.session import Session
from vj.show import panel_facts
from vj.show.status_lines import Drawing

HEARING = Hearing("open", "a card", 48000.0, 0.01, 0.1, 2, 0.25, 1, 3, ended=False)
DREAMING = Dreaming("drawing", "default", 21.04, 40.4, 1, 0, spare=True, trouble="", engine="xla")
DRAWING = Drawing(59.94, 20.3, 8.26, (640, 360), 0.5, "default", 30.4, 90.6, 0.1234)
SESSION = Session(load_folder(resources.shaders_dir()), "default", (), ("default", "tide"))


def test_all_of_it_is_json():
    found = panel_facts.of_session(SESSION.state, {"grade": "line 3: no"})
    found["clock"] = panel_facts.of_clock(ClockState(), {"taps": (3.0, 120.04)}, 0.555, 10.0)
    found["figures"] = panel_facts.of_figures(DRAWING, DREAMING)
    found["sound"], found["health"] = panel_facts.of_sound(HEARING), panel_facts.of_health(HEARING, DREAMING, ())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {one["name"]: one["error"] for one in found["chain"]}["grade"] == "line 3: no"
    assert found["rows"][0] == {
        "signal": SESSION.rows[0].signal, "target": SESSION.rows[0].target, "depth": SESSION.rows[0].depth,
        "curve": SESSION.rows[0].curve, "attack_s": SESSION.rows[0].attack_s, "release_s": SESSION.rows[0].release_s,
    }  # fmt: skip
    assert found["clock"]["says"] == {"taps": 120.0}
    assert (found["figures"]["limited"], found["figures"]["fps"]) == (0.123, 59.9)


def test_a_limiter_that_is_off_is_told():
    assert panel_facts.of_figures(replace(DRAWING, limited=None), DREAMING)["limited"] is None


def health(hearing=HEARING, dreaming=DREAMING, others=()):
    return {one["name"]: one["ok"] for one in panel_facts.of_health(hearing, dreaming, others)}


def test_health_says_what_is_wrong():
    assert all(health(others=[("panel", 0, ""), ("midi", 2, "")]).values())
    assert not health(replace(HEARING, state="lost"))["sound"]
    assert not health(replace(HEARING, age_s=3.0))["ears"]
    assert not health(dreaming=replace(DREAMING, state="starting"))["network"]
    assert not health(others=[("midi", 2, "no server")])["midi"]
