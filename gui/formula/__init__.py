"""Formulas on screen and in vector pictures: symbols, boxes, layout, paint."""
