"""What is played now: the loaded preset, what was changed since, and how presets are read and written."""
