"""What people and other programs say: OSC, MIDI and keys become changes of the session. Never draws."""
