"""What a wheel holds, and which processes stay free of TensorFlow."""

import pkgutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import vj

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """File names in a freshly built wheel."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (path,) = out.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def test_wheel_carries_what_is_bundled(wheel: set[str]) -> None:
    bundled = (("shaders", "*.fs"), ("presets", "*.toml"), ("presets", "*.jpg"), ("models", "*.safetensors"))
    for folder, pattern in bundled:
        files = list((ROOT / folder).glob(pattern))
        assert files
        assert {f"vj/_bundled/{folder}/{f.name}" for f in files} <= wheel
    page, gallery = ROOT / "vj" / "control" / "panel" / "page", ROOT / "docs" / "images" / "shaders"
    assert {f"vj/control/panel/page/{f.name}" for f in page.iterdir()} <= wheel
    assert {f"vj/_bundled/gallery/{f.name}" for f in gallery.glob("*.jpg")} <= wheel
    assert {"vj/demo/track.opus", "vj/demo/track.json", "vj/py.typed"} <= wheel


def test_wheel_carries_nothing_else(wheel: set[str]) -> None:
    assert all(name.startswith(("vj/", "vj-")) for name in wheel)
    assert not any("__pycache__" in name or name.endswith(".training") for name in wheel)


def test_only_the_networks_process_imports_tensorflow() -> None:
    """Every module outside vj.generator and vj.train is imported; none may pull in a tensor library."""
    names = [m.name for m in pkgutil.walk_packages(vj.__path__, "vj.") if not m.name.endswith("__main__")]
    drawing = [n for n in names if not n.startswith(("vj.generator.", "vj.train"))]
    assert len(drawing) > 20
    code = (
        "import importlib, sys\n"
        "bad = []\n"
        f"for name in {drawing!r}:\n"
        "    importlib.import_module(name)\n"
        "    bad += [name] if {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules) else []\n"
        "sys.exit(bad[0] if bad else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
