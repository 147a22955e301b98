"""The walk of an update as plain text: all of it in words and formulas, a list of its micro-steps, or every quantity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from model.conventions import conventions
from model.explain.parts import LONGEST_SIDE, Writer
from model.explain.steps import caption_of, explain
from model.explain.words import phase_title
from model.expr.small_scripts import small_scripts
from model.expr.text import equation_text
from model.expr.tree import Equation, Explanation, NumberFormat
from model.moment import Moment
from model.notation.profile import Notation, notation_of
from model.problem import Problem
from model.record import Record
from model.run import Run
from model.stages import Granularity, Ref, Walk, build_walk

COLUMNS = 100


def number_format(problem: Problem, notation: Notation) -> NumberFormat:
    """Return how numbers are written in text: the notation's digits, or those that the experiment carries if that is more."""
    carried = problem.rounding.decimals if problem.rounding is not None else 0
    return NumberFormat(decimals=max(notation.decimals, carried))


def _moment(record: Record, walk: Walk, notation: Notation, tick: int, granularity: Granularity = "layer") -> Moment:
    return Moment(record, walk, tick, granularity, notation, number_format(record.problem, notation))


def print_walkthrough(problem: Problem, out: TextIO) -> None:
    """Write the whole walk of update 1 in the file's notation: what is given, then every step in words, rule, numbers, result."""
    notation = notation_of(None, problem)
    record = Run(problem).record(1)
    walk = build_walk(problem, record.m, notation.presentation)
    _write_header(problem, out)
    start = _moment(record, walk, notation, 0)
    _write_explanation(explain(start), start.fmt, "Given", out)
    phase = ""
    for number, (stage, tick) in enumerate(zip(walk.stages, walk.ends, strict=True), 1):
        if stage.phase != phase:
            phase = stage.phase
            out.write(f"{phase_title(phase)}\n{'─' * len(phase_title(phase))}\n\n")
        moment = _moment(record, walk, notation, tick)
        explanation = explain(moment)
        title = explanation.caption.split(" · ", 2)[-1]
        _write_explanation(explanation, moment.fmt, f"{number}. {_capital(title)}", out)


def _write_header(problem: Problem, out: TextIO) -> None:
    title = problem.title or "Untitled network"
    out.write(f"{title}\n{'═' * len(title)}\n")
    if problem.source:
        out.write(f"{_wrapped(problem.source)}\n")
    said = conventions(problem)
    if said:
        out.write(f"{_wrapped('Conventions: ' + ', '.join(said))}\n")
    out.write("\n")


def _write_explanation(explanation: Explanation, fmt: NumberFormat, title: str, out: TextIO) -> None:
    out.write(f"{small_scripts(title)}\n{_wrapped(small_scripts(explanation.words))}\n\n")
    for equation in explanation.equations:
        plain = Equation(equation.sides)
        out.write(equation_text(plain, fmt, COLUMNS) + "\n")
        if equation.note:
            out.write(_wrapped(f"({small_scripts(equation.note)})", "    ") + "\n")
        out.write("\n")


def _capital(title: str) -> str:
    """Return a heading with a capital first letter, unless it begins with a symbol."""
    return title[:1].upper() + title[1:] if title[:2].isascii() and title[:2].isalpha() else title


def _wrapped(text: str, indent: str = "") -> str:
    lines, current = [], indent
    for word in text.split():
        if len(current) + len(word) + 1 > COLUMNS and current.strip():
            lines.append(current)
            current = indent
        current += word if current == indent else " " + word
    return "\n".join([*lines, current])


def print_micro(problem: Problem, step: int, out: TextIO, granularity: Granularity = "layer") -> None:
    """Write the micro-steps of one update, one a line: number, address as `render --at` takes it, caption."""
    notation = notation_of(None, problem)
    record = Run(problem).record(step)
    walk = build_walk(problem, record.m, notation.presentation)
    ticks: list[int] = [0]
    while (following := walk.next(ticks[-1], granularity)) is not None:
        ticks.append(following)
    addresses = [walk.address(tick, granularity) for tick in ticks]
    wide, digits = max(len(address) for address in addresses), len(str(len(ticks) - 1))
    for number, (tick, address) in enumerate(zip(ticks, addresses, strict=True)):
        caption = small_scripts(caption_of(_moment(record, walk, notation, tick, granularity)))
        out.write(f"{number:>{digits}}  {address:<{wide}}  {caption}\n")


def print_trace(problem: Problem, steps: Iterable[int], out: TextIO) -> None:
    """Write every quantity of the updates `steps`, in order of computation, with the names of the file's notation."""
    notation, run = notation_of(None, problem), Run(problem)
    _write_header(problem, out)
    largest = max(problem.layers)
    for step in steps:
        record = run.record(step)
        largest = max(largest, record.m)
        walk = build_walk(problem, record.m, notation.presentation)
        out.write(f"Update {step}\n{'─' * len(f'Update {step}')}\n\n")
        _write_quantities(_moment(record, walk, notation, walk.total), out)
    if largest > LONGEST_SIDE:
        out.write("Dots stand for rows and columns left out; `trace --json` gives every number.\n")


def _write_quantities(moment: Moment, out: TextIO) -> None:
    """Write given and computed quantities; in a batch those of single samples for each sample, unless the notation shows all."""
    w = Writer(moment)
    for equation in explain(_moment(moment.record, moment.walk, moment.notation, 0)).equations:
        out.write(equation_text(equation, moment.fmt, COLUMNS) + "\n\n")
    for quantity, layer in _computed(moment):
        for sample in _samples(w, quantity):
            shown = Moment(moment.record, moment.walk, moment.tick, "layer", moment.notation, moment.fmt, sample)
            out.write(equation_text(_value_of(Writer(shown), quantity, layer), moment.fmt, COLUMNS) + "\n\n")


_PER_SAMPLE = ("z", "a", "dadz", "dLda", "delta", "dLdX")


def _samples(w: Writer, quantity: str) -> range:
    return range(w.m) if quantity in _PER_SAMPLE and not w.batch else range(1)


def _computed(moment: Moment) -> list[tuple[str, int]]:
    """Return (quantity, layer) in order of computation."""
    problem = moment.record.problem
    L, biased = problem.depth, problem.has_biases
    augmented = biased and moment.notation.presentation.bias != "apart"
    found = [(q, l) for l in range(1, L + 1) for q in ("z", "a")]
    found += [("loss_sample", 0)] if moment.record.m > 1 else []
    found.append(("loss", 0))
    for l in range(L, 0, -1):
        found += [(q, l) for q in ("dLda", "dadz", "delta", "dW")]
        found += [("db", l)] if biased and not augmented and not _is_delta(moment, l) else []
        found += [("dLdX", l)] if augmented else []
    if problem.learning_rate is not None:
        for l in range(1, L + 1):
            found += [("W_new", l), *([("b_new", l)] if biased and not augmented else [])]
    return found


def _is_delta(moment: Moment, l: int) -> bool:
    """Say whether ∂L/∂b goes by the same name as δ, because in this notation they are one thing."""
    problem, m = moment.record.problem, moment.record.m
    return moment.notation.symbol(Ref("db", l), problem, m) == moment.notation.symbol(Ref("delta", l), problem, m)


def _value_of(w: Writer, quantity: str, l: int) -> Equation:
    """Return "symbol = value" of a whole quantity."""
    if quantity == "loss":
        return Equation((("symbol", w.whole("loss")), ("result", w.num(Ref("loss"), bracket=False))))
    if quantity == "loss_sample":
        cells = w.grid(1, w.m, lambda i, j: w.num(Ref("loss_sample", sample=j), bracket=False))
        return Equation((("symbol", w.general_loss()), ("result", cells)))
    symbol = w.whole(quantity, l)
    if quantity in ("dW", "W_new"):
        return Equation((("symbol", symbol), ("result", w.matrix(quantity, l))))
    if quantity in ("db", "b_new"):
        n = w.problem.layers[l]
        return Equation((("symbol", symbol), ("result", w.grid(n, 1, lambda i, j: w.num(Ref(quantity, l, i), bracket=False)))))
    return Equation((("symbol", symbol), ("result", w.numbers(quantity, l))))
