"""The log file has what happened; where it cannot be written nothing is held up and nothing raised."""

import logging
import os

import pytest

from vj.core.logs import to_file

LOG = logging.getLogger("vj.test")


def test_tracebacks_are_in_the_file(tmp_path, capfd):
    path = tmp_path / "state" / "vj.log"
    with to_file(path):
        try:
            raise ValueError("of no use")
        except ValueError:
            LOG.exception("key n")
    text = path.read_text()
    assert "vj.test ERROR: key n" in text
    assert "ValueError: of no use" in text
    assert capfd.readouterr() == ("", "")
    assert not logging.getLogger("vj").handlers


def test_a_second_show_writes_after_the_first(tmp_path):
    for word in ("first", "second"):
        with to_file(tmp_path / "vj.log"):
            LOG.error(word)
    assert [line.split()[-1] for line in (tmp_path / "vj.log").read_text().splitlines()] == ["first", "second"]


@pytest.mark.parametrize("path", ["/dev/full", "/proc/none/vj.log"])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a disk that is always full")
def test_where_it_cannot_be_written(path, capfd):
    from pathlib import Path

    with to_file(Path(path)):
        for _ in range(3000):
            LOG.error("x" * 1000)
    assert capfd.readouterr() == ("", "")
