"""Pipes that nobody writes to and devices that never end, under the names of files: one line, at once, by each reader.

Read in a process of its own, as the way it was found is that it hangs or takes all memory.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READ = """
import resource, sys
from pathlib import Path

def read(kind, path):
    match kind:
        case "fs":
            from vj.render.isf.shader import load
            load(path)
        case "toml":
            from vj.core import checked_toml
            checked_toml.load("preset", path, str)
        case "safetensors":
            from vj.generator.weights import load_model
            load_model(path)
        case "pkl":
            from vj.generator.importers.stylegan2_ada import import_snapshot
            import_snapshot(path)
        case "wav":
            from vj.audio.input.file import FileSource
            FileSource(path)
        case "json":
            from vj.train.dataset import MANIFEST, open_dataset
            path.rename(path.with_name(MANIFEST))
            open_dataset(path.parent)
        case "checkpoint":
            from vj.train.checkpoint import load_checkpoint
            load_checkpoint(path)

from vj.core.errors import VjError
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
try:
    read(sys.argv[1], Path(sys.argv[2]))
except VjError as e:
    print(f"{type(e).__name__}: {e}")
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("kind", ["fs", "toml", "safetensors", "pkl", "wav", "json", "checkpoint"])
def test_each_reader(tmp_path, kind):
    for folder, make in (("pipe", os.mkfifo), ("device", lambda path: os.symlink("/dev/zero", path))):
        path = tmp_path / folder / f"x.{kind}"
        path.parent.mkdir()
        make(path)
        done = subprocess.run(
            [sys.executable, "-c", READ, kind, path], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == 1
        assert "a pipe or a device, expected a" in done.stdout
