"""Phrases set one after the other on as many lines as they need. No Qt."""

from __future__ import annotations

from collections.abc import Iterator

from gui.diagram.text import words

LEADING = 1.2  # distance of lines in letter heights


def wrapped(phrases: tuple[str, ...], size: float, room: float) -> Iterator[str]:
    """Yield lines of phrases set off by " · ", each at most `room` wide where a phrase alone is not wider."""
    line = ""
    for text in phrases:
        longer = f"{line} · {text}" if line else text
        if line and words(longer, size).width > room:
            yield line
            longer = text
        line = longer
    if line:
        yield line


def small_size(caption: float, smallest: float) -> float:
    """Return the letter height of the lines below a caption."""
    return max(0.82 * caption, smallest)


def conventions_height(phrases: tuple[str, ...], caption: float, smallest: float, room: float) -> float:
    """Return the height that the lines below a caption take, with the space between them and the caption."""
    size = small_size(caption, smallest)
    lines = len(list(wrapped(phrases, size, room)))
    return (LEADING * lines + 0.15) * size if lines else 0.0
