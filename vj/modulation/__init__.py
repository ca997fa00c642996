"""What moves parameters: the matrix, its sources, smoothing, and the signals there are. Pure."""
