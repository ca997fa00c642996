"""Processes, shared memory and clocks."""
