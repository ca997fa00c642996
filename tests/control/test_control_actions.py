"""The contract of the table of actions: each is reached by each road that it has, and does the same once."""

import pytest

from vj.control.midi.controller import Act, Controller
from vj.control.midi.handler import MidiHandler
from vj.control.midi.mapping import TARGETS, Control, Mapping
from vj.control.midi.messages import Event
from vj.control.osc.handler import OscHandler
from vj.control.osc.messages import ROOT, parse_request
from vj.control.osc.packets import messages
from vj.control.osc.query import tree
from vj.control.osc.server import Inbox, message
from vj.core import resources
from vj.core.edge import Edge
from vj.core.errors import ControlError
from vj.modulation.signals import SIGNALS
from vj.params.actions import ACTIONS, ARGUMENTS
from vj.render.isf.folder import load_folder
from vj.session.session import Session

SESSION = Session(load_folder(resources.shaders_dir()), "default", (), ("default", "nave", "tide"))
REMOTE = [action for action in ACTIONS if action.remote]
SENDER = ("127.0.0.1", 9)
#: An argument of each kind.
GIVEN = {"preset": "nave", "name": "mine", "names": "grade", "id": "macro/1", "bpm": 120.0, "beat": 4.0, "port": 9000,
         "row": ("drums", "macro/1", 0.5, "square", 0.25, 2.0), "ends": ("drums", "macro/1"),
         "audition": "nave", "cue": "doors"}  # fmt: skip


class Show:
    """What hands may do to a show, written down."""

    def __init__(self):
        self.session, self.acted, self.values = SESSION, [], []

    def act(self, id, argument=None):
        self.acted.append((id, argument))

    def set_values(self, values):
        if values:
            self.values.append(values)


class FakeOsc:
    """OSC without a network: `packet` comes in, and who subscribes is written down."""

    port = 0

    def __init__(self):
        self.inbox, self.subscribed = Inbox(), []

    def take(self):
        return self.inbox.take(0.0)

    def subscribe(self, sender, port, wanted):
        self.subscribed.append(("subscribe" if wanted else "unsubscribe", port))

    def tell(self, *given):
        pass


def by_osc(*packets):
    """What a show does about packets, all in one frame, and what was told."""
    osc, show, told = FakeOsc(), Show(), []
    handler = OscHandler(osc, Edge(told.append))
    for data in packets:
        osc.inbox.packet(data, SENDER, 0.0, 0.0)
    handler.step(show, None)
    return show.acted + osc.subscribed, show.values, told


@pytest.mark.parametrize("action", REMOTE, ids=lambda action: action.id)
def test_by_osc_once(action):
    given = [GIVEN[action.argument]] if action.argument else []
    several = isinstance(given and given[0], tuple)
    done, _, told = by_osc(message(ROOT + action.id, *(given[0] if several else given)))
    assert told == []
    assert [id for id, _ in done] == [action.id]
    ((_, argument),) = done
    assert argument == (("grade",) if action.argument == "names" else given[0] if given else None)


def bare(action, tags):
    """A message with types alone."""
    address = (ROOT + action.id).encode()
    pad = [one + b"\0" * (4 - len(one) % 4) for one in (address, b"," + tags)]
    data = b"".join(pad)
    assert list(messages(data))
    return data


@pytest.mark.parametrize("action", [a for a in REMOTE if a.edge == "press"], ids=lambda action: action.id)
def test_buttons_act_once_a_press(action):
    address = ROOT + action.id
    for press in (
        [message(address, 1), message(address, 0)],
        [message(address, 1.0), message(address, 0.0)],
        [bare(action, b"T"), bare(action, b"F")],
        [bare(action, b"N")],
        [bare(action, b"I")],
        [bare(action, b"")],
        [message(address, 0), *[message(address, 1)] * 30, message(address, 0)],
    ):
        done, _, told = by_osc(*press)
        assert done == [(action.id, None)]
        assert told == []
    assert by_osc(message(address, 0), bare(action, b"F"))[0] == []


@pytest.mark.parametrize("action", [a for a in ACTIONS if not a.remote], ids=lambda action: action.id)
def test_what_is_not_for_others_is_no_address_and_no_target(action):
    with pytest.raises(ControlError, match="no such parameter"):
        parse_request(ROOT + action.id, (), SESSION.registry, SESSION.target.__getitem__)
    assert "action/" + action.id not in TARGETS


def pressed(target, *events):
    controller = Controller(Mapping("box", ("box",), (Control(events[0].kind, 0, events[0].number, target),)))
    given = (controller.play(event, SESSION.registry, SESSION.target.__getitem__) for event in events)
    return [order for order in given if order]


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.midi], ids=lambda action: action.id)
def test_by_midi_once_a_press(action):
    target = "action/" + action.id
    assert target in TARGETS
    expected = [Act(action.id)]
    key = [Event("note", 1, 60, 100), Event("note", 1, 60, 0)]
    button = [Event("cc", 1, 20, value) for value in (0, 127, 127, 0)]
    assert pressed(target, *key) == expected
    if action.midi == "press":
        assert pressed(target, *button) == expected
        assert pressed(target, Event("program", 1, 0, 3)) == expected
    else:
        assert pressed(target, Event("program", 1, 0, 1)) == [Act(action.id, 2)]


def test_a_midi_action_reaches_the_show_by_its_id():
    handler, show = MidiHandler.__new__(MidiHandler), Show()
    for act in (Act("panic"), Act("preset/2"), Act("preset", 3)):
        handler._act(act, show)
    assert show.acted == [("panic", None), ("preset", "nave"), ("preset", "tide")]
    with pytest.raises(ControlError, match="preset 9: there are 3"):
        handler._act(Act("preset", 9), show)


@pytest.mark.parametrize("action", REMOTE, ids=lambda action: action.id)
def test_oscquery_says_what_it_takes(action):
    node = tree(SESSION.registry, SESSION.target, SIGNALS)
    for name in (ROOT + action.id).strip("/").split("/"):
        node = node["CONTENTS"][name]
    assert (node["TYPE"], node["ACCESS"], node["DESCRIPTION"]) == (ARGUMENTS[action.argument][1], 2, action.doc)


def test_triggers_are_presses_too():
    """A button on a trigger's own address, and whatever else is sent with it."""
    for address in ("/vj/audio/beat/tap", "/vj/envelope/1/fire"):
        _, values, told = by_osc(message(address, 1.0), message(address, 0.0), message(address, 0.0))
        assert [list(one.values()) for one in values] == [[1.0]]
        assert told == []
    stream = [m for _ in range(30) for m in (message("/vj/envelope/1/fire", 1.0), message("/vj/macro/1", 0.5))]
    _, values, _ = by_osc(*stream)
    assert values == [{"envelope/1/fire": 1.0, "macro/1": 0.5}]


def test_a_stream_of_calls_is_one_call():
    done, _, _ = by_osc(*[message("/vj/preset", "nave")] * 60)
    assert done == [("preset", "nave")]
    done, _, _ = by_osc(*[message("/vj/preset", name) for name in ("nave", "tide", "nave")])
    assert [argument for _, argument in done] == ["nave", "tide", "nave"]


def test_what_cannot_be_read_is_told():
    _, _, told = by_osc(b"/vj/macro/1\0" + b"\0\0\0\0", message("/vj/panic", "now"))
    assert len(told) == 1
    assert "expected" in told[0] or "without type tags" in told[0]


def test_a_fault_at_one_message_keeps_no_other_from_being_carried_out(monkeypatch):
    act = Show.act

    def fails(self, id, argument=None):
        if id == "panic":
            raise OSError("handle is closed")
        act(self, id, argument)

    monkeypatch.setattr(Show, "act", fails)
    done, values, told = by_osc(message("/vj/panic"), message("/vj/tap"), message("/vj/macro/1", 0.5))
    assert done == [("tap", None)]
    assert values == [{"macro/1": 0.5}]
    assert told == ["OSC: OSError: handle is closed"]
