"""MIDI: messages, mapping files, ports in a process of their own, takeover and lights."""
