"""Fails with one line unless the named file is a real video: duration, streams, moving, not black.

.venv/bin/python scripts/check_video.py out/demo.mp4
"""

import sys
from pathlib import Path

from vj.errors import MediaError
from vj.render.video import check_video

if __name__ == "__main__":
    try:
        print(check_video(Path(sys.argv[1])))
    except MediaError as e:
        sys.exit(f"check_video: {e}")
