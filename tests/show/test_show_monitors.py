"""Two monitors, one of which is unplugged and comes back: Xorg with a driver that has no hardware."""

import time

import pytest
import screens

LAPTOP, PROJECTOR = slice(0, 800), slice(800, 1440)


@pytest.fixture
def screen():
    with screens.two_monitors() as running:
        yield running


def lit(pixels, monitor):
    """Whether the middle of a monitor shows something."""
    return pixels[:480, monitor][200:280, 200:400].max() > 20


def alone_on(monitor, other):
    return lambda pixels: lit(pixels, monitor) and not lit(pixels, other)


def test_full_screen_on_the_projector_which_goes_and_comes_back(screen, tiny_model, tmp_path):
    with screens.Play(screen, tiny_model, tmp_path, full=True, monitor="DUMMY1") as playing:
        pixels, _ = playing.until(alone_on(PROJECTOR, LAPTOP))
        # 320×180 on 640×480: as large as fits, bars above and below.
        assert pixels[65:415, 800:1440].max(-1).mean() > 20
        assert not pixels[:55, 800:1440].any()
        screens.unplug(screen)
        # On the monitor that is left, in a window.
        playing.until(lambda pixels: pixels[:480, LAPTOP].max() > 20)
        time.sleep(1.0)
        screens.plug(screen)
        playing.until(alone_on(PROJECTOR, LAPTOP))
        # Back into a window by hand, and full screen again.
        screen.key("f")
        playing.until(lambda pixels: pixels[:480, LAPTOP].max() > 20)
        screen.key("f")
        playing.until(alone_on(PROJECTOR, LAPTOP))
        screen.key("Escape")
        playing.until(lambda pixels: pixels[:480, LAPTOP].max() > 20)
        status, _, err, report = playing.end()
    assert (status, err) == (0, "")
    assert report["frames"] > 20


def test_a_monitor_that_is_not_there_is_told_and_waited_for(screen, tiny_model, tmp_path):
    screens.unplug(screen)
    with screens.Play(screen, tiny_model, tmp_path, full=True, monitor="DUMMY1") as playing:
        playing.until(lambda pixels: pixels[:480, LAPTOP].max() > 20)
        screens.plug(screen)
        playing.until(alone_on(PROJECTOR, LAPTOP))
        _, _, err, _ = playing.end()
    assert "the monitor for full screen is not there" in err
