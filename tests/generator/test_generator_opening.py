"""Which engine draws: what was asked for, else the one that was measured to be faster; XLA where OpenVINO fails."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny

from vj.core import resources
from vj.core.errors import UsageError, WorkerError
from vj.generator import load_tensorflow, machine, opening, xla
from vj.generator.openvino import engine as openvino_engine
from vj.generator.openvino.program import Program, write_program
from vj.generator.weights import save_model


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(opening, "openvino_is_there", lambda: True)
    monkeypatch.setattr(opening, "has_nvidia_driver", lambda: False)
    save_model(tmp_path / "m.safetensors", tiny.model(tiny.SKIP))
    return tmp_path / "m.safetensors"


@pytest.fixture
def timed(monkeypatch):
    """Times that are pretended; `asked` are the engines that were timed."""
    times, asked = {"openvino": 5.0, "xla": 3.0}, []
    monkeypatch.setattr(opening, "timed_ms", lambda name, path, threads: asked.append(name) or times[name])
    return times, asked


def measured(network):
    """Measure beside this process, to the end. Whether anything was."""
    thread = opening.measure_beside(network, 1)
    if thread:
        thread.join()
    return thread is not None


def test_until_they_are_measured_the_one_that_starts_sooner_draws_and_nothing_is_timed(network, timed):
    assert opening.choose(network, "auto") == "openvino"
    assert timed[1] == []


@pytest.mark.parametrize(("driver", "libraries"), [(True, True), (True, False), (False, True)])
def test_until_then_xla_draws_where_tensorflow_has_a_gpu(network, monkeypatch, driver, libraries):
    monkeypatch.setattr(opening, "has_nvidia_driver", lambda: driver)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: libraries or None)
    assert opening.choose(network, "auto") == ("xla" if driver and libraries else "openvino")


def test_a_package_that_does_not_say_its_version_is_no_reason_to_fail():
    assert machine.version("there-is-no-such-package") == ""
    assert machine.version("numpy")


def test_they_are_measured_once_and_the_faster_one_draws_from_then_on(network, timed):
    times, asked = timed
    assert measured(network)
    assert not measured(network)
    assert asked == ["openvino", "xla"]
    assert opening.remembered(tiny.SKIP) == times
    assert opening.choose(network, "auto") == "xla"


def test_another_shape_is_measured_for_itself(network, timed, tmp_path):
    assert measured(network)
    save_model(tmp_path / "other.safetensors", tiny.model(tiny.RESNET))
    assert opening.choose(tmp_path / "other.safetensors", "auto") == "openvino"
    assert measured(tmp_path / "other.safetensors")


def test_one_that_cannot_draw_does_not(network, timed):
    timed[0]["openvino"] = None
    measured(network)
    assert opening.choose(network, "auto") == "xla"
    assert opening.remembered(tiny.SKIP) == {"xla": 3.0}


def test_xla_draws_where_it_is_clearly_faster():
    assert opening.better({"openvino": 10.0, "xla": 8.0}) == "xla"
    assert opening.better({"openvino": 10.0, "xla": 9.0}) == "openvino"
    assert opening.better({"openvino": 10.0}) == "openvino"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"xla": "fast"}', '{"xla": -1.0}', '{"gpu": 1.0}', "{", "[" * 4000])
def test_a_record_that_is_none_is_measured_anew(network, timed, text):
    measured(network)
    opening._record(tiny.SKIP).write_text(text)
    assert opening.choose(network, "auto") == "openvino"
    assert measured(network)
    assert opening.remembered(tiny.SKIP) == timed[0]


def test_what_was_asked_for_draws(network, timed):
    measured(network)
    assert opening.choose(network, "openvino") == "openvino"
    assert opening.choose(network, "xla") == "xla"


def test_without_the_package_xla_draws_and_asking_for_it_is_one_clear_line(network, timed, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert opening.choose(network, "auto") == "xla"
    assert not measured(network)
    with pytest.raises(UsageError, match=r"^--engine openvino needs openvino, which is not installed: pip install"):
        opening.choose(network, "openvino")


def test_a_network_that_is_gone_is_not_measured(network, timed):
    network.unlink()
    assert not measured(network)


def test_where_openvino_fails_xla_draws_and_one_line_says_why(network, monkeypatch):
    def failing(*given, **more):
        raise WorkerError("no rule for Sine")

    monkeypatch.setattr(openvino_engine, "opened", failing)
    monkeypatch.setattr(load_tensorflow, "import_tensorflow", lambda: None)
    monkeypatch.setattr(xla, "XlaEngine", lambda model, noise_seed: SimpleNamespace(name="xla", warm=lambda: None))
    told = []
    assert opening.open_engine(network, "auto", tell=told.append).name == "xla"
    assert told == ["OpenVINO cannot draw m, XLA does: no rule for Sine"]


@pytest.mark.parametrize("compiled", [None, Program(("f32",), {"mapping": b"no network"})])
def test_a_compiler_that_leaves_nothing_of_use_is_an_error_of_one_line(network, tmp_path, monkeypatch, compiled):
    pytest.importorskip("openvino")
    calls = []

    def compiling(module, model, file, *given, timeout_s):
        calls.append(module)
        if compiled:
            write_program(Path(file), compiled)

    monkeypatch.setattr(openvino_engine, "run_module", compiling)
    # The second time what is kept is no more use than it was, and is compiled again.
    for _ in range(2):
        with pytest.raises(WorkerError, match=r"^[^\n]*compiled network cannot be (kept|loaded)[^\n]*$"):
            openvino_engine.opened(network, folder=tmp_path / "programs")
    assert calls == ["vj.generator.openvino.compiling"] * 2


def test_an_engine_that_fails_has_no_time(network):
    network.write_bytes(b"nothing")
    assert opening.timed_ms("openvino", network, 1) is None
