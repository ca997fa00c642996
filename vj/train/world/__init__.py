"""Luminous liquid: a world of pictures, each a continuous function of one normal vector.

So any vector is a picture, and any path between two is a metamorphosis. See `vj.train.world.picture`.
"""
