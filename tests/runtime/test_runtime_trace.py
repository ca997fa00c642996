"""The file that a browser draws: one span a stage, nested in its frame."""

import json

import pytest

from vj.core.errors import UsageError
from vj.runtime.trace import Trace


def one_frame(trace, at_s):
    trace.begin(at_s)
    trace.lap("controls", at_s + 0.001)
    trace.lap("draw", at_s + 0.006)
    trace.end(at_s + 0.016)


def test_stages_follow_each_other_inside_their_frame(tmp_path):
    trace = Trace()
    trace.span("network", "picture", 99.99, 100.02)
    one_frame(trace, 100.0)
    trace.write(tmp_path / "x.json")
    events = json.loads((tmp_path / "x.json").read_text())["traceEvents"]
    lanes = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M"}
    spans = {e["name"]: (lanes[e["tid"]], e["ts"], e["dur"]) for e in events if e["ph"] == "X"}
    assert spans == {
        "picture": ("network", 0.0, 30_000.0),
        "controls": ("window", 10_000.0, 1_000.0),
        "draw": ("window", 11_000.0, 5_000.0),
        "frame": ("window", 10_000.0, 16_000.0),
    }


def test_the_newest_are_kept():
    trace = Trace(most=30)
    for i in range(100):
        one_frame(trace, float(i))
    spans = [e for e in trace.events() if e["ph"] == "X"]
    assert len(spans) == 30
    assert spans[-1] == {"ph": "X", "name": "frame", "pid": 1, "tid": 0, "ts": 9e6, "dur": 16_000.0}


def test_a_trace_of_nothing_is_a_file_all_the_same(tmp_path):
    Trace().write(tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())["traceEvents"] == []


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path):
    with pytest.raises(UsageError, match=r"--trace .*/no/x\.json: cannot be written: No such file"):
        Trace().write(tmp_path / "no" / "x.json")
