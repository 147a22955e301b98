"""The figures of a note and of one's own calculation beside those of the program."""
