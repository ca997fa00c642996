"""Files are whole or as they were before, whatever goes wrong while they are written."""

import os
import stat
from pathlib import Path

import pytest

import vj
from vj.core.files import check_writable, ffmpeg_name, reason, replacing, write_text


def test_a_file_and_its_folder_are_written(tmp_path):
    path = tmp_path / "a" / "b.toml"
    write_text(path, "größer\n")
    assert path.read_bytes() == "größer\n".encode()
    assert list(path.parent.iterdir()) == [path]


def half_written(path):
    with replacing(path) as part:
        part.write_text("half")
        raise OSError("the disk is full")


def test_what_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "b.toml"
    path.write_text("before")
    with pytest.raises(OSError, match="full"):
        half_written(path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "b.toml"
    path.write_text("before")
    with replacing(path) as part:
        part.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"


@pytest.mark.skipif(os.name == "nt", reason="links and modes are Unix's")
def test_a_link_stays_one_and_a_mode_is_kept(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text("before")
    real.chmod(0o640)
    link.symlink_to(real)
    write_text(link, "after")
    assert link.is_symlink()
    assert real.read_text() == "after"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises((FileExistsError, NotADirectoryError)) as caught:
        write_text(tmp_path / "x" / "y", "")
    assert "\n" not in reason(caught.value)
    assert reason(caught.value)
    assert reason(ValueError()) == "ValueError"


def test_what_a_killed_process_left_is_removed_and_what_another_writes_is_not(tmp_path):
    left, written = tmp_path / "b.toml.1.part", tmp_path / "b.toml.2.part"
    for part in (left, written):
        part.write_text("half")
    os.utime(left, (0, 0))
    write_text(tmp_path / "b.toml", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.toml", "b.toml.2.part"]


def test_what_can_be_written_is_left_as_it_is(tmp_path):
    (tmp_path / "there").write_text("before")
    for name in ("new", "there"):
        check_writable(tmp_path / name)
    check_writable(Path(os.devnull))
    assert [p.name for p in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_text() == "before"


@pytest.mark.parametrize("name", [".", "no/such/folder.mp4", "file/below.mp4", "x" * 300])
def test_what_cannot_be_written_is_found_before_the_work(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"directory|too long"):
        check_writable(tmp_path / name)


def test_a_device_is_written_to_and_stays_one():
    write_text(Path(os.devnull), "gone")
    assert Path(os.devnull).is_char_device()


def test_ffmpeg_is_told_that_a_name_is_a_file():
    """Everywhere: one call without it, and "set-12:30.wav" cannot be played."""
    calls = [
        line
        for path in Path(vj.__file__).parent.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "av.open(" in line
    ]
    assert len(calls) >= 4
    assert all("av.open(ffmpeg_name(" in line for line in calls), calls
    assert ffmpeg_name(Path("set-12:30.wav")) == "file:set-12:30.wav"
