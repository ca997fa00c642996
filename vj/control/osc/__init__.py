"""OSC: messages, address maps, the UDP server and OSCQuery."""
