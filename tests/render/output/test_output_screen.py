"""Where a picture lands, pixel by pixel."""

from itertools import pairwise

import numpy as np
import pytest

from vj.render.output.projection import Projection, found
from vj.render.output.test_card import test_card as card

pytestmark = pytest.mark.gl

SIZE = (320, 180)
BENT = ((0.1, 0.05), (0.95, 0.15), (0.85, 0.9), (0.02, 0.98))


def texture(ctx, picture):
    """u8[h, w, 3], top row first."""
    h, w, _ = picture.shape
    made = ctx.texture((w, h), 3, np.ascontiguousarray(picture[::-1]).tobytes(), alignment=1)
    made.repeat_x = made.repeat_y = False
    return made


def drawn(ctx, picture, projection=None, gain=1.0, size=SIZE, over=()):
    """What is on a screen of that size, u8[h, w, 3], top row first."""
    from vj.render.output.screen import Screen

    target, screen, source = ctx.framebuffer([ctx.texture(size, 4)]), Screen(ctx), texture(ctx, picture)
    target.use()
    ctx.viewport = (0, 0, *size)
    ctx.clear()
    screen.draw(size, source, gain, projection or Projection())
    screen.lay(size, over)
    out = np.frombuffer(target.read(components=3, alignment=1), np.uint8).reshape(size[1], size[0], 3)[::-1]
    # moderngl comes back to the framebuffer that was bound last, which must not be one that is gone.
    ctx.detect_framebuffer(0).use()
    for thing in (screen, source, target):
        thing.release()
    return out


def noise(height=180, width=320):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def white(height=180, width=320):
    return np.full((height, width, 3), 255, np.uint8)


def test_as_it_is_at_first_it_is_the_picture_to_the_bit(ctx):
    np.testing.assert_array_equal(drawn(ctx, noise()), noise())
    half = drawn(ctx, noise(), gain=0.5)
    assert np.abs(half.astype(int) - noise() // 2).max() <= 1


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_turned_clockwise_then_mirrored(ctx, turns, mirrored):
    picture = noise(40, 40)
    expected = np.rot90(picture, -turns)
    seen = drawn(ctx, picture, Projection(turns=turns, mirrored=mirrored), size=(40, 40))
    np.testing.assert_array_equal(seen, expected[:, ::-1] if mirrored else expected)


def test_corners_are_where_they_belong_to_the_pixel(ctx):
    # In each corner a colour of its own.
    seen = drawn(ctx, card(SIZE, ""), Projection(corners=BENT)).astype(int)
    colours = [(235, 60, 60), (60, 235, 60), (70, 120, 255), (235, 200, 60)]
    for (x, y), colour in zip(BENT, colours, strict=True):
        rows, columns = np.nonzero(np.abs(seen - colour).max(-1) < 40)
        away = np.hypot(columns + 0.5 - x * SIZE[0], rows + 0.5 - y * SIZE[1])
        # A frame of a pixel is between them.
        assert away.min() < 3.0


def test_everything_between_is_where_the_projective_map_says(ctx):
    y, x = np.mgrid[:180, :320]
    ramp = np.stack([x * 255 / 319, y * 255 / 179, np.zeros_like(x)], -1).round().astype(np.uint8)
    seen = drawn(ctx, ramp, Projection(corners=BENT))
    inside = 0
    for row in range(4, 180, 8):
        for column in range(4, 320, 8):
            u, v = found(((column + 0.5) / 320, (row + 0.5) / 180), BENT)
            if 0.02 < u < 0.98 and 0.02 < v < 0.98:
                inside += 1
                expected = (u * 320 - 0.5) * 255 / 319, (v * 180 - 0.5) * 255 / 179
                assert seen[row, column, :2] == pytest.approx(expected, abs=1.5)
            elif not (-0.02 < u < 1.02 and -0.02 < v < 1.02):
                assert not seen[row, column].any()
    assert inside > 400


def test_a_slanted_rim_has_no_steps(ctx):
    seen = drawn(ctx, white(), Projection(corners=BENT))[..., 0]
    # Down the upper rim each column has a pixel that is partly covered, or an edge just between two.
    grey = [np.count_nonzero((seen[:60, x] > 10) & (seen[:60, x] < 245)) for x in range(60, 260)]
    assert np.mean([n >= 1 for n in grey]) > 0.8


def test_two_soft_edges_that_overlap_are_evenly_bright(ctx):
    gamma = 2.2
    left = drawn(ctx, white(), Projection(edges=(0.0, 0.0, 0.25, 0.0), gamma=gamma))[90, :, 0] / 255
    right = drawn(ctx, white(), Projection(edges=(0.25, 0.0, 0.0, 0.0), gamma=gamma))[90, :, 0] / 255
    light = left[240:] ** gamma + right[:80] ** gamma
    np.testing.assert_allclose(light, 1.0, atol=0.02)
    assert np.all(np.diff(left[240:]) <= 0)
    top = drawn(ctx, white(), Projection(edges=(0.0, 0.2, 0.0, 0.0)))[:, 160, 0]
    assert top[0] < 20
    assert top[40] == top[-1] == 255


def test_outside_of_the_mask_it_is_black(ctx):
    dented = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.4), (0.1, 0.9))
    seen = drawn(ctx, white(), Projection(mask=dented, mask_soft=0.0))[..., 0]
    assert seen[90, 60] == seen[90, 260] == seen[40, 160] == 255
    assert not seen[150, 160].any()
    assert not seen[:16].any()
    assert not seen[:, :30].any()
    soft = drawn(ctx, white(), Projection(mask=dented, mask_soft=0.2))[90, :80, 0].astype(int)
    rising = [int(x) for x in soft if 5 < x < 250]
    assert len(rising) == pytest.approx(0.2 * 180, abs=8)
    assert all(b >= a for a, b in pairwise(rising))
    # Two points bound nothing.
    assert drawn(ctx, white(), Projection(mask=dented[:2])).min() == 255


def test_the_mask_lies_on_what_is_seen_however_the_picture_is_turned(ctx):
    mask = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
    for turns in range(4):
        seen = drawn(ctx, white(40, 40), Projection(turns=turns, mask=mask, mask_soft=0.0), size=(40, 40))[..., 0]
        assert seen[:18, :18].min() == 255
        assert not seen[22:].any()
        assert not seen[:, 22:].any()


def test_what_lies_over_it_is_pixel_by_pixel(ctx):
    from vj.render.output.screen import Placed

    rgba = np.zeros((10, 20, 4), np.uint8)
    rgba[..., 0] = rgba[..., 3] = 200
    rgba[0, 0] = (0, 255, 0, 255)
    label = ctx.texture((20, 10), 4, rgba.tobytes())
    seen = drawn(ctx, np.zeros_like(white()), over=[Placed(label, 30, 50)])
    label.release()
    assert tuple(seen[50, 30]) == (0, 255, 0)
    assert (seen[51:60, 30:50, 0] == 200).all()
    assert not seen[:50].any()
    assert not seen[60:].any()
