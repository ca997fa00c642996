"""Training: data sets from shaders, clips and folders, and StyleGAN2 taught on them."""
