"""The line below the caption that names every convention by which the numbers of the picture were made."""

from __future__ import annotations

from collections.abc import Iterator

from gui.diagram.context import Context
from gui.diagram.primitives import Label, Primitive
from gui.diagram.text import words
from model.conventions import conventions


def conventions_line(ctx: Context) -> Iterator[Primitive]:
    """Yield the conventions that are not the plain ones; smaller where the canvas is narrow, on as few lines as they need."""
    s, said = ctx.layout.sizes, conventions(ctx.moment.record.problem)
    room = ctx.layout.width - 2 * s.pad
    size = max(0.85 * s.text, s.smallest)
    y = s.pad * 0.8 + s.caption * 1.25 + 0.5 * size
    for line in _lines(said, size, room):
        yield Label(s.pad, y, words(line, size), ctx.theme.muted, ctx.theme.canvas, "left", kind="convention")
        y += 1.2 * size


def _lines(said: tuple[str, ...], size: float, room: float) -> Iterator[str]:
    line = ""
    for text in said:
        longer = f"{line} · {text}" if line else text
        if line and words(longer, size).width > room:
            yield line
            longer = text
        line = longer
    if line:
        yield line
