"""Machines that have little to give, folders that go, and other shows: the show plays, or says in one line why not."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import screens
from screens import is_dream, shared_memory, until_it_moves
from test_show_play import four_of, workers_of

needs_linux = pytest.mark.skipif(not Path("/proc").is_dir(), reason="how to have little of something is Linux's")


def small_memory(size):
    """Words before a command for which shared memory is so large."""
    inside = f'mount -t tmpfs -o size={size} tmpfs /dev/shm && exec "$0" "$@"'
    if subprocess.run(["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size={size} tmpfs /dev/shm"]).returncode:
        pytest.skip("file systems cannot be mounted here")
    return ("unshare", "-m", "sh", "-c", inside)


@needs_linux
def test_without_shared_memory_it_is_one_line(play):
    playing = play(before=small_memory("100k"))
    status, out, told, _ = playing.end(how=None)
    assert status == 1
    assert "WorkerError: no shared memory of" in told.splitlines()[-1]
    assert out == ""


@needs_linux
def test_shared_memory_that_is_full_for_a_while(play, screen):
    playing = play(before=small_memory("40m"))
    playing.until(is_dream)
    with filling(playing):
        playing.until(lambda _: lose_generators(playing) or "no shared memory of" in playing.told())
        until_it_moves(playing, screen)
    playing.until(lambda _: generators(playing))
    until_it_moves(playing, screen)
    playing.until(is_dream)
    status, _, told, report = playing.end()
    assert status == 0
    assert "generator: no shared memory of" in told
    assert not report["errors"]["failed"]


@contextlib.contextmanager
def filling(playing):
    """Whatever comes free of the show's shared memory is taken at once."""
    words = "while :; do cat /dev/zero >> /dev/shm/full; done 2> /dev/null"
    inside = ["nsenter", "-t", str(playing.process.pid), "-m"]
    filler = subprocess.Popen([*inside, "sh", "-c", words], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(filler.pid, signal.SIGKILL)
        filler.wait()
        subprocess.run([*inside, "rm", "/dev/shm/full"], check=True)


def generators(playing):
    return [pid for pid, name in playing.children().items() if name == "vj generator"]


def lose_generators(playing):
    for pid in generators(playing):
        os.kill(pid, signal.SIGKILL)


@needs_linux
def test_with_sixty_four_open_files_it_plays(play, screen, tmp_path):
    playing = play(
        before=("sh", "-c", 'ulimit -n 64 && exec "$0" "$@"'), spare=True, record=str(tmp_path / "a.mp4"),
        osc=screens.free_port(), panel=screens.free_port(),
    )  # fmt: skip
    playing.until(is_dream)
    lost = four_of(playing)
    os.kill(lost[0], signal.SIGKILL)
    four_of(playing, without=lost[:1])
    until_it_moves(playing, screen)
    status, _, _, report = playing.end()
    assert status == 0
    assert not report["errors"]["failed"]


def test_the_folder_in_which_it_was_started_may_go(play, screen, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    playing = play(cwd=here)
    playing.until(is_dream)
    lost = workers_of(playing, 3)
    shutil.rmtree(here)
    for pid in lost:
        os.kill(pid, signal.SIGKILL)
    workers_of(playing, 3, without=lost)
    until_it_moves(playing, screen)
    playing.until(is_dream)
    status, _, _, report = playing.end()
    assert status == 0
    assert not report["errors"]["failed"]


def test_a_recording_whose_file_is_removed_is_no_success(play, tmp_path):
    out = tmp_path / "show.mp4"
    playing = play(record=str(out))
    playing.until(lambda _: out.is_file() and out.stat().st_size > 0)
    out.unlink()
    status, told, *_ = playing.end()
    assert "the file was removed while it was written" in told
    assert status == 0


def test_two_shows_at_once(play, screen):
    port, query_port = screens.free_port(), screens.free_port()
    first = play(osc=port, panel=query_port)
    first.until(is_dream)
    second = play(osc=port, panel=query_port)
    second.until_told(f"OSC 127.0.0.1:{port} cannot be opened")
    second.until(is_dream)
    until_it_moves(second, screen)
    memory = [
        {path for pid in (one.process.pid, *one.children()) for path in shared_memory(pid)} for one in (first, second)
    ]
    assert not memory[0] & memory[1]
    assert second.end()[0] == 0
    assert all(path.exists() for path in memory[0])
    until_it_moves(first, screen)
    status, _, _, report = first.end()
    assert status == 0
    assert not report["errors"]["failed"]
    assert not [path for path in memory[0] | memory[1] if path.exists()]


@needs_linux
def test_after_it_was_stopped_nothing_is_restarted(play, screen):
    """Ctrl-Z, and a laptop that sleeps: longer than whoever is silent is waited for."""
    playing = play(spare=True)
    playing.until(is_dream)
    before = four_of(playing)
    everybody = [playing.process.pid, *playing.children()]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for pid in everybody:
            with contextlib.suppress(OSError):
                os.kill(pid, number)
        if number == signal.SIGSTOP:
            time.sleep(8.0)
    until_it_moves(playing, screen)
    playing.until(is_dream)
    assert sorted(four_of(playing)) == sorted(before)
    status, _, _, report = playing.end()
    assert status == 0
    assert (report["dreaming"]["restarts"], report["hearing"]["restarts"], report["hearing"]["ears_restarts"]) == (
        0,
        0,
        0,
    )


@needs_linux
def test_what_a_show_left_that_was_killed_with_all_of_its_processes(play):
    """Python's tracker of memory is killed, too; the next show removes what nobody has open."""
    playing = play()
    playing.until(is_dream)
    memory = {path for pid in (playing.process.pid, *playing.children()) for path in shared_memory(pid)}
    for pid in [*playing.children(), playing.process.pid]:
        os.kill(pid, signal.SIGKILL)
    playing.process.wait()
    assert len([path for path in memory if path.exists()]) >= 4
    for path in memory:
        os.utime(path, (time.time() - 3600,) * 2)
    other = play()
    other.until(is_dream)
    assert not [path for path in memory if path.exists()]
    assert other.end()[0] == 0
