"""The set-up scripts, on made-up machines."""

import os
import subprocess
import sys
from pathlib import Path

import environment
import pytest
import system_packages

ROOT = Path(__file__).parent.parent


def find_python(folder: Path, **versions: str) -> "subprocess.CompletedProcess[str]":
    """Run find_python.sh where PATH holds only these Pythons, each a script that says its version."""
    for name, version in versions.items():
        major, minor = version.split(".")
        stub = folder / name.replace("_", ".")
        stub.write_text(
            f'#!/bin/sh\ncase "$1" in -c) echo {int(major) * 100 + int(minor)} ;; *) echo Python {version} ;; esac\n'
        )
        stub.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "find_python.sh")],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        ({"python3": "3.11"}, "python3"),
        ({"python3": "3.13"}, "python3"),
        ({"python3": "3.13", "python3_12": "3.12"}, "python3.12"),
        ({"python3": "3.14", "python3_11": "3.11"}, "python3.11"),
        ({"python3": "3.9", "python3_13": "3.13"}, "python3.13"),
    ],
)
def test_the_python_with_most_wheels_is_chosen(tmp_path: Path, there: dict[str, str], chosen: str) -> None:
    assert find_python(tmp_path, **there).stdout.strip() == chosen


@pytest.mark.parametrize("there", [{}, {"python3": "3.14"}, {"python3": "3.9"}])
def test_without_a_fitting_python_one_line_says_so(tmp_path: Path, there: dict[str, str]) -> None:
    done = find_python(tmp_path, **there)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "3.11, 3.12 or 3.13" in done.stderr
    assert there.get("python3", "no python3") in done.stderr


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A Debian with none of the packages; returns the commands that would have been run."""
    commands: list[list[str]] = []
    monkeypatch.setattr(system_packages.sys, "platform", "linux")
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system_packages, "installed", lambda name: False)
    monkeypatch.setattr(system_packages, "known_name", lambda package: package.names[0])
    monkeypatch.setattr(system_packages, "run", lambda command: commands.append(list(command)) or True)
    return commands


def test_packages_are_installed_where_that_is_allowed(
    bare: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "privilege", lambda: ["sudo", "-n"])
    system_packages.main(["use"])
    assert [command[-1] for command in bare] == ["update", "libgl1-mesa-dri"]
    assert all(command[:3] == ["sudo", "-n", "apt-get"] for command in bare)
    assert "libasound2t64" in bare[1]
    assert "g++" not in bare[1]


def test_without_rights_one_line_names_packages_and_reasons(
    bare: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "privilege", lambda: None)
    system_packages.main(["use"])
    assert bare == []
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    for package in system_packages.PACKAGES:
        assert (package.names[-1] in err and package.why in err) == (package.group == "use")


def test_a_failing_apt_get_does_not_stop_the_set_up(
    bare: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "privilege", lambda: [])
    monkeypatch.setattr(system_packages, "run", lambda command: False)
    system_packages.main(["use"])
    assert "going on without" in capsys.readouterr().err


def test_nothing_is_said_when_all_is_there(
    bare: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "installed", lambda name: True)
    system_packages.main(["use", "test"])
    assert bare == []
    assert capsys.readouterr() == ("", "")


def test_leaving_a_package_out_of_a_lock_leaves_the_rest() -> None:
    before, after = "one==1 \\\n    --hash=sha256:1\n    # via\n    #   vj\n", "two==2 ; x \\\n    --hash=sha256:2\n"
    out = "python-rtmidi==1.5 ; y \\\n    --hash=sha256:3 \\\n    --hash=sha256:4\n"
    assert environment.without("python-rtmidi", before + out + after) == before + after
    assert environment.without("python-rtmidi", before + after) == before + after


def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True, timeout=30)


def test_ci_refuses_what_is_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "demo.mp4"
    path.write_text("not a video")
    check = [sys.executable, str(ROOT / "scripts" / "check_video.py"), str(path), "20"]
    done = subprocess.run(check, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(path) in done.stderr
