"""What stands around the network: the caption, the lines to the loss, the legend, the notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import ceil

import numpy as np

from gui.diagram.build_edge_numbers import EdgeNumbers
from gui.diagram.build_neurons import are_cut
from gui.diagram.context import Context, longest_of, write
from gui.diagram.inline import sentence
from gui.diagram.primitives import Label, Picture, Primitive
from gui.diagram.shape import legend_height, two_lines
from gui.diagram.text import Block, joined, shortened, symbol, words
from gui.diagram.wrapped import wrapped
from gui.theme import RGB, Scale
from model.expr.text import latex_to_text
from model.stages import Ref

RANGES = {"step": "of this step", "run": "of the run", "fixed": "fixed"}
_BELOW = re.compile("(errors or )?sums above activations")
_POWER = re.compile(r"(\d[\d.,]*)e(−?)(\d+)")
WRITTEN_OUT = 7  # powers of ten up to which the legend writes a number out
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


def legend(
    ctx: Context, scale: Scale | None, numbers: EdgeNumbers, drawn: Sequence[Primitive], noted: Sequence[Block] = ()
) -> Iterator[Primitive]:
    """Yield the legend of the edges' colour, width and numbers, at the bottom left; above the notes where these need its place.

    drawn: the network, whose short powers of ten are explained.
    """
    s, theme = ctx.layout.sizes, ctx.theme
    size = max(0.92 * s.text, s.smallest)
    x, y = s.pad, ctx.layout.height - s.pad * 0.5 - legend_height(s, ctx.layout.width) + 0.5 * s.text
    by = ctx.options.colour_by
    if by == "none" and not ctx.options.paths:
        return
    cut = " · shortened to fit" if numbers.cut or are_cut(ctx) else ""
    power = _power(ctx, scale, drawn, size)
    empty = bool(ctx.options.paths) and not (scale is not None and scale.limit > 0)
    if scale is None or empty:
        what = _path_names(ctx, size, empty=True) if empty else []
        usual = "" if empty else "line width: size of the weight"
        later = "" if by == "weight" or empty else " · colour follows once it is known"
        tries = [
            joined(*what, *([words((usual + more).lstrip(), size)] if usual + more else []), *power, gap=0.4 * size)
            for more in (later + cut, cut, "")
        ]
        block = next((one for one in tries if one.width <= ctx.layout.width - 2 * s.pad), tries[-1])
        beside = len(noted) < 2 and block.width + sum(note.width + 2 * s.text for note in noted) <= ctx.layout.width - 2 * s.pad
        at = ctx.layout.height - 0.5 * s.pad - 0.6 * s.text if beside else y + 0.55 * s.text
        yield Label(x, at, block, theme.muted, theme.canvas, "left", kind="legend")
        return
    kind = "logarithmic" if scale.kind == "symlog" else "linear"
    over = "" if ctx.options.paths else f" · range {RANGES[ctx.options.range]}"
    kinds, how = _kinds(ctx, numbers.kinds, size), [words("· wide = large, dashed = negative", size)]
    for said, more in ((cut, [*power, *kinds, *how]), (cut, [*power, *kinds]), (cut, [*power, *how]), (cut, power), ("", power), ("", [])):
        head = joined(_quantity_name(ctx, size), words(f"· {kind}{over}{said}", size), *more, gap=0.4 * size)
        if head.width <= ctx.layout.width - 2 * s.pad:
            break
    yield Label(x, y + 0.55 * size, head, theme.muted, theme.canvas, "left", kind="legend")
    width = _ramp_width(ctx)
    ramp = scale.ink(np.linspace(-1.0, 1.0, 129) * scale.limit if scale.limit > 0 else np.zeros(129))
    ramp_y = ctx.layout.height - s.pad * 0.5 - 1.95 * s.text
    yield Picture(x, ramp_y + 0.1 * size, width, 0.6 * s.text, ramp[None, :, :])
    limit = _limit(ctx, scale)
    for text, share in (("−" + limit, 0.0), ("0", 0.5), (limit, 1.0)):
        block = words(text, size)
        at = x + share * (width - block.width)
        yield Label(at, ramp_y + 1.35 * s.text, block, theme.muted, theme.canvas, "left", kind="legend")


def _limit(ctx: Context, scale: Scale) -> str:
    """Return the end of the scale as text."""
    return write(scale.limit, ctx.moment.fmt, min(3, longest_of(ctx.moment.fmt)), 2)


def _power(ctx: Context, scale: Scale | None, drawn: Sequence[Primitive], size: float) -> list[Block]:
    """Set what a short power of ten in the picture means, by the one nearest to 1: "4e−3 is 0.004"."""
    texts = [item.block.plain for item in drawn if isinstance(item, Label)] + ([_limit(ctx, scale)] if scale is not None else [])
    found = min((match for text in texts for match in _POWER.finditer(text)), key=lambda match: int(match[3]), default=None)
    if found is None:
        return []
    if int(found[3]) > WRITTEN_OUT:
        return [words(f"· e{found[2]}{found[3]} is times 10 to the {found[2]}{found[3]}", size)]
    value = Decimal(found[0].replace(",", ".").replace("−", "-"))
    return [words(f"· {found[0]} is {value:f}".replace(".", "," if ctx.moment.fmt.comma else "."), size)]


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
        return joined(*_path_names(ctx, size), words("· what they carry", size), gap=0.4 * size)
    if by == "contribution":
        return words("contribution: weight × input", size)
    return _matrix_name(ctx, _COLOUR_REFS[by], size)


def _path_names(ctx: Context, size: float, *, empty: bool = False) -> list[Block]:
    """Name the paths that are drawn by the weight, bias or input from which they come. empty: nothing flows through them."""
    of, problem = ctx.options.paths[0].of, ctx.moment.record.problem
    said = [words("these paths" if of is None else "paths of", size)]
    if of is not None:
        latex = ctx.moment.notation.symbol(of._replace(sample=ctx.moment.sample), problem, ctx.moment.record.m)
        said.append(symbol(latex, size, ctx.layout.sizes.smallest))
    nothing = empty and not any(path.value for path in ctx.options.paths)
    return [*said, *([words("· all carry 0", size)] if nothing else [])]


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
    shortest = [_BELOW.sub("activations below", text) for text in shortest]
    some = ["{:,} of {:,} edges".format(*left_out)] if left_out[0] < left_out[1] else []
    total = [*some, "numbers under the pointer", *(text for text in shortest if text == "activations below")]
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
    return re.sub(r"its (\d+) numbers under the pointer", r"no room for \1 numbers", text)


def _briefer(texts: Sequence[str]) -> list[str]:
    said = [re.sub(r"\bno room for \d+ numbers", "no numbers on edges", text.removesuffix(" fit")) for text in texts]
    said = [re.sub(r"(\d+) of (\d+) numbers", r"\1/\2 numbers", text) for text in said]
    said = [text.replace("neurons show their latest number only", "latest number per neuron") for text in said]
    return [text.replace("neurons show errors", "errors").replace("neurons filled", "filled") for text in said]


def _by_layer(texts: Sequence[str]) -> list[str]:
    """Say all of a layer at once."""
    found: dict[str, list[str]] = {}
    for text in _brief(texts):
        layer, colon, rest = text.removesuffix(" fit").partition(": ")
        found.setdefault(layer if colon else text, []).extend([rest] if colon else [])
    return [f"{layer}: {', '.join(rest)}" if rest else layer for layer, rest in found.items()]


def _ramp_width(ctx: Context) -> float:
    return min(13 * ctx.layout.sizes.text, 0.3 * ctx.layout.width)
