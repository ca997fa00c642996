"""Pictures to learn from, and the training of networks."""
