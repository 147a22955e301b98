"""What is taken away as a picture: the network with caption, legend, the formulas of the step and its tables, on a page of a given size.

A sheet is a diagram like any other, so that every kind of file is written by the same exporters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from gui.diagram.build import build_diagram
from gui.diagram.context import DiagramOptions
from gui.diagram.primitives import Box, Diagram, Formulas, Label, Primitive
from gui.diagram.text import words
from gui.diagram.wrapped import LEADING, wrapped
from gui.export.sheet_tables import Tables, tables_of
from gui.export.shortened import shortened
from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import BoardStep, layout_step, style_for
from gui.theme import Theme
from model.conventions import conventions
from model.explain.steps import explain
from model.expr.tree import Explanation
from model.moment import Moment

SIDE = 0.6  # share of the width that the network takes beside formulas
LANDSCAPE = 1.2  # from this ratio of width to height formulas stand beside the network, below that under it
MOST_FORMULAS, MOST_TABLES = 0.4, 0.34  # of a page's height
SHALLOW = 0.62  # height of the network on a page that is as high as it has to be, as a share of its width
PAD = 22.0
NO_ROOM = "no room for the tables"


class Page(NamedTuple):
    """A size in logical pixels (1/96 inch); height None: as high as what goes in needs. dpi: what suits it, for pictures of pixels."""

    width: float
    height: float | None
    dpi: int


PAGES: dict[str, tuple[str, Page | None]] = {
    "screen": ("as on screen", None),
    "slide": ("slide 16:9", Page(1280, 720, 144)),
    "column": ("column of A4, 160 mm", Page(605, None, 300)),
    "square": ("square", Page(800, 800, 144)),
}


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What goes in beside the network."""

    caption: bool = True
    legend: bool = True
    formulas: bool = False
    tables: bool = False


def make_sheet(
    moment: Moment, theme: Theme, drawn: DiagramOptions, options: SheetOptions, page: Page, explanation: Explanation | None = None
) -> Diagram:
    """Return the sheet of a moment. drawn: how the network is drawn; its title is the caption. explanation: by default the moment's."""
    drawn = replace(drawn, caption=options.caption, legend=options.legend)
    step = _step(moment, explanation or explain(moment))
    base = page.height or SHALLOW * page.width + (_formula_room(moment, theme, step, page.width) if options.formulas else 0.0)
    below = _below(moment, theme, options, page, MOST_TABLES * base if page.height else base)
    bottom = base - below.height if page.height else float(round(base))
    height = bottom + below.height
    items = _moved(below.items, bottom)
    if not options.formulas:
        diagram = build_diagram(moment, theme, drawn, page.width, bottom)
        return replace(diagram, height=height, items=(*diagram.items, *items), notes=(*diagram.notes, *below.notes))
    if page.width >= LANDSCAPE * height:
        split = round(SIDE * page.width)
        diagram = build_diagram(moment, theme, drawn, split, bottom)
        beside = _formulas(moment, theme, step, split, 0.0, page.width - split, bottom, line_above=False)
    else:
        room = _formula_room(moment, theme, step, page.width)
        room = min(MOST_FORMULAS * bottom, room) if page.height else room
        diagram = build_diagram(moment, theme, drawn, page.width, bottom - room)
        beside = _formulas(moment, theme, step, 0.0, bottom - room, page.width, room, line_above=True)
    return Diagram(page.width, height, diagram.background, (*diagram.items, *beside, *items), (*diagram.notes, *below.notes))


class _Below(NamedTuple):
    """What stands at the foot of the sheet, from y = 0 on. notes: what it says about the picture."""

    items: list[Primitive]
    height: float
    notes: tuple[str, ...]


def _below(moment: Moment, theme: Theme, options: SheetOptions, page: Page, most: float) -> _Below:
    """Return the tables, and below them what is missing from them and the conventions where there is no caption to name them."""
    size, width = _table_size(theme, page), page.width - 2 * PAD
    tables = tables_of(moment, theme, size, width, most, PAD) if options.tables else Tables([], 0.0)
    top = tables.height + 2 * PAD if options.tables else 0.8 * PAD
    missing = (f"{NO_ROOM} {tables.left_out[0]}", *tables.left_out[1:]) if tables.left_out else ()
    said = () if options.caption else conventions(moment.record.problem, comma=moment.fmt.comma)
    lines = [*wrapped(missing, size, width), *wrapped(said, size, width)]
    if not (lines or options.tables):
        return _Below([], 0.0, ())
    begin, height = top - 0.4 * PAD + 0.5 * LEADING * size, top + LEADING * size * len(lines)
    texts = [
        Label(PAD, begin + i * LEADING * size, words(line, size), theme.muted, theme.panel, "left", kind="note")
        for i, line in enumerate(lines)
    ]
    ground = _ground(theme, 0.0, 0.0, page.width, height, line_above=True)
    return _Below([*ground, *_moved([*tables.items], PAD), *texts], height, (", ".join(missing),) if missing else ())


def _step(moment: Moment, explanation: Explanation) -> BoardStep:
    stage = moment.stage
    return BoardStep(moment.tick, None if stage is None else stage.phase, explanation)


def _table_size(theme: Theme, page: Page) -> float:
    """Return the size of the tables' letters; a projector's are legible from the last row, as those of the network."""
    return float(round(max(13.0, theme.smallest, theme.smallest_share * (page.height or SHALLOW * page.width))))


def _formula_room(moment: Moment, theme: Theme, step: BoardStep, width: float) -> float:
    """Return how high the formulas are in a width with the space around them, smaller where one is too wide to be broken."""
    room = width - 2 * PAD
    page = layout_step(step, moment.fmt, style_for(theme), room, GlyphMetrics())
    return page.height * min(1.0, room / max(page.width, 1.0)) + 2.0 + 2 * PAD


def _formulas(
    moment: Moment, theme: Theme, step: BoardStep, x: float, y: float, width: float, height: float, *, line_above: bool
) -> list[Primitive]:
    room = (width - 2 * PAD, height - 2 * PAD)
    step = shortened(step, moment.fmt, style_for(theme), *room, GlyphMetrics())
    inside = Formulas(x + PAD, y + PAD, *room, step, moment.fmt, theme)
    return [*_ground(theme, x, y, width, height, line_above=line_above), inside]


def _ground(theme: Theme, x: float, y: float, width: float, height: float, *, line_above: bool) -> list[Primitive]:
    """Return the ground of a part, set off by a line above it or to its left."""
    line = (
        Box(x + width / 2, y + 0.5, width, 1.0, 0.0, theme.rule)
        if line_above
        else Box(x + 0.5, y + height / 2, 1.0, height, 0.0, theme.rule)
    )
    return [Box(x + width / 2, y + height / 2, width, height, 0.0, theme.panel), line]


def _moved(items: list[Primitive], down: float) -> list[Primitive]:
    return [replace(item, y=item.y + down) for item in items]  # type: ignore[union-attr,call-arg]
