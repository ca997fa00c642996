"""Which files the server gives out."""

import pytest

from vj.control.panel.files import page_file, picture


@pytest.fixture
def folder(tmp_path):
    for name in ("index.html", "main.js", "style.css", "icon.svg", "secret.py", "Odd.js"):
        (tmp_path / name).write_text(name)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "main.js").write_text("no")
    return tmp_path


PARTS = {"": "text/html", "index.html": "text/html", "main.js": "text/javascript", "style.css": "text/css",
         "icon.svg": "image/svg+xml"}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), PARTS.items())
def test_parts_of_the_page(folder, name, kind):
    assert page_file(name, folder) == ((name or "index.html").encode(), kind)


@pytest.mark.parametrize("name", ["secret.py", "sub/main.js", "../index.html", "nothing.js", "Odd.js", "main.js\0",
                                  "/etc/passwd", "%2e%2e/main.js", "a" * 300 + ".js", "..", "main.js/"])  # fmt: skip
def test_nothing_else(folder, name):
    assert page_file(name, folder) is None


def test_pictures_of_known_names_alone(tmp_path):
    first, second = tmp_path / "own", tmp_path / "bundled"
    for where in (first, second):
        where.mkdir()
        (where / "tide.jpg").write_bytes(where.name.encode())
    (second / "nave.jpg").write_bytes(b"nave")
    (tmp_path / "secret.jpg").write_bytes(b"no")
    known = ["tide", "nave", "../secret", "gone", "a\0b"]
    assert picture("tide", known, [first, second]) == b"own"
    assert picture("nave", known, [first, second]) == b"nave"
    for name in ("../secret", "gone", "a\0b", "secret", ""):
        assert picture(name, known, [first, second]) is None


def test_a_picture_that_is_too_large_is_none(tmp_path):
    (tmp_path / "tide.jpg").write_bytes(b"x" * (1 << 21))
    assert picture("tide", ["tide"], [tmp_path]) is None
