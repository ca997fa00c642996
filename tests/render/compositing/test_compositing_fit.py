"""Filling a screen of another shape, without OpenGL."""

import numpy as np
import pytest
from render_pictures import colourful

from vj.render.compositing.fit import Fit, fit_rgba, fit_span


def test_span() -> None:
    assert fit_span((100, 100), (200, 100), "cover") == pytest.approx((0.94, 0.47))
    assert fit_span((100, 100), (200, 100), "contain") == (2.0, 1.0)
    assert fit_span((30, 20), (300, 200), "cover") == (1.0, 1.0)


@pytest.mark.parametrize("size", [(64, 64), (128, 64), (64, 128), (17, 31), (320, 180)])
@pytest.mark.parametrize("fit", ["cover", "contain"])
def test_shape_and_type(size: tuple[int, int], fit: Fit) -> None:
    out = fit_rgba(colourful(64, 64), size, fit)
    assert out.shape == (size[1], size[0], 3)
    assert out.dtype == np.uint8


def test_same_size_is_the_same_picture() -> None:
    picture = colourful(33, 21)
    assert (fit_rgba(picture, (33, 21), "cover") == picture[..., :3]).all()


@pytest.mark.parametrize("fit", ["cover", "contain"])
def test_a_circle_stays_a_circle(fit: Fit) -> None:
    y, x = np.mgrid[0:100, 0:100] - 49.5
    disc = np.repeat(((np.hypot(x, y) < 15) * 255).astype(np.uint8)[..., None], 4, 2)
    for size in ((300, 150), (90, 240)):
        on = fit_rgba(disc, size, fit)[..., 0] > 127
        width, height = on.any(0).sum(), on.any(1).sum()
        assert abs(int(width) - int(height)) <= 1
        left, top = np.flatnonzero(on.any(0))[0], np.flatnonzero(on.any(1))[0]
        assert abs(2 * left + width - size[0]) <= 1
        assert abs(2 * top + height - size[1]) <= 1
