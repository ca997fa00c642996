"""A module that runs in a process of its own: what it prints comes back, and a failure is one line."""

import pytest

from vj.core.errors import WorkerError
from vj.runtime.module import run_module


def test_what_it_prints_comes_back(tmp_path):
    (tmp_path / "a.json").write_text("[1]")
    assert run_module("json.tool", "--compact", str(tmp_path / "a.json"), timeout_s=60.0) == "[1]\n"


def test_a_failure_is_the_last_line_that_it_wrote(tmp_path):
    (tmp_path / "a.json").write_text("[")
    with pytest.raises(WorkerError, match=r"^Expecting value: line 1 column 2"):
        run_module("json.tool", str(tmp_path / "a.json"), timeout_s=60.0)


def test_one_that_takes_too_long_is_ended():
    with pytest.raises(WorkerError, match=r"^timeit took longer than 0.5 s$"):
        run_module("timeit", "-n1", "-r1", "import time; time.sleep(60)", timeout_s=0.5)


def test_modules_of_the_folder_in_which_vj_was_started_do_not_come_first(tmp_path, monkeypatch):
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "tool.py").write_text("print('a stranger')")
    (tmp_path / "a.json").write_text("[1]")
    monkeypatch.chdir(tmp_path)
    assert run_module("json.tool", "--compact", "a.json", timeout_s=60.0) == "[1]\n"
