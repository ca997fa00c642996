"""The panel: a performer's own view, off the projector, as a web page and for other programs by OSCQuery."""
