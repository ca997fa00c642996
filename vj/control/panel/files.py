"""Files that the server gives out: the page, thumbnails of presets, pictures of shaders. Nothing else is opened."""

import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PAGE_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}\.(html|css|js|svg)")
#: A thumbnail takes some ten thousand bytes.
_LARGEST = 1 << 20


def page_file(name: str, folder: Path = PAGE) -> tuple[bytes, str] | None:
    """(contents, media type) of a part of the page; None where there is none. "" is the page itself."""
    name = name or "index.html"
    path = folder / name
    if not _PAGE_NAME.fullmatch(name) or not path.is_file():
        return None
    return path.read_bytes(), _TYPES[path.suffix]


def picture(name: str, known: Sequence[str], folders: Sequence[Path]) -> bytes | None:
    """The JPEG of something whose name is known; None where there is none."""
    if name not in known or name != Path(name).name:
        return None
    for folder in folders:
        path = folder / f"{name}.jpg"
        try:
            if path.is_file() and path.stat().st_size <= _LARGEST:
                return path.read_bytes()
        except (OSError, ValueError):
            continue
    return None
