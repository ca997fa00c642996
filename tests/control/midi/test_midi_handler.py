"""Several controllers on the stage: two of a kind, one that is pulled out, keys whose end is lost."""

from types import SimpleNamespace

import pytest

from vj.control.midi.handler import MidiHandler
from vj.control.midi.mapping import Control, Light, Mapping
from vj.control.midi.mapping_files import MappingFiles
from vj.control.midi.message_ring import Message
from vj.core.edge import Edge
from vj.params.registry import Registry
from vj.params.spec import Param, toggle

REGISTRY = Registry([Param("a/x", 0.0, 0.0, 1.0), toggle("a/on", False, "")])
ONE, TWO = "pad:pad MIDI 1 20:0", "pad:pad MIDI 1 24:0"


class Ports:
    """The ports, without a driver."""

    def __init__(self, *names):
        self.come, self.sent, self.received, self.trouble = [], [], 0, ""
        self.plugged = 0
        self.plug(*names)

    def plug(self, *names):
        self.inputs = self.outputs = names
        self.plugged += 1

    def take(self):
        taken, self.come = self.come, []
        return taken

    def send(self, port, messages):
        self.sent.append((port, messages))


class Played:
    """A show of which there are only values."""

    def __init__(self):
        self.session = SimpleNamespace(
            registry=REGISTRY, target={p.id: p.default for p in REGISTRY}, presets=("one",), preset="one"
        )
        self.clock = None

    def set_values(self, values):
        self.session.target.update(values)


class Stage:
    """Controllers of one kind with a key and a fader."""

    def __init__(self, folder, *ports):
        self.ports, self.show = Ports(*ports), Played()
        files = MappingFiles(folder, pytest.fail)
        key = Control("note", 1, 36, "a/on", mode="momentary", light=Light("note", 1, 36))
        files.save(Mapping("pad", ("pad",), (key, Control("cc", 1, 7, "a/x"))))
        self.handler = MidiHandler(self.ports, files, pytest.fail, Edge(pytest.fail))

    def hear(self, port, *data):
        self.ports.come.append(Message(port, 0.0, bytes(data)))
        self.handler.step(self.show)

    def __getitem__(self, id):
        return self.show.session.target[id]


def test_two_of_a_kind_have_knobs_of_their_own(tmp_path):
    stage = Stage(tmp_path, ONE, TWO)
    stage.hear(ONE, 0xB0, 7, 0)
    stage.hear(ONE, 0xB0, 7, 64)
    assert stage["a/x"] == pytest.approx(64 / 127)
    # The other fader stands at the bottom: what it does there is no jump of the first one's.
    stage.hear(TWO, 0xB0, 7, 0)
    stage.hear(TWO, 0xB0, 7, 10)
    assert stage["a/x"] == pytest.approx(64 / 127)


def test_a_light_is_shown_by_each_of_two_of_a_kind(tmp_path):
    stage = Stage(tmp_path, ONE, TWO)
    stage.handler.step(stage.show)
    assert sorted(port for port, _ in stage.ports.sent) == [ONE, TWO]


def test_what_is_learnt_at_one_of_a_kind_is_known_to_the_other(tmp_path):
    stage = Stage(tmp_path, ONE, TWO)
    stage.handler.step(stage.show)
    stage.handler.forget("a/on")
    stage.hear(TWO, 0x90, 36, 100)
    assert stage["a/on"] == 0.0


@pytest.mark.parametrize("controller", [120, 123])
def test_all_notes_off_lets_go_of_held_keys(tmp_path, controller):
    stage = Stage(tmp_path, ONE)
    stage.hear(ONE, 0x90, 36, 100)
    assert stage["a/on"] == 1.0
    stage.hear(ONE, 0xB1, controller, 0)
    assert stage["a/on"] == 1.0
    stage.hear(ONE, 0xB0, controller, 0)
    assert stage["a/on"] == 0.0


def test_all_notes_off_is_not_learnt(tmp_path):
    stage = Stage(tmp_path, ONE)
    stage.hear(ONE, 0x90, 36, 100)
    stage.handler._tell = [].append
    stage.handler.learn("a/x")
    stage.hear(ONE, 0xB0, 123, 0)
    stage.handler.step(stage.show)
    assert stage.handler.learning == "a/x"
    assert stage["a/on"] == 0.0


def test_a_controller_that_is_pulled_out_lets_go_of_held_keys_and_not_of_faders(tmp_path):
    stage = Stage(tmp_path, ONE, TWO)
    stage.hear(ONE, 0xB0, 7, 0)
    stage.hear(ONE, 0xB0, 7, 100)
    stage.hear(ONE, 0x90, 36, 100)
    stage.ports.plug(TWO)
    stage.handler.step(stage.show)
    assert stage["a/on"] == 0.0
    assert stage["a/x"] == pytest.approx(100 / 127)
