"""The live generator's dream, without TensorFlow: an engine that draws what it was given, or no picture."""

import contextlib
import multiprocessing
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from vj.audio.features import PULSES
from vj.audio.process import LIVE_DTYPE, feature_ring
from vj.core.errors import WorkerError
from vj.generator import process
from vj.generator.config import GeneratorConfig
from vj.generator.mailbox import Told, picture_ring, values_ring
from vj.generator.process import _HOPELESS, LiveGenerator
from vj.modulation.matrix import Row, signal_names
from vj.modulation.signals import SIGNALS
from vj.modulation.sources import at_rest
from vj.session.state import GENERATOR_PARAMS


class Engine:
    """Remembers its inputs."""

    z_dim, w_dim, num_ws, n_noise = 6, 5, 6, 5
    w_avg = np.zeros(5, np.float32)
    z_names = ()
    name, resolution = "pretended", 8

    def __init__(self):
        self.given, self.broken = [], False

    def map(self, z):
        return np.tanh(z[:, :5])

    def frame(self, given):
        self.given.append(given)
        if self.broken:
            raise WorkerError("no picture")
        return np.zeros((8, 8, 4), np.uint8)


def dream(engine, rows=(), began_s=0.0):
    one = LiveGenerator(engine, GeneratorConfig(Path("x"), GENERATOR_PARAMS, 0, 8, "", "", "", began_s))
    one.use_rows(rows)
    return one


def row(**values):
    out = np.zeros(1, LIVE_DTYPE)[0]
    for name, value in values.items():
        out[name] = value
    return out


@pytest.fixture
def told():
    """The window's side of what a generator is told, and the row that comes out at the other."""
    one = Told(signal_names(SIGNALS), [p.id for p in GENERATOR_PARAMS])
    with values_ring(len(GENERATOR_PARAMS), one.name) as there:
        yield one, there.newest
    one.close()


def values(**changes):
    found = np.array([changes.get(p.id.replace("/", "_"), p.default) for p in GENERATOR_PARAMS], np.float32)
    return {"t_s": 0.0, "values": found, "moves": at_rest(), "rows_version": 0}


def test_sound_and_values_move_what_is_drawn():
    engine = Engine()
    one = dream(engine, (Row("drums", "noise/sigma", 1.0),))
    one.picture(0.0, row(drums=0.0), values(noise_sigma=0.5))
    one.picture(0.1, row(drums=1.0), None)
    one.picture(0.2, None, values(noise_sigma=2.0))
    assert [g.noise_sigma[0] for g in engine.given] == pytest.approx([0.5, 1.5, 2.0])


def test_what_is_no_picture_is_counted_and_left_out_and_motion_begins_anew():
    engine = Engine()
    one = dream(engine)
    assert one.picture(0.0, row(), values()) is not None
    engine.broken = True
    assert one.picture(0.1, row(), None) is None
    engine.broken = False
    assert one.picture(0.2, row(), None) is not None
    assert one.bad == 1


def test_only_such_pictures_for_long_end_the_process():
    engine = Engine()
    engine.broken = True
    one = dream(engine)
    for i in range(_HOPELESS - 1):
        one.picture(i * 0.1, row(), None)
    with pytest.raises(WorkerError):
        one.picture(99.0, row(), None)


def test_another_process_goes_on_where_the_one_before_was():
    """Wandering depends on the time of the show, not on that of the process."""
    drift = values(motion_drift_depth=1.0)
    engine, other = Engine(), Engine()
    one = dream(engine, began_s=100.0)
    for i in range(200):
        one.picture(100.0 + 0.1 * i, row(), drift)
    dream(other, began_s=100.0).picture(119.9, row(), drift)
    np.testing.assert_allclose(other.given[0].ws, engine.given[-1].ws, atol=0.02)
    np.testing.assert_allclose(other.given[0].flow, engine.given[-1].flow, atol=0.02)


def test_after_a_pause_nothing_jumps():
    drift = values(motion_drift_depth=1.0)
    engine = Engine()
    one = dream(engine)
    one.picture(1.0, row(), drift)
    one.picture(1.02, row(), None)
    one.picture(60.0, row(), None)
    step = [np.abs(b.ws - a.ws).max() for a, b in zip(engine.given, engine.given[1:], strict=False)]
    assert step[1] < 0.6


@pytest.mark.parametrize("fps", [60, 20, 7])
def test_a_pulse_moves_one_picture_however_seldom_it_looks(fps):
    """Onsets in rows of 10 ms, of which most are never looked at; two of them come between two pictures."""
    onsets = np.zeros(300, int)
    onsets[[20, 101, 150, 152, 299]] = 1
    engine = Engine()
    one = dream(engine, (Row("onset", "noise/sigma", 1.0),))
    one.picture(0.0, row(), values(noise_sigma=0.5))
    for at in np.append(np.arange(1, 300, round(100 / fps)), 299):
        heard = row(onset=onsets[at], events=[onsets[: at + 1].sum() if name == "onset" else 0 for name in PULSES])
        one.picture(0.01 * at, heard, None)
    sigma = np.array([g.noise_sigma[0] for g in engine.given])
    assert set(sigma.tolist()) == {0.5, 1.5}
    assert (sigma > 1.0).sum() == (4 if fps == 7 else 5)


def test_it_takes_no_time_to_speak_of():
    """All that is not the network, in milliseconds: seen with -s."""
    engine = Engine()
    one = dream(engine)
    one.picture(0.0, row(), values())
    begin_s = time.perf_counter()
    for i in range(100):
        one.picture(0.1 * i, row(), None)
    print(f"{(time.perf_counter() - begin_s) * 10:.2f} ms a picture")
    assert len(engine.given) == 101


def test_a_knob_of_the_preset_moves_it_and_rows_that_leave_fade():
    engine = Engine()
    one = dream(engine)
    one.use_rows((Row("macro/2", "noise/sigma", 1.0),), (Row("macro/3", "noise/sigma", 1.0),))
    given = values(noise_sigma=0.0)
    given["moves"]["macro"][:3] = 0.0, 0.5, 1.0
    given["moves"]["arrived"] = 0.25
    one.picture(0.0, row(), given)
    assert engine.given[-1].noise_sigma.max() == pytest.approx(0.5 * 0.25 + 1.0 * 0.75)


def test_modulations_come_with_the_values_that_they_belong_to(told):
    writer, newest = told
    engine = Engine()
    one = dream(engine)
    given, rest = values(noise_sigma=0.5), at_rest()
    writer.write(given["values"], rest, 1.0)
    one.picture(0.0, row(drums=1.0), newest())
    writer.use_rows((Row("drums", "noise/sigma", 1.0, "square", 0.0, 0.5),), (Row("level", "noise/sigma", 2.0),))
    # Nothing of them is seen before the next values, which they belong to.
    one.picture(0.1, row(drums=1.0, level=1.0), newest())
    rest["arrived"] = 0.75
    writer.write(given["values"], rest, 1.0)
    one.picture(0.2, row(drums=1.0, level=1.0), newest())
    assert [g.noise_sigma.max() for g in engine.given] == pytest.approx([0.5, 0.5, 0.5 + 0.75 * 1.0 + 0.25 * 2.0])


def test_one_that_was_not_there_when_they_changed_has_the_modulations_of_now(told):
    writer, newest = told
    for depth in (1.0, 2.0, 3.0):
        writer.use_rows((Row("drums", "noise/sigma", depth),))
        writer.write(values(noise_sigma=0.5)["values"], at_rest(), 1.0)
    engine = Engine()
    dream(engine).picture(0.0, row(drums=1.0), newest())
    assert engine.given[-1].noise_sigma.max() == pytest.approx(3.5)


@pytest.mark.parametrize("asked", ["auto", "xla"])
def test_the_engines_are_timed_when_it_has_drawn_for_a_while_where_the_choice_is_open(told, monkeypatch, asked):
    measured = []
    monkeypatch.setattr(process, "open_engine", lambda *given, **more: Engine())
    monkeypatch.setattr(process, "measure_beside", lambda *given: measured.append(given))
    monkeypatch.setattr(process, "_SETTLED_S", 0.01)
    ours, theirs = multiprocessing.Pipe()
    with picture_ring(8) as pictures, feature_ring() as heard:
        wanted = GeneratorConfig(
            Path("x"), GENERATOR_PARAMS, 0, 8, told[0].name, heard.name, pictures.name, 0.0, threads=3, engine=asked
        )
        thread = threading.Thread(target=lambda: ended(theirs, wanted))
        thread.start()
        assert ours.poll(20.0)
        assert ours.recv() == ("ready", "pretended", "")
        assert measured == []
        ours.send(("go",))
        until_s = time.monotonic() + 20.0
        while pictures.written < 10 and time.monotonic() < until_s:
            time.sleep(0.01)
        ours.close()
        thread.join()
        assert pictures.written >= 10
    assert measured == ([(Path("x"), 3)] if asked == "auto" else [])


def ended(pipe, wanted):
    with contextlib.suppress(EOFError, OSError):
        process.run(pipe, wanted)
