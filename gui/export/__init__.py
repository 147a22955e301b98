"""Pictures and numbers taken away as files."""
