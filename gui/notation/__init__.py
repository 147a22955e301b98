"""The user's own notations: the dialog and its menu."""
