"""Installs the system libraries that Python wheels do not bring, where it may (Debian and Ubuntu; root or sudo).

    python3 scripts/system_packages.py use test

Where it may not, it says in one line which packages are missing and why, and returns success: most of vj works without
them. A new need is a new row of PACKAGES. Standard library only; runs before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

APT = ["apt-get", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
VERSIONED_PYTHON = f"python3.{sys.version_info.minor}"


class Package(NamedTuple):
    """`names`: the same library as releases call it, newest first; `group`: who needs it; `why`: for what."""

    names: tuple[str, ...]
    group: str
    why: str


PACKAGES = (
    Package(("libportaudio2",), "use", "sound in and out"),
    Package(("libasound2t64", "libasound2"), "use", "MIDI"),
    Package(("libegl1",), "use", "OpenGL without a window"),
    Package(("libgl1",), "use", "OpenGL"),
    Package(("libgl1-mesa-dri",), "use", "OpenGL drivers, software drawing among them"),
    Package(("xvfb",), "test", "windows in tests, on a screen that is not there"),
    Package(("xauth",), "test", "the same"),
    Package(("xdotool",), "test", "keys pressed in those windows"),
    Package(("xserver-xorg-core",), "test", "a display with two monitors in tests"),
    Package(("xserver-xorg-video-dummy",), "test", "the same, without monitors"),
    Package(("x11-xserver-utils",), "test", "unplugging one of them"),
    Package(("pulseaudio",), "test", "a sound server in tests, without a sound card"),
    Package(("pulseaudio-utils",), "test", "the same"),
    Package(("jackd2",), "test", "MIDI ports in tests, without a controller"),
    Package(("libatomic1",), "test", "Ableton Link in tests"),
    Package(("procps",), "test", "processes that tests kill"),
    Package(("libasound2-plugins",), "test", "the same, for PortAudio"),
    Package(("liblo-tools",), "test", "other programs that speak OSC"),
    Package(("puredata-core",), "test", "the same"),
    Package(("chromium",), "test", "a browser that opens the panel"),
    Package(("g++",), "build-rtmidi", "building python-rtmidi"),
    Package(("pkg-config",), "build-rtmidi", "building python-rtmidi"),
    Package((f"{VERSIONED_PYTHON}-dev",), "build-rtmidi", "building python-rtmidi"),
    Package(("libasound2-dev",), "build-rtmidi", "building python-rtmidi"),
    Package(("libjack-jackd2-dev",), "build-rtmidi", "building python-rtmidi"),
)


def main(groups: Sequence[str]) -> None:
    """Make sure that the packages of `groups` are there, as far as this user may."""
    if not sys.platform.startswith("linux"):
        return
    wanted = [p for p in PACKAGES if p.group in groups]
    if not shutil.which("dpkg-query"):
        say(f"not Debian or Ubuntu: vj may need what they call {described(wanted)}")
        return
    missing = [p for p in wanted if not any(installed(name) for name in p.names)]
    if not missing:
        return
    prefix = privilege()
    if prefix is None:
        say(f"missing, and only root may install: {described(missing)}; later: sudo apt-get install {named(missing)}")
        return
    print(f"vj: installing {described(missing)}", flush=True)
    if not (run([*prefix, *APT, "update"]) and run([*prefix, *APT, "install", *map(known_name, missing)])):
        say(f"apt-get could not install {described(missing)}; going on without")


def installed(name: str) -> bool:
    """Whether dpkg has the package."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", name]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def known_name(package: Package) -> str:
    """The first of its names that this release can install; asked after `apt-get update`."""
    for name in package.names:
        if subprocess.run(["apt-cache", "show", name], capture_output=True, check=False).returncode == 0:
            return name
    return package.names[-1]


def privilege() -> list[str] | None:
    """What to put before a command so that it runs as root; None where that takes a password."""
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def described(packages: Sequence[Package]) -> str:
    """Names with their reasons: "libegl1, libgl1 (OpenGL)"."""
    reasons = dict.fromkeys(p.why for p in packages)
    return ", ".join(f"{', '.join(p.names[-1] for p in packages if p.why == why)} ({why})" for why in reasons)


def named(packages: Sequence[Package]) -> str:
    """The names alone, as for a command line."""
    return " ".join(p.names[-1] for p in packages)


def run(command: Sequence[str]) -> bool:
    """Run it without a terminal; its output is shown only when it fails."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        print(done.stdout[-4000:], file=sys.stderr)
    return done.returncode == 0


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(f"vj: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
