"""What happens at one place of the walk, in words and formulas, in any notation."""
