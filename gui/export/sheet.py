"""What is taken away as a picture: the network with caption, legend, the formulas of the step and its tables, on a page of a given size.

A sheet is a diagram like any other, so that every kind of file is written by the same exporters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from gui.diagram.build import build_diagram
from gui.diagram.context import DiagramOptions
from gui.diagram.primitives import Box, Diagram, Formulas, Primitive
from gui.export.sheet_tables import tables_of
from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import BoardStep, layout_step, style_for
from gui.theme import Theme
from model.explain.steps import explain
from model.expr.tree import Explanation
from model.moment import Moment

SIDE = 0.6  # share of the width that the network takes beside formulas
LANDSCAPE = 1.2  # from this ratio of width to height formulas stand beside the network, below that under it
MOST_FORMULAS, MOST_TABLES = 0.4, 0.34  # of a page's height
SHALLOW = 0.62  # height of the network on a page that is as high as it has to be, as a share of its width
PAD = 22.0


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
    height = page.height or _natural_height(moment, theme, options, step, page.width)
    below: list[Primitive] = []
    bottom = height
    if options.tables:
        below, used = tables_of(moment, theme, _table_size(theme, page), page.width - 2 * PAD, MOST_TABLES * height, PAD)
        bottom = height - used - 2 * PAD
        below = _moved(below, bottom + PAD)
        below[:0] = _ground(theme, 0.0, bottom, page.width, height - bottom, line_above=True)
    if not options.formulas:
        diagram = build_diagram(moment, theme, drawn, page.width, bottom)
        return replace(diagram, height=height, items=(*diagram.items, *below))
    if page.width >= LANDSCAPE * height:
        split = round(SIDE * page.width)
        diagram = build_diagram(moment, theme, drawn, split, bottom)
        beside = _formulas(moment, theme, step, split, 0.0, page.width - split, bottom, line_above=False)
    else:
        room = min(MOST_FORMULAS * bottom, _formula_height(moment, theme, step, page.width) + 2 * PAD)
        diagram = build_diagram(moment, theme, drawn, page.width, bottom - room)
        beside = _formulas(moment, theme, step, 0.0, bottom - room, page.width, room, line_above=True)
    return Diagram(page.width, height, diagram.background, (*diagram.items, *beside, *below), diagram.notes)


def _step(moment: Moment, explanation: Explanation) -> BoardStep:
    stage = moment.stage
    return BoardStep(moment.tick, None if stage is None else stage.phase, explanation)


def _natural_height(moment: Moment, theme: Theme, options: SheetOptions, step: BoardStep, width: float) -> float:
    height = SHALLOW * width
    if options.formulas:
        height += _formula_height(moment, theme, step, width) + 2 * PAD
    if options.tables:
        height += tables_of(moment, theme, _table_size(theme, Page(width, None, 96)), width - 2 * PAD, height, PAD)[1] + 2 * PAD
    return float(round(height))


def _table_size(theme: Theme, page: Page) -> float:
    """Return the size of the tables' letters; a projector's are legible from the last row, as those of the network."""
    return float(round(max(13.0, theme.smallest, theme.smallest_share * (page.height or SHALLOW * page.width))))


def _formula_height(moment: Moment, theme: Theme, step: BoardStep, width: float) -> float:
    """Return how high the formulas are in a width, smaller where one is too wide to be broken."""
    room = width - 2 * PAD
    page = layout_step(step, moment.fmt, style_for(theme), room, GlyphMetrics())
    return page.height * min(1.0, room / max(page.width, 1.0)) + 2.0


def _formulas(
    moment: Moment, theme: Theme, step: BoardStep, x: float, y: float, width: float, height: float, *, line_above: bool
) -> list[Primitive]:
    inside = Formulas(x + PAD, y + PAD, width - 2 * PAD, height - 2 * PAD, step, moment.fmt, theme)
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
