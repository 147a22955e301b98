"""A worked solution as the bytes of its files, in any of its formats: the one place that the command line and the window use."""

from __future__ import annotations

from gui.export.image import PictureOptions, svg
from gui.solution.figure import figure, figure_tikz
from gui.solution.html import colours_of, solution_html
from gui.solution.pdf import solution_pdf
from gui.theme import PRINT, THEMES
from model.in_parts import Work
from model.solution.document import Document
from model.solution.latex import latex
from model.solution.markdown import markdown


def document_files(document: Document, suffix: str, theme: str, picture: str) -> Work[dict[str, bytes]]:
    """Make the document under "", and for Markdown its figure under "picture".

    suffix: ".md", ".html", ".tex" or ".pdf". picture: the name under which Markdown refers to the figure's file. LaTeX is always
    in the colours for paper, because its pages are white. Needs a QGuiApplication.
    """
    look = THEMES[theme]
    if suffix == ".md":
        drawn = svg(figure(document, look), PictureOptions(title=document.title))
        return {"": markdown(document, picture).encode(), "picture": drawn}
    if suffix == ".html":
        return {"": (yield from solution_html(document, look)).encode()}
    if suffix == ".tex":
        return {"": latex(document, figure_tikz(figure(document, PRINT)), colours_of(PRINT)).encode()}
    return {"": (yield from solution_pdf(document, look))}
