"""The problem file: reading, checking and writing `deltastep-problem/1`."""
