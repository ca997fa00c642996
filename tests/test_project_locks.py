"""The lock files hold everything that pyproject.toml asks for, pinned and hashed, and name no place to get it from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: Path) -> dict[str, set[str]]:
    """Package → versions (several where they differ by Python)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;~ ]", r, maxsplit=1)[0].lower() for r in requirements}


def locked(*stems: str) -> set[str]:
    return {name for stem in stems for name in pins(ROOT / "requirements" / f"{stem}.lock")}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_lock_names_no_index_and_no_path(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"(^|\s)/\w|--(extra-)?index|--find-links", text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_has_a_hash(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


def test_locks_hold_what_the_project_asks_for() -> None:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    assert names(project["dependencies"]) <= locked("cpu") & locked("gpu")
    assert names(project["optional-dependencies"]["cpu"]) <= locked("cpu")
    assert names(project["optional-dependencies"]["gpu"]) <= locked("gpu")
    assert names(groups["build"]) | names(PROJECT["build-system"]["requires"]) <= locked("build")
    assert names(groups["dev"]) <= locked("dev")


def test_tensorflow_without_a_gpu_brings_no_cuda() -> None:
    assert "tensorflow-cpu" in locked("cpu")
    assert "tensorflow-cpu" not in locked("gpu"), "the two builds own the same files"
    assert not any(name.startswith("nvidia") for name in locked("cpu"))
    assert any(name.startswith("nvidia") for name in locked("gpu"))


def test_locks_agree_with_each_other() -> None:
    merged: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, versions in pins(lock).items():
            assert merged.setdefault(name, versions) == versions, f"{name} in {lock.name}"
