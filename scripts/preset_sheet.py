"""Draws docs/images/presets.jpg: a row a preset, six moments of the bundled track.

python scripts/preset_sheet.py
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import av
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
TILE, FPS, START_S, SECONDS = (240, 135), 15, 10, 8
MOMENTS_S = (1.0, 2.2, 3.5, 4.7, 5.9, 7.8)


def frames(name: str, folder: Path) -> list[Image.Image]:
    """Pictures of a preset at MOMENTS_S."""
    out = folder / f"{name}.mp4"
    subprocess.run(
        [sys.executable, "-m", "vj", "render", "vj/demo/track.opus", "-o", str(out), "--preset", name, "--seed", "7",
         "--size", "480x270", "--fps", str(FPS), "--start", str(START_S), "--duration", str(SECONDS)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    with av.open(str(out)) as video:
        found = [frame.to_image() for frame in video.decode(video=0)]
    return [found[round(t_s * FPS)].resize(TILE, Image.Resampling.LANCZOS) for t_s in MOMENTS_S]


def main() -> None:
    """Draw them all."""
    names = sorted(path.stem for path in (ROOT / "presets").glob("*.toml"))
    sheet = Image.new("RGB", (TILE[0] * len(MOMENTS_S), TILE[1] * len(names)))
    with tempfile.TemporaryDirectory() as folder:
        for row, name in enumerate(names):
            for column, picture in enumerate(frames(name, Path(folder))):
                sheet.paste(picture, (column * TILE[0], row * TILE[1]))
            draw = ImageDraw.Draw(sheet)
            draw.text((8, row * TILE[1] + 6), name, fill="white", stroke_width=2, stroke_fill="black", font_size=14)
    sheet.save(ROOT / "docs" / "images" / "presets.jpg", quality=82)


if __name__ == "__main__":
    main()
