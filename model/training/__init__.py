"""Many updates in a row: the loop, its schedules and ends, and what is to be seen over a run."""
