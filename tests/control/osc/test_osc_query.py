"""OSCQuery: the tree, and answers to requests."""

import json
import time

import numpy as np
import pytest

from vj.control.osc.query import QueryTree, answer, tree
from vj.modulation.signals import SIGNALS
from vj.params.registry import Registry
from vj.params.spec import Param
from vj.session.loading import default_registry

REGISTRY = default_registry()
NOW = REGISTRY.defaults()
ROOT = tree(REGISTRY, NOW, SIGNALS)
HOST_INFO = {"NAME": "vj"}
TYPES = {"continuous": "f", "choice": "s", "trigger": "N"}


def found(path, root=ROOT):
    node = root
    for name in path.strip("/").split("/"):
        node = node["CONTENTS"][name]
    return node


def every_node(node=ROOT, path="/"):
    yield path, node
    for name, one in node.get("CONTENTS", {}).items():
        yield from every_node(one, path.rstrip("/") + "/" + name)


def test_every_node_knows_its_path_and_access():
    for path, node in every_node():
        assert node["FULL_PATH"] == path
        assert node["ACCESS"] in (0, 1, 2, 3)
        # What holds nothing is a method, and methods have a type.
        assert "CONTENTS" in node or "TYPE" in node
        assert ("TYPE" in node) == (node["ACCESS"] > 0)


@pytest.mark.parametrize("param", list(REGISTRY), ids=lambda param: param.id)
def test_every_parameter_is_there(param):
    node = found("/vj/" + param.id)
    assert param.doc in node["DESCRIPTION"]
    if param.kind == "trigger":
        assert (node["TYPE"], node["ACCESS"]) == ("N", 2)
        assert "VALUE" not in node
        return
    assert node["ACCESS"] == 3
    # As values and ranges, one for each argument.
    assert node["CLIPMODE"] == ["both"]
    (value,) = node["VALUE"]
    if param.kind == "toggle":
        assert isinstance(value, bool)
        assert node["TYPE"] == ("T" if value else "F")
        return
    assert node["TYPE"] == TYPES[param.kind]
    (span,) = node["RANGE"]
    assert value in span["VALS"] if param.kind == "choice" else span["MIN"] <= value <= span["MAX"]


def test_the_tree_is_json():
    assert json.loads(json.dumps(ROOT, allow_nan=False)) == ROOT


def test_signals_can_only_be_read():
    for signal in SIGNALS:
        names = (
            [f"{signal.name}/{i + signal.first}" for i in range(signal.width)] if signal.width > 1 else [signal.name]
        )
        for name in names:
            node = found("/vj/signal/" + name)
            assert (node["TYPE"], node["ACCESS"]) == ("f", 1)
            assert node["RANGE"] == [{"MIN": signal.lo, "MAX": signal.hi}]


def test_actions_can_only_be_written():
    for name, tag in (("preset", "s"), ("preset/next", "N"), ("preset/previous", "N"), ("panic", "N"), ("tap", "N")):
        node = found("/vj/" + name)
        assert (node["TYPE"], node["ACCESS"]) == (tag, 2)
        assert "VALUE" not in node


def test_a_node_may_be_a_parameter_and_hold_others():
    registry = Registry([Param("a/b/c", 0.5), Param("a/b", 0.25), Param("a/b/d", 0.75)])
    node = found("/vj/a/b", tree(registry, registry.defaults(), ()))
    assert (node["VALUE"], node["ACCESS"]) == ([0.25], 3)
    assert [one["VALUE"] for one in node["CONTENTS"].values()] == [[0.5], [0.75]]


@pytest.mark.parametrize(
    ("target", "status", "body"),
    [
        ("/", 200, ROOT),
        ("", 200, ROOT),
        ("/vj/noise/sigma", 200, found("/vj/noise/sigma")),
        ("/vj/noise/sigma/", 200, found("/vj/noise/sigma")),
        ("/vj/noise%2Fsigma?VALUE", 200, {"VALUE": [1.0]}),
        ("/vj/noise/sigma?VALUE", 200, {"VALUE": [1.0]}),
        ("/vj/noise/sigma?RANGE", 200, {"RANGE": found("/vj/noise/sigma")["RANGE"]}),
        ("/vj/noise/sigma?TYPE#part", 200, {"TYPE": "f"}),
        ("/vj/noise/sigma?FULL_PATH", 200, {"FULL_PATH": "/vj/noise/sigma"}),
        ("/anything?HOST_INFO", 200, HOST_INFO),
        ("/vj/noise?TYPE", 204, None),
        ("/vj/panic?VALUE", 204, None),
        ("/vj/noise/sigma?CONTENTS", 204, None),
        ("/vj/noise/sigma?EVERYTHING", 400, None),
        ("/vj/noise/sigma?value", 400, None),
        ("/vj/noise/sigma/norm", 404, None),
        ("/vj/nothing", 404, None),
        ("/vj/nothing?VALUE", 404, None),
        ("/vj/noise/sigma/VALUE/0", 404, None),
        ("/vj/../../etc/passwd", 404, None),
        ("/%2e%2e/%00/%ff", 404, None),
        ("/CONTENTS/vj", 404, None),
    ],
)
def test_answers(target, status, body):
    assert answer(target, ROOT, HOST_INFO) == (status, body)


def changed(now):
    """Other values: a number, a choice, a toggle."""
    return now.with_values({"noise/sigma": 0.25, "stage/transition": "cut", "stage/freeze": True})


def test_answers_that_are_kept_have_the_values_of_now():
    one, other = QueryTree(REGISTRY, SIGNALS, HOST_INFO), tree(REGISTRY, changed(NOW), SIGNALS)
    for now, root in ((NOW, ROOT), (changed(NOW), other), (NOW, ROOT), (changed(NOW), other)):
        for target in ("/", "/vj/stage", "/vj/noise/sigma", "/vj/stage/freeze?VALUE", "/vj/stage/freeze?TYPE",
                       "/vj/stage?CONTENTS", "/?HOST_INFO", "/vj/nothing", "/vj?VALUE"):  # fmt: skip
            status, body = answer(target, root, HOST_INFO)
            told, text = one.answer(target, now)
            assert (told, json.loads(text) if text else None) == (status, body), target


def test_a_request_costs_less_than_a_millisecond_of_the_interpreter():
    """Also while every second one finds other values."""
    one, values = QueryTree(REGISTRY, SIGNALS, HOST_INFO), (NOW, changed(NOW))
    for target in ("/", "/vj/fx?CONTENTS", "/vj/noise/sigma", "/vj/noise/sigma?VALUE"):
        one.answer(target, NOW)
        took_s = []
        for i in range(40):
            begin_s = time.thread_time()
            one.answer(target, values[i % 2])
            took_s.append(time.thread_time() - begin_s)
        assert np.median(took_s) < 1e-3, target


def test_who_asks_for_everything_fills_no_memory():
    one = QueryTree(REGISTRY, SIGNALS, HOST_INFO)
    for path, _ in every_node():
        one.answer(path, NOW)
        one.answer(f"{path}?CONTENTS", NOW)
        one.answer(f"{path}///?", NOW)
    assert len(one._pages) <= 64
