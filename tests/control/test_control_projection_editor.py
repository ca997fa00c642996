"""Corners, edges and the mask by keys and mouse."""

from dataclasses import replace

import pytest

from vj.control.projection_editor import KEYS, Place, ProjectionEditor
from vj.render.output.projection import MOST_POINTS, Projection

SCREEN = (640, 360)
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def place(projection):
    return Place(projection, SCREEN, SCREEN)


def pressed(editor, projection, *keys):
    for key in keys:
        projection = editor.press(key, place(projection))
    return projection


def dragged(editor, projection, *points):
    """The left button is pressed on the first of the points, held over the others, and let go of."""
    projection = editor.take(points[0], place(projection))
    for point in (*points[1:], None):
        projection = editor.drag(point, place(projection))
    return projection


def test_a_corner_is_moved_by_pixels():
    now = pressed(ProjectionEditor(), Projection(), "right", "down", "down")
    assert now.corners == ((1 / 640, 2 / 360), *SQUARE[1:])
    now = pressed(ProjectionEditor(), Projection(), "3", "page up", "left", "page down", "up")
    assert now.corners == (*SQUARE[:2], (1 - 10 / 640, 1 - 1 / 360), SQUARE[3])


def test_corners_are_dragged_and_one_elsewhere_is_not():
    editor = ProjectionEditor()
    now = dragged(editor, Projection(), (630, 8), (600, 30), (580, 40))
    assert now.corners == (SQUARE[0], (580 / 640, 40 / 360), *SQUARE[2:])
    assert dragged(editor, now, (320, 180), (100, 100)) is now
    # A pointer that comes by with its button held takes nothing.
    assert editor.drag((640, 360), place(now)) is now
    assert [chosen for *_, chosen in editor.marks(place(now))] == [False, True, False, False]


def test_edges_are_of_the_side_that_is_chosen():
    editor = ProjectionEditor()
    now = pressed(editor, Projection(), "enter", "3", "right", "right", "up", "left", "page up", "2", "right")
    assert now.edges == (0.0, 0.1, 0.02, 0.0)
    assert pressed(editor, now, "right", "right", "right", "right", "right", "right").edges[1] == 0.5
    assert pressed(editor, now, "delete").edges == (0.0, 0.0, 0.0, 0.0)
    assert editor.marks(place(now)) == []


def test_a_mask_is_drawn_changed_and_taken_back():
    editor = ProjectionEditor()
    pressed(editor, Projection(), "enter", "enter")
    now = Projection()
    for point in ((64, 36), (576, 36), (320, 324)):
        now = dragged(editor, now, point)
    assert [*sum(now.mask, ())] == pytest.approx([0.1, 0.1, 0.9, 0.1, 0.5, 0.9])
    now = dragged(editor, now, (320, 320), (320, 180))
    assert now.mask[2] == pytest.approx((0.5, 0.5))
    assert len(now.mask) == 3
    assert [mark[2] for mark in editor.marks(place(now))] == [False, False, True]
    assert len(pressed(editor, now, "backspace").mask) == 2


def test_a_mask_follows_the_corners():
    editor = ProjectionEditor()
    bent = Projection(corners=((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
    pressed(editor, bent, "enter", "enter")
    now = dragged(editor, bent, (480, 180))
    assert now.mask[0] == pytest.approx((0.5, 0.5))
    assert editor.marks(place(now))[0][:2] == pytest.approx((480, 180))
    # Beyond the picture it stays at its rim.
    assert dragged(editor, bent, (10, 180)).mask[0] == pytest.approx((0.0, 0.5))


def test_a_mask_has_so_many_points():
    editor = ProjectionEditor()
    full = Projection(mask=tuple((i / MOST_POINTS, 0.1) for i in range(MOST_POINTS)))
    pressed(editor, full, "enter", "enter")
    assert dragged(editor, full, (320, 300)) == full


def test_mirrored_turned_and_back():
    editor = ProjectionEditor()
    now = pressed(editor, Projection(), "v", "w")
    assert now == Projection(mirrored=True, turns=1)
    assert pressed(editor, now, "v", "w", "w", "w") == Projection()
    bent = replace(now, corners=((0.1, 0.1), *SQUARE[1:]))
    assert pressed(editor, bent, "delete") == now


def test_it_says_what_it_does():
    editor = ProjectionEditor()
    for key in KEYS:
        now = editor.press(key, place(Projection()))
        lines = editor.lines(now, "EPSON PJ")
        assert lines[0].text == "EPSON PJ"
        assert sum(line.alarm for line in lines) == 1
    assert editor.lines(Projection(turns=1, mirrored=True), "")[4].text == "turned by 90°, mirrored"
