"""A recording's sense of time: sound and pictures are placed by when they were heard and seen."""

from fractions import Fraction

import numpy as np
import pytest

from vj.audio.blocks import BlockWriter, block_ring
from vj.audio.input.file import FileSource
from vj.core.errors import MediaError
from vj.render.output import recording
from vj.render.output.recording import Timeline, shown_ring
from vj.render.output.video import pictures, probe

RATE = 1000


def block(value, n=100):
    return np.full((n, 2), value, np.float32)


def test_blocks_in_time_follow_each_other_however_late_they_are_told():
    line = Timeline(10.0, RATE)
    jitter = np.random.default_rng(0).uniform(-0.03, 0.03, 50)
    out = [line.block(block(i), 10.0 + 0.1 * i + jitter[i]) for i in range(50)]
    assert [len(o) for o in out] == [100] * 50


def test_a_gap_is_silence():
    line = Timeline(10.0, RATE)
    line.block(block(1), 10.0)
    out = line.block(block(2), 10.5)
    assert len(out) == 500
    assert not out[:400].any()
    assert (out[400:] == 2).all()


def test_sound_from_before_the_first_picture_is_left_out():
    line = Timeline(10.0, RATE)
    assert len(line.block(block(1), 9.8)) == 0
    out = line.block(np.arange(200, dtype=np.float32)[:, None].repeat(2, 1), 9.9)
    assert out[0, 0] == 100
    assert len(out) == 100


def test_a_clock_that_drifts_is_followed():
    line = Timeline(0.0, RATE)
    written = sum(len(line.block(block(1), 0.1001 * i)) for i in range(2000))
    assert abs(written - 0.1001 * 2000 * RATE) < 0.06 * RATE


def test_silence_stands_in_where_no_sound_comes():
    line = Timeline(10.0, RATE)
    assert len(line.silence(11.0)) == 1000
    assert len(line.silence(10.5)) == 0
    # What comes late after all is left out up to there.
    assert len(line.block(block(1), 10.92)) == 20


def test_another_rate_goes_on_at_the_same_time():
    line = Timeline(10.0, RATE).at_rate(2 * RATE)
    line.block(block(1, 200), 10.0)
    assert len(line.at_rate(RATE).block(block(1), 10.1)) == 100


@pytest.mark.parametrize("rate_hz", [48_000, 44_100])
def test_pictures_and_sound_lie_where_they_were(tmp_path, rate_hz):
    """A picture turns white in the moment that the sound begins; in the file it does as well."""
    size, out = (64, 32), tmp_path / "x.mp4"
    with shown_ring(size) as shown, block_ring() as blocks:
        wanted = recording.Recording(out, size, Fraction(30), shown.name, blocks.name)
        writer = recording._Writer(wanted, shown, blocks)
        sound = BlockWriter(blocks, 1, rate_hz)
        row = np.zeros(1, shown.dtype)
        for i in range(90):
            # The display is irregular, and shows more than the file takes.
            t_s = 100.0 + i / 30 + (0.004 if i % 3 else 0.0)
            row["t_s"], row["rgb"] = t_s, 255 if i >= 45 else 0
            shown.write(row)
            begin, end = (round((100.0 + j / 30 - 100.0) * rate_hz) for j in (i, i + 1))
            sound.write(np.full((end - begin, 2), 0.5 if i >= 45 else 0.0, np.float32), 100.0 + i / 30)
            writer.take()
        writer.close()
    assert (writer.pictures, writer.dropped) == (90, 0)
    found = probe(out)
    assert found.frames == 90
    assert abs(found.duration_s - 3.0) < 0.1
    white_s = next(t for t, picture in pictures(out, 90) if picture.mean() > 128)
    heard = np.concatenate(list(FileSource(out).blocks()))[:, 0]
    loud_s = np.flatnonzero(np.abs(heard) > 0.25)[0] / 48_000
    assert abs(white_s - 1.5) < 0.04
    assert abs(loud_s - 1.5) < 0.04


def test_what_is_too_fast_is_dropped_and_counted(tmp_path):
    size = (64, 32)
    with shown_ring(size) as shown, block_ring() as blocks:
        wanted = recording.Recording(tmp_path / "x.mp4", size, Fraction(30), shown.name, blocks.name)
        writer = recording._Writer(wanted, shown, blocks)
        row = np.zeros(1, shown.dtype)
        for i in range(40):
            row["t_s"] = 100.0 + i / 30
            shown.write(row)
        writer.take()
        writer.close()
    assert writer.pictures + writer.dropped == 40
    assert writer.dropped >= 40 - recording.WAITING


def test_a_file_that_is_removed_meanwhile_is_told(tmp_path):
    size, out = (64, 32), tmp_path / "x.mp4"
    with shown_ring(size) as shown, block_ring() as blocks:
        writer = recording._Writer(recording.Recording(out, size, Fraction(30), shown.name, blocks.name), shown, blocks)
        row = np.zeros(1, shown.dtype)
        row["t_s"] = 100.0
        shown.write(row)
        writer.take()
        out.unlink()
        with pytest.raises(MediaError, match="the file was removed while it was written"):
            writer.close()
