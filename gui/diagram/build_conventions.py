"""The lines below the caption that name every convention by which the numbers of the picture were made."""

from __future__ import annotations

from collections.abc import Iterator

from gui.diagram.context import Context
from gui.diagram.primitives import Label, Primitive
from gui.diagram.text import words
from gui.diagram.wrapped import LEADING, small_size, wrapped
from model.conventions import conventions


def conventions_line(ctx: Context, caption_size: float) -> Iterator[Primitive]:
    """Yield the conventions that are not the plain ones, on as many lines as they need; the layout has left room for them.

    caption_size: height of the letters of the caption above.
    """
    s, said = ctx.layout.sizes, conventions(ctx.moment.record.problem, comma=ctx.moment.fmt.comma)
    size = small_size(s.caption, s.smallest)
    y = s.pad * 0.8 + s.caption * 1.25 + 0.75 * size
    letters = min(size, max(0.9 * caption_size, s.smallest))  # a title that had to shrink stays the larger one
    for line in wrapped(said, size, ctx.layout.width - 2 * s.pad):
        yield Label(s.pad, y, words(line, letters), ctx.theme.muted, ctx.theme.canvas, "left", kind="convention")
        y += LEADING * size
