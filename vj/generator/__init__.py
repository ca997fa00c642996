"""The network: the only package, beside train, that imports TensorFlow."""
