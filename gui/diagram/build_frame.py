"""What stands around the network: the caption, the lines to the loss, the legend, the notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import ceil

import numpy as np

from gui.diagram.build_edge_numbers import EdgeNumbers
from gui.diagram.build_neurons import are_cut, takes_turns
from gui.diagram.build_nodes import LOSS_RING, loss_size
from gui.diagram.context import Context, longest_of, write
from gui.diagram.inline import sentence
from gui.diagram.labels import Gap, Wish
from gui.diagram.primitives import Box, Floats, Label, Lines, Picture, Primitive
from gui.diagram.shape import legend_height, two_lines
from gui.diagram.shapes import beyond
from gui.diagram.text import Block, joined, shortened, symbol, words
from gui.diagram.wrapped import wrapped
from gui.theme import RGB, Scale
from model.expr.text import latex_to_text
from model.stages import Ref

RANGES = {"step": "of this step", "run": "of the run", "fixed": "fixed"}
ERRORS_UP_TO = 6  # outputs whose errors are written on their lines; more lines come too close to each other
_COLOUR_REFS = {"gradient": "dW", "weight": "W", "update": "step_W"}


def caption(ctx: Context) -> Iterator[Label]:
    """Yield the title, "Update 1 · backward · what happens", the phase in its colour."""
    s, theme, record = ctx.layout.sizes, ctx.theme, ctx.moment.record
    y = s.pad * 0.8 + s.caption * 0.62
    x = s.pad
    phase = ctx.current.phase
    said = ctx.options.title.split(" · ") if ctx.options.title else [f"Update {record.step:,}", *([phase] if phase else [])]
    parts: list[tuple[str, str, RGB]] = [
        (text, "semibold", theme.phase(phase).text) if text == phase else (text, "regular", theme.text) for text in said
    ]
    blocks, size = _titles(ctx, [(text, face) for text, face, _ in parts])
    first = True
    for block, (_, _, colour) in zip(blocks, parts, strict=True):
        if not block.width:
            continue
        if not first:
            yield Label(x + 0.5 * size, y, words("·", size, "semibold"), theme.muted, theme.canvas)
            x += size
        first = False
        yield Label(x, y, block, colour, theme.canvas, "left", kind="caption")
        x += block.width


def _titles(ctx: Context, said: list[tuple[str, str]]) -> tuple[list[Block], float]:
    """Set the parts of the title and return their size: of a long one less is said, then its letters are smaller, at last it is cut.

    What is said last, such as the component that is formed, is the last to be cut; what is left out altogether has no width.
    """
    s = ctx.layout.sizes
    size, room = s.caption, ctx.layout.width - 2 * s.pad + 1.0

    def over(blocks: list[Block]) -> float:
        return sum(block.width for block in blocks) + size * (sum(block.width > 0 for block in blocks) - 1) - room

    blocks: list[Block] = []
    briefer = _briefer_titles([text for text, _ in said])
    for height in (s.caption, *range(ceil(s.caption) - 1, ceil(s.smallest) - 1, -1)):
        size = float(height)
        for texts in briefer:
            blocks = [_title(ctx, text, size, face) if text else words("", size) for text, (_, face) in zip(texts, said, strict=True)]
            if over(blocks) <= 0:
                return blocks, size
    for i in [*reversed(range(2, len(said) - 1)), len(said) - 1]:
        if (much := over(blocks)) > 0:
            left = blocks[i].width - much
            last = i == len(said) - 1
            blocks[i] = shortened(blocks[i], max(left, 0.0)) if last or left > 4 * size else words("", size)
    return blocks, size


def _briefer_titles(said: list[str]) -> list[list[str]]:
    """Return the parts of a title, then with less and less said: "" for what is left out.

    A component tells what is formed, so that its stage need not be named; the number of the update stands on the timeline too.
    """
    found = [said, [text.partition(": ")[0] for text in said]]
    if len(said) - said[-1].startswith("term ") > 3:
        found.append([*found[-1][:2], "", *found[-1][3:]])
    if len(said) > 2 and said[0].startswith("Update "):
        found += [["", *texts[1:]] for texts in found[1:]]
    return [texts for i, texts in enumerate(found) if texts not in found[:i]]


def _title(ctx: Context, text: str, size: float, face: str) -> Block:
    """Set a part of the title; the name of the component that is being formed as the notation writes it."""
    smallest, place, stage = ctx.layout.sizes.smallest, ctx.moment.place, ctx.moment.stage
    if stage is not None and place is not None and place.component is not None:
        ref, record = stage.entry(place.component), ctx.moment.record
        for one in (ref, ref._replace(sample=ctx.moment.sample)):
            latex = ctx.moment.notation.symbol(one, record.problem, record.m)
            if latex_to_text(latex) == text:
                return symbol(latex, size, smallest, nested=True)
    return sentence(text, size, face, smallest, nested=True)


def error_lines(ctx: Context) -> Iterator[Primitive]:
    """Yield the lines outputs – loss – targets; those from the outputs carry ∂L/∂a once it is known."""
    outputs, loss, targets = ctx.layout.neurons[-1], ctx.layout.column("loss"), ctx.layout.column("targets")
    if loss is None or targets is None:
        return
    width, _ = loss_size(ctx)
    n = len(outputs.units)
    spread = np.clip(np.array(outputs.ys) - loss.ys[0], -0.9 * ctx.layout.sizes.text, 0.9 * ctx.layout.sizes.text)
    ends = np.column_stack([np.full(n, loss.x - width / 2), loss.ys[0] + spread])
    starts = outputs.centres
    way = ends - starts
    way /= np.hypot(way[:, 0], way[:, 1])[:, None]
    leave = 1.0 / np.hypot(way[:, 0] / outputs.rx, way[:, 1] / outputs.r)
    xy = np.hstack([starts + way * leave[:, None], ends])
    back = np.column_stack([np.full(n, targets.x - targets.rx), targets.ys, np.full(n, loss.x + width / 2), ends[:, 1]])
    yield _plain(ctx, back)
    refs = [Ref("dLda", outputs.layer, unit) for unit in outputs.units]
    known = [ctx.value(ref) for ref in refs]
    units = np.array(outputs.units, dtype=np.int32)
    current = np.isin(units, list(ctx.current.outputs))
    rgb = np.array([ctx.theme.edge if v is None else ctx.theme.sign(v) for v in known], dtype=np.uint8)
    dashed = np.array([v is not None and v < 0 for v in known])
    widths = np.where([v is None for v in known], 1.2, 2.4) * ctx.line
    lines = Lines(xy, rgb, widths, dashed, np.full(n, outputs.layer, dtype=np.int32), units, np.zeros(n, dtype=np.int32), "error")
    if current.any() and n <= 40:
        wash = np.tile(np.array(ctx.theme.gold_wash, dtype=np.uint8), (int(current.sum()), 1))
        yield Lines(xy[current], wash, widths[current] + 6 * ctx.line, np.zeros(int(current.sum()), dtype=np.bool_), lines.layer[current],
                    units[current], lines.sender[current], "halo")  # fmt: skip
    yield lines


def _plain(ctx: Context, xy: Floats) -> Lines:
    n = len(xy)
    rgb = np.tile(np.array(ctx.theme.rule, dtype=np.uint8), (n, 1))
    zeros = np.zeros(n, dtype=np.int32)
    return Lines(xy, rgb, np.full(n, 1.2 * ctx.line), np.zeros(n, dtype=np.bool_), zeros, zeros, zeros, "plain")


def legend(ctx: Context, scale: Scale | None, numbers: EdgeNumbers, noted: Sequence[Block] = ()) -> Iterator[Primitive]:
    """Yield the legend of the edges' colour, width and numbers, at the bottom left; above the notes where these need its place."""
    s, theme = ctx.layout.sizes, ctx.theme
    size = max(0.92 * s.text, s.smallest)
    x, y = s.pad, ctx.layout.height - s.pad * 0.5 - legend_height(s, ctx.layout.width) + 0.5 * s.text
    by = ctx.options.colour_by
    if by == "none" and not (ctx.options.paths and scale is not None and scale.limit > 0):
        return
    cut = " · shortened to fit" if numbers.cut or are_cut(ctx) else ""
    if scale is None:
        later = " · colour follows once it is known" if by != "weight" else ""
        tries = [words("line width: size of the weight" + more, size) for more in (later + cut, cut)]
        block = tries[tries[0].width > ctx.layout.width - 2 * s.pad]
        beside = len(noted) < 2 and block.width + sum(note.width + 2 * s.text for note in noted) <= ctx.layout.width - 2 * s.pad
        at = ctx.layout.height - 0.5 * s.pad - 0.6 * s.text if beside else y + 0.55 * s.text
        yield Label(x, at, block, theme.muted, theme.canvas, "left", kind="legend")
        return
    kind = "logarithmic" if scale.kind == "symlog" else "linear"
    over = "" if ctx.options.paths else f" · range {RANGES[ctx.options.range]}"
    kinds, how = _kinds(ctx, numbers.kinds, size), [words("· wide = large, dashed = negative", size)]
    for more in ([*kinds, *how], kinds, how, []):
        head = joined(_quantity_name(ctx, size), words(f"· {kind}{over}{cut}", size), *more, gap=0.4 * size)
        if head.width <= ctx.layout.width - 2 * s.pad:
            break
    yield Label(x, y + 0.55 * size, head, theme.muted, theme.canvas, "left", kind="legend")
    width = _ramp_width(ctx)
    ramp = scale.ink(np.linspace(-1.0, 1.0, 129) * scale.limit if scale.limit > 0 else np.zeros(129))
    ramp_y = ctx.layout.height - s.pad * 0.5 - 1.95 * s.text
    yield Picture(x, ramp_y + 0.1 * size, width, 0.6 * s.text, ramp[None, :, :])
    limit = write(scale.limit, ctx.moment.fmt, min(3, longest_of(ctx.moment.fmt)), 2)
    for text, share in (("−" + limit, 0.0), ("0", 0.5), (limit, 1.0)):
        block = words(text, size)
        at = x + share * (width - block.width)
        yield Label(at, ramp_y + 1.35 * s.text, block, theme.muted, theme.canvas, "left", kind="legend")


def _kinds(ctx: Context, kinds: Mapping[str, Ref], size: float) -> list[Block]:
    """Set what the numbers on the edges are, where colours mean something else: of most layers first, then of single ones."""
    names = [ref.quantity for ref in kinds.values()]
    if not names or set(names) == {_COLOUR_REFS.get(ctx.options.colour_by)}:
        return []
    usual = max(dict.fromkeys(names), key=names.count)
    said = _matrix_name(ctx, usual, size)
    for layer, ref in kinds.items():
        if ref.quantity != usual:
            said = joined(joined(said, words(f", {layer}", size)), _matrix_name(ctx, ref.quantity, size), gap=0.25 * size)
    return [words("· numbers:", size), said]


def _matrix_name(ctx: Context, quantity: str, size: float) -> Block:
    if quantity == "W_new":  # without indices it would look like the old one
        return joined(words("new", size), _matrix_name(ctx, "W", size), gap=0.25 * size)
    latex = ctx.moment.notation.name_of(quantity, 1, ctx.moment.record.problem, unit="", source="")
    return symbol(latex, size, ctx.layout.sizes.smallest, short=True)


def _quantity_name(ctx: Context, size: float) -> Block:
    by = ctx.options.colour_by
    if ctx.options.paths:
        return words("what the paths carry", size)
    if by == "contribution":
        return words("contribution: weight × input", size)
    return _matrix_name(ctx, _COLOUR_REFS[by], size)


def notes(ctx: Context, lines: Sequence[Block]) -> Iterator[Primitive]:
    """Yield what the picture leaves out, at the bottom right. lines: as `note_lines` has set them."""
    s = ctx.layout.sizes
    y = ctx.layout.height - s.pad * 0.5 - 0.6 * s.text
    for i, block in enumerate(reversed(lines)):
        yield Label(ctx.layout.width - s.pad, y - 1.2 * block.size * i, block, ctx.theme.muted, ctx.theme.canvas, "right", kind="note")


def note_lines(ctx: Context, texts: Sequence[str], left_out: tuple[int, int], scale: Scale | None) -> list[Block]:
    """Set what the picture leaves out on one line, on two where one is too short, in as many words as fit beside the legend.

    left_out: how many edges are drawn of how many, for where there is no room to tell layers apart.
    """
    if not texts:
        return []
    s = ctx.layout.sizes
    usual = max(0.92 * s.text, s.smallest)
    ramp = ctx.options.legend and scale is not None and (ctx.options.colour_by != "none" or bool(ctx.options.paths))
    room = ctx.layout.width - 2 * s.pad - (_ramp_width(ctx) + 1.5 * s.text if ramp else 0.0)
    by_layer = _briefer(_by_layer(texts))
    shortest = [re.sub(r"(\d) of (\d)", r"\1/\2", text).replace("strongest edges", "strongest") for text in by_layer]
    total = ["{:,} of {:,} edges".format(*left_out), "numbers under the pointer"]
    tries = [(usual, list(texts)), (usual, _brief(texts)), (s.smallest, _briefer(_brief(texts))), (s.smallest, by_layer)]
    tries += [(s.smallest, shortest), (s.smallest, [*shortest[-1:], *shortest[:-1]]), (s.smallest, total)]
    most = 2 if two_lines(s, ctx.layout.width) else 1
    lines: list[str] = []
    for size, said in tries:
        lines = list(wrapped(tuple(said), size, room))
        if len(lines) <= (1 if said is tries[0][1] else most) and all(words(line, size).width <= room for line in lines):
            break
    return [shortened(words(line, size), room) for line in lines[:2]]


def _brief(texts: Sequence[str]) -> list[str]:
    return [_few(text.removesuffix(" edges") if ":" in text else text.partition(", numbers under")[0]) for text in texts]


def _few(text: str) -> str:
    """Return a note that no number of a layer is shown as briefly as one that some are."""
    return re.sub(r"its (\d+) numbers under the pointer", r"0 of \1 numbers fit", text)


def _briefer(texts: Sequence[str]) -> list[str]:
    said = [re.sub(r"\b0 of \d+ numbers", "no numbers", text.removesuffix(" fit")) for text in texts]
    said = [re.sub(r"(\d+) of (\d+) numbers", r"\1/\2 numbers", text) for text in said]
    return [text.replace("in place of", "for").replace("neurons filled", "filled") for text in said]


def _by_layer(texts: Sequence[str]) -> list[str]:
    """Say all of a layer at once."""
    found: dict[str, list[str]] = {}
    for text in _brief(texts):
        layer, colon, rest = text.removesuffix(" fit").partition(": ")
        found.setdefault(layer if colon else text, []).extend([rest] if colon else [])
    return [f"{layer}: {', '.join(rest)}" if rest else layer for layer, rest in found.items()]


def _ramp_width(ctx: Context) -> float:
    return min(13 * ctx.layout.sizes.text, 0.3 * ctx.layout.width)


def error_numbers(ctx: Context, drawn: list[Primitive], obstacles: list[Box]) -> Iterator[Primitive]:
    """Yield ∂L/∂a on the lines to the loss while it is the step and afterwards, where there is room.

    drawn: what `error_lines` has made; obstacles: what numbers have to keep clear of.
    """
    outputs, loss = ctx.layout.neurons[-1], ctx.layout.column("loss")
    lines = next((item for item in drawn if isinstance(item, Lines) and item.kind == "error"), None)
    shown = len(outputs.units) <= ERRORS_UP_TO and not takes_turns(ctx.layout, outputs)  # or they stand in the neurons
    if loss is None or lines is None or ctx.options.numbers == "none" or not shown:
        return
    s = ctx.layout.sizes
    width, height = loss_size(ctx)
    size = max(0.95 * s.text, s.smallest)
    wishes, texts = [], []
    for i, unit in enumerate(outputs.units):
        ref = Ref("dLda", outputs.layer, unit)
        is_loss = ctx.current.quantity in ("loss", "loss_sample")
        if is_loss and unit in ctx.current.outputs and ctx.moment.record.m == 1:
            ref = Ref("loss_output", 0, unit)
            value: float | None = ctx.moment.value(ref)
        else:
            value = ctx.value(ref)
        if value is None or (ctx.options.numbers == "current" and unit not in ctx.current.outputs):
            continue
        block = ctx.fit(value, 5.5 * size, size, "semibold", most=6)
        if block is not None:
            colour = ctx.theme.text if ref.quantity == "loss_output" else ctx.theme.sign(value)
            texts.append((block, colour, ref))
            wishes.append(Wish(i, block.width + 0.5 * size, 1.2 * size, unit in ctx.current.outputs))
    nodes = [(y, beyond(ctx, outputs.layer, unit)) for unit, y in zip(outputs.units, outputs.ys, strict=True)]
    circles = np.array([(outputs.x, y, min(outputs.r, outputs.rx) + more) for y, more in nodes])
    near = [b for b in obstacles if b.x + b.width / 2 >= outputs.x]
    blocks = [(b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2) for b in near]
    if outputs.rx > outputs.r or outputs.stacked:
        rx, r = outputs.rx, outputs.r
        blocks += [(outputs.x - rx - more, y - r - more, outputs.x + rx + more, y + r + more) for y, more in nodes]
    ring = (LOSS_RING if ctx.current.loss else 1.0) * ctx.line
    width, height = width + 2 * ring, height + 2 * ring
    blocks.append((loss.x - width / 2, loss.ys[0] - height / 2, loss.x + width / 2, loss.ys[0] + height / 2))
    places = Gap(lines.xy, circles, np.array(blocks), prefer=0.5).place(wishes, tolerated=0)
    whole = all(at is not None for at in places)
    for wish, (block, colour, ref), at in zip(wishes, texts, places, strict=True):
        if at is not None and (whole or ref.quantity == "loss_output"):  # errors stand in badges too, shares of the loss do not
            yield Box(at[0], at[1], wish.width, wish.height, 0.3 * size, ctx.theme.canvas, ref=ref)
            yield Label(at[0], at[1], block, colour, ctx.theme.canvas, ref=ref, kind="edge")
