"""Makes .venv and installs vj into it from the lock files of requirements/.

    python3 scripts/environment.py use auto     what `make demo` needs (auto: TensorFlow for this machine; or cpu, gpu)
    python3 scripts/environment.py dev auto     after that, what `make test` and `make lint` need, too

Works where Debian has split `ensurepip` off: pip is then the one of the system, working on .venv from outside. Needs
pip 22.3 or newer. Standard library only; runs before anything is installed.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import system_packages

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
VENV = ROOT / ".venv"
#: Which TensorFlow is in .venv; the two builds own the same files and cannot replace one another in place.
FLAVOUR = VENV / "tensorflow-build"
#: pip's progress bars are for people.
QUIET = () if sys.stdout.isatty() else ("--quiet",)
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def main(group: str, build: str) -> None:
    """Install the `use` group with TensorFlow's `build` (auto: gpu where there is NVIDIA's), or add the `dev` group."""
    if group == "dev":
        system_packages.main(["test"])
        for lock in ("dev", "measure"):
            install(find_pip(), LOCKS / f"{lock}.lock")
        return
    if build == "auto":
        build = "gpu" if has_nvidia() else "cpu"
    system_packages.main(["use"])
    make_venv(build)
    pip = find_pip()
    install(pip, LOCKS / "build.lock")
    install(pip, runtime_lock(build), "--no-build-isolation")
    run([*pip, "install", *QUIET, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    FLAVOUR.write_text(build)


def has_nvidia() -> bool:
    """Whether an NVIDIA GPU answers."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    smi = shutil.which("nvidia-smi")
    return smi is not None and b"GPU" in subprocess.run([smi, "-L"], capture_output=True, check=False).stdout


def make_venv(build: str) -> None:
    """An environment of this Python and this TensorFlow build; one of another kind is made anew."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if venv_version() == version and (not FLAVOUR.exists() or FLAVOUR.read_text() == build):
        return
    if VENV.exists():
        say(f"making .venv anew for Python {version} with TensorFlow for {build}")
        shutil.rmtree(VENV)
    run([sys.executable, "-m", "venv", "--without-pip", str(VENV)])


def venv_version() -> str:
    """Version of the Python in .venv, "" where there is none that runs."""
    if not PYTHON.exists():
        return ""
    ask = [str(PYTHON), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()


def find_pip() -> list[str]:
    """A pip, told to work on .venv: this Python's, or another one's (pip's version does not depend on the target's)."""
    for python in dict.fromkeys([sys.executable, "python3"]):
        pip = [python, "-m", "pip"]
        found = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.match(r"pip (\d+)\.(\d+)", found)
        if version and (int(version[1]), int(version[2])) >= (22, 3):
            return [*pip, "--disable-pip-version-check", "--python", str(PYTHON)]
    sys.exit("vj: no pip 22.3 or newer found for Python 3; on Debian or Ubuntu: apt-get install python3-pip")


def runtime_lock(build: str) -> Path:
    """The lock to install; without python-rtmidi where that would have to be built and cannot be."""
    lock = LOCKS / f"{build}.lock"
    if (
        sys.version_info < (3, 13)
        or subprocess.run([str(PYTHON), "-c", "import rtmidi"], capture_output=True).returncode == 0
    ):
        return lock
    system_packages.main(["build-rtmidi"])
    if can_build_rtmidi():
        return lock
    say("going on without MIDI: python-rtmidi has no wheel for Python 3.13 and cannot be built here (3.12 has one)")
    reduced = VENV / "no-rtmidi.lock"
    reduced.write_text(without("python-rtmidi", lock.read_text()))
    return reduced


def can_build_rtmidi() -> bool:
    """Whether a C++ compiler, Python's headers and (on Linux) ALSA's are there."""
    headers = Path(sysconfig.get_path("include"), "Python.h").exists()
    alsa = not sys.platform.startswith("linux") or succeeds("pkg-config", "--exists", "alsa")
    return headers and alsa and shutil.which("c++") is not None


def succeeds(*command: str) -> bool:
    """Whether the command exists and exits with 0."""
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False).returncode == 0


def without(name: str, lock: str) -> str:
    """The lock's text without one package's entry: its line and the indented ones that belong to it."""
    return re.sub(rf"^{re.escape(name)}==.*\n(?:[ \t].*\n)*", "", lock, flags=re.MULTILINE)


def install(pip: Sequence[str], lock: Path, *options: str) -> None:
    """Install exactly what a lock names, every file checked against its hash."""
    print(f"vj: installing {lock.name}", flush=True)
    run([*pip, "install", *QUIET, "--no-deps", "--require-hashes", *options, "-r", str(lock)])


def run(command: Sequence[str]) -> None:
    """Run it and stop here when it fails; it has said why."""
    # Build back ends call their tools (meson, ninja) by name.
    env = os.environ | {"PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"}
    code = subprocess.run(command, stdin=subprocess.DEVNULL, env=env, check=False).returncode
    if code:
        sys.exit(f"vj: set-up stopped: this failed ({code}): {' '.join(command)}")


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(f"vj: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
