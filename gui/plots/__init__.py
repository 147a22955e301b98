"""Curves and maps: the only modules that know pyqtgraph."""
