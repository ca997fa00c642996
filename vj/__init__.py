"""vj: an instrument for live visuals."""

__version__ = "0.1.0"
