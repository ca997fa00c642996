"""Blocks of sound to rows of features: the same rows as offline, times in the air, gaps, silence, other devices."""

import contextlib
import math
import multiprocessing
import threading

import numpy as np
import pytest
import sounds

from vj.audio.analyser import Analyser
from vj.audio.blocks import BLOCK, BlockWriter, block_ring
from vj.audio.features import FEATURE_DTYPE, PULSES
from vj.audio.input.sound_card import Input, choose, columns
from vj.audio.input.watchdog import FIRST_S, SILENT_S, STARTING_S, patience_s
from vj.audio.parameters import parameter_ring
from vj.audio.process import LIVE_DTYPE, PATIENCE_S, Ear, feature_ring, run
from vj.core.errors import UsageError
from vj.session.loading import default_registry

P = default_registry().defaults()
RATE = sounds.RATE_HZ
SONG = sounds.song(6.0)


def blocks(samples, run=1, rate_hz=RATE, size=256, begin_s=50.0, start=0):
    """Rows of BLOCK as a capture writes them."""
    out = []
    for at in range(0, len(samples), size):
        row = np.zeros((), BLOCK)
        part = samples[at : at + size]
        row["start"], row["frames"], row["run"], row["rate_hz"] = start + at, len(part), run, rate_hz
        row["t_air_s"] = begin_s + (start + at) / rate_hz
        row["samples"][: len(part)] = part[:, None]
        out.append(row[()])
    return out


def heard(ear, some, late_s=0.01):
    rows = [ear.hear(b, float(b["t_air_s"]) + late_s, P) for b in some]
    return np.concatenate(rows)


def test_live_is_offline_to_the_bit():
    offline = Analyser(RATE).process(SONG, P)
    for size in (256, 100):
        live = heard(Ear(), blocks(SONG, size=size))
        assert len(live) == len(offline)
        for name in FEATURE_DTYPE.names:
            assert np.array_equal(live[name], offline[name], equal_nan=offline[name].dtype.kind == "f"), name
        assert live["live"].all()


def test_every_row_knows_when_its_sound_was_in_the_air():
    live = heard(Ear(), blocks(SONG))
    np.testing.assert_allclose(live["t_air_s"], 50.0 + live["t_s"], atol=1e-6)
    assert (live["lost_s"] == 0).all()


def test_after_a_gap_times_are_right_again_and_the_loss_is_known():
    ear = Ear()
    first, rest = SONG[: 2 * RATE], SONG[3 * RATE :]
    heard(ear, blocks(first))
    # The reader was late: a second of the same run is missing.
    later = heard(ear, blocks(rest, start=3 * RATE))
    assert ear.lost_s == pytest.approx(1.0, abs=0.01)
    np.testing.assert_allclose(later["t_air_s"][1:], 50.0 + 1.0 + later["t_s"][1:], atol=1e-6)
    # The device came back ten seconds later, and counts its samples anew.
    again = heard(ear, blocks(first, run=2, begin_s=66.0))
    assert ear.lost_s == pytest.approx(1.0 + 10.0, abs=0.01)
    assert again["t_air_s"][-1] == pytest.approx(68.0, abs=0.02)
    assert again["lost_s"][-1] == pytest.approx(ear.lost_s)


def test_silence_stands_in_for_sound_that_does_not_come():
    ear = Ear()
    assert len(ear.wait(1e6, P)) == 0
    live = heard(ear, blocks(SONG[: 3 * RATE]), late_s=0.0)
    now_s = float(live["t_air_s"][-1])
    assert len(ear.wait(now_s + PATIENCE_S / 2, P)) == 0
    rows = [ear.wait(now_s + 0.5 + 0.1 * k, P) for k in range(40)]
    silent = np.concatenate(rows)
    assert not silent["live"].any()
    # The block against an offset swings out.
    assert silent["rms"][40:].max() < 1e-6
    assert silent["silent"][-1] == 1
    # Time goes on: four seconds of rows, and the beat runs on.
    assert silent["t_s"][-1] - live["t_s"][-1] == pytest.approx(now_s + 4.4 - float(live["t_air_s"][-1]), abs=0.05)
    assert silent["beat"].sum() >= 4
    again = heard(ear, blocks(SONG[: 2 * RATE], run=1, start=8 * RATE))
    np.testing.assert_allclose(again["t_air_s"][1:-1], 58.0 + again["t_s"][1:-1] - again["t_s"][0] + 0.0, atol=0.02)


def test_who_is_behind_gives_a_sign_of_life_with_each_block(monkeypatch):
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def hear(self, block, now_s, p):
        begun.release()
        assert go_on.acquire(timeout=20)
        return np.zeros(0, LIVE_DTYPE)

    monkeypatch.setattr(Ear, "hear", hear)
    ours, theirs = multiprocessing.Pipe()
    with block_ring() as ring, feature_ring() as rows, parameter_ring() as told:

        def listen():
            with contextlib.suppress(EOFError):
                run(theirs, ring.name, rows.name, told.name, 0.0, None)

        ears = threading.Thread(target=listen)
        ears.start()
        while not rows.beat_s:
            assert ears.is_alive()
        BlockWriter(ring, 1, RATE).write(np.zeros((10 * 256, 1), np.float32), 0.0)
        signs = []
        for _ in range(10):
            assert begun.acquire(timeout=20)
            signs.append(rows.beat_s)
            go_on.release()
        ours.close()
        ears.join(20)
    assert len(set(signs)) == 10
    assert signs == sorted(signs)


def test_a_device_of_another_rate_is_analysed_at_its_own():
    ear = Ear()
    heard(ear, blocks(SONG[: 2 * RATE]))
    other = sounds.song(4.0, 48_000)
    live = heard(ear, blocks(other, run=2, rate_hz=48_000.0))
    offline = Analyser(48_000).process(other, P)
    assert np.array_equal(live["onset_strength"], offline["onset_strength"])


def test_a_device_of_another_rate_counts_events_on():
    before = np.arange(7, 7 + len(PULSES))
    ear = Ear(events=before)
    first = heard(ear, blocks(SONG[: 4 * RATE]))
    second = heard(ear, blocks(sounds.song(4.0, 48_000), run=2, rate_hz=48_000.0, begin_s=60.0))
    assert (first["events"][0] >= before).all()
    assert (np.diff(np.concatenate([first, second])["events"], axis=0) >= 0).all()
    assert (second["events"][-1] > first["events"][-1]).all()


def test_a_writer_cuts_large_blocks_and_counts_samples():
    with block_ring() as ring:
        writer = BlockWriter(ring, 7, 48_000.0)
        sound = np.arange(2 * 1500, dtype=np.float32).reshape(1500, 2)
        writer.write(sound[:1000], 10.0, 3)
        writer.write(sound[1000:, :1], 11.0)
        found, _ = ring.since(0)
    assert found["frames"].tolist() == [256, 256, 256, 232, 256, 244]
    assert found["start"].tolist() == [0, 256, 512, 768, 1000, 1256]
    assert found["t_air_s"][3] == pytest.approx(10.0 + 768 / 48_000)
    assert found["overflows"].tolist() == [3, 3, 3, 3, 0, 0]
    joined = np.concatenate([b["samples"][: b["frames"]] for b in found])
    assert np.array_equal(joined[:1000], sound[:1000])
    assert np.array_equal(joined[1000:, 1], sound[1000:, 0])


DEVICES = [
    {"name": "Speakers", "max_input_channels": 0, "max_output_channels": 2},
    {"name": "Built-in Microphone", "max_input_channels": 1, "max_output_channels": 0},
    {"name": "Scarlett 18i20 USB", "max_input_channels": 18, "max_output_channels": 20},
    {"name": "Scarlett", "max_input_channels": 2, "max_output_channels": 2},
]


@pytest.mark.parametrize(
    ("wanted", "default", "expected"),
    [
        (None, 1, 1),
        (None, -1, 1),
        (None, 0, 1),
        ("18i20", 1, 2),
        ("scarlett", 1, 3),
        ("SCARLETT 18", 1, 2),
        ("speakers", 1, None),
        ("gone", 1, None),
    ],
)
def test_a_device_is_chosen_by_part_of_its_name(wanted, default, expected):
    assert choose(DEVICES, default, wanted) == expected


def test_an_output_is_chosen_among_outputs():
    assert choose(DEVICES, 0, None, "output") == 0
    assert choose(DEVICES, 0, "micro", "output") is None


def test_channels_that_a_device_lacks_are_left_out():
    assert columns((3, 4), 18) == [2, 3]
    assert columns((1, 2), 1) == [0]
    assert columns((17, 18), 2) == [0]


@pytest.mark.parametrize("changes", [{"block": 300}, {"block": 128}, {"channels": (0, 1)}, {"channels": (1, 2, 3)}])
def test_what_cannot_be_captured_is_refused(changes):
    with pytest.raises(UsageError, match="expected"):
        Input(**changes)


@pytest.mark.parametrize(
    ("state", "heard", "expected_s"),
    [
        ("starting", False, STARTING_S),
        ("waiting", False, math.inf),
        ("open", False, FIRST_S),
        ("open", True, SILENT_S),
    ],
)
def test_how_long_a_capture_may_be_silent(state, heard, expected_s):
    assert patience_s(state, heard=heard) == expected_s
