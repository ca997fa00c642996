"""Files that change, notices that are told, figures that are shown."""

import os
from dataclasses import replace

import numpy as np

from vj.audio.listener import Status as Hearing
from vj.audio.process import LIVE_DTYPE
from vj.core.types import Line
from vj.generator.pool import Status as Dreaming
from vj.show.file_watcher import FileWatcher
from vj.show.hud import drawn
from vj.show.notices import Notices
from vj.show.status_lines import Drawing, lines


def test_a_change_is_told_once_and_only_when_it_is_over(tmp_path):
    file, other = tmp_path / "a", tmp_path / "b"
    file.write_text("1")
    files = [file, other]
    watch = FileWatcher(lambda: files)
    assert watch.changed() == watch.changed() == []
    file.write_text("12")
    assert watch.changed() == []
    # Still being written.
    file.write_text("123")
    assert watch.changed() == []
    assert watch.changed() == [file]
    assert watch.changed() == []
    other.write_text("new")
    watch.changed()
    assert watch.changed() == [other]
    files.append(tmp_path / "of another preset")
    files[-1].write_text("seen for the first time")
    assert watch.changed() == watch.changed() == []
    file.unlink()
    assert watch.changed() == watch.changed() == []
    file.write_text("back")
    os.utime(file, ns=(1, 1))
    watch.changed()
    assert watch.changed() == [file]


def test_a_new_file_of_a_folder_is_news_and_what_lay_there_is_not(tmp_path):
    (tmp_path / "old.fs").write_text("1")
    watch = FileWatcher(lambda: [], lambda: tmp_path.glob("*.fs"))
    assert watch.changed() == watch.changed() == []
    (tmp_path / "new.fs").write_text("1")
    assert watch.changed() == []
    assert watch.changed() == [tmp_path / "new.fs"]
    (tmp_path / "old.fs").write_text("12")
    watch.changed()
    assert watch.changed() == [tmp_path / "old.fs"]
    assert watch.changed() == []


def test_a_notice_is_told_once_in_the_terminal(capfd):
    notices = Notices()
    for _ in range(3):
        notices.tell("something is wrong")
    notices.tell("and something else")
    notices.close()
    assert capfd.readouterr().err == "vj: something is wrong\nvj: and something else\n"
    assert notices.texts() == ["something is wrong", "and something else"]
    for i in range(20):
        notices.tell(str(i))
    assert len(notices.texts()) == 4


DRAWING = Drawing(59.9, 17.0, 5.0, (640, 360), 1.0, "default", 20.0, 90.0)
DREAMING = Dreaming("drawing", "default", 15.0, 60.0, 0, 0, spare=True, trouble="", engine="xla")
HEARING = Hearing("open", "USB", 48000.0, 0.01, 0.0, 0, 0.0, 0, 0, ended=False)


def text(*given):
    return "\n".join(f"{line.name} {line.text}" for line in lines(*given, []))


def test_everything_a_performer_asks_for_is_there():
    row = np.zeros(1, LIVE_DTYPE)[0]
    row["bpm"] = 128.0
    said = text(DRAWING, DREAMING, HEARING, row)
    for what in (
        "59.9 fps",
        "default by xla: 15.0 fps",
        "20 ms",
        "90 ms",
        "USB",
        "128.0 bpm",
        "spare ready",
        "overflows 0",
        "level",
        "onset",
    ):
        assert what in said
    assert "of what was asked for" not in said
    assert "59% of what" in text(replace(DRAWING, scale=0.59), DREAMING, HEARING, row)


def test_what_is_wrong_asks_for_attention():
    lost = replace(HEARING, state="waiting", device="no audio input")
    dead = replace(DREAMING, state="starting", trouble="killed")
    alarms = [line for line in lines(DRAWING, dead, lost, None, ["look here"]) if line.alarm]
    assert [line.name for line in alarms] == ["network", "sound", ""]
    assert not any(line.alarm for line in lines(DRAWING, DREAMING, HEARING, np.zeros(1, LIVE_DTYPE)[0], []))


def test_a_long_line_is_there_to_its_last_letter():
    usual, long = (drawn([Line("network", "x" * n)]).shape[1] for n in (10, 70))
    assert usual == 470 < long < 900
    ends = drawn([Line("network", "x" * 70 + "W")])[:, -24:-8]
    assert (ends[..., :3] > 100).any()
    assert drawn([Line("network", "x" * 1000)]).shape[1] == 900


def test_a_code_stands_beside_the_lines():
    code = np.full((60, 50), 255, np.uint8)
    with_it, without = drawn([Line("level", "")], code=code), drawn([Line("level", "")])
    assert with_it.shape[:2] == (60, without.shape[1] + 50)
    assert (with_it[:, -50:] == 255).all()


def test_lines_and_meters_as_a_picture():
    half, full = (drawn([Line("level", "-20 dB", meter)]) for meter in (0.5, 1.0))
    assert half.shape[2] == 4
    green = [(p[..., 1].astype(int) - p[..., 0] > 80).sum() for p in (half, full)]
    assert abs(green[1] / green[0] - 2) < 0.1
    assert (half[..., :3] <= half[..., 3:]).all()
    assert (half[..., :3].min(-1) > 200).any()
