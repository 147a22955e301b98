"""What is taken away as a picture: the network with caption, legend, the formulas of the step and its tables, on a page of a given size.

A sheet is a diagram like any other, so that every kind of file is written by the same exporters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple, TypeGuard

from gui.diagram.build import build_diagram
from gui.diagram.context import DiagramOptions
from gui.diagram.primitives import Box, Diagram, Formulas, Label, Primitive
from gui.diagram.text import Block, joined, symbol, words
from gui.diagram.wrapped import LEADING, wrapped
from gui.export.fitted import Fitted, Letters, fitted, letters, whole, zoom_of
from gui.export.on_paper import on_paper
from gui.export.sheet_tables import Tables, tables_of
from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import BoardStep
from gui.formula.plain_symbols import plain_symbol
from gui.theme import Theme
from model.conventions import conventions
from model.explain.steps import explain
from model.expr.tree import Explanation
from model.moment import Moment

LANDSCAPE = 1.2  # from this ratio of width to height formulas stand beside the network, below that under it
MOST_TABLES, FEW_TABLES = 0.34, 0.22  # of a page's height; the second where formulas would find no room otherwise
SIDES = (0.6, 0.55, 0.5)  # shares of a wide page's width that the network takes beside formulas, tried one after the other
# Shares of another page's height for tables and for formulas above them, tried one after the other: with tables, and without.
STACKED = (0.3, 0.26), (0.2, 0.26), (0.2, 0.32), (0.15, 0.36)
ALONE = (0.0, 0.3), (0.0, 0.36), (0.0, 0.42), (0.0, 0.48)
SHALLOW = 0.62  # height of the network on a page that is as high as it has to be, as a share of its width
LEAST_NETWORK = 0.4  # of a page's height that the network keeps, whatever else goes in
LEAST_HIGH = 240.0  # pixels of height that the network needs beside other parts; a smaller page is drawn larger and shown reduced
MOST_REDUCED = 1.5  # times smaller than usual are its letters then, at most
MOST_GROWTH = 2.5  # times its height that a page becomes that may grow: a longer one would be a strip
PAD = 22.0
NO_ROOM = "no room for the tables"


class Page(NamedTuple):
    """A size in logical pixels (1/96 inch); height None: as high as what goes in needs. dpi: what suits it, for pictures of pixels.

    grows: whether it becomes higher rather than leave the network, or letters, too small beside what else goes in.
    """

    width: float
    height: float | None
    dpi: int
    grows: bool = False


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
    shares = _shares(moment, theme, options, page, step)
    larger = _enlargement(shares, page)
    if larger > 1.0:
        page = page._replace(width=round(larger * page.width), height=round(larger * (page.height or 0.0)))
        shares = _shares(moment, theme, options, page, step)
    below, bottom, place, _ = shares
    height = bottom + below.height
    split, top = (place.x or page.width, place.y or bottom) if place else (page.width, bottom)
    diagram = _network(moment, _network_theme(theme, page, top), drawn, split, top)
    beside = _formulas(moment, theme, place, page.width - place.x, bottom - place.y) if place else []
    items = (*diagram.items, *beside, *_moved(below.items, bottom))
    return Diagram(page.width, height, diagram.background, items, (*diagram.notes, *below.notes), 1.0 / larger)


class _Place(NamedTuple):
    """Where the formulas begin, beside the network or under it, and how they are set."""

    x: float
    y: float
    fitted: Fitted


class _Shares(NamedTuple):
    """How a page is shared out: its foot, where that begins, and the formulas above it. whole: whether those are all there, legible."""

    foot: _Below
    bottom: float
    place: _Place | None
    whole: bool = True

    @property
    def network(self) -> float:
        """Height that the network has."""
        return self.place.y if self.place and self.place.y else self.bottom


def _shares(moment: Moment, theme: Theme, options: SheetOptions, page: Page, step: BoardStep) -> _Shares:
    """Return how a page is shared out. Where the network would find too little room, the page grows if it may; if not, tables go."""
    if page.height is None:
        return _as_high_as_needed(moment, theme, options, page, step, SHALLOW * page.width)
    found = _shared(moment, theme, options, page, step)
    if found.whole and found.network >= LEAST_NETWORK * page.height:
        return found
    if page.grows:
        grown = _as_high_as_needed(moment, theme, options, page, step, page.height)
        if grown.bottom + grown.foot.height <= MOST_GROWTH * page.height:
            return grown
    legible = not found.place or found.place.fitted.size >= letters(theme, page.height, wide=found.place.x > 0).least
    if legible and found.network >= LEAST_NETWORK * page.height:
        return found
    return _shared(moment, theme, options, page, step, most_tables=0.0)


def _enlargement(shares: _Shares, page: Page) -> float:
    """Return how much larger a page of fixed size is drawn than it is, so that the network has room beside the other parts."""
    if page.height is None or not (shares.place or shares.foot.items) or shares.bottom + shares.foot.height > page.height:
        return 1.0
    return max(1.0, min(MOST_REDUCED, LEAST_HIGH / shares.network))


def _shared(moment: Moment, theme: Theme, options: SheetOptions, page: Page, step: BoardStep, most_tables: float = MOST_TABLES) -> _Shares:
    """Return how a page of a height is shared out. Tables give way where formulas find no room. most_tables: 0 for none of them."""
    assert page.height is not None
    if not options.formulas:
        foot = _below(moment, theme, options, page, most_tables * page.height)
        return _Shares(foot, page.height - foot.height, None)
    wide = page.width >= LANDSCAPE * page.height
    sizes, tries = letters(theme, page.height, wide=wide), list(_tries(theme, tables=options.tables and most_tables > 0, wide=wide))
    feet = {tables: _below(moment, theme, options, page, min(tables, most_tables) * page.height) for tables, _ in tries}
    tried = []
    for tables, share in tries:
        place = _placed(moment, theme, page, step, feet[tables].height, share, sizes, whole)
        if place is not None:
            tried.append(_Shares(feet[tables], page.height - feet[tables].height, place))
            if place.fitted.size >= sizes.good or tables == FEW_TABLES:
                break
    if tried:
        return max(tried, key=lambda one: min(one.place.fitted.size, sizes.good) if one.place else 0.0)
    tables, share = tries[-1]
    place = _placed(moment, theme, page, step, feet[tables].height, share, sizes, fitted)
    return _Shares(feet[tables], page.height - feet[tables].height, place, whole=False)


def _tries(theme: Theme, *, tables: bool, wide: bool) -> Iterator[tuple[float, float]]:
    """Yield shares of a page for tables and for what is above them: the network keeps as much as formulas that can be read leave it."""
    if wide:
        yield from ((MOST_TABLES, share) for share in SIDES)
        if tables:
            yield FEW_TABLES, SIDES[-1]
    elif tables:
        yield from STACKED[bool(theme.smallest_share) :]  # a projector's tables have large letters already
    else:
        yield from ALONE


def _placed(
    moment: Moment, theme: Theme, page: Page, step: BoardStep, foot: float, share: float, sizes: Letters, fit: Callable[..., Fitted | None]
) -> _Place | None:
    """Return the formulas on a page of a height, beside the network or under it. foot: height of what stands below both.

    share: of the page, for the network beside them or for the formulas under it. fit: how they are fitted, None where they are not.
    """
    assert page.height is not None
    wide, bottom = page.width >= LANDSCAPE * page.height, page.height - foot
    x = float(round(share * page.width)) if wide else 0.0
    high = bottom if wide else share * page.height
    found = fit(step, moment.fmt, theme, page.width - x - 2 * PAD, high - 2 * PAD, sizes, GlyphMetrics())
    return None if found is None else _Place(x, 0.0 if wide else round(bottom - found.height - 2 * PAD - 1.0), found)


def _as_high_as_needed(moment: Moment, theme: Theme, options: SheetOptions, page: Page, step: BoardStep, own: float) -> _Shares:
    """Return the shares of a page on which the network is `own` high and everything else stands below it."""
    foot = _below(moment, theme, options, page, None)
    if not options.formulas:
        return _Shares(foot, float(round(own)), None)
    found = fitted(step, moment.fmt, theme, page.width - 2 * PAD, inf, letters(theme, own, wide=True), GlyphMetrics())
    return _Shares(foot, float(round(own + found.height + 2 * PAD)), _Place(0.0, own, found))


def _network(moment: Moment, theme: Theme, drawn: DiagramOptions, width: float, height: float) -> Diagram:
    """Return the network; without the legend, beside which they have their place, notes get a place of their own at the bottom."""
    diagram = on_paper(build_diagram(moment, theme, drawn, width, height))
    noted = [label.block.size for label in diagram.labels if _is_note(label, height)]
    if drawn.legend or not noted:
        return diagram
    room = LEADING * max(noted) * len(noted)
    diagram = on_paper(build_diagram(moment, theme, drawn, width, height - room))
    items = (replace(item, y=item.y + room) if _is_note(item, height - room) else item for item in diagram.items)
    return replace(diagram, height=height, items=tuple(items))


def _is_note(item: Primitive, height: float) -> TypeGuard[Label]:
    return isinstance(item, Label) and item.kind == "note" and item.y > height / 2


def _network_theme(theme: Theme, page: Page, height: float) -> Theme:
    """Return what the network is drawn in: where it has only a part of a projected page, its letters shall not be as small as that."""
    between = ((page.height or height) + height) / 2
    return replace(theme, smallest=max(theme.smallest, theme.smallest_share * between))


class _Below(NamedTuple):
    """What stands at the foot of the sheet, from y = 0 on. notes: what it says about the picture."""

    items: list[Primitive]
    height: float
    notes: tuple[str, ...]


def _below(moment: Moment, theme: Theme, options: SheetOptions, page: Page, most: float | None) -> _Below:
    """Return the tables, and below them what is missing from them and the conventions where there is no caption to name them."""
    size, width = _table_size(theme, page), page.width - 2 * PAD
    tables = tables_of(moment, theme, size, width, most, PAD) if options.tables else Tables([], 0.0)
    top = tables.height + 2 * PAD if tables.items else 0.8 * PAD
    said = () if options.caption else conventions(moment.record.problem, comma=moment.fmt.comma)
    lines = [words(line, size) for line in wrapped(said, size, width)]
    lines = [_missing(tables.left_out, size, width), *lines] if tables.left_out else lines
    if not (lines or tables.items):
        return _Below([], 0.0, ())
    begin, height = top - 0.4 * PAD + 0.5 * LEADING * size, top + LEADING * size * len(lines)
    texts = [Label(PAD, begin + i * LEADING * size, line, theme.muted, theme.panel, "left", kind="note") for i, line in enumerate(lines)]
    ground = _ground(theme, 0.0, 0.0, page.width, height, line_above=True)
    note = f"{NO_ROOM} {', '.join(map(plain_symbol, tables.left_out))}"
    return _Below([*ground, *_moved([*tables.items], PAD), *texts], height, (note,) if tables.left_out else ())


def _missing(titles: tuple[str, ...], size: float, width: float) -> Block:
    """Return which tables are missing on one line, the last ones as a number where it would be too long."""
    symbols = [symbol(title, size) for title in titles]
    for kept in range(len(symbols), 0, -1):
        named = [part for one in symbols[:kept] for part in (words(" · ", size), one)][1:]
        more = [words(f" and {len(symbols) - kept} more", size)] if kept < len(symbols) else []
        line = joined(words(f"{NO_ROOM} ", size), *named, *more)
        if line.width <= width:
            break
    return line


def _step(moment: Moment, explanation: Explanation) -> BoardStep:
    stage = moment.stage
    return BoardStep(moment.tick, None if stage is None else stage.phase, explanation)


def _table_size(theme: Theme, page: Page) -> float:
    """Return the size of the tables' letters; a projector's are legible from the last row, as those of the network."""
    return float(round(max(13.0, theme.smallest, theme.smallest_share * (page.height or SHALLOW * page.width))))


def _formulas(moment: Moment, theme: Theme, place: _Place, width: float, height: float) -> list[Primitive]:
    x, y, found = place
    room = (width - 2 * PAD, height - 2 * PAD)
    inside = Formulas(x + PAD, y + PAD, *room, found.step, moment.fmt, theme, zoom_of(theme, found.size))
    return [*_ground(theme, x, y, width, height, line_above=y > 0), inside]


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
