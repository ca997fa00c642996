"""What lies on a line with nothing on it: an offset, hiss, hum. It stays silence; music over it is music."""

import numpy as np
import pytest
from sounds import RATE_HZ, song

from vj.audio.analyser import Analyser
from vj.audio.entrance import NoiseFloor, OffsetBlock
from vj.session.loading import default_registry

P = default_registry().defaults()


def hiss(seconds, db, seed=0):
    samples = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)
    return samples * np.float32(10 ** (db / 20))


def hum(seconds, db):
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (10 ** (db / 20) * np.sqrt(2) * np.sin(2 * np.pi * 50 * t)).astype(np.float32)


def test_what_stands_still_and_is_quiet_is_noise():
    floor = NoiseFloor(0.01)
    assert [floor.is_noise(x) for x in [0.002] * 300] == [False] * 199 + [True] * 101
    # Music over it is not, and after it the noise is known.
    assert [floor.is_noise(x) for x in (*[0.1] * 500, *[0.0021] * 100)] == [False] * 500 + [True] * 100
    # What is even and louder than any line's noise is sound, for ever.
    assert not any(floor.is_noise(0.02) for _ in range(10_000))
    # A louder line's noise is one as soon as it has stood still.
    assert [floor.is_noise(0.0045) for _ in range(400)] == [False] * 199 + [True] * 201
    # Quiet music moves, and is never noise.
    assert not any(NoiseFloor(0.01).is_noise(0.002 * 1.5 ** (i % 50 / 25)) for i in range(2000))


def test_an_offset_is_gone_in_a_fifth_of_a_second_and_music_is_not_touched():
    block = OffsetBlock(RATE_HZ)
    out = block(np.full(RATE_HZ, 0.02, np.float32))
    assert np.abs(out[RATE_HZ // 5 :]).max() < 1e-4
    t = np.arange(RATE_HZ) / RATE_HZ
    bass = np.sin(2 * np.pi * 40 * t).astype(np.float32)
    assert np.abs(OffsetBlock(RATE_HZ)(bass)[RATE_HZ // 2 :]).max() == pytest.approx(1.0, abs=0.02)


def test_an_offset_in_a_pause_is_silence():
    sound = np.concatenate([song(4.0), np.zeros(6 * RATE_HZ, np.float32)]) + np.float32(0.02)
    rows = Analyser(RATE_HZ).process(sound, P)
    pause = rows[rows["t_s"] > 5.0]
    assert not pause["level"].any()
    assert pause["silent"].all()
    assert rows["level"][rows["t_s"] < 4.0].max() > 0.9


@pytest.mark.parametrize(("noise", "db", "parts"), [(hiss, -55, 18), (hiss, -65, 2), (hiss, -47, 2), (hum, -50, 2)])
def test_noise_after_music_stays_silence(noise, db, parts):
    ears = Analyser(RATE_HZ)
    ears.process(song(4.0) + noise(4.0, db), P)
    ten_s = noise(10.0, db)
    for part in range(parts):
        rows = ears.process(ten_s, P)
        rows = rows[230:] if not part else rows
        for name in ("level", "bands", "onset"):
            assert not rows[name].any(), (part, name)
        assert rows["silent"].all()


def test_a_stream_that_begins_with_noise_is_silent_once_it_is_known_as_such():
    rows = Analyser(RATE_HZ).process(hiss(5.0, -55), P)
    assert not rows["level"][rows["t_s"] > 2.5].any()


def test_quiet_music_over_noise_is_music():
    ears = Analyser(RATE_HZ)
    ears.process(hiss(12.0, -75), P)
    quiet = song(8.0)
    rows = ears.process(quiet * np.float32(10 ** (-45 / 20) / np.sqrt(np.mean(quiet**2))) + hiss(8.0, -75, 1), P)
    assert not rows["silent"][50:].all()
    assert rows["level"].max() > 0.9
    assert rows["onset"].any()
