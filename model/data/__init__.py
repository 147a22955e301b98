"""The samples: built-in sets, tables of others, and which samples form a batch."""
