"""A sheet of a data set's pictures: a row or more of each source, under its name."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from vj.core.errors import DatasetError
from vj.train.dataset import Pictures, open_dataset

TILE = 128
COLUMNS = 12
GAP, TEXT = 4, 18
MAX_ROWS = 24


def write_sheet(folder: Path, out_png: Path) -> None:
    """Write a sheet of the data set in `folder`: pictures spread over each source, whose rows share the sheet.

    Raises DatasetError when there is no whole data set or the sheet cannot be written.
    """
    data = open_dataset(folder)
    present = [s for s in range(len(data.sources)) if len(data.some_of(s, 1))][:MAX_ROWS]
    rows = max(min(6, 12 // len(present)), 1)
    sheet = Image.new(
        "RGB", (COLUMNS * (TILE + GAP) + GAP, len(present) * (rows * (TILE + GAP) + TEXT) + GAP), (16, 16, 18)
    )
    for k, source in enumerate(present):
        _row(sheet, data, source, rows, GAP + k * (rows * (TILE + GAP) + TEXT))
    try:
        sheet.save(out_png)
    except (OSError, ValueError) as e:
        raise DatasetError(f"{out_png}: cannot be written: {getattr(e, 'strerror', None) or e}") from None


def _row(sheet: Image.Image, data: Pictures, source: int, rows: int, top: int) -> None:
    about = data.sources[source]
    counted = f", {about['count']}" if "count" in about else ""
    label = f"{about.get('name', source)} ({about.get('kind', '?')}{counted})"
    ImageDraw.Draw(sheet).text((GAP, top), label, fill=(190, 190, 195), font=ImageFont.load_default(13))
    for i, picture in enumerate(data.batch(data.some_of(source, rows * COLUMNS), data.resolution)):
        x, y = GAP + i % COLUMNS * (TILE + GAP), top + TEXT + i // COLUMNS * (TILE + GAP)
        sheet.paste(Image.fromarray(picture).resize((TILE, TILE), Image.Resampling.LANCZOS), (x, y))
