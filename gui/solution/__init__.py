"""The worked solution set as pages, with its figure."""
