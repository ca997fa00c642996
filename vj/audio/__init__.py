"""Sound in, features out. Never imports TensorFlow."""
