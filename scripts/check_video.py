"""Fails with one line unless the file is a real video of that length: pictures and sound, moving, not black.

.venv/bin/python scripts/check_video.py out/demo.mp4 20
"""

import sys
from pathlib import Path

from vj.core.errors import MediaError
from vj.render.output.video_check import check_video

if __name__ == "__main__":
    path, duration_s = Path(sys.argv[1]), float(sys.argv[2])
    try:
        print(f"{path}: {check_video(path, duration_s)}")
    except MediaError as e:
        sys.exit(f"check_video: {e}")
