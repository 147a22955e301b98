"""Two runs side by side under one cursor."""
