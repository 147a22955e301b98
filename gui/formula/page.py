"""One step of the walk as a page: whose turn it is, what happens in words, the equations. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from gui.formula.boxes import Box, LaidOut, Metrics, beside, stacked
from gui.formula.elision import elided, largest
from gui.formula.lines import MANY, SHRINK, SLACK, FormulaStyle, layout_equation
from gui.formula.words import one_line, paragraph
from gui.theme import Theme
from model.diagnosis.note import NOTHING_MORE
from model.expr.tree import Equation, Explanation, NumberFormat
from model.stages import Phase

HEADING, CAPTION, COMPACT = 0.74, 0.8, 0.86
TIGHT, APART = 0.3, 1.6  # em between equations where room is short, and between two that stand side by side
PROSE = 0.8  # of its size: so far sentences shrink before formulas do
NEAR = 0.08  # of the size: how near the largest that has room is looked for
LEGIBLE, LEGIBLE_WORDS, SCROLLED = 14.0, 13.0, 0.8  # pixels, and share of the size, below which a step is scrolled instead
SIZE, SIZE_FAR = 18.0, 30.0  # pixels per em at a desk, and for the last row of a lecture room


class BoardStep(NamedTuple):
    """One step as the blackboard shows it: the tick at which it is complete, its phase (None before the first) and what happens.

    printed: what the source of the experiment prints for it; it stands below.
    """

    tick: int
    phase: Phase | None
    explanation: Explanation
    printed: str = ""


def style_for(theme: Theme, zoom: float = 1.0) -> FormulaStyle:
    """Return the sizes that a theme asks for."""
    size = (SIZE_FAR if theme.smallest_share else SIZE) * theme.letters * zoom
    return FormulaStyle(size, round(size * 0.82), max(round(size * 0.6), theme.smallest))


def heading(step: BoardStep) -> str:
    """Return the phase in words and the layer, such as "BACKWARD · LAYER 2"."""
    return " · ".join(word for word in (step.phase, step.explanation.layer) if word).upper()


def layout_step(
    step: BoardStep, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics, height: float = math.inf
) -> LaidOut:
    """Lay out a step in full: heading, words, equations.

    height: where the step would be higher, first the words are set smaller, then everything, as long as it is easily read; then what can
    be spared is left out. What is too high even so is to be scrolled. That the source agrees is said only where there is room for it; its
    remarks, and where it differs, are worth scrolling.
    """
    page = _laid_out(step, fmt, style, width, metrics, height)
    if not step.printed:
        return page
    line = _printed_line(step, style, width, metrics)
    room = height - line.height - style.gap * style.size
    fitting = page if page.height <= room or step.phase is None else _laid_out(step, fmt, style, width, metrics, room)
    if fitting.height > room:
        if _only_agrees(step):
            return page
        fitting = page
    root = stacked([fitting.root, line], style.gap * fitting.size)
    return replace(fitting, root=root, baseline=root.ascent)


def _only_agrees(step: BoardStep) -> bool:
    return step.phase is not None and step.printed.endswith(NOTHING_MORE)


def _printed_line(step: BoardStep, style: FormulaStyle, width: float, metrics: Metrics) -> Box:
    """Return what the source says: a remark or a difference in full, for it can be read nowhere else, agreement in one line."""
    size = max(style.words * CAPTION, style.smallest)
    said = _shortened_note(step.printed, size, width, metrics) if _only_agrees(step) else step.printed
    return paragraph(said, "words", size, width, metrics, "dim")


def _shortened_note(note: str, size: float, width: float, metrics: Metrics) -> str:
    """Return what a line holds of "figures · agrees": the verdict before all, then the figures."""
    figures, dot, verdict = note.rpartition(" · ")
    ending = dot + verdict
    if one_line(note, "words", size, width, metrics) == note:
        return note
    return one_line(figures, "words", size, width - metrics.advance(ending, "words") * round(size), metrics) + ending


def _laid_out(step: BoardStep, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics, height: float) -> LaidOut:
    """Lay out a step without what the source prints."""
    known: dict[int, LaidOut] = {}
    page = _full(step, fmt, style, width, metrics, known)
    if page.height <= height:
        return page
    style = replace(style, words=max(round(style.words * PROSE), _least_words(style)))
    page, share, least = _full(step, fmt, style, width, metrics, known), 1.0, min(_least(style) / style.size, 1.0)
    tried, following = share, share * min(SHRINK, SLACK * math.sqrt(height / max(page.height, 1.0)))
    while page.height > height and share > least:
        before, tried = page.height, share
        share = max(least, following)
        page = _full(step, fmt, _smaller(style, share), width, metrics, known)
        saved = (before - page.height) / (tried - share)
        following = min(share * SHRINK, share - (page.height - height) / saved if saved > 0 else 0.0)
    if page.height <= height:
        return _larger(lambda share: _full(step, fmt, _smaller(style, share), width, metrics, {}), height, page, share, tried)
    step, floor = _shortened(step, page.height / height), _smaller(style, least)
    tight = _full(step, fmt, replace(floor, gap=TIGHT), width, metrics, {})
    return tight if tight.height <= height else _full(step, fmt, floor, width, metrics, {})


def _least(style: FormulaStyle) -> float:
    """Return the size of formulas below which a step is scrolled rather than set smaller."""
    return max(style.smallest, min(LEGIBLE, SCROLLED * style.size))


def _least_words(style: FormulaStyle) -> float:
    return max(style.smallest, min(LEGIBLE_WORDS, style.words))


def _larger(at: Callable[[float], LaidOut], height: float, page: LaidOut, share: float, tried: float) -> LaidOut:
    """Return the largest page that has room, among sizes between `share`, which gave `page`, and `tried`, which was too large."""
    while tried - share > NEAR:
        middle = (tried + share) / 2
        found = at(middle)
        if found.height <= height:
            page, share = found, middle
        else:
            tried = middle
    return page


def no_larger(style: FormulaStyle, size: float) -> FormulaStyle:
    """Return sizes of type in which formulas have at most `size` pixels per em, and words as small as where these have little room."""
    if size >= style.size:
        return style
    return _smaller(replace(style, words=max(round(style.words * PROSE), _least_words(style))), size / style.size)


def _smaller(style: FormulaStyle, share: float) -> FormulaStyle:
    return FormulaStyle(max(style.size * share, style.smallest), max(round(style.words * share), _least_words(style)), style.smallest)


def _shortened(step: BoardStep, excess: float) -> BoardStep:
    """Return a step without what can be spared where it is too high by a factor: in equations that go through the same general
    rule the rule in their own indices, and the middle rows of large matrices; the step itself where there is neither."""
    told = step.explanation
    general = next(
        (i for i, e in enumerate(told.equations) if len(e.sides) > 1 and all(kind in ("symbol", "rule") for kind, _ in e.sides)), None
    )
    equations = [_short(e, "rule") if general is not None and i > general else e for i, e in enumerate(told.equations)]
    most = max((largest(equation)[0] for equation in equations), default=0)
    equations = [elided(equation, math.floor(most / excess), MANY) for equation in equations]
    return step if equations == list(told.equations) else step._replace(explanation=replace(told, equations=tuple(equations)))


def _full(step: BoardStep, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics, known: dict[int, LaidOut]) -> LaidOut:
    """Lay out everything at one size. known: the equations laid out before; one that had to be smaller for its width stays."""
    for i, equation in enumerate(step.explanation.equations):
        if i not in known or known[i].size > style.size:
            known[i] = layout_equation(equation, fmt, style, width, metrics)
    if known:  # sentences are in no larger type than formulas
        style = replace(style, words=max(min(style.words, *(math.floor(found.size) for found in known.values())), _least_words(style)))
    boxes: list[Box] = []
    title = heading(step) or step.explanation.caption
    if title:
        boxes.append(paragraph(title, "words-bold", max(style.words * HEADING, style.smallest), width, metrics, "phase"))
    if step.explanation.words:
        boxes.append(paragraph(step.explanation.words, "words", style.words, width, metrics))
    formulas = [found.root for found in known.values()]
    boxes += formulas if step.phase or any(equation.note for equation in step.explanation.equations) else _in_rows(formulas, width, style)
    return replace(_page(boxes, style), size=max((found.size for found in known.values()), default=style.size))


def _in_rows(boxes: Sequence[Box], width: float, style: FormulaStyle) -> list[Box]:
    """Set what is given, such as weights and biases, side by side, as much on a line as fits."""
    rows: list[list[Box]] = []
    gap = APART * style.size
    for box in boxes:
        if rows and sum(one.width + gap for one in rows[-1]) + box.width <= width:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [beside(row, [0.0, *[gap] * (len(row) - 1)]) for row in rows]


def layout_compact(step: BoardStep, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics) -> LaidOut:
    """Lay out an earlier step: its caption, and its equations without the numbers put in, a little smaller."""
    small = FormulaStyle(max(style.size * COMPACT, style.smallest), style.words, style.smallest)
    title = step.explanation.caption or heading(step)
    boxes = [paragraph(title, "words", max(style.words * CAPTION, style.smallest), width, metrics, "dim")] if title else []
    boxes += [layout_equation(_short(equation, "numbers"), fmt, small, width, metrics).root for equation in step.explanation.equations]
    return _page(boxes, small)


def _short(equation: Equation, kind: str) -> Equation:
    """Return an equation that has a result without its sides of a kind; a rule is left out only where numbers say the same."""
    kinds = {own for own, _ in equation.sides}
    if "result" not in kinds or (kind == "rule" and "numbers" not in kinds):
        return equation
    return replace(equation, sides=tuple(side for side in equation.sides if side[0] != kind))


def _page(boxes: Sequence[Box], style: FormulaStyle) -> LaidOut:
    root = stacked(boxes, style.gap * style.size)
    return LaidOut(root, root.ascent)
