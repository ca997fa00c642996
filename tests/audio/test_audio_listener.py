"""The ears as processes, for real: a sound server that plays, dies, freezes and returns; workers killed and hung.

With VJ_SOAK_S set, the capture under load runs for so many seconds (`make soak`).
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import shared_memory
from pathlib import Path

import numpy as np
import pulse
import pytest
import soundfile
import sounds
from scipy.signal import correlate

from vj.audio import events
from vj.audio.analyser import Analyser
from vj.audio.blocks import block_ring
from vj.audio.entrance import OffsetBlock
from vj.audio.input.file import FileSource
from vj.audio.input.player import Playback
from vj.audio.input.sound_card import Input
from vj.audio.input.virtual import Virtual
from vj.audio.listener import Listener
from vj.core.errors import MediaError
from vj.session.loading import default_registry

P = default_registry().defaults()
VALUES = {id: P[id] for id in P if id.startswith("audio/")}
SOAK_S = float(os.environ.get("VJ_SOAK_S", "0"))
RATE = 48_000


def tend_until(listener, what, within_s):
    """Tend until `what(status)`; returns the status and how long it took."""
    begin_s = time.monotonic()
    while time.monotonic() < begin_s + within_s:
        status = listener.tend()
        if what(status):
            return status, time.monotonic() - begin_s
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s} s: {status}")


def hears(listener):
    """A condition: the newest row is of real sound, and new."""

    def newest_is_live(status):
        row = listener.newest()
        new = row is not None and row["live"] and time.monotonic() - row["t_out_s"] < 0.2 and status.age_s < 0.2
        # One that was started just now is not heard yet: the row is of the one before.
        return new and status.state == "open"

    return newest_is_live


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Drums and chords; a little noise of its own tells every moment from every other."""
    file, sound = tmp_path_factory.mktemp("song") / "song.wav", sounds.song(SOAK_S or 8.0, RATE)
    hiss = 0.01 * np.random.default_rng(0).standard_normal(len(sound))
    soundfile.write(file, sound + hiss, RATE, "FLOAT")
    return file


def where(row_rms, sound):
    """The sample of `sound` f32[n] at which the window of the first row ends, told by the exact RMS of some rows."""
    setup = Analyser(RATE).setup
    squares = np.concatenate([[0.0], np.cumsum(np.square(OffsetBlock(RATE)(sound), dtype=np.float64))])
    rms = np.sqrt((squares[setup.window :] - squares[: -setup.window]).clip(0) / setup.window)
    picked = range(0, len(row_rms), 16)
    starts = len(rms) - setup.hop * (len(row_rms) - 1)
    errors = sum(np.abs(rms[setup.hop * i : setup.hop * i + starts] - row_rms[i]) for i in picked) / len(picked)
    assert errors.min() < 1e-5, "the rows are not of this sound"
    return int(np.argmin(errors)) + setup.window


def test_a_file_without_a_sound_card_gives_the_rows_of_offline(song):
    with Listener(Virtual(song), VALUES) as listener:
        status, _ = tend_until(listener, lambda _: listener.rows.written >= 350, 60)
        live, first = listener.rows.since(0)
    assert (status.state, status.device, status.rate_hz) == ("open", "song.wav", RATE)
    assert first == 0
    # The ears may have been ready after the first blocks, and the song begins again at its end.
    sound = np.tile(np.concatenate(list(FileSource(song).blocks())), (3, 1))
    hop = Analyser(RATE).setup.hop
    # What swings out at the beginning is over by then.
    begin = where(live["rms"][60:], sound.mean(1)) - 61 * hop
    offline = Analyser(RATE).process(sound[begin:], P)[: len(live)]
    for name in ("rms", "drums_rms", "onset_strength", "components"):
        np.testing.assert_allclose(live[name], offline[name], atol=1e-6)
    assert (np.diff(live["t_air_s"]) > 0).all()


def test_a_file_ends_where_it_should(song):
    with Listener(Virtual(), VALUES) as listener:
        # Ears that listen already miss nothing of it, however late they were.
        tend_until(listener, hears(listener), 40)
        listener.listen_to(Virtual(song, once=True))
        blocks, rows = collect(listener, lambda s: s.ended and not listener.newest()["live"])
        status = listener.tend()
    assert status.restarts == 0
    info = soundfile.info(song)
    assert blocks["frames"][blocks["run"] == blocks["run"][-1]].sum() == info.frames
    heard_s = np.count_nonzero(rows["rms"] > 1e-3) * Analyser(RATE).setup.hop_s
    assert heard_s == pytest.approx(info.duration, abs=0.1)


def test_parameters_arrive_while_it_listens():
    with Listener(Virtual(gain_db=-40.0), VALUES) as listener:
        tend_until(listener, hears(listener), 40)
        assert listener.newest()["silent"] == 0
        listener.set_params({"audio/gain/gate_db": -20.0})
        tend_until(listener, lambda _: listener.newest()["silent"] == 1, 40)


def test_ears_that_hang_or_are_gone_hold_nobody_who_turns_a_knob():
    with Listener(Virtual(gain_db=-40.0), VALUES) as listener:
        tend_until(listener, hears(listener), 40)

        def turn_on_and_on():
            for i in range(500):
                listener.set_params({**VALUES, "audio/gain/gate_db": -60.0 + i % 30})

        for signalled in (signal.SIGSTOP, signal.SIGKILL):
            os.kill(listener.pids[1], signalled)
            turning = threading.Thread(target=turn_on_and_on, daemon=True)
            turning.start()
            turning.join(20)
            assert not turning.is_alive()
        # Those that come next know the newest.
        listener.set_params({"audio/gain/gate_db": -20.0})
        tend_until(listener, hears(listener), 40)
        tend_until(listener, lambda _: listener.newest()["silent"] == 1, 40)


def test_killed_processes_come_back_and_nothing_is_left_behind():
    listener = Listener(Virtual(gain_db=-12.0), VALUES)
    names = [listener.rows.name, listener._blocks.name, listener._parameters.name]
    tend_until(listener, hears(listener), 40)
    for which, signalled in ((0, signal.SIGKILL), (1, signal.SIGKILL), (0, signal.SIGSTOP), (1, signal.SIGSTOP)):
        before = listener.pids
        os.kill(before[which], signalled)
        tend_until(listener, lambda _: listener.pids[which] != before[which], 40)  # noqa: B023
        tend_until(listener, hears(listener), 40)
    status = listener.tend()
    assert (status.restarts, status.ears_restarts) == (2, 2)
    assert status.lost_s > 0
    pids = listener.pids
    listener.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    for name in names:
        with pytest.raises(FileNotFoundError):
            shared_memory.SharedMemory(name)


def test_ears_that_are_started_again_count_events_on(song):
    """Whoever looks once a frame sees no burst when they come back, and no silence after."""
    with Listener(Virtual(song), VALUES) as listener:
        tend_until(listener, hears(listener), 40)
        tend_until(listener, lambda _: listener.newest()["events"].min() > 1, 40)
        ears, seen, new = listener.pids[1], None, []
        os.kill(ears, signal.SIGKILL)
        seen, _ = events.look(seen, listener.newest())

        def look(status):
            nonlocal seen
            before, (seen, found) = seen, events.look(seen, listener.newest())
            assert (seen >= before).all(), "they count on"
            new.append(sum(found.values()))
            return listener.pids[1] != ears and hears(listener)(status) and sum(new) > 10

        tend_until(listener, look, 60)
    # Looks are some 20 ms apart; the clip has two beats a second.
    assert max(new) <= 6


KILLED = """
import os, signal, sys, time

if __name__ == "__main__":
    from vj.audio.listener import Listener
    from vj.audio.input.virtual import Virtual
    listener = Listener(Virtual(gain_db=-12.0), {VALUES})
    while listener.newest() is None:
        listener.tend()
        time.sleep(0.05)
    print(listener.rows.name, listener._blocks.name, *listener.pids, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_is_left_behind_when_the_listener_is_killed(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED.replace("{VALUES}", repr(VALUES)))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.returncode == -9, done.stderr
    *names, capture, ears = done.stdout.split()
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in (capture, ears)) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in (capture, ears):
        assert not Path(f"/proc/{pid}").exists()
    for name in names:
        with pytest.raises(FileNotFoundError):
            shared_memory.SharedMemory(name)


def test_a_file_that_is_none_is_told():
    with Listener(Virtual(Path("nowhere.wav")), VALUES) as listener, pytest.raises(MediaError, match="no such file"):
        tend_until(listener, lambda _: False, 40)


def test_a_device_that_is_not_there_is_waited_for(tmp_path, monkeypatch):
    for name in ("HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    with Listener(Input("no such device"), VALUES) as listener:
        status, _ = tend_until(listener, lambda s: s.state == "waiting", 40)
        assert "'no such device': not found among" in status.device
        assert status.restarts == 0


@pytest.fixture
def server(tmp_path, monkeypatch):
    if not pulse.is_there():
        assert "CI" not in os.environ, "CI must have PulseAudio"
        pytest.skip("PulseAudio is not installed")
    with pulse.pulse(tmp_path) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


LOAD = "import numpy as np\na = np.ones((900, 900))\nwhile True:\n    a @ a\n"


def collect(listener, done, within_s=60.0):
    """Blocks and rows from now on until `done(status)`."""
    with block_ring(listener._blocks.name) as ring:
        blocks, rows, at, row_at, status = [], [], ring.written, listener.rows.written, None
        end_s = time.monotonic() + within_s
        while status is None or not done(status):
            assert time.monotonic() < end_s, f"not within {within_s} s: {status}"
            status = listener.tend()
            found, first = ring.since(at)
            assert first == at, "the test was too late to see every block"
            blocks.append(found)
            at += len(found)
            got, first = listener.rows.since(row_at)
            assert first == row_at
            rows.append(got)
            row_at += len(got)
            time.sleep(0.02)
    return np.concatenate(blocks), np.concatenate(rows)


def test_what_is_played_is_heard_as_offline_beside_a_load(server, song):
    load = subprocess.Popen([sys.executable, "-c", LOAD])
    try:
        with Listener(Input("pulse", rate_hz=RATE), VALUES) as listener:
            tend_until(listener, hears(listener), 40)
            server.play(song)
            seconds = SOAK_S or 9.0
            end_s = time.monotonic() + seconds
            blocks, rows = collect(listener, lambda _: time.monotonic() > end_s, 2 * seconds)
            status = listener.tend()
    finally:
        load.kill()
        load.wait()
    print(f"{len(rows)} rows, delay {np.percentile((rows['t_out_s'] - rows['t_air_s']) * 1e3, [50, 99, 100])} ms")
    # Every sample came, and every hop has its row.
    assert (blocks["run"] == blocks["run"][0]).all()
    assert (np.diff(blocks["start"].astype(int)) == blocks["frames"][:-1]).all()
    hop_s = Analyser(RATE).setup.hop_s
    np.testing.assert_allclose(np.diff(rows["t_s"]), hop_s, atol=1e-9)
    assert rows["live"].all()
    assert (status.restarts, status.ears_restarts, status.overflows) == (0, 0, 0)
    # Sample by sample it is what was played.
    captured = np.concatenate([b["samples"][: b["frames"], 0] for b in blocks])
    played = soundfile.read(song, dtype="float32")[0]
    first = int(np.argmax(correlate(captured, played, "full", "fft"))) - len(played) + 1
    assert first > 0
    length = min(len(played), len(captured) - first)
    assert length > 6 * RATE
    correlation = np.corrcoef(captured[first : first + length], played[:length])[0, 1]
    assert correlation > 0.999
    # And the features are those of offline, but for what the gains heard before.
    hop, song_rows = Analyser(RATE).setup.hop, 500
    loud = int(np.argmax(rows["rms"] > 0.01)) + 8
    end = where(rows["rms"][loud : loud + song_rows], captured)
    before, phase = divmod(end, hop)
    offline = Analyser(RATE).process(captured[phase:], P)[before - 1 :][:song_rows]
    live = rows[loud : loud + song_rows]
    for name, least in (("rms", 0.9999), ("drums_rms", 0.98), ("onset_strength", 0.98)):
        assert np.corrcoef(live[name], offline[name])[0, 1] > least, name
    # Both clocks agree. The median, as a late callback tells a late time.
    sample = int(blocks["start"][0]) + end + hop * np.arange(song_rows)
    told_s = np.interp(sample, blocks["start"], blocks["t_air_s"])
    assert abs(np.median(live["t_air_s"] - told_s)) < 0.05


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_the_analysis_returns_by_itself_after_the_server_does(server, fault):
    with Listener(Input("pulse", rate_hz=RATE), VALUES) as listener:
        tend_until(listener, hears(listener), 40)
        server.kill() if fault == "killed" else server.freeze()
        tend_until(listener, lambda s: s.state in ("waiting", "starting", "lost"), 40)
        row = listener.newest()
        tend_until(listener, lambda _: not listener.newest()["live"] and listener.newest()["t_s"] > row["t_s"] + 1, 40)
        server.start() if fault == "killed" else server.thaw()
        status, took_s = tend_until(listener, hears(listener), 40)
        print(f"{fault}: back after {took_s:.2f} s, {status.lost_s:.2f} s missed")
        assert status.lost_s > 1.0
        assert status.restarts >= 1
        assert status.ears_restarts == 0


@pytest.mark.parametrize("hung", ["player", "server"])
def test_a_file_that_is_played_begins_again_where_its_player_hangs(server, song, hung):
    with Listener(Playback(song, device="pulse"), VALUES) as listener:
        tend_until(listener, hears(listener), 40)
        player = listener.pids[0]
        os.kill(player, signal.SIGSTOP) if hung == "player" else server.freeze()
        status, _ = tend_until(listener, lambda s: s.restarts == 1, 40)
        assert listener.pids[0] != player
        server.thaw()
        tend_until(listener, hears(listener), 40)
        assert not status.ended


def test_a_file_is_played_and_heard_at_the_same_time(server, song):
    with Listener(Virtual(), VALUES) as listener:
        # Ears that listen already miss nothing of it, however late they were.
        tend_until(listener, hears(listener), 40)
        listener.listen_to(Playback(song, start_s=4.0, device="pulse"))
        blocks, rows = collect(listener, lambda s: s.ended and not listener.newest()["live"])
        status = listener.tend()
    assert status.device.startswith("song.wav on")
    assert status.restarts == 0
    blocks = blocks[blocks["run"] == blocks["run"][-1]]
    heard = np.concatenate([b["samples"][: b["frames"], 0] for b in blocks])
    played = soundfile.read(song, dtype="float32")[0][4 * RATE :]
    # The last block is filled up with silence.
    np.testing.assert_allclose(heard[: len(played)], played, atol=1e-4)
    assert not heard[len(played) :].any()
    # It is analysed before the speakers have it, where the machine leaves time for that.
    rows = rows[(rows["live"] == 1) & (rows["rms"] > 0.01)]
    ahead_s = rows["t_air_s"] - rows["t_out_s"]
    print(f"analysed {np.percentile(ahead_s * 1e3, [0, 50, 100])} ms before it is heard")
    assert ahead_s.max() > 0.0


def test_meters_for_people(song):
    command = [sys.executable, "-m", "vj", "listen", str(song), "--mute", "--seconds", "7"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    assert any("bpm" in line for line in lines)
    assert "song.wav: " in last
    # Beside busy processes they may starve for longer than is waited for them.
    assert re.search(r"\d+ restarts of the capture, \d+ of the analysis", last)
