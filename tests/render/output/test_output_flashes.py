"""The flash limiter, judged by an analysis of its own (`wcag`)."""

import numpy as np
import pytest
import wcag

from vj.render.output.flashes import Flashes
from vj.render.output.plain_limiter import PlainLimiter

FPS, SIZE = 60, (48, 27)


def square(hz, fps, seconds=3.0):
    """0 or 1 for each frame: `hz` times a second on and off."""
    return (np.floor(np.arange(round(seconds * fps)) / fps * 2 * hz + 1e-9) % 2).astype(int)


def filled(states, first, second, part=1.0, fps=FPS):
    """u8[n, h, w, 3]: a part of the picture's width is one colour or the other, the rest grey."""
    w, h = SIZE
    out = np.full((len(states), h, w, 3), 90, np.uint8)
    out[:, :, : round(part * w)] = np.array([first, second], np.uint8)[states][:, None, None]
    return out


WHITE, BLACK, RED, BLUE, GREY = (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 0, 90), (110, 110, 110)
FLASHING = {
    **{f"white and black, {hz} Hz": filled(square(hz, FPS), BLACK, WHITE) for hz in (4, 5, 10, 25)},
    "white and black, 10 Hz at 30 fps": filled(square(10, 30), BLACK, WHITE),
    "red and blue, 5 Hz": filled(square(5, FPS), BLUE, RED),
    "dark red and black, 8 Hz": filled(square(8, FPS), BLACK, (140, 0, 0)),
    "a quarter of the picture, 10 Hz": filled(square(10, FPS), BLACK, WHITE, 0.25),
    "grey and light grey, 12 Hz": filled(square(12, FPS), GREY, (170, 170, 170)),
}


def stripes(hz):
    """Bars that run through the picture, so that every pixel flashes."""
    w, h = SIZE
    x, t = np.arange(w), np.arange(3 * FPS)[:, None] / FPS
    level = 127.5 + 127.5 * np.sign(np.sin(2 * np.pi * (x / 24 - hz * t)))
    return np.broadcast_to(level[:, None, :, None], (3 * FPS, h, w, 3)).astype(np.uint8)


def noise(seed):
    """Colours that change from picture to picture, in blocks."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (3 * FPS // 2, 3, 4, 3), np.uint8)
    return np.kron(blocks, np.ones((2, 9, 12, 1), np.uint8))


def rings(hz):
    """Waves that run outwards from the middle, strongest in a part of the picture."""
    w, h = SIZE
    x, y = np.meshgrid(np.arange(w) - w / 2, np.arange(h) - h / 2)
    far, t = np.hypot(x, y), np.arange(3 * FPS)[:, None, None] / FPS
    strength = 110 * np.exp(-((x + 8) ** 2 + y**2) / 150)
    level = 120 + strength * np.sin(2 * np.pi * (far / 14 - hz * t))
    return np.repeat(level[..., None], 3, axis=3).astype(np.uint8)


FLASHING |= {"running bars, 6 Hz": stripes(6), "blocks at random": noise(1), "rings, 5 Hz": rings(5)}


def fps_of(name):
    return 30 if "30 fps" in name else FPS


@pytest.mark.parametrize("name", FLASHING)
def test_what_violates_does_not_any_more(name):
    pictures, fps = FLASHING[name], fps_of(name)
    assert wcag.violates(pictures, fps)
    assert not wcag.violates(limited(pictures, fps), fps)


def slow():
    t = np.arange(3 * FPS) / FPS
    w, h = SIZE
    ramp = np.linspace(0, 1, w)
    swell = 127.5 + 127.5 * np.sin(2 * np.pi * 0.7 * t)[:, None] * ramp
    return {
        "fades": np.broadcast_to(swell[:, None, :, None], (len(t), h, w, 3)).astype(np.uint8),
        "white and black, 2 Hz": filled(square(2, FPS), BLACK, WHITE),
        "white and black, 3 Hz": filled(square(3, FPS), BLACK, WHITE),
        "a spot, 10 Hz": spot(12, 20),
        "a spot in the corner, 10 Hz": spot(24, 45),
        "light greys, 10 Hz": filled(square(10, FPS), (236, 236, 236), WHITE),
        "faint, 10 Hz": filled(square(10, FPS), (100, 100, 100), (115, 115, 115)),
        "one flash": filled((np.arange(3 * FPS) == 60).astype(int), BLACK, WHITE),
    }


def spot(y, x):
    out = np.full((3 * FPS, SIZE[1], SIZE[0], 3), 90, np.uint8)
    out[:, y : y + 3, x : x + 3] = 255 * square(10, FPS)[:, None, None, None]
    return out


@pytest.mark.parametrize("name", slow())
def test_what_does_not_flash_is_left_alone(name):
    pictures = slow()[name]
    assert not wcag.violates(pictures, FPS)
    assert np.abs(limited(pictures, FPS).astype(int) - pictures).max() <= 1


def limited(pictures, fps):
    limiter = PlainLimiter()
    return np.stack([limiter.limit(picture, i / fps) for i, picture in enumerate(pictures)])


def test_a_calm_picture_comes_back_soon_and_without_a_jump():
    flashes = filled(square(10, FPS, 2.0), BLACK, WHITE)
    calm = np.full((2 * FPS, *flashes.shape[1:]), 60, np.uint8)
    out = limited(np.concatenate([flashes, calm]), FPS)[len(flashes) :].astype(int)
    assert np.abs(np.diff(out, axis=0)).max() < 40
    assert np.abs(out[3 * FPS // 2 :] - 60).max() <= 1


def test_a_strobe_becomes_a_steady_light_and_does_not_pump():
    out = limited(filled(square(12, FPS, 4.0), BLACK, WHITE), FPS)
    level = wcag.light(out[2 * FPS :])[:, 13, 24, 1]
    assert np.ptp(level) < 0.1
    assert 0.2 < level.mean() < 0.7


def swelling(size=(160, 90)):
    """Every picture is smooth; they flash at 8 Hz in the middle, less and less towards the sides."""
    w, h = size
    x, y = np.meshgrid(np.linspace(-2, 2, w), np.linspace(-2, 2, h))
    strength = np.exp(-(x**2) - y**2)
    states = 2.0 * square(8, FPS, 2.0) - 1.0
    level = 120 + 100 * states[:, None, None] * strength
    return np.repeat(level[..., None], 3, axis=3).astype(np.uint8)


def steepest(pictures):
    """The largest difference between neighbours, of u8[n, h, w, 3]."""
    return max(int(np.abs(np.diff(pictures.astype(int), axis=axis)).max()) for axis in (1, 2))


def test_what_is_held_back_has_no_edges():
    pictures = swelling()
    out = limited(pictures, FPS)
    assert np.ptp(out[90:, 45, 80, 0].astype(int)) < 40 < np.ptp(pictures[90:, 45, 80, 0].astype(int))
    assert steepest(out) <= steepest(pictures) + 2


def test_single_cells_that_flash_are_held_back_in_one_soft_area():
    rng = np.random.default_rng(4)
    some = (rng.random((72, 128)) < 0.4) & (np.hypot(*np.ogrid[-36:36, -64:64]) < 15)
    shares = grid_shares(some, 1.5)
    held = shares[-1]
    slow = np.sqrt(-1 / np.log1p(-np.minimum(held.astype(float), 1 - 1e-6)))
    assert held[some.reshape(18, 4, 32, 4).any((1, 3))].max() < 0.1
    assert held[[0, 0, -1, -1], [0, -1, 0, -1]].min() == 1.0
    # From held back to free takes a tenth of the picture's height at least.
    steepest_slope = max(np.abs(np.diff(slow, axis=axis)).max() for axis in (0, 1))
    assert np.ptp(slow) / steepest_slope > 18 / 10


def test_what_is_held_back_comes_free_over_half_a_second():
    everywhere = np.ones((72, 128), bool)
    shares = grid_shares(everywhere, 1.5, calm_s=3.0)
    after = [share if share is None else share.min() for share in shares[round(1.5 * FPS) :]]
    free = next(i for i, share in enumerate(after) if share is None) / FPS
    assert after.count(None) == len(after) - round(free * FPS)
    rising = [share for share in after if share is not None]
    slowed = [share for share in rising if 0.1 < share < 0.98]
    # Counted over a second, the flashes have to be gone first.
    assert 1.0 < free < 2.5
    assert 0.1 <= len(slowed) / FPS <= 0.6
    assert slowed == sorted(slowed)


def grid_shares(flashing, flash_s, calm_s=0.0):
    """What `Flashes` lets through, frame by frame: some cells flash at 10 Hz, then all are grey."""
    flashes, shown, out = Flashes(), np.full((72, 128, 3), 0.2, np.float32), []
    states = np.concatenate([square(10, FPS, flash_s), np.full(round(calm_s * FPS), 2)])
    for i, state in enumerate(states):
        coming = np.full_like(shown, 0.2)
        coming[flashing] = (0.0, 1.0, 0.2)[state]
        share = flashes.share(coming, shown, i / FPS)
        k = 1.0 if share is None else np.kron(share, np.ones((4, 4)))[..., None]
        shown = (shown + k * (coming - shown)).astype(np.float32)
        out.append(share)
    return out


def drawn_limited(ctx, pictures, fps):
    from vj.render.compositing.chain import Chain
    from vj.render.output.limiter import FlashLimiter

    chain, limiter = Chain(ctx, [], pictures.shape[2:0:-1]), FlashLimiter(ctx)
    out = []
    for i, picture in enumerate(pictures):
        rgba = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
        chain.draw(rgba, i / fps, 1 / fps, i, {})
        limiter.limit(chain.texture, chain.before, i / fps)
        out.append(limiter.read_rgb() if limiter.texture else chain.read_rgb())
    limiter.release()
    chain.release()
    return np.stack(out)


@pytest.mark.gl
@pytest.mark.parametrize("name", ["white and black, 10 Hz", "red and blue, 5 Hz", "running bars, 6 Hz"])
def test_the_same_on_the_graphics_card(ctx, name):
    pictures, fps = FLASHING[name], fps_of(name)
    assert not wcag.violates(drawn_limited(ctx, pictures, fps), fps)


@pytest.mark.gl
def test_no_edges_on_the_graphics_card(ctx):
    pictures = swelling()
    out = drawn_limited(ctx, pictures, FPS)
    assert np.ptp(out[90:, 45, 80, 0].astype(int)) < 40
    assert steepest(out) <= steepest(pictures) + 2


@pytest.mark.gl
@pytest.mark.parametrize("name", ["fades", "white and black, 3 Hz", "a spot, 10 Hz"])
def test_left_alone_on_the_graphics_card(ctx, name):
    pictures = slow()[name]
    assert np.abs(drawn_limited(ctx, pictures, FPS).astype(int) - pictures).max() <= 1


@pytest.mark.gl
def test_the_size_may_change_while_it_limits(ctx):
    from vj.render.compositing.chain import Chain
    from vj.render.output.limiter import FlashLimiter

    chain, limiter = Chain(ctx, [], SIZE), FlashLimiter(ctx)
    out = []
    for i, picture in enumerate(FLASHING["white and black, 10 Hz"]):
        if i in (70, 100):
            chain.resize((24, 13) if i == 70 else SIZE)
        rgba = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
        chain.draw(rgba, i / FPS, 1 / FPS, i, {})
        limiter.limit(chain.texture, chain.before, i / FPS)
        rgb = limiter.read_rgb() if limiter.texture else chain.read_rgb()
        out.append(np.broadcast_to(rgb.mean((0, 1)).round().astype(np.uint8), (9, 9, 3)))
    limiter.release()
    chain.release()
    assert not wcag.violates(np.stack(out), FPS)
