"""Weights that are worked out instead of learned: a world's formulas, written as the layers of a StyleGAN2."""
