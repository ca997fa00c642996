"""Networks of other programs, read without running anything from them."""
