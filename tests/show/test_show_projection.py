"""The picture laid on a wall with keys and the mouse, in a real window; kept for the monitor."""

import numpy as np
import screens

from vj.render.output import projection_file

#: Of the test card, from the upper left clockwise.
COLOURS = (235, 60, 60), (60, 235, 60), (70, 120, 255), (235, 200, 60)


def middles(pixels):
    """Where the four coloured squares are, (x, y) in pixels each; None where one is not to be seen."""
    found = []
    for colour in COLOURS:
        rows, columns = np.nonzero(np.abs(pixels[:180, :320].astype(int) - colour).max(-1) < 25)
        if len(rows) < 20:
            return None
        found.append((columns.mean(), rows.mean()))
    return np.array(found)


def is_at(pixels, expected, within=4.0):
    here = middles(pixels)
    return here is not None and np.abs(here - expected).max() < within


def test_corners_are_moved_by_keys_and_mouse_and_kept(play, screen, tmp_path):
    config = tmp_path / "config"
    playing = play(config=str(config))
    playing.until(screens.is_dream)
    screen.key("e")
    playing.until(lambda pixels: is_at(pixels, [(5, 5), (314, 5), (314, 174), (5, 174)], 2.0))
    screen.key("g", "3", "Prior", "Left", "Left", "Left", "Up", "Up", "g")
    # The third corner, and none of the others.
    playing.until(lambda pixels: is_at(pixels, [(5, 5), (314, 5), (286, 155), (5, 174)]))
    screen.key("g")
    drag(screen, (318, 2), (280, 30))
    screen.key("g")
    playing.until(lambda pixels: is_at(pixels, [(5, 5), (276, 35), (286, 155), (5, 174)]))
    screen.key("e")
    playing.until(screens.is_dream)
    status, _, err, report = playing.end()
    assert (status, report["errors"]["failed"]) == (0, {}), err
    ((monitor, kept),) = projection_file.load(config / "projection.toml").items()
    assert monitor
    assert np.abs(np.array(kept.corners) - [(0, 0), (280 / 320, 30 / 180), (290 / 320, 160 / 180), (0, 1)]).max() < 0.01
    again = play(config=str(config))
    again.until(screens.is_dream)
    screen.key("e")
    again.until(lambda pixels: is_at(pixels, [(5, 5), (276, 35), (286, 155), (5, 174)]))
    assert again.end()[0] == 0


def drag(screen, start, end):
    """Press the left button at one place of the screen, let go of it at another."""
    screen.tool("xdotool", "mousemove", *map(str, start), "sleep", "0.3", "mousedown", "1", "sleep", "0.3")
    screen.tool("xdotool", "mousemove", *map(str, end), "sleep", "0.5", "mouseup", "1")


def test_a_file_that_is_none_is_said_before_the_show(play, tmp_path):
    (tmp_path / "projection.toml").write_text("version = 1\n[monitors.A]\nturns = 9\n")
    playing = play(config=str(tmp_path))
    status, _, err, _ = playing.end(how=None)
    assert status != 0
    assert "monitors.A: turns: found 9, expected 0, 1, 2 or 3 quarter turns" in err
