"""Hands on the instrument: OSC. Messages become changes of parameters; never imports TensorFlow or OpenGL."""
