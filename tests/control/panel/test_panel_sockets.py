"""What a page and a client of OSCQuery are told, and what they ask for."""

import json

import numpy as np
import pytest

from vj.audio.features import PULSES
from vj.control.osc.packets import message_of
from vj.control.panel import board
from vj.control.panel.board import Board
from vj.control.panel.lists import lists
from vj.control.panel.live_socket import Feed, packet_of
from vj.control.panel.osc_socket import Listening, host_info
from vj.control.panel.watched import WatchedShow
from vj.modulation.signals import SIGNALS
from vj.params.registry import Registry
from vj.params.spec import Param, choice, toggle, trigger

PARAMS = [Param("a/number", 0.25), choice("a/choice", "two", ("one", "two"), ""), toggle("a/toggle", False, ""),
          trigger("a/trigger", "")]  # fmt: skip
REGISTRY = Registry(PARAMS)
CARDS = [{"name": "default", "doc": "", "tags": [], "picture": 0}]


def signals(level=0.5, beats=0, onsets=0):
    found = {s.name: np.zeros(s.width) if s.width > 1 else 0.0 for s in SIGNALS}
    events = np.array([onsets if name == "onset" else 0 for name in PULSES])
    return found | {"level": level, "beats": beats, "events": events}


class Told:
    """A show, told by hand."""

    def __init__(self, memory):
        self.board, self.show = memory, WatchedShow(memory)
        self.tell_lists(1, REGISTRY)

    def tell_lists(self, revision, registry):
        self.board.lists.write(board.json_row(board.LISTS_ROW, lists(revision, registry, CARDS, ())))

    def values(self, target, now=None, heard=None, revision=1):
        target = np.float32(target)
        now = target if now is None else np.float32(now)
        self.board.values.write(board.values_row(revision, target, now, heard))
        self.show.look()
        return self.show

    def facts(self, **facts):
        self.board.facts.write(board.json_row(board.FACTS_ROW, facts))
        self.show.look()
        return self.show


@pytest.fixture
def told():
    with Board() as memory:
        yield Told(memory)


def news(feed, show):
    return json.loads(feed.news(show) or "{}")


def test_a_page_is_told_everything_once_and_then_what_changes(told):
    feed = Feed()
    told.facts(preset="default", chain=[])
    first = news(feed, told.values([0.25, 1, 0, 0], [0.5, 1, 0, 0]))
    assert [one["id"] for one in first["lists"]["params"]] == [p.id for p in PARAMS]
    assert first["state"] == {"preset": "default", "chain": []}
    assert first["values"]["a/number"] == [0.25, 0.5]
    assert set(first["values"]) == {p.id for p in PARAMS}
    assert news(feed, told.show) == {}
    assert news(feed, told.values([0.25, 0, 0, 0], [0.5, 0, 0, 0])) == {"values": {"a/choice": [0, 0]}}
    assert news(feed, told.facts(preset="tide", chain=[])) == {"state": {"preset": "tide"}}


def test_a_page_that_comes_later_is_told_everything_too(told):
    told.values([0.25, 1, 0, 0])
    assert news(Feed(), told.show) == news(Feed(), told.show)


def test_signals_and_events_since_the_last_time(told):
    feed = Feed()
    at_first = news(feed, told.values([0, 0, 0, 0], heard=signals(0.5, beats=4, onsets=7)))
    assert "events" not in at_first
    assert at_first["signals"]["level"] == 0.5
    later = news(feed, told.values([0, 0, 0, 0], heard=signals(0.75, beats=6, onsets=8)))
    assert later == {"signals": {"level": 0.75}, "events": {"beat": 2, "onset": 1}}


def test_values_of_another_registry_are_not_shown(told):
    feed = Feed()
    news(feed, told.values([0.25, 1, 0, 0]))
    assert news(feed, told.values([0.5, 1, 0, 0, 9], revision=2)) == {}
    told.tell_lists(2, Registry([*PARAMS, Param("b/new", 0.5)]))
    found = news(feed, told.values([0.5, 1, 0, 0, 0.75], revision=2))
    assert len(found["lists"]["params"]) == 5
    assert found["values"]["b/new"] == [0.75, 0.75]


def test_numbers_that_are_none_are_still_json(told):
    found = news(Feed(), told.values([np.nan, 1, 0, 0], [np.inf, 1, 0, 0]))
    assert found["values"]["a/number"] == [0.0, 0.0]


def test_pictures_are_told_newest_first_and_once(told):
    rgb = np.zeros((18, 32, 3), np.uint8)
    for level in (10, 20, 30):
        told.board.pictures.write(board.picture_row(rgb + np.uint8(level)))
    told.board.pictures.write(board.picture_row(rgb + np.uint8(200), audition=True))
    jpegs, seen = told.show.jpegs(0)
    assert [of_audition for of_audition, _ in sorted(jpegs)] == [False, True]
    assert all(jpeg.startswith(b"\xff\xd8") for _, jpeg in jpegs)
    assert told.show.jpegs(seen) == ([], seen)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"address": "/vj/a/number", "args": [0.5]}, ("/vj/a/number", (0.5,))),
        ({"address": "/vj/preset", "args": ["tide"]}, ("/vj/preset", ("tide",))),
        ({"address": "/vj/a/toggle", "args": [True]}, ("/vj/a/toggle", (True,))),
        ({"address": "/vj/tap"}, ("/vj/tap", ())),
        ({"address": "/vj/chain", "args": ["a", "b"]}, ("/vj/chain", ("a", "b"))),
    ],
)
def test_what_a_page_asks_for_is_osc(said, meant):
    assert message_of(packet_of(json.dumps(said))) == meant


WRONG = [
    "", "{", "[]", "7", "null", '"text"', "{}", '{"address": 7}', '{"address": "/other"}', "[" * 100_000,
    '{"address": "/vj/a", "args": {}}', '{"address": "/vj/a", "args": [[1]]}', '{"address": "/vj/a", "args": [null]}',
    '{"address": "/vj/a", "args": [NaN]}', '{"address": "/vj/a", "args": [1e999]}',
    '{"address": "/vj/a", "args": [' + "9" * 400 + "]}", '{"address": "/vj/a", "args": ["\\u0000"]}',
    '{"address": "/vj/' + "a" * 300 + '"}', json.dumps({"address": "/vj/a", "args": [1] * 65}),
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_no_message_is_none(text):
    assert packet_of(text) is None


def listened(*paths):
    one = Listening()
    for path in paths:
        assert one.hear(json.dumps({"COMMAND": "LISTEN", "DATA": path}))
    return one


def told_to(one, show):
    return [message_of(packet) for packet in one.news(show)]


def test_listeners_are_told_what_changes_in_the_type_of_the_tree(told):
    one = listened("/vj/a/number", "/vj/a/choice", "/vj/a/toggle", "/vj/a/trigger", "/vj/nothing", "/vj/signal/level")
    show = told.values([0.25, 1, 0, 0], heard=signals(0.5))
    assert told_to(one, show) == [("/vj/a/number", (0.25,)), ("/vj/a/choice", ("two",)), ("/vj/a/toggle", (False,)),
                                  ("/vj/signal/level", (0.5,))]  # fmt: skip
    assert told_to(one, show) == []
    assert told_to(one, told.values([0.25, 0, 1, 0], heard=signals(0.5))) == [
        ("/vj/a/choice", ("one",)), ("/vj/a/toggle", (True,))
    ]  # fmt: skip
    one.hear(json.dumps({"COMMAND": "IGNORE", "DATA": "/vj/a/toggle"}))
    assert told_to(one, told.values([0.25, 0, 0, 0], heard=signals(0.5))) == []


def test_another_tree_is_told(told):
    one = listened("/vj/a/number")
    told_to(one, told.values([0.25, 1, 0, 0]))
    told.tell_lists(2, Registry([*PARAMS, Param("b/new", 0.5)]))
    first, second = one.news(told.values([0.25, 1, 0, 0, 1], revision=2))
    assert json.loads(first) == {"COMMAND": "PATH_CHANGED", "DATA": "/vj"}
    assert message_of(second) == ("/vj/a/number", (0.25,))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"COMMAND": "LISTEN"}', '{"COMMAND": "LISTEN", "DATA": 7}',
                                  '{"COMMAND": "X", "DATA": "/"}', "[" * 100_000])  # fmt: skip
def test_commands_that_are_none(text):
    assert not Listening().hear(text)


def test_nobody_listens_to_too_much():
    one = Listening()
    heard = [one.hear(json.dumps({"COMMAND": "LISTEN", "DATA": f"/vj/{i}"})) for i in range(3000)]
    assert sum(heard) == 2048


def test_host_info_tells_of_osc_where_there_is_one():
    assert host_info("vj", ("127.0.0.1", 7700))["OSC_PORT"] == 7700
    assert "OSC_IP" not in host_info("vj", ("0.0.0.0", 7700))
    assert "OSC_PORT" not in host_info("vj", ("127.0.0.1", 0))
    assert host_info("vj", ("127.0.0.1", 0))["EXTENSIONS"]["LISTEN"] is True
