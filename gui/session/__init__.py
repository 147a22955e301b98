"""What outlives the window: autosave, recovery, bookmarks, earlier runs."""
