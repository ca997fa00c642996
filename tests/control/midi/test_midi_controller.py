"""Knobs, keys and encoders as they are played."""

import pytest

from vj.control.midi.controller import Act, Change, Controller, Learner, delta, learned
from vj.control.midi.mapping import Control, Light, Mapping
from vj.control.midi.messages import Event
from vj.params.registry import Registry
from vj.params.spec import Param, choice, toggle, trigger

REGISTRY = Registry([
    Param("a/x", 0.0, 0.0, 2.0), Param("a/hz", 1.0, 0.1, 10.0, curve="exp"), toggle("a/on", False, ""),
    choice("a/one", "p", ("p", "q", "r"), ""), trigger("a/go", ""),
])  # fmt: skip


class Played:
    """A controller with one control, and the values that it plays."""

    def __init__(self, control):
        self.controller = Controller(Mapping("m", ("m",), (control,)))
        self.values = {p.id: p.default for p in REGISTRY}

    def __call__(self, value, kind="cc", channel=1, number=7):
        order = self.controller.play(Event(kind, channel, number, value), REGISTRY, self.values.__getitem__)
        if isinstance(order, Change):
            self.values[order.id] = order.value
        return order

    def x(self, *values):
        return [self(value) and self.values["a/x"] for value in values]


def knob(target="a/x", **about):
    return Control("cc", 1, 7, target, **about)


def test_a_knob_takes_over_where_it_meets_its_parameter():
    play = Played(knob())
    play.values["a/x"] = 1.0
    assert play.x(0, 20, 50) == [None, None, None]
    assert "a/x is above" in play.controller.hint
    assert play(63).value == pytest.approx(2 * 63 / 127)
    assert play.controller.hint == ""
    assert play(0).value == 0.0


def test_a_knob_that_jumps_over_it_meets_it_too():
    play = Played(knob())
    play.values["a/x"] = 1.0
    assert play.x(0, 100) == [None, pytest.approx(2 * 100 / 127)]


def test_a_parameter_that_another_hand_moved_is_met_anew():
    play = Played(knob())
    assert play.x(0, 1, 2)[-1] is not None
    play.values["a/x"] = 1.5
    assert play.x(3, 4) == [None, None]
    assert "above" in play.controller.hint
    assert play(96) is not None


def test_without_takeover_it_jumps():
    play = Played(knob(takeover=False))
    play.values["a/x"] = 1.0
    assert play(127).value == 2.0


def test_a_part_of_the_range_and_turned_round():
    assert Played(knob(lo=0.25, hi=0.5, takeover=False))(127).value == 1.0
    assert Played(knob(lo=1.0, hi=0.0, takeover=False))(127).value == 0.0
    assert Played(knob("a/hz", takeover=False))(127).value == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("coding", "up", "down"),
    [("twos_complement", (1, 3), (127, 125)), ("binary_offset", (65, 67), (63, 61)), ("signed_bit", (1, 3), (65, 67))],
)
def test_encoders(coding, up, down):
    assert [delta(coding, v) for v in (*up, *down)] == [1, 3, -1, -3]
    play = Played(knob(coding=coding))
    play.values["a/x"] = 1.0
    assert play(up[1]).value == pytest.approx(1.0 + 2 * 3 / 128)
    assert play(down[1]).value == pytest.approx(1.0)
    assert play(down[1]).value < 1.0
    for _ in range(200):
        play(down[1])
    assert play.values["a/x"] == 0.0


def test_keys():
    key = Control("note", 1, 60, "a/on", mode="toggle")
    play = Played(key)
    seen = [play(v, "note", number=60) and play.values["a/on"] for v in (100, 0, 100, 0)]
    assert seen == [1.0, None, 0.0, None]
    held = Played(Control("note", 1, 60, "a/x", mode="momentary"))
    assert held(127, "note", number=60).value == 2.0
    assert held(0, "note", number=60).value == 0.0
    soft = Played(Control("note", 1, 60, "a/x"))
    assert soft(64, "note", number=60).value == pytest.approx(2 * 64 / 127)
    goes = Played(Control("note", 1, 60, "a/go", mode="trigger"))
    assert [goes(v, "note", number=60) is not None for v in (100, 0)] == [True, False]


def test_a_knob_on_a_toggle_a_choice_and_a_trigger():
    on = Played(knob("a/on"))
    assert [on(v).value for v in (0, 63, 64, 127)] == [0, 0, 1, 1]
    assert [Played(knob("a/one"))(v).value for v in (0, 64, 127)] == [0, 1, 2]
    goes = Played(knob("a/go"))
    assert [goes(v) is not None for v in (0, 60, 70, 127, 0, 127)] == [False, False, True, False, False, True]
    turns = Played(knob("a/one", mode="toggle"))
    assert [turns(v) and turns.values["a/one"] for v in (127, 0, 127, 0, 127)] == [1, None, 2, None, 0]


def test_actions_and_program_changes():
    assert Played(Control("note", 0, 1, "action/preset/next", mode="trigger"))(100, "note", 9, 1) == Act("preset/next")
    assert Played(knob("action/tap"))(20) is None
    assert Played(Control("program", 0, 0, "action/preset"))(4, "program", 3, 0) == Act("preset", 5)


def test_a_control_of_one_channel_comes_before_one_of_all():
    controller = Controller(Mapping("m", ("m",), (Control("cc", 0, 7, "a/x"), Control("cc", 2, 7, "a/hz"))))
    assert controller.control(Event("cc", 2, 7, 1)).target == "a/hz"
    assert controller.control(Event("cc", 3, 7, 1)).target == "a/x"
    assert controller.control(Event("cc", 3, 8, 1)) is None


def test_what_plays_nothing_here():
    play = Played(knob("fx/gone/x"))
    assert play(5) is None
    assert play(5, "note") is None


def test_fourteen_bits():
    fine = Played(Control("cc14", 1, 7, "a/x", takeover=False))
    assert fine(8192, "cc14").value == pytest.approx(2 * 8192 / 16383)


def test_lights():
    controls = (
        Control("cc", 1, 1, "a/x", light=Light("cc", 1, 1, kind="level")),
        Control("note", 1, 2, "a/on", light=Light("note", 1, 2, 3, 5)),
        Control("note", 1, 3, "action/preset/2", light=Light("note", 1, 3)),
        Control("pitchwheel", 1, 0, "a/x", lo=0.0, hi=0.5, light=Light("pitchwheel", 1, 0, kind="level")),
    )
    controller, values = Controller(Mapping("m", ("m",), controls)), {"a/x": 1.0, "a/on": 0.0}
    first = controller.lights(REGISTRY, values.__getitem__, 1)
    assert first == [
        Event("cc", 1, 1, 64),
        Event("note", 1, 2, 3),
        Event("note", 1, 3, 0),
        Event("pitchwheel", 1, 0, 16383),
    ]
    assert controller.lights(REGISTRY, values.__getitem__, 1) == []
    values["a/on"] = 1.0
    assert controller.lights(REGISTRY, values.__getitem__, 2) == [Event("note", 1, 2, 5), Event("note", 1, 3, 127)]
    controller.forget_lights()
    assert len(controller.lights(REGISTRY, values.__getitem__, 2)) == 4


def learn(*events):
    one = Learner("a/x")
    for i, event in enumerate(events):
        one.take("p", event, i * 0.02)
        one.take("other", Event("cc", 9, 9, i), i * 0.02)
    assert one.found(0.1) is None
    return one.found(1.0)[1]


def test_learning():
    assert learn(Event("cc", 2, 7, 3), Event("cc", 2, 7, 5)).key == ("cc", 2, 7)
    assert learn(Event("note", 1, 60, 100), Event("note", 1, 60, 0)).mode == "toggle"
    assert learn(Event("cc", 1, 7, 3), Event("cc14", 1, 7, 400)).message == "cc14"
    nrpn = [Event("cc", 1, 99, 1), Event("cc", 1, 98, 2), Event("cc", 1, 6, 3), Event("nrpn", 1, 130, 384)]
    assert learn(*nrpn).key == ("nrpn", 1, 130)
    assert learn(Event("pitchwheel", 1, 0, 8000)).message == "pitchwheel"
    assert learn(*[Event("cc", 1, 7, 1)] * 4).coding == "twos_complement"
    assert learn(*[Event("cc", 1, 7, 65)] * 4).coding == "binary_offset"
    assert learn(*[Event("cc", 1, 7, v) for v in (1, 2, 4)]).coding == "absolute"
    assert Learner("a/x").found(9.0) is None


def test_learning_again_changes_and_tells_of_a_conflict():
    big = Control("cc", 1, 7, "a/x", "big", light=Light("cc", 1, 7))
    mapping = Mapping("m", ("m",), (big, Control("cc", 1, 8, "a/on")))
    new, before = learned(mapping, Control("cc", 1, 7, "a/on"))
    assert before == "a/x"
    assert [(c.key, c.target) for c in new.controls] == [(("cc", 1, 7), "a/on")]
    assert (new.controls[0].label, new.controls[0].light) == ("big", Light("cc", 1, 7))
    assert learned(new, Control("cc", 1, 9, "a/x"))[1] == ""
