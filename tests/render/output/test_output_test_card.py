"""The test card's own picture."""

import numpy as np
import pytest

from vj.render.output.test_card import test_card as card


@pytest.mark.parametrize("size", [(16, 16), (320, 180), (1920, 1080), (600, 800)])
def test_its_frame_is_on_the_outermost_pixels(size):
    picture = card(size, "EPSON PJ")
    assert picture.shape == (size[1], size[0], 3)
    for rim in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        assert (rim == 235).all()


def test_each_corner_has_its_colour():
    picture = card((320, 180), "")
    assert [tuple(picture[y, x]) for y, x in ((5, 5), (5, -6), (-6, -6), (-6, 5))] == [
        (235, 60, 60), (60, 235, 60), (70, 120, 255), (235, 200, 60)
    ]  # fmt: skip


def test_it_says_which_monitor_it_is_on():
    plain, named, other = (card((640, 360), name) for name in ("", "EPSON PJ", "EPSON PK"))
    where = np.argwhere((plain != named).any(-1))
    assert len(where)
    assert (where.min(0) > (140, 160)).all()
    assert (where.max(0) < (200, 480)).all()
    assert (named != other).any()
    # However long: it stays within its place.
    assert np.argwhere((plain != card((640, 360), "W" * 500)).any(-1))[:, 1].max() < 490


def test_greys_rise_evenly():
    row = card((640, 360), "")[240, 160:480, 0].astype(int)
    assert row[0] == 0
    assert row[-1] == 255
    assert set(np.diff(row)) == {0, 17}
