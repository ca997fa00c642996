"""ISF shaders: the file format, its translation to GLSL, and one shader at work."""
