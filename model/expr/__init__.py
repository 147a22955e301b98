"""Displayed formulas as data, how they are written as text and LaTeX, and what they are worth."""
