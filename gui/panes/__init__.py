"""The panes at the lower right, each made when it is first looked at."""
