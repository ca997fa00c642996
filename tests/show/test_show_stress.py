"""A show that is never left alone goes on, and is well again when it is.

With VJ_STRESS_S set it lasts so long, and VJ_STRESS_MODEL is the network of a real generator (`make stress`).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import screens

SECONDS = float(os.environ.get("VJ_STRESS_S", "0"))
MODEL = os.environ.get("VJ_STRESS_MODEL")


def test_a_show_under_stress(tiny_model):
    seconds, every_s = (SECONDS, 5.0) if SECONDS else (7.0, 3.0)
    job = "vj.generator.process" if MODEL else "fake_generator"
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    with screens.virtual(640, 360) as screen:
        done = subprocess.run(
            [sys.executable, "-c", "import stress; stress.run()", MODEL or str(tiny_model), job, str(seconds),
             str(every_s)],
            env={**screen.environment(), "PYTHONPATH": path}, capture_output=True, text=True,
            timeout=seconds + 900, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for kind in ("calm", "stressed"):
        print(kind, {name: round(ms, 1) for name, ms in found[kind].items()})
    for name, ms in found.pop("stages").items():
        before = found["calm_stages"].get(name, {})
        print(f"  {name:18} " + "  ".join(f"{k} {before.get(k, 0.0):6.1f} → {v:6.1f}" for k, v in ms.items()))
    print({name: value for name, value in found.items() if name != "calm_stages"}, done.stderr, sep="\n")
    assert (found["failed"], found["refused"]) == ({}, {})
    # It was stress: hundreds of messages, presets and processes killed.
    assert found["received"] > 100 * seconds
    # The last call before a frame wins: where frames are slow there are fewer.
    assert found["presets"] >= 10
    assert min(found["killed"].values()) >= 1
    # A generator that was killed before it drew is no restart; beside other processes one may starve and be replaced.
    assert found["restarts"]["ears"] >= found["killed"]["ears"]
    assert found["restarts"]["generator"] >= 1
    assert 0.0 <= found["well_after_s"] < 60.0
