"""Where pictures go: the window, the flash limiter, video files and recordings."""
