"""Hostile shaders saved into a running show: each is refused in one line that says why, and the picture moves on."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import screens
from hostile_shaders import GOOD, HOSTILE, isf

from vj.core.errors import ShaderError
from vj.render.examiner import Examiner
from vj.render.proving import Limits
from vj.render.shader_tools import check_text, examined

#: Name → what the line says of the limit that it broke: some depend on how fast the machine is.
TOLD = {
    "2^16 macros": ("compiling it took more than 5 s", "memory"),
    "20,000 statements": ("compiling it", "drawing it"),
    "2*10^9 steps": ("a frame", "drawing it", "compiling it"),
    "32 passes": ("a frame", "drawing it", "compiling it", "loading", "the buffers of its passes"),
    "8 buffers of 8192x8192": ("the buffers of its passes take 16.0 GB",),
    "array of 10^8": ("memory", "compiling it", "does not compile"),
    "unrolled loops": ("drawing it", "compiling it", "a frame"),
    "6 pictures of 8192x8192": ("its pictures take 1.5 GB when decoded",),
    "WIDTH 100000": ('PASSES[0].WIDTH: found "100000", expected 1 to 8192 pixels',),
    "an input's far end": ("upper ends of its inputs", "drawing it", "compiling it"),
}


def test_hostile_shaders_one_after_another(tmp_path, tiny_model):
    with screens.virtual(640, 360) as screen:
        path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-c", "import hostile; hostile.run()", str(tiny_model), str(tmp_path), "5"],
            env={**screen.environment(), "PYTHONPATH": path}, capture_output=True, text=True, timeout=390, check=False,
        )  # fmt: skip
    print(done.stderr)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == {"nothing", *HOSTILE, "turns slow", "new file", "restarts"}
    for name, texts in TOLD.items():
        one = found[name]
        assert "victim.fs: " in one["told"], name
        assert any(text in one["told"] for text in texts), (name, one["told"])
        # The one before is drawn on; then another good one comes in, with no restart in between.
        assert one["colour"] == [0, 0, 255], name
        assert one["good"]["colour"] == [0, 255, 255], name
        # Before, most of these stopped the window for seconds, or for good. What the frames took is in the output.
        assert max(one["worst_ms"], one["good"]["worst_ms"]) < 5000, name
        assert max(one["worked_ms"], one["good"]["worked_ms"]) < 500, name
    slow = found["turns slow"]
    assert re.search(r"shader victim: a frame takes \d+ ms at \d+x\d+, expected at most 100 ms; left out", slow["told"])
    assert slow["colour"] != [0, 0, 255]
    assert slow["good"]["colour"] == [0, 0, 255]
    assert found["new file"]["there"]


@pytest.mark.parametrize("name", ["WIDTH 100000", "8 buffers of 8192x8192", "2^16 macros", "unrolled loops"])
def test_rendering_and_checking_refuse_them_in_one_line(tmp_path, name):
    file, limits = tmp_path / "victim.fs", Limits(3.0, 1.0, 2 << 30, 1 << 30, 1 << 26)
    with Examiner(limits) as one:
        file.write_text(HOSTILE[name](tmp_path))
        with pytest.raises(ShaderError, match=r"^[^\n]*victim\.fs: [^\n]*$"):
            one.prove(file, (320, 180))
        assert "victim.fs: " in check_text([examined(one, file)])
        # A process that was ended is begun again.
        file.write_text(isf(GOOD))
        one.prove(file, (320, 180))
        assert examined(one, file)["ok"]
