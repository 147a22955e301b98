"""Films of the walk: frames, writers, player and deck."""
