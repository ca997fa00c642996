"""The benchmark's report, on a tiny network; its figures are not judged here."""

import json

import pytest
import tiny

from vj.bench import engine
from vj.core.errors import UsageError, WorkerError
from vj.generator import opening
from vj.generator.arch import Arch
from vj.generator.weights import save_model

#: A shape that stylegan2-ada-pytorch can make: min(base / side, most).
ARCH = Arch(resolution=16, channels=(8, 8, 4), z_dim=8, w_dim=8, mapping_layers=2)


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    save_model(tmp_path / "m.safetensors", tiny.model(ARCH, scale=0.5))
    return tmp_path / "m.safetensors"


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "peer" / "training").mkdir(parents=True)
    (tmp_path / "peer" / "training" / "networks.py").write_text("import there_is_no_such_module\n")
    return tmp_path / "peer"


def test_a_report_has_what_the_design_asks_for(network, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_record", lambda arch: tmp_path / "times.json")
    opening.remember(ARCH, {"xla": 1.0, "openvino": 2.0})
    report = engine.run(network, 20)
    assert json.loads(json.dumps(report)) == report
    for kind in ("plain", "busy"):
        found = report[kind]
        assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]
        assert found["fps"] == pytest.approx(1e3 / found["p50_ms"])
    assert report["engine"] == "xla"
    if opening.openvino_is_there():
        assert report["other_engine"] == "openvino"
        assert opening.remembered(ARCH) == {"xla": report["plain"]["best_ms"], "openvino": report["other"]["best_ms"]}
    assert report["gmac"] == pytest.approx(ARCH.gmac())
    assert 0 < report["ceiling_share"] < 1
    assert report["busy_p95_over_plain_p50"] > 0
    assert report["start_to_first_frame_s"] > 0
    shown = engine.text(report)
    assert "p99 ms" in shown
    assert "peer" not in shown


def test_percentiles_of_known_times():
    found = engine._figures([10.0] * 90 + [20.0] * 10)
    assert found == {"fps": 100.0, "best_ms": 10.0, "p50_ms": 10.0, "p95_ms": 20.0, "p99_ms": 20.0}


def test_what_is_measured_side_by_side_is_measured_in_turns():
    asked = []
    kinds = {kind: lambda n, kind=kind: asked.append((kind, n)) or [1.0] * n for kind in ("a", "b")}
    times = engine._in_turns(kinds, 25)
    assert {kind: len(t) for kind, t in times.items()} == {"a": 25, "b": 25}
    assert [kind for kind, _ in asked] == ["a", "b"] * 21


def test_too_few_frames_are_refused(network):
    with pytest.raises(UsageError, match="5 frames: expected 20 or more"):
        engine.run(network, 5)


def test_a_peer_that_is_none_is_named(tmp_path):
    with (
        pytest.raises(UsageError, match=r"not a checkout of stylegan2-ada-pytorch"),
        engine._peer(tiny.model(ARCH), tmp_path, "python"),
    ):
        pass


def test_a_peer_that_fails_is_one_line(checkout):
    import sys

    with (
        pytest.raises(WorkerError, match=r"the peer failed: ModuleNotFoundError") as caught,
        engine._peer(tiny.model(ARCH), checkout, sys.executable),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_shape_the_peer_cannot_make_is_refused(checkout):
    with (
        pytest.raises(UsageError, match=r"the peer can make channels .*not this network's"),
        engine._peer(tiny.model(tiny.SKIP), checkout, "python"),
    ):
        pass
