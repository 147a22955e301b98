"""A worked solution as an HTML page in the program's colours."""

from __future__ import annotations

from gui.solution.figure import figure, figure_svg
from gui.solution.svg import FormulaSvg
from gui.theme import PRINT, Theme, css
from model.in_parts import Work
from model.solution.document import Document
from model.solution.html import Look, html_page

SIZE, SIZE_FAR = 16, 22


def solution_html(document: Document, theme: Theme) -> Work[str]:
    """Make the page; on paper it is black on white whatever the theme of the screen is."""
    look = Look(
        screen=colours_of(theme),
        paper=colours_of(PRINT),
        figure=figure_svg(figure(document, theme)),
        figure_on_paper=figure_svg(figure(document, PRINT)) if theme.dark else "",
        size=SIZE_FAR if theme.smallest_share else SIZE,
    )
    return html_page(document, FormulaSvg(document.fmt), look)


def colours_of(theme: Theme) -> dict[str, str]:
    """Return the colours of a page by role, as style sheets write them."""
    colours = {
        "text": theme.text, "muted": theme.muted, "ground": theme.canvas, "rule": theme.rule, "raised": theme.raised,
        "positive": theme.positive, "negative": theme.negative, "accent": theme.accent,
        "forward": theme.forward.text, "loss": theme.loss.text, "backward": theme.backward.text, "update": theme.update.text,
    }  # fmt: skip
    return {role: css(colour) for role, colour in colours.items()}
