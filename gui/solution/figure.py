"""The figure of a worked solution: the network before the update, as the window draws it, without anything that is to be found."""

from __future__ import annotations

from dataclasses import replace

from gui.diagram.build import build_diagram
from gui.diagram.context import DiagramOptions
from gui.diagram.primitives import Diagram
from gui.diagram.tikz import tikz
from gui.export.image import PictureOptions, svg
from gui.export.on_paper import on_paper
from gui.theme import Theme
from model.moment import Moment
from model.solution.document import Document
from model.stages import build_walk

WIDTH, HEIGHT, HEIGHT_FLAT = 760.0, 400.0, 310.0
_OPTIONS = DiagramOptions(colour_by="weight", caption=False, legend=False)


def figure(document: Document, theme: Theme) -> Diagram:
    """Return the picture of the network before the first update of the document."""
    record = document.records[0]
    walk = build_walk(record.problem, record.m, document.notation.presentation)
    fmt = replace(document.fmt, decimals=4)
    moment = Moment(record, walk, 0, "layer", document.notation, fmt)
    tallest = max(record.problem.layers)
    return on_paper(build_diagram(moment, theme, _OPTIONS, WIDTH, HEIGHT if tallest > 2 else HEIGHT_FLAT))


def figure_svg(diagram: Diagram) -> str:
    """Return the picture as an SVG element, text as outlines, to stand in a page."""
    text = svg(diagram, PictureOptions(transparent=True, title="The network")).decode("utf-8")
    return text[text.index("<svg") :].strip()


def figure_tikz(diagram: Diagram) -> str:
    """Return the picture as a tikzpicture alone, to stand in a LaTeX document."""
    text = tikz(diagram, background=False)
    begin, end = "\\begin{tikzpicture}", "\\end{tikzpicture}"
    return text[text.index(begin) : text.index(end) + len(end)]
