"""From a moment of the walk to a picture: `build_diagram` is pure, and knows nothing of how pictures are painted."""

from __future__ import annotations

from dataclasses import replace

from gui.diagram.build_badges import badge_strips, badges, badges_of, nameless
from gui.diagram.build_conventions import conventions_line
from gui.diagram.build_edge_numbers import edge_numbers
from gui.diagram.build_edges import edge_lines, edges_of
from gui.diagram.build_errors import error_lines, error_numbers
from gui.diagram.build_frame import caption, legend, note_lines, notes
from gui.diagram.build_heads import heads, heads_of
from gui.diagram.build_neurons import turns
from gui.diagram.build_nodes import name_strips, nodes
from gui.diagram.build_paths import path_lines, path_scale
from gui.diagram.chosen import units_that_matter, with_selected
from gui.diagram.context import GIVEN_DECIMALS, ColourBy, Context, DiagramOptions, Numbers, PathOverlay, longest_of, write
from gui.diagram.current import current_of
from gui.diagram.layout import Layout, lay_out
from gui.diagram.primitives import Box, Diagram, Primitive
from gui.diagram.shape import Shape, is_image
from gui.diagram.text import Block, symbol, words
from gui.diagram.values import scale_for
from gui.theme import Theme
from model.conventions import conventions
from model.moment import Moment
from model.stages import Ref

__all__ = ["ColourBy", "Diagram", "DiagramOptions", "Numbers", "PathOverlay", "build_diagram", "layout_of"]


def build_diagram(moment: Moment, theme: Theme, options: DiagramOptions, width: float, height: float) -> Diagram:
    """Return the picture of a moment for a canvas of `width` × `height` logical pixels."""
    layout = layout_of(moment, theme, options, width, height)
    if options.paths:  # colour belongs to the paths, the other edges stand back
        options = replace(options, colour_by="none")
    ctx = Context(moment, theme, options, layout, current_of(moment))
    edges = edges_of(ctx)
    scale = scale_for(theme, options.scale, [e.values for e in edges], options.limit, grows=options.range == "run")
    if options.paths:
        scale = path_scale(theme, options.paths)
    shown = badges_of(ctx)
    names = list(name_strips(ctx))
    strips = [*badge_strips(ctx, shown), *names]
    numbers = edge_numbers(ctx, edges, strips, lambda: [*_strips_at_end(ctx), *names])
    tops = heads_of(ctx, nameless(ctx, shown))
    left_out = [e.note for e in edges if e.note]
    remarks = [*(["strongest edges"] if left_out else []), *left_out, *numbers.notes, *turns(ctx, names_left_out=tops.sums_left_out)]
    items: list[Primitive] = [*edge_lines(ctx, edges, scale), *(path_lines(ctx, edges) if options.paths else ())]
    errors = list(error_lines(ctx))
    items += [*errors, *numbers.items, *error_numbers(ctx, errors, [*strips, *(item for item in numbers.items if isinstance(item, Box))])]
    items += [*nodes(ctx), *badges(ctx, shown), *heads(ctx, tops)]
    if options.caption:
        title = list(caption(ctx))
        items += title
        items += conventions_line(ctx, max((item.block.size for item in title), default=layout.sizes.caption))
    said = note_lines(ctx, remarks, (sum(len(e.unit) for e in edges), sum(e.total for e in edges)), scale)
    if options.legend:
        items += legend(ctx, scale, numbers, items, said)
    items += notes(ctx, said)
    return Diagram(width, height, theme.canvas, tuple(items), tuple(remarks))


def _strips_at_end(ctx: Context) -> list[Box]:
    """Return where badges stand when the update has been walked through."""
    end = replace(ctx.moment, tick=ctx.moment.walk.total)
    ctx = Context(end, ctx.theme, ctx.options, ctx.layout, current_of(end))
    return badge_strips(ctx, badges_of(ctx))


def layout_of(moment: Moment, theme: Theme, options: DiagramOptions, width: float, height: float) -> Layout:
    """Return the layout; it changes with the network, the canvas and the selection, not from step to step of an update."""
    problem = moment.record.problem
    chosen = with_selected(options.units or units_that_matter([moment.record], moment.sample), problem.layers, options.selected)
    symbols = [_symbol(moment, Ref(q, 0, problem.layers[at] - 1)) for q, at in (("x", 0), ("y", -1))]
    widest, highest = max(block.width for block in symbols) + 0.7, max(block.ascent + block.descent for block in symbols)
    shape = Shape(problem.layers, problem.has_biases, problem.loss != "none", chosen, widest, highest, _given_width(moment),
                  conventions(problem, comma=moment.fmt.comma), longest_of(moment.fmt))  # fmt: skip
    return lay_out(shape, theme, width, height, caption=options.caption, legend=options.legend, spacing=options.spacing)


def _symbol(moment: Moment, ref: Ref) -> Block:
    """Return a symbol of an input or target one pixel high, its indices as large as they may have to be."""
    latex = moment.notation.symbol(ref._replace(sample=moment.sample), moment.record.problem, moment.record.m)
    return symbol(latex, 1.0, 1.0)


def _given_width(moment: Moment) -> float:
    """Return the width of the widest input or target in letter heights, over the samples of the batch (the first ones of many)."""
    record = moment.record
    arrays = (record.y,) if is_image(record.problem.layers) else (record.x, record.y)
    values = [v for array in arrays for v in array.ravel()[:200].tolist()]
    return max((words(write(v, moment.fmt, GIVEN_DECIMALS), 1000.0, "semibold").width / 1000 for v in values), default=0.0)
