"""What belongs to a machine."""

import pytest

from vj.core.errors import UsageError
from vj.core.settings import arguments, remember

TEXT = """# the club
[play]
input = "Scarlett"
monitor = 2
fullscreen = true
no_midi = false
osc_to = ["10.0.0.1:9000", "10.0.0.2:9000"]
"""


def test_a_file_stands_for_options(tmp_path):
    path = tmp_path / "settings.toml"
    assert arguments(path) == []
    path.write_text(TEXT)
    assert arguments(path) == [
        "--input=Scarlett", "--monitor=2", "--fullscreen", "--osc-to=10.0.0.1:9000", "--osc-to=10.0.0.2:9000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[play", "not valid TOML"),
        ("[stage]\nx = 1", "found 'stage', expected the table [play]"),
        ("play = 3", "expected the table [play]"),
        ('[play]\npreset = "x"', "unknown key 'preset', expected one of input, "),
        ("[play]\nfullscreen = 1", "fullscreen: found 1, expected true or false"),
        ("[play]\ninput = true", "input: found True, expected a text or a number"),
    ],
)
def test_bad_files_are_one_line(tmp_path, text, says):
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as e:
        arguments(path)
    assert says in str(e.value)
    assert "\n" not in str(e.value)


def test_what_is_given_is_remembered(tmp_path):
    path = tmp_path / "new" / "settings.toml"
    words = ["play", "song.wav", "--monitor", "3", "--fullscreen", "--preset", "x", "--osc-to=a:1", "--osc-to", "b:2"]
    assert remember(path, words) == ["monitor", "fullscreen", "osc_to"]
    assert arguments(path) == ["--monitor=3", "--fullscreen", "--osc-to=a:1", "--osc-to=b:2"]
    path.write_text(TEXT)
    remember(path, ["play", "--monitor=1"])
    assert "# the club" in path.read_text()
    assert "--input=Scarlett" in arguments(path)
    assert "--monitor=1" in arguments(path)


def test_a_settings_file_is_replaced_whole(tmp_path, monkeypatch):
    path = tmp_path / "settings.toml"
    path.write_text(TEXT)

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        remember(path, ["play", "--monitor=1"])
    assert path.read_text() == TEXT


def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text(TEXT, encoding="utf-8-sig")
    assert arguments(path)
    remember(path, ["play", "--monitor=1"])
    assert "--monitor=1" in arguments(path)
