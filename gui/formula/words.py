"""Sentences on lines of a given width, the symbols among their words set with real indices. No Qt."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from gui.diagram.inline import sentence
from gui.diagram.text import Run, text_width
from gui.formula.boxes import Box, Child, Face, Metrics, Role, TextInk, beside, stacked

_ABOVE = {"\u0303": "\u02dc", "\u0302": "\u02c6", "\u0304": "\u02c9"}  # accents as characters of their own
_CAPITAL = 0.2  # em by which an accent over a capital letter stands higher than over a small one
_SLANT = 0.08  # em by which the middle of an italic letter's top stands right of that of its box
APART = 1.2  # upper and lower indices stand farther apart than in the picture of the network, where lines are closer
ASCENT, DESCENT = 0.95, 0.27
_WORD = re.compile(r"\(\d+, \d+\)\S*|\S+")


def paragraph(text: str, face: Face, size: float, width: float, metrics: Metrics, role: Role = "text") -> Box:
    """Set words on lines of at most `width` pixels, broken at spaces, but not inside of (1, 2). A word with "^" or "_" is a symbol."""
    size = float(round(size))  # fonts for words come in whole pixels
    lines: list[Box] = []
    line: list[str] = []
    for word in _WORD.findall(text):
        if line and _width([*line, word], face, size, metrics) > width:
            lines.append(_line(line, face, size, metrics, role))
            line = []
        line.append(word)
    return stacked([*lines, _line(line, face, size, metrics, role)], 0.2 * size)


def one_line(text: str, face: Face, size: float, width: float, metrics: Metrics) -> str:
    """Return as many words of a text as one line of `width` pixels holds, with "…" for those that it does not."""
    size, words = float(round(size)), _WORD.findall(text)
    if not words or _width(words, face, size, metrics) <= width:
        return text
    kept = bisect_left(range(1, len(words)), True, key=lambda n: _width([*words[:n], "…"], face, size, metrics) > width)
    return " ".join([*words[: max(kept, 1)], "…"])


def _is_symbol(word: str) -> bool:
    return "^" in word or "_" in word


def _width(line: Sequence[str], face: Face, size: float, metrics: Metrics) -> float:
    if not any(map(_is_symbol, line)):
        return metrics.advance(" ".join(line), face) * size
    return _line(line, face, size, metrics, "text").width


def _line(line: Sequence[str], face: Face, size: float, metrics: Metrics, role: Role) -> Box:
    return beside(list(_parts(line, face, size, metrics, role))) if line else Box(0.0, ASCENT * size, DESCENT * size)


def _parts(line: Sequence[str], face: Face, size: float, metrics: Metrics, role: Role) -> Iterator[Box]:
    """Return the runs of plain words, with the spaces at their ends, and the symbols between them."""
    groups = [(symbol, list(found)) for symbol, found in groupby(line, _is_symbol)]
    for i, (symbol, found) in enumerate(groups):
        before, after = " " if i else "", " " if i + 1 < len(groups) else ""
        if not symbol:
            yield _run(before + " ".join(found) + after, face, size, metrics, role)
            continue
        for j, word in enumerate(found):
            if j:
                yield _run(" ", face, size, metrics, role)
            yield symbol_box(word, face, size, role)


def _run(text: str, face: Face, size: float, metrics: Metrics, role: Role) -> Box:
    return Box(metrics.advance(text, face) * size, ASCENT * size, DESCENT * size, ink=TextInk(text, face, size, role))


@lru_cache(maxsize=2048)
def symbol_box(word: str, face: Face, size: float, role: Role) -> Box:
    """Return a word with indices, such as "∂L/∂b^(1):", as characters of the font at their places."""
    block = sentence(word, size, "semibold" if face == "words-bold" else "regular", 0.0, nested=True)
    children: list[Child] = []
    for i, run in enumerate(block.runs):
        own: Face = "math" if run.face == "math" else face
        letters = "".join(c for c in run.text if c not in _ABOVE)
        if letters:
            children.append(Child(run.dx, APART * run.dy, _ink(letters, own, run.size, role)))
        children += [Child(x, APART * run.dy + y, _ink(mark, own, run.size, role)) for mark, x, y in _accents(block.runs, i)]
    return Box(block.width, max(ASCENT * size, block.ascent), max(DESCENT * size, block.descent), tuple(children))


def _ink(text: str, face: Face, size: float, role: Role) -> Box:
    return Box(0.0, 0.0, 0.0, ink=TextInk(text, face, size, role))


def _accents(runs: Sequence[Run], i: int) -> Iterator[tuple[str, float, float]]:
    """Return the accents of a run, each at its place over its letter: the font would put them through capital letters."""
    run = runs[i]
    for at, character in enumerate(run.text):
        if character not in _ABOVE:
            continue
        mark, under, before = _ABOVE[character], (run if at else runs[i - 1]), (run.text[:at] if at else runs[i - 1].text)
        letter, size = before[-1], under.size
        middle = text_width(before[:-1], under.face, size) + (text_width(letter, under.face, size) - text_width(mark, run.face, size)) / 2
        yield mark, under.dx + middle + _SLANT * size, -_CAPITAL * size if _plain(letter).isupper() else 0.0


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFKC", letter)
