"""Training in a thread of its own, and the settings of a training run."""
