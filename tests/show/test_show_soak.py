"""A show under load, for long where VJ_SOAK_S says so (`make soak`): presets and shaders change, processes are killed.

With VJ_SOAK_MODEL set, the generator is the real one with that network.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import screens
import soundfile

from vj.core import resources

sys.path.append(str(Path(__file__).parents[1] / "audio"))
import sounds

SOAK_S = float(os.environ.get("VJ_SOAK_S", "0"))
MODEL = os.environ.get("VJ_SOAK_MODEL")
LOAD = "import numpy as np\na = np.ones((300, 300))\nwhile True:\n    a @ a\n"
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_mb(pid):
    """Memory of a process that is its own, in MB; None when it is gone."""
    try:
        resident, shared = map(int, Path(f"/proc/{pid}/statm").read_text().split()[1:3])
    except OSError:
        return None
    return (resident - shared) * PAGE / 1e6


def slope_mb_per_min(samples):
    """Of (time in s, MB), the first third left out, by least squares; None for less than a minute."""
    rows = np.array(samples)
    rows = rows[rows[:, 0] > rows[0, 0] + (rows[-1, 0] - rows[0, 0]) / 3]
    return None if len(rows) < 20 or rows[-1, 0] - rows[0, 0] < 60 else 60.0 * np.polyfit(rows[:, 0], rows[:, 1], 1)[0]


def test_a_show_under_load(tiny_model, tmp_path):
    seconds, song = SOAK_S or 15.0, tmp_path / "song.wav"
    soundfile.write(song, sounds.song(20.0, 48_000), 48_000)
    shaders = tmp_path / "shaders"
    shutil.copytree(resources.shaders_dir(), shaders)
    load = subprocess.Popen(["nice", "-n", "5", sys.executable, "-c", LOAD])
    given = {"song": str(song), "spare": True, "size": (640, 360), "fps": None, "shaders": str(shaders)}
    given |= {"job": "vj.generator.process"} if MODEL else {}
    model = MODEL or tiny_model
    try:
        with screens.virtual(640, 360) as screen, screens.Play(screen, model, tmp_path, **given) as playing:
            playing.until(lambda pixels: pixels.any())
            memory, shared, killed = disturbed(playing, screen, shaders / "grade.fs", seconds)
            playing.until(lambda pixels: pixels.any())
            status, _, err, report = playing.end()
    finally:
        load.kill()
        load.wait()
    print(f"\n{seconds:.0f} s: frames {report['frame_ms']}, worst {report['worst_frame_ms']:.0f} ms")
    print(f"{killed} killed; dreaming {report['dreaming']}\nhearing {report['hearing']}")
    for (pid, name), samples in memory.items():
        slope = slope_mb_per_min(samples)
        if slope is not None:
            lived_s = samples[-1][0] - samples[0][0]
            print(f"{name}, {pid}: {samples[-1][1]:.0f} MB, {slope:+.2f} MB a minute over {lived_s:.0f} s")
    assert status == 0
    # A generator that was killed before it drew is no restart; beside other processes one may starve and be replaced.
    assert report["dreaming"]["restarts"] >= killed["generator"] - 2
    assert report["hearing"]["ears_restarts"] >= killed["ears"]
    assert "Traceback" not in err
    assert len(shared) >= 4
    assert not [path for path in shared if path.exists()]
    stage = slope_mb_per_min(memory[playing.process.pid, "window"])
    assert stage is None or stage < 1.0


def disturbed(playing, screen, shader, seconds):
    """Play for so long with all that goes on at a show.

    Returns (memory by process, files of shared memory, how many were killed).
    """
    memory, shared, killed = defaultdict(list), set(), {"generator": 0, "ears": 0}
    begin_s, tick = time.monotonic(), 0
    text = shader.read_text()
    while (now_s := time.monotonic() - begin_s) < seconds:
        tick += 1
        time.sleep(1.0)
        if tick % 3 == 0:
            screen.key("n")
        if tick % 11 == 5:
            shader.write_text(text + f"\n// {tick}\n" + ("garbage" if tick % 2 else ""))
        if tick % 40 == 8 and now_s < seconds - 5:
            kill(playing, killed, tick)
        for pid, name in {playing.process.pid: "window", **playing.children()}.items():
            if (mb := resident_mb(pid)) is not None:
                memory[pid, name].append((time.monotonic(), mb))
        shared |= playing.memory()
    shader.write_text(text)
    time.sleep(3.0)
    return memory, shared, killed


def kill(playing, killed, tick):
    """The generator that draws, which is the older one, and the ears, in turns."""
    which = "generator" if tick % 80 == 8 else "ears"
    found = [pid for pid, name in playing.children().items() if name == f"vj {which}"]
    if found:
        os.kill(min(found), signal.SIGKILL)
        killed[which] += 1
