"""The window, the diagram and the exporters. Importing this package pulls in no Qt."""
