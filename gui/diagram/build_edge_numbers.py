"""The numbers on the edges: which are shown, with how many decimals, and where there is room for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gui.diagram.build_edges import NUMBERED_AT_MOST, LayerEdges, lit_edges, old_in_use
from gui.diagram.context import Context, is_power, longest_of, write
from gui.diagram.labels import Gap, Wish
from gui.diagram.layout import Layout
from gui.diagram.primitives import Box, Label, Primitive
from gui.diagram.shapes import RING, beyond
from gui.diagram.text import Block, words
from gui.theme import RGB
from model.expr.tree import NumberFormat, raw_number
from model.record import Record
from model.stages import Ref

CROWDED = 30  # edges of a layer beyond which only current and selected numbers are shown
LONGEST = 5  # decimals of a number on an edge
FEW = 16  # numbers of a step that all have to be shown, close together if need be; of more, what comes close is left out
Form = Mapping[str, int]  # most decimals of weights, gradients and new weights
FREE: Form = {"W": LONGEST, "dW": LONGEST, "W_new": LONGEST}
_FORMS: WeakKeyDictionary[Record, dict[tuple[int, int, str, NumberFormat, Layout], Form]] = WeakKeyDictionary()
_LEADING_ZERO = re.compile(r"(?<!\d)0(?=[.,]\d)")
Plate = tuple[Box, Label]
_OF_BIAS = {"W": "b", "dW": "db", "W_new": "b_new"}
_OF_MATRIX = {"b": "W", "db": "dW", "b_new": "W_new", "db_sample": "dW_sample"}


@dataclass(frozen=True, slots=True)
class EdgeNumbers:
    """Plates and numbers. notes: what had to be left out, in words. kinds: the matrix that the numbers of a layer are of, by its name.

    cut: whether a number has fewer decimals than board and tables show of it.
    """

    items: tuple[Primitive, ...]
    notes: tuple[str, ...]
    kinds: dict[str, Ref]
    cut: bool


def edge_numbers(ctx: Context, edges: list[LayerEdges], obstacles: list[Box], at_end: Callable[[], list[Box]]) -> EdgeNumbers:
    """Return the numbers on the edges and what is to be said of them.

    obstacles: what they have to keep clear of. at_end: returns the same for the end of the update, by which
    their form is chosen.
    """
    plates: dict[int, list[Plate]] = {}
    notes: list[str] = []
    for e in sorted(edges, key=lambda e: not e.current.any()):
        wished = _wished(ctx, e)
        if not wished.any() or wished.sum() > NUMBERED_AT_MOST:
            continue
        taken = [plate for pairs in plates.values() for plate, _ in pairs if _reaches(ctx, e, plate)]
        form = _form(ctx, e, at_end) if ctx.options.steady and len(e.unit) <= CROWDED else FREE
        plates[e.layer], current, others, count = _numbers(ctx, e, wished, [*obstacles, *taken], form)
        if missing := current + others:
            some = f"{count - missing} of {count} numbers{' fit' if current else ''}"  # of those of the step all should
            notes.append(f"{e.name}: {some if missing < count else f'its {count} numbers under the pointer'}")
    items = tuple(item for layer in sorted(plates) for pair in plates[layer] for item in pair)
    labels = {e.name: [label for _, label in plates.get(e.layer, ())] for e in edges}
    kinds = {name: kind for name, found in labels.items() if (kind := _kind(found)) is not None}
    return EdgeNumbers(items, tuple(sorted(notes)), kinds, any(_is_cut(ctx, label) for found in labels.values() for label in found))


def _kind(labels: list[Label]) -> Ref | None:
    """Return the matrix, with its layer, that most of these numbers belong to."""
    names = [_OF_MATRIX.get(label.ref.quantity, label.ref.quantity) for label in labels if label.ref is not None]
    if not names or labels[0].ref is None:
        return None
    return Ref(max(dict.fromkeys(names), key=names.count), labels[0].ref.layer)


def _is_cut(ctx: Context, label: Label) -> bool:
    """Return whether a number on an edge has fewer decimals than elsewhere; a change that stands for it has none to lose."""
    shown = label.block.plain.rstrip("↑↓")
    if label.ref is None or shown.startswith("Δ"):
        return False
    return shown != raw_number(ctx.moment.value(label.ref), ctx.format_of(label.ref))


def _reaches(ctx: Context, e: LayerEdges, plate: Box) -> bool:
    """Return whether a number of another layer reaches in between the columns of this one."""
    left, right = ctx.column(e.layer - 1).x, ctx.column(e.layer).x
    return plate.x + plate.width / 2 > left and plate.x - plate.width / 2 < right


def _wished(ctx: Context, e: LayerEdges) -> NDArray[np.bool_]:
    """Return which edges should carry their number."""
    if ctx.options.numbers == "none":
        return np.zeros(len(e.unit), dtype=bool)
    chosen = lit_edges(ctx, e)
    ref = ctx.options.hovered if ctx.options.numbers == "hover" else ctx.options.selected
    if ref is not None and ref.unit is not None:
        if ref.quantity in ("z", "a", "delta", "dLda") and ref.layer == e.layer:
            chosen |= e.unit == ref.unit
        if (ref.quantity == "a" and ref.layer == e.layer - 1) or (ref.quantity == "x" and e.layer == 1):
            chosen |= e.sender == ref.unit
    if ctx.options.numbers in ("selected", "hover"):
        return chosen | e.current if e.current.sum() == 1 else chosen
    if ctx.options.numbers == "current" or len(e.unit) > NUMBERED_AT_MOST:
        return e.current | chosen
    return np.ones(len(e.unit), dtype=np.bool_)


def _form(ctx: Context, e: LayerEdges, at_end: Callable[[], list[Box]]) -> Form:
    """Return how many decimals the numbers of a layer have in the course of an update: so many that its weights, its gradients and its
    new weights fit, each while it is the step and while it is not. What fits with no decimals at all has no say.
    """
    m = ctx.moment
    key = (e.layer, m.sample, m.notation.name, m.fmt, ctx.layout)
    known = _FORMS.setdefault(m.record, {})
    if key not in known:
        room, form = _gap(ctx, e, at_end(), ringed=True), dict(FREE)
        for kind, here in (("W", True), ("dW", True), ("W", False), ("W_new", False), ("W_new", True)):
            if kind == "W_new" and m.record.new_params is None:
                continue
            shown = [_shown_as(ctx, e, i, kind, FREE, here=here) for i in range(len(e.unit))]
            form[kind] = max(min(form[kind], _most(ctx, e, room, shown, must=here)), _enough(shown), _seen(shown))
        known[key] = form
    return known[key]


def _most(ctx: Context, e: LayerEdges, room: Gap, shown: list[_Shown], *, must: bool) -> int:
    """Return with how many decimals all of a layer's numbers fit; where they fit in no form, as the last one tells at once, any number."""

    def fits(height: float, decimals: int) -> bool:
        blocks = [words(one.text(decimals, 0), height, one.face) for one in shown]
        gap = Gap(room.strokes, room.circles, room.boxes, room.prefer)
        wishes = [_wish(i, block, must=must, tight=0) for i, block in enumerate(blocks)]
        return None not in gap.place(wishes, tolerated=1, quick=True)

    tries = list(dict.fromkeys((height, decimals) for height, decimals, tight in _tries(ctx, e, shown, must=must) if not tight))
    if not fits(*tries[-1]):
        return LONGEST
    return next((decimals for height, decimals in tries[:-1] if fits(height, decimals)), tries[-1][1])


def _numbers(ctx: Context, e: LayerEdges, wished: NDArray[np.bool_], obstacles: list[Box], form: Form) -> tuple[list[Plate], int, int, int]:
    """Place the current numbers first, shorter and smaller where there is no room; the others all or, where too few fit, not at all.

    Returned with them: how many of the step's have no place, how many others, and of how many: where edges are crowded only those of
    the step are expected to have one.
    """
    crowded = len(e.unit) > CROWDED
    must = [int(i) for i in np.flatnonzero(wished & e.current)]
    shown_now = _gap(ctx, e, [box for box in obstacles if box.ref is None or box.fill is not None])
    items, gap = _fitted(ctx, e, _gap(ctx, e, obstacles), must, form, shown_now)
    missing = [i for i in must if i not in items]
    others = [int(i) for i in np.flatnonzero(wished & ~e.current)]
    if crowded and ctx.options.numbers == "all" and ctx.options.selected is None:
        others = []
    extra, _ = _fitted(ctx, e, gap, others, form)
    extra = extra if len(extra) >= 0.6 * len(others) else {}
    items |= extra
    if len(must) > CROWDED and len(missing) > 0.1 * len(must):  # some of many numbers tell nothing and hide the edges
        items, missing = {i: pair for i, pair in items.items() if i not in must}, must
    return list(items.values()), len(missing), len(others) - len(extra), len(must) + len(others)


def _fitted(ctx: Context, e: LayerEdges, room: Gap, order: list[int], form: Form, last: Gap | None = None) -> tuple[dict[int, Plate], Gap]:
    """Place some numbers, all with the same decimals and in letters of one height: the most with which all fit, or most of them.

    last: for numbers that must be shown, what room there is at last, where it is not kept free for what is not there yet.
    """
    must = last is not None
    best: tuple[dict[int, Plate], Gap] = {}, room
    shown = [_shown(ctx, e, i, form) for i in order]
    tried: set[tuple[float, int, tuple[str, ...]]] = set()
    for height, decimals, tight in _tries(ctx, e, shown, must=must) if order else ():
        texts = tuple(one.text(decimals, tight) for one in shown)
        if (height, tight, texts) in tried:
            continue
        tried.add((height, tight, texts))
        place = last if tight and last is not None else room
        gap = Gap(place.strokes, place.circles, place.boxes, place.prefer)
        blocks = [words(text, height, one.face) for text, one in zip(texts, shown, strict=True)]
        wishes = [_wish(i, block, must=must, tight=tight) for i, block in zip(order, blocks, strict=True)]
        items = _placed(ctx, gap, wishes, shown, blocks)
        if len(items) > len(best[0]):
            best = items, gap
        if len(items) == len(order):
            break
    return best


def _tries(ctx: Context, e: LayerEdges, shown: list[_Shown], *, must: bool) -> list[tuple[float, int, int]]:
    """Return heights, decimals and how tight plates are (0 to 2), what is preferred first: that every new weight differs from the old."""
    s = ctx.layout.sizes
    crowded = len(e.unit) > CROWDED
    size = max(s.smallest, round(s.text * (0.85 if crowded else 0.95)))
    longest = max(min(longest_of(one.fmt), one.most) for one in shown)
    mid, small = max(s.smallest, round(0.85 * size)), s.smallest
    if crowded:
        usual = [(size, 2), (small, 2)]
    elif must:  # digits before letters
        usual = [(size, 5), (size, 4), (size, 3), (mid, 4), (mid, 3), (small, 3), (size, 2), (mid, 2), (small, 2)]
    else:
        usual = [(size, 5), (size, 4), (size, 3), (size, 2), (mid, 2), (small, 2)]
    enough = _enough(shown)
    tries = [(height, min(decimals, longest), 0) for height, decimals in usual]
    tightest = [(2, 2)] if len(shown) <= FEW else []
    last = [(small, min(d, longest), tight) for d, tight in ((max(enough, 2), 1), (2, 1), *tightest)] if must and not crowded else []
    return [*(one for one in tries if one[1] >= enough), *(one for one in tries if one[1] < enough), *last]


def _enough(shown: list[_Shown]) -> int:
    """Return with how many decimals every new weight differs from the old one, 0 where there are none or none are enough."""
    return next((d for d in range(2, LONGEST + 1) if not any(one.hides_change(d) for one in shown)), 0)


def _seen(shown: list[_Shown]) -> int:
    """Return with how many decimals none of some numbers needs a power of ten, 0 where no number of decimals does."""
    return next((d for d in range(2, LONGEST + 1) if not any(is_power(write(one.value, one.fmt, d)) for one in shown)), 0)


def _wish(edge: int, block: Block, *, must: bool, tight: int) -> Wish:
    """Return what a number asks for: a little ground around it, where it is tight half a digit, hardly any where it is tightest."""
    around, height = (0.1 if tight > 1 else 0.32, 1.0) if tight else (0.45 if len(block.plain) > 5 else 0.2, 1.12)
    return Wish(edge, block.width + around * block.size, height * block.size, must)


def _placed(ctx: Context, gap: Gap, wishes: list[Wish], shown: list[_Shown], blocks: list[Block]) -> dict[int, Plate]:
    """Return plates with numbers by edge, of those for which the gap has room."""
    result: dict[int, Plate] = {}
    for wish, one, block, at in zip(wishes, shown, blocks, gap.place(wishes, tolerated=1), strict=True):
        if at is not None:
            plate = Box(at[0], at[1], wish.width, wish.height, 0.3 * block.size, ctx.theme.canvas, ref=one.ref)
            result[wish.edge] = (plate, Label(at[0], at[1], block, one.colour, ctx.theme.canvas, ref=one.ref, kind="edge"))
    return result


def _gap(ctx: Context, e: LayerEdges, obstacles: list[Box], *, ringed: bool = False) -> Gap:
    """Return what room there is between two columns. ringed: as if every neuron were current, and nothing selected."""
    before, here = ctx.column(e.layer - 1), ctx.column(e.layer)
    nodes = [
        (c, y, RING * ctx.line if ringed else beyond(ctx, c.layer, unit))
        for c in (before, here)
        if not c.grid
        for unit, y in zip(c.units, c.ys, strict=True)
    ]
    circles = [(c.x, y, min(c.r, c.rx) + more) for c, y, more in nodes]
    circles += [(c.x, c.bias_y, c.bias_r) for c in (before, here) if c.bias_y is not None]
    near = [b for b in obstacles if before.x - before.side <= b.x + b.width / 2 and b.x - b.width / 2 <= here.x + here.side]
    near += [Box(c.x, y, 2 * (c.rx + more), 2 * (c.r + more), 0, None) for c, y, more in nodes if c.rx > c.r or c.stacked]
    near += [Box(before.x, before.ys[0], before.side, before.side, 0, None)] if before.grid else []
    boxes = np.array([(b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2) for b in near]).reshape(-1, 4)
    outside = (0.0, 0.0, min(before.x - before.side / 2, float(e.strokes[:, 0].min())), ctx.layout.height)
    boxes = np.vstack([boxes, outside])
    return Gap(e.strokes, np.array(circles), boxes, prefer=0.5 if len(e.unit) <= 2 else 0.34)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands on an edge. most: decimals in this update. before: the weight that a new one replaces, while that is the step."""

    ref: Ref
    fmt: NumberFormat
    value: float
    colour: RGB
    face: str
    most: int
    before: float | None = None

    def text(self, decimals: int, tight: int) -> str:
        """Return the number; of a new weight that looks like the old one in so few decimals, its change, or where it is tight its way.

        Where it is tightest, no zero stands before the point.
        """
        decimals = min(decimals, self.most)
        number = write(self.value, self.fmt, decimals)
        if tight > 1:
            number = _LEADING_ZERO.sub("", number)
        if self.before is None or not self.hides_change(decimals):
            return number
        change = self.value - self.before
        if tight:
            return number + ("↑" if change > 0 else "↓")
        return f"Δ {'+' if change > 0 else ''}{write(change, self.fmt, decimals)}"

    def hides_change(self, decimals: int) -> bool:
        """Return whether a new weight would look like the old one though tables and formulas tell them apart."""
        fmt, decimals = self.fmt, min(decimals, self.most)
        full = 15 if fmt.decimals is None else fmt.decimals
        if self.before is None or self.before == self.value or not 0 <= decimals < full:
            return False
        return _alike(self.value, self.before, fmt, decimals) and not _alike(self.value, self.before, fmt, full)


def _alike(one: float, other: float, fmt: NumberFormat, decimals: int) -> bool:
    """Return whether two numbers are written alike but for zeros at their ends."""
    texts = [write(value, fmt, decimals) for value in (one, other)]
    first, second = (text.rstrip("0").rstrip(".,") if set(text) & set(".,") and "e" not in text else text for text in texts)
    return first == second


def _shown(ctx: Context, e: LayerEdges, i: int, form: Form) -> _Shown:
    """Return what stands on an edge: the gradient or the new weight while they are made, else the weight in use."""
    unit, sender, l = int(e.unit[i]), int(e.sender[i]), e.layer
    bias = sender < 0
    new = Ref("b_new", l, unit) if bias else Ref("W_new", l, unit, sender)
    gradient = Ref("db", l, unit) if bias else Ref("dW", l, unit, sender)
    here, m = bool(e.current[i]), ctx.moment
    making = ctx.current.quantity if ctx.current.layer == l else ""
    face = "semibold" if here else "regular"
    if making in ("dW", "db", "delta") and m.known(gradient) and (here or making == "dW"):
        return _shown_as(ctx, e, i, "dW", form, here=here)
    if making in ("dW_sample", "db_sample") and here:
        ref = gradient._replace(quantity=gradient.quantity + "_sample")
        return _Shown(ref, ctx.format_of(ref), m.value(ref), ctx.theme.sign(m.value(ref)), face, form["dW"])
    if m.known(new) and not old_in_use(ctx, l):
        return _shown_as(ctx, e, i, "W_new", form, here=here)
    return _shown_as(ctx, e, i, "W", form, here=here)


def _shown_as(ctx: Context, e: LayerEdges, i: int, kind: str, form: Form, *, here: bool) -> _Shown:
    """Return what stands on an edge while its weight, its gradient or its new weight is shown. here: whether it is the step."""
    unit, sender, m, theme = int(e.unit[i]), int(e.sender[i]), ctx.moment, ctx.theme
    weight = Ref("b", e.layer, unit) if sender < 0 else Ref("W", e.layer, unit, sender)
    ref = weight._replace(quantity=_OF_BIAS[kind] if sender < 0 else kind)
    face, colour = "semibold" if here else "regular", theme.text if here else theme.muted
    if kind == "dW":
        colour = theme.sign(m.value(ref))
    if kind == "W_new":
        face, colour = "semibold" if here else "medium", theme.update.text
    return _Shown(ref, ctx.format_of(ref), m.value(ref), colour, face, form[kind], m.value(weight) if here and kind == "W_new" else None)
