"""What is told: one line that a terminal can show, whatever it quotes."""

import pytest

from vj.core.errors import MediaError, VjError, one_line
from vj.show.notices import Notices


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("grün, 日本語, ψ – 0.5", "grün, 日本語, ψ – 0.5"),
        ("two\nlines\r", r"two\nlines\r"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("\u202eright to left", r"\u202eright to left"),
        ("half \ud800 a letter", r"half \ud800 a letter"),
        ("", ""),
    ],
)
def test_a_message_is_one_line_without_commands_to_a_terminal(text, shown):
    assert one_line(text) == shown
    assert str(MediaError(f"a.wav: {text}")) == f"a.wav: {shown}"
    # Again, as where an error is told of another one: the same.
    assert str(VjError(str(VjError(text)))) == shown
    shown.encode()


def test_a_long_quotation_is_cut_and_its_end_is_there():
    told = str(VjError(f"card: found {'x' * 1_000_000}, expected a number"))
    assert told.startswith("card: found xxx")
    assert told.endswith("xxx, expected a number")
    assert len(told) < 2100


def test_notices_are_such_lines_too():
    written = []
    notices = Notices(written.append)
    notices.tell("shader \x1b[2J\nof a stranger")
    notices.close()
    assert written == [b"vj: shader \\x1b[2J\\nof a stranger\n"]
    assert notices.texts() == [r"shader \x1b[2J\nof a stranger"]
