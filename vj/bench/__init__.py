"""Measures this machine: the network, the analysis, the shaders and the window."""
