"""How often the flash limiter acts in each preset: a table for docs/reliability.md.

python scripts/flash_survey.py [AUDIO …] [--preset NAME …] [--start s] [--duration s]

Without AUDIO: the bundled track. A row a preset; of each file the share of frames in which the limiter acts, and the
share of all pictures taken together that it holds back. The videos are thrown away.
"""

import argparse
import tempfile
from fractions import Fraction
from pathlib import Path

from vj import demo
from vj.core import resources
from vj.demo.show import SEED
from vj.session.loading import load_show
from vj.show import offline
from vj.show.score import OnePreset

SIZE, FPS = (320, 180), Fraction(30)


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("audio", nargs="*", type=Path, default=[demo.track_path()])
    parser.add_argument("--preset", nargs="+", default=sorted(p.stem for p in resources.presets_dir().glob("*.toml")))
    parser.add_argument("--start", type=float, default=0.0)
    parser.add_argument("--duration", type=float)
    return parser.parse_args()


def held_back(preset: str, part: offline.Part, folder: Path) -> str:
    """A cell of the table."""
    show = load_show(preset)
    model = resources.find("model", show.preset.model or "default", resources.models_dir(), ".safetensors")
    t = offline.render(OnePreset(show, model), part, offline.VideoConfig(*SIZE), folder / "out.mp4", SEED)
    return f"{t.limited_frames / t.frames:.1%}, {t.limited_share:.1%}" if t.limited_frames else "never"


def main() -> None:
    """Render all and print the table, row by row."""
    asked = options()
    print("| preset |", " | ".join(path.stem for path in asked.audio), "|")
    print("|---" * (len(asked.audio) + 1) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for preset in asked.preset:
            parts = [offline.Part(path, FPS, asked.start, asked.duration) for path in asked.audio]
            print(f"| {preset} |", " | ".join(held_back(preset, part, Path(folder)) for part in parts), "|", flush=True)


if __name__ == "__main__":
    main()
