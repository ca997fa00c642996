"""The running show: the frame loop, live and offline, and what looks after the other processes."""
