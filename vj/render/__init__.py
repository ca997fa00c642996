"""Shaders, the window and video files. Never imports TensorFlow."""
