"""Where the beat comes from: taps, MIDI clock, Ableton Link, OSC and the analysis."""
