"""Numbers, weights and programs for and from other programs."""
