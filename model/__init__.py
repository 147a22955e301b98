"""The mathematics, the problem file, the record of an update and the words of a formula. NumPy and the standard library only."""

VERSION = "0.1.0"
