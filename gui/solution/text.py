"""Words with symbols among them, set on lines of a given width for paper: text stays text, so that it can be found and copied."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from gui.formula.boxes import LaidOut
from gui.formula.glyphs import GlyphMetrics, load_fonts
from gui.formula.layout import Setter
from gui.formula.paint import Colours, paint_equation
from gui.theme import TEXT_FAMILY
from gui.theme_qt import searchable
from model.expr.tree import NumberFormat
from model.solution.parts import Cell, scripts

LEADING, SCRIPT = 1.42, 0.7
LONG = 2400.0  # height from which a paragraph or a row may go on on the next page: a third of it


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words (rise: above the baseline) or a formula, at x on its line."""

    x: float
    width: float
    content: str | LaidOut
    size: float
    rise: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """Runs on one baseline; ascent and descent of the tallest."""

    runs: tuple[Run, ...]
    ascent: float
    descent: float

    @property
    def width(self) -> float:
        """The right end of the last run."""
        return max((run.x + run.width for run in self.runs), default=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """above: space before it, left out at the top of a page. keep: what follows belongs on the same page."""

    height: float
    draw: Callable[[QPainter], None]
    above: float = 0.0
    keep: bool = False
    new_page: bool = False


Pages = list[list[tuple[float, Strip]]]


@lru_cache(maxsize=32)
def text_font(size: float, bold: bool) -> QFont:
    """Return the font for words; `size` in units of the page."""
    load_fonts()
    font = QFont(TEXT_FAMILY)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setPixelSize(round(size))
    return searchable(font)


@lru_cache(maxsize=4096)
def _advance(text: str, size: float, bold: bool) -> float:
    return QFontMetricsF(text_font(size, bold)).horizontalAdvance(text)


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph ready to be set. plain: "_" and "^" in its words are no marks of an index."""

    cell: Cell
    fmt: NumberFormat
    size: float
    bold: bool = False
    plain: bool = False

    def lines(self, width: float) -> list[Line]:
        """Return its lines, broken at spaces; a word longer than the line is broken anywhere."""
        rows: list[list[Run]] = [[]]
        x, gap = 0.0, 0.0
        for unit in self._units(width):
            if unit is None:
                gap = _advance(" ", self.size, self.bold)
                continue
            wide = sum(run.width for run in unit)
            if rows[-1] and x + gap + wide > width:
                rows.append([])
                x, gap = 0.0, 0.0
            x += gap
            for run in unit:
                rows[-1].append(Run(x, run.width, run.content, run.size, run.rise))
                x += run.width
            gap = 0.0
        return [self._line(row) for row in rows]

    def _line(self, runs: list[Run]) -> Line:
        above, below = 0.95 * self.size, 0.28 * self.size
        formulas = [run.content for run in runs if isinstance(run.content, LaidOut)]
        return Line(
            tuple(runs),
            max([above, *(formula.baseline for formula in formulas)]),
            max([below, *(formula.height - formula.baseline for formula in formulas)]),
        )

    def _units(self, width: float) -> Iterator[list[Run] | None]:
        """Yield what must stay together, and None for a space between."""
        unit: list[Run] = []
        for part in self.cell:
            if not isinstance(part, str):
                box = Setter(GlyphMetrics(), self.fmt, self.size * 1.06, 0.62 * self.size).box(part)
                unit.append(Run(0.0, box.width, LaidOut(box, box.ascent), self.size))
                continue
            for text, level in [(part, 0)] if self.plain else scripts(part):
                for i, word in enumerate(text.split(" ")):
                    if i:
                        yield from ([unit] if unit else [])
                        yield None
                        unit = []
                    pieces = list(self._word(word, level, width))
                    for piece in pieces[:-1]:
                        yield [*unit, piece]
                        unit = []
                    unit += pieces[-1:]
        if unit:
            yield unit

    def _word(self, word: str, level: int, width: float) -> Iterator[Run]:
        size = round(self.size * (SCRIPT if level else 1.0))
        rise = level * (0.36 if level > 0 else 0.18) * self.size
        while word:
            fits = self._fitting(word, size, width)
            yield Run(0.0, _advance(word[:fits], size, self.bold), word[:fits], size, rise)
            word = word[fits:]

    def _fitting(self, word: str, size: int, width: float) -> int:
        """Return how many letters fit, at least one. Only what is about as long as a line is measured: a word may be endless."""
        low = 1
        while low < len(word) and _advance(word[: 2 * low], size, self.bold) <= width:
            low *= 2
        inside = range(low, min(2 * low, len(word)) + 1)
        too_wide = bisect_right(inside, width, key=lambda n: _advance(word[:n], size, self.bold))
        return inside[max(too_wide - 1, 0)] if low < len(word) else len(word)


def height_of(lines: list[Line], size: float) -> float:
    """Return the height of lines below each other."""
    return sum(max(line.ascent + line.descent, LEADING * size) for line in lines)


def draw_lines(painter: QPainter, lines: list[Line], x: float, y: float, words: Words, ink: QColor, colours: Colours) -> None:
    """Draw lines with the top left corner at (x, y)."""
    for line in lines:
        height = max(line.ascent + line.descent, LEADING * words.size)
        baseline = y + line.ascent + (height - line.ascent - line.descent) / 2
        for run in line.runs:
            if isinstance(run.content, LaidOut):
                paint_equation(painter, run.content, x + run.x, baseline - run.content.baseline, colours)
            else:
                painter.setPen(ink)
                painter.setFont(text_font(run.size, words.bold))
                painter.drawText(QPointF(x + run.x, baseline - run.rise), run.content)
        y += height
