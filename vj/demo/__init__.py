"""The bundled track: about a minute of music composed by code, with its exact truth. Demo, fixture and documentation.

`track_path` and `truth` are all that others need; `python -m vj.demo.compose` makes both files anew.
"""

from pathlib import Path

from vj.demo.annotation import Truth, load

_FOLDER = Path(__file__).parent


def track_path() -> Path:
    """The compressed track, 48 kHz stereo."""
    return _FOLDER / "track.opus"


def truth() -> Truth:
    """What is in the track and when, exact to the sample."""
    return load(_FOLDER / "track.json")
