"""How pictures are laid over each other: layers, the chain, transitions, frame blending."""
