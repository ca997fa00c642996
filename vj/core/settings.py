"""What belongs to a machine and not to a preset: devices, ports, monitors. One file in the user's config folder.

    [play]
    input = "Scarlett"
    monitor = "2"
    fullscreen = true
    osc_to = ["192.168.1.5:9000"]

Keys are the options of `vj play`, with "_" for "-"; what stands on the command line comes after them.
"""

from collections.abc import Sequence
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vj.core import checked_toml
from vj.core.errors import UsageError
from vj.core.files import reason, write_text

#: Option → whether it takes a value.
OPTIONS = {
    "input": True, "channels": True, "rate": True, "block": True, "speakers": True, "monitor": True, "size": True,
    "fps": True, "osc": True, "osc_bind": True, "osc_allow": True, "osc_to": True, "osc_rate": True, "osc_map": True,
    "osc_query": True, "panel_bind": True, "midi_api": True, "engine": True,
    "fullscreen": False, "no_midi": False, "no_spare": False, "hud": False, "panel": False,
    "clean": False,
}  # fmt: skip


def arguments(path: Path) -> list[str]:
    """The options that a settings file stands for; none where there is no file. Raises UsageError."""
    if not path.exists():
        return []
    tree = checked_toml.load("settings", path, lambda text: checked_toml.tree(text, UsageError), UsageError)
    extra = [key for key in tree if key != "play"]
    if extra or not isinstance(tree.get("play", {}), dict):
        raise UsageError(f"settings {path}: found {(extra or ['play'])[0]!r:.60}, expected the table [play]")
    found = []
    for key, value in tree.get("play", {}).items():
        found += _option(path, key, value)
    return found


def _option(path: Path, key: str, value: object) -> list[str]:
    if key not in OPTIONS:
        raise UsageError(f"settings {path}: play: unknown key {key!r:.60}, expected one of {', '.join(OPTIONS)}")
    option = "--" + key.replace("_", "-")
    if not OPTIONS[key]:
        if not isinstance(value, bool):
            raise UsageError(f"settings {path}: play: {key}: found {value!r:.60}, expected true or false")
        return [option] if value else []
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in values):
        raise UsageError(f"settings {path}: play: {key}: found {value!r:.60}, expected a text or a number")
    # In one word, so that a value that begins with "-" is no option.
    return [f"{option}={one}" for one in values]


def remember(path: Path, argv: Sequence[str]) -> list[str]:
    """Write the machine's options among those of a command line to the file; its comments and other keys stay.

    Returns the keys that were written. Raises UsageError.
    """
    given = _given(argv)
    try:
        doc = tomlkit.parse(checked_toml.read_text(path) if path.is_file() else "")
        play = doc.setdefault("play", tomlkit.table())
        for key, values in given.items():
            play[key] = True if not OPTIONS[key] else values[0] if len(values) == 1 else values
        write_text(path, tomlkit.dumps(doc))
    except (OSError, UnicodeDecodeError, TOMLKitError) as e:
        raise UsageError(f"settings {path}: cannot be written: {reason(e)}") from e
    return list(given)


def _given(argv: Sequence[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for i, word in enumerate(argv):
        name, equals, value = word.partition("=")
        key = name.removeprefix("--").replace("-", "_")
        if name.startswith("--") and key in OPTIONS:
            following = value if equals else argv[i + 1] if i + 1 < len(argv) else ""
            given.setdefault(key, []).append(following)
    return given
