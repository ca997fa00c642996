"""Addresses as QR codes."""

import numpy as np
import pytest

from vj.show.qr import qr_picture, qr_text

URL = "http://192.168.1.5:7701/panel/t/abcdefghijklmnop/"
#: What stands in three corners of every code (ISO/IEC 18004, 6.3.3).
FINDER = np.array([[max(abs(x), abs(y)) != 2 for x in range(-3, 4)] for y in range(-3, 4)])


@pytest.mark.parametrize("module", [1, 4])
def test_a_code_has_its_corners_and_a_quiet_border(module):
    squares = qr_picture(URL, module)[::module, ::module] == 0
    n = len(squares)
    assert squares.shape == (n, n)
    for rows, columns in ((4, 4), (4, n - 11), (n - 11, 4)):
        np.testing.assert_array_equal(squares[rows : rows + 7, columns : columns + 7], FINDER)
    assert not squares[:4].any()
    assert not squares[:, -4:].any()


def test_in_the_terminal_it_is_as_wide_as_high_squares():
    lines = qr_text(URL).splitlines()
    assert len(lines) > 10
    assert "\u2588" in qr_text(URL) or "\u2584" in qr_text(URL)


def test_other_addresses_are_other_codes():
    assert not np.array_equal(qr_picture(URL), qr_picture(URL.replace("abc", "abd")))
