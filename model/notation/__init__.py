"""Notation profiles: built-in, checked, and the user's own."""
