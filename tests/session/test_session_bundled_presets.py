"""The presets that vj brings: whole, each different in kind, each with eight macros that do something."""

import pytest

from vj.core import resources
from vj.modulation.sources import MACROS
from vj.session.loading import load_show

NAMES = sorted(path.stem for path in resources.presets_dir().glob("*.toml"))
SHOWS = {name: load_show(name) for name in NAMES}


def test_there_are_enough_and_none_plays_the_shaders_of_another():
    assert len(NAMES) >= 8
    assert len({show.preset.chain for show in SHOWS.values()}) == len(NAMES)
    assert len({show.preset.doc for show in SHOWS.values()}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_macro_moves_what_is_seen(name):
    show = SHOWS[name]
    played = {f"fx/{shader}/" for shader in show.preset.chain}
    for n in range(1, MACROS + 1):
        rows = [row for row in show.preset.rows if row.signal == f"macro/{n}"]
        assert rows, f"macro/{n}"
        for row in rows:
            # What a shader does that is not in the chain nobody sees.
            assert not row.target.startswith("fx/") or any(row.target.startswith(fx) for fx in played), row


@pytest.mark.parametrize("name", NAMES)
def test_values_and_rows_are_of_shaders_that_are_played(name):
    show = SHOWS[name]
    for id in [*show.preset.values, *(row.target for row in show.preset.rows)]:
        if id.startswith("fx/"):
            assert id.split("/")[1] in show.preset.chain, id
    assert not show.preset.unknown
