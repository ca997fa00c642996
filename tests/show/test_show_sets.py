"""Sets that a window plays, written down and rendered again: also one whose show was killed."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import screens

from vj import demo
from vj.render.output.video_check import pictures, probe
from vj.session.set_log import SetLog


def rendered(log, out, model, *more):
    command = [sys.executable, "-m", "vj", "replay", str(log), "-o", str(out), "--size", "64x36", "--fps", "20"]
    done = subprocess.run([*command, "--model", str(model), *more], capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_set_is_rendered_again_to_where_it_ended(play, tiny_model, tmp_path, end):
    log = tmp_path / "set.vjlog"
    presets = tmp_path / "c" / "presets"
    presets.mkdir(parents=True)
    for name in ("plain", "plainer"):
        (presets / f"{name}.toml").write_text("version = 1\n")
    playing = play(
        config=str(tmp_path / "c"), preset="plain", set_log=str(log), song=str(demo.track_path()),
        settings=["noise/sigma=0", "stage/transition_s=0", "stage/blackout_s=0"],
    )  # fmt: skip
    playing.until(screens.is_dream)
    began_s = time.monotonic()
    time.sleep(2.0)
    playing._screen.key("b")
    playing.until(lambda pixels: not pixels.any())
    playing._screen.key("n")
    time.sleep(1.5)
    playing._screen.key("b")
    playing.until(screens.is_dream)
    time.sleep(1.5)
    played_s = time.monotonic() - began_s
    if end == signal.SIGKILL:
        playing.process.kill()
        playing.process.wait(20)
    else:
        assert playing.end()[0] == 0
    found = SetLog(log)
    # It was written each second.
    assert found.duration_s > played_s - 2.0
    names = [name for one in found.frames() if (name := ((one.changes or {}).get("scene") or {}).get("preset"))]
    assert names == ["plain", "plainer"]
    dark = [one.t_s for one in found.frames() if "stage/blackout" in ((one.changes or {}).get("set") or {})]
    assert len(dark) == 2
    done = rendered(log, tmp_path / "a.mp4", tiny_model)
    assert "Traceback" not in done.stderr
    video = probe(tmp_path / "a.mp4")
    assert video.frames == round(found.duration_s * 20)
    assert video.audio_duration_s == pytest.approx(found.duration_s, abs=0.1)
    light = np.array([rgb.mean() for _, rgb in pictures(tmp_path / "a.mp4", 10**6)])
    seconds = np.arange(len(light)) / 20
    assert light[(seconds > dark[0] + 0.15) & (seconds < dark[1] - 0.15)].max() < 3
    assert light[(seconds > dark[1] + 0.5)].min() > 3
