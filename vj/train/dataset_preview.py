"""A sheet of a data set's pictures: a row or more of each source, under its name."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vj.core.errors import DatasetError
from vj.train.dataset import Dataset, open_dataset

TILE = 128
COLUMNS = 12
GAP, TEXT = 4, 18
MAX_ROWS = 24


def write_sheet(folder: Path, out_png: Path) -> None:
    """Write a sheet of the data set in `folder`: pictures spread over each source, whose rows share the sheet.

    Raises DatasetError when there is no whole data set or the sheet cannot be written.
    """
    data = open_dataset(folder)
    present = np.unique(data.source)[:MAX_ROWS]
    rows = max(min(6, 12 // len(present)), 1)
    sheet = Image.new(
        "RGB", (COLUMNS * (TILE + GAP) + GAP, len(present) * (rows * (TILE + GAP) + TEXT) + GAP), (16, 16, 18)
    )
    for k, source in enumerate(present):
        _row(sheet, data, int(source), rows, GAP + k * (rows * (TILE + GAP) + TEXT))
    try:
        sheet.save(out_png)
    except (OSError, ValueError) as e:
        raise DatasetError(f"{out_png}: cannot be written: {getattr(e, 'strerror', None) or e}") from None


def _row(sheet: Image.Image, data: Dataset, source: int, rows: int, top: int) -> None:
    about, of_source = data.sources[source], np.flatnonzero(data.source == source)
    label = f"{about.get('name', source)} ({about.get('kind', '?')}, {len(of_source)})"
    ImageDraw.Draw(sheet).text((GAP, top), label, fill=(190, 190, 195), font=ImageFont.load_default(13))
    shown = min(rows * COLUMNS, len(of_source))
    # Not evenly spaced: an evenly spread sequence taken every so often shows a few corners of its space alone.
    chosen = np.random.default_rng(source).choice(of_source, shown, replace=False)
    for i, picture in enumerate(data.batch(chosen, data.resolution)):
        x, y = GAP + i % COLUMNS * (TILE + GAP), top + TEXT + i // COLUMNS * (TILE + GAP)
        sheet.paste(Image.fromarray(picture).resize((TILE, TILE), Image.Resampling.LANCZOS), (x, y))
