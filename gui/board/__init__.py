"""The blackboard: the present step in words and formulas, with the earlier ones above it."""
