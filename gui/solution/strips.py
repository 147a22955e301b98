"""The parts of a worked solution as strips of a page: each knows its height and draws itself. Units are tenths of a point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.diagram.paint import paint
from gui.formula.boxes import LaidOut
from gui.formula.glyphs import GlyphMetrics
from gui.formula.lines import FormulaStyle, layout_equation
from gui.formula.paint import formula_colours, paint_equation
from gui.solution.figure import figure
from gui.solution.table import table_strips
from gui.solution.text import LONG, Strip, Words, draw_lines, height_of
from gui.theme import Theme
from model.expr.tree import Equation
from model.in_parts import Work
from model.solution.document import Document
from model.solution.parts import Beside, Block, Cell, Figure, Formula, Heading, Items, PageBreak, Paragraph, Table

UNIT = 10.0
TEXT, NOTE, PART, SECTION, STEP = 98.0, 82.0, 150.0, 118.0, 104.0
TITLES = (210.0, 195.0, 180.0)  # tried one after the other
FORMULA, INDENT, DISC = 112.0, 120.0, 76.0
HIGHEST = 7000.0  # what fits on a page between its margins


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the strips of one document for a page that is `width` wide."""

    document: Document
    theme: Theme
    width: float

    def words(self, cell: Cell, size: float, *, bold: bool = False, dim: bool = False, above: float = 0.0, keep: bool = False,
              indent: float = 0.0, plain: bool = False) -> Strip:  # fmt: skip
        """Return a paragraph of a few lines."""
        words = Words(cell, self.document.fmt, size, bold, plain)
        lines = words.lines(self.width - indent)
        ink = QColor.fromRgb(*(self.theme.muted if dim else self.theme.text))
        colours = formula_colours(self.theme)
        return Strip(height_of(lines, size), lambda p: draw_lines(p, lines, indent, 0.0, words, ink, colours), above, keep)

    def paragraph(self, cell: Cell, size: float, *, bold: bool = False, dim: bool = False, above: float = 0.0, keep: bool = False,
                  indent: float = 0.0, plain: bool = False) -> Iterator[Strip]:  # fmt: skip
        """Yield a paragraph: one strip, or where that would be long one for each line, so that pages end between lines."""
        whole = self.words(cell, size, bold=bold, dim=dim, above=above, keep=keep, indent=indent, plain=plain)
        if whole.height <= LONG:
            yield whole
            return
        words = Words(cell, self.document.fmt, size, bold, plain)
        ink, colours = QColor.fromRgb(*(self.theme.muted if dim else self.theme.text)), formula_colours(self.theme)
        for i, line in enumerate(words.lines(self.width - indent)):
            draw = partial(draw_lines, lines=[line], x=indent, y=0.0, words=words, ink=ink, colours=colours)
            yield Strip(height_of([line], size), draw, above if i == 0 else 0.0)

    def strips(self, block: Block, more: bool, begins: bool) -> Iterator[Strip]:
        """Yield the strips of a block; more: a formula follows, which stays with its words and with the rule that `begins` a step."""
        if isinstance(block, Heading):
            yield self._heading(block)
        elif isinstance(block, Paragraph):
            dim = block.kind == "note"
            indent = INDENT if dim else 0
            yield from self.paragraph(block.parts, NOTE if dim else TEXT, dim=dim, above=30 if dim else 20, keep=more, indent=indent)
        elif isinstance(block, Formula):
            yield from self._formula(block.equation, keep=more and begins)
        elif isinstance(block, Beside):
            yield from self._beside(block.equations)
        elif isinstance(block, Table):
            yield from table_strips(block, self.document.fmt, self.theme, self.width)
            if block.caption:
                yield from self.paragraph((block.caption,), NOTE, dim=True, above=40)
        elif isinstance(block, Items):
            yield from self._items(block)
        elif isinstance(block, Figure):
            yield from self._figure(block)

    def title(self) -> Iterator[Strip]:
        """Yield the head of the first page."""
        kind = "EXERCISE" if self.document.blank else "WORKED SOLUTION"
        yield self.words((kind,), 78, bold=True, dim=True, keep=True)
        yield from self.paragraph((self.document.title,), self._title_size(), bold=True, above=20, keep=True, plain=True)
        if self.document.source:
            yield from self.paragraph((self.document.source,), TEXT, dim=True, above=10, keep=True, plain=True)
        yield self._rule(16.0, self.theme.text, 90.0)

    def _title_size(self) -> float:
        """Return how large the title is set: somewhat smaller where it is on one line then."""
        lines = [(size, Words((self.document.title,), self.document.fmt, size, True, True).lines(self.width)) for size in TITLES]
        return next((size for size, found in lines if len(found) == 1), TITLES[0])

    def _rule(self, thick: float, colour: tuple[int, int, int], above: float) -> Strip:
        area = QRectF(0, 0, self.width, thick)
        return Strip(thick, lambda p: p.fillRect(area, QColor.fromRgb(*colour)), above, keep=False)

    def _heading(self, heading: Heading) -> Strip:
        if heading.level == 3:
            return self._step(heading)
        size, above = (PART, 260.0) if heading.level == 1 else (SECTION, 200.0)
        plain = self.words((heading.text,), size, bold=True)
        if heading.level == 2:
            return Strip(plain.height + 20, plain.draw, above, keep=True)

        def draw(painter: QPainter) -> None:
            plain.draw(painter)
            painter.fillRect(QRectF(0, plain.height + 20, self.width, 6), QColor.fromRgb(*self.theme.rule))

        return Strip(plain.height + 60, draw, above, keep=True)

    def _step(self, heading: Heading) -> Strip:
        text = self.words((heading.text,), STEP, bold=True, indent=2 * DISC + 70)
        colour = QColor.fromRgb(*self.theme.phase(heading.phase or "forward").text)
        number = Words((str(heading.number),), self.document.fmt, NOTE, bold=True)
        lines = number.lines(self.width)
        middle = height_of(lines, NOTE) / 2

        def draw(painter: QPainter) -> None:
            text.draw(painter)
            painter.setPen(QPen(colour, 9))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            centre = QPointF(DISC + 5, text.height / 2)
            painter.drawEllipse(centre, DISC, DISC)
            draw_lines(painter, lines, centre.x() - lines[0].width / 2, centre.y() - middle, number, colour, {})

        return Strip(text.height, draw, 170.0, keep=True)

    def laid_out(self, equation: Equation, width: float) -> LaidOut:
        """Return an equation, broken to fit."""
        return layout_equation(equation, self.document.fmt, FormulaStyle(FORMULA, TEXT, 0.62 * FORMULA), width, GlyphMetrics())

    def _formula(self, equation: Equation, *, keep: bool) -> Iterator[Strip]:
        width = self.width - INDENT
        laid_out = self.laid_out(replace(equation, note=""), width)
        share = min(1.0, width / laid_out.width, HIGHEST / laid_out.height)
        yield Strip(laid_out.height * share, lambda p: self._paint(p, laid_out, INDENT, 0.0, share), 75.0, keep or bool(equation.note))
        if equation.note:
            yield from self.paragraph((equation.note,), NOTE, dim=True, above=35, indent=INDENT)

    def _paint(self, painter: QPainter, laid_out: LaidOut, x: float, y: float, share: float = 1.0) -> None:
        painter.save()
        painter.translate(x, y)
        painter.scale(share, share)
        paint_equation(painter, laid_out, 0.0, 0.0, formula_colours(self.theme))
        painter.restore()

    def _beside(self, equations: tuple[Equation, ...]) -> Iterator[Strip]:
        """Yield lines of equations, each filled as far as it goes."""
        rows: list[list[tuple[float, LaidOut]]] = [[]]
        x = 0.0
        for equation in equations:
            laid_out = self.laid_out(equation, self.width)
            if rows[-1] and x + laid_out.width > self.width:
                rows.append([])
                x = 0.0
            rows[-1].append((x, laid_out))
            x += laid_out.width + 260
        for row in rows:
            yield self._row_of_equations(row)

    def _row_of_equations(self, row: list[tuple[float, LaidOut]]) -> Strip:
        height = max(laid_out.height for _, laid_out in row)
        share = min(1.0, self.width / max(x + laid_out.width for x, laid_out in row))

        def draw(painter: QPainter) -> None:
            for x, laid_out in row:
                self._paint(painter, laid_out, x * share, (height - laid_out.height) / 2 * share, share)

        return Strip(height * share, draw, 90.0)

    def _items(self, items: Items) -> Iterator[Strip]:
        indent = 820.0
        for i, (name, cell) in enumerate(items.rows):
            label, text = self.words((name,), TEXT, dim=True), self.words(cell, TEXT, indent=indent)
            yield Strip(text.height, _both(label, text), 120.0 if i == 0 else 20.0, keep=i in (0, len(items.rows) - 2))

    def _figure(self, block: Figure) -> Iterator[Strip]:
        diagram = figure(self.document, self.theme)
        scale = self.width / diagram.width

        def draw(painter: QPainter) -> None:
            painter.save()
            painter.scale(scale, scale)
            paint(painter, diagram, background=False)
            painter.restore()

        yield Strip(ceil(diagram.height * scale), draw, 110.0, keep=True)
        yield self.words((block.caption,), NOTE, dim=True, above=10)


def _both(first: Strip, second: Strip) -> Callable[[QPainter], None]:
    def draw(painter: QPainter) -> None:
        first.draw(painter)
        second.draw(painter)

    return draw


def strips(document: Document, theme: Theme, width: float) -> Work[list[Strip]]:
    """Make the whole document in strips, from its title on, block by block."""
    maker = Maker(document, theme, width)
    result = list(maker.title())
    fresh, before = False, None
    for done, (block, following) in enumerate(zip(document.blocks, (*document.blocks[1:], None), strict=True), 1):
        if isinstance(block, PageBreak):
            fresh = True
            continue
        for strip in maker.strips(block, isinstance(following, Formula | Table), not isinstance(before, Formula)):
            result.append(Strip(strip.height, strip.draw, strip.above, strip.keep, fresh))
            fresh = False
        before = block
        yield done / len(document.blocks)
    return result
