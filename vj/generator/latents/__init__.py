"""Features and parameters in, latents, noise and bend amounts out. Pure."""
