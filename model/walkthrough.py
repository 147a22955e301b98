"""The walk of an update as plain text: all of it in words and formulas, a list of its micro-steps, or every quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TextIO

from model.conventions import conventions
from model.explain.parts import LONGEST_SIDE, Writer
from model.explain.steps import caption_of, explain
from model.explain.titles import phase_title
from model.expr.small_scripts import small_scripts
from model.expr.text import equation_text
from model.expr.tree import Equation, Explanation, Num, NumberFormat, Text
from model.moment import Moment
from model.notation.profile import Notation, notation_of
from model.problem import Array, Problem
from model.quantities import QUANTITIES, has_quantity, quantity
from model.record import Record
from model.report import PATHS_LEFT_OUT, has_paths, one_line
from model.run import Run
from model.stages import Ref, Walk, build_walk
from model.training.reaching import reached

COLUMNS = 100


def number_format(problem: Problem, notation: Notation) -> NumberFormat:
    """Return how numbers are written in text: the notation's digits, or those that the experiment carries if that is more."""
    carried = problem.rounding.decimals if problem.rounding is not None else 0
    return NumberFormat(decimals=max(notation.decimals, carried))


def _moment(record: Record, walk: Walk, notation: Notation, tick: int) -> Moment:
    return Moment(record, walk, tick, "layer", notation, number_format(record.problem, notation))


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
    title = one_line(problem.title) or "Untitled network"
    out.write(f"{title}\n{'═' * len(title)}\n")
    if problem.source:
        out.write(f"{_wrapped(one_line(problem.source))}\n")
    said = conventions(problem)
    if said:
        out.write(f"{_wrapped('Conventions: ' + ', '.join(said))}\n")
    out.write("\n")


def _write_explanation(explanation: Explanation, fmt: NumberFormat, title: str, out: TextIO) -> None:
    out.write(f"{small_scripts(title)}\n{_wrapped(small_scripts(explanation.words))}\n\n")
    for equation in explanation.equations:
        plain = replace(equation, note="")
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


def print_micro(run: Run, step: int, out: TextIO) -> None:
    """Write the micro-steps of one update of a run, one a line: number, address as `render --at` takes it, caption."""
    notation = notation_of(None, run.problem)
    (record,) = reached(run, (step,), "trace", alone=True)
    walk = build_walk(run.problem, record.m, notation.presentation)
    ticks: list[int] = [0]
    while (following := walk.next(ticks[-1], "layer")) is not None:
        ticks.append(following)
    addresses = [walk.address(tick, "layer") for tick in ticks]
    wide, digits = max(len(address) for address in addresses), len(str(len(ticks) - 1))
    for number, (tick, address) in enumerate(zip(ticks, addresses, strict=True)):
        caption = small_scripts(caption_of(_moment(record, walk, notation, tick)))
        out.write(f"{number:>{digits}}  {address:<{wide}}  {caption}\n")


def print_trace(run: Run, steps: Sequence[int], out: TextIO) -> None:
    """Write every quantity of the updates `steps` of a run, in order of computation, with the names of the file's notation."""
    problem = run.problem
    notation = notation_of(None, problem)
    _write_header(problem, out)
    largest = max(problem.layers)
    for record in reached(run, steps, "trace", alone=True):
        largest = max(largest, record.m)
        walk = build_walk(problem, record.m, notation.presentation)
        heading = f"Update {record.step}"
        out.write(f"{heading}\n{'─' * len(heading)}\n\n")
        moment = _moment(record, walk, notation, walk.total)
        _write_quantities(moment, out)
        _write_further(Writer(moment), out)
    if largest > LONGEST_SIDE:
        out.write("Dots stand for rows and columns left out; `trace --json` gives every number.\n")


def _write_quantities(moment: Moment, out: TextIO) -> None:
    """Write given and computed quantities; in a batch those of single samples for each sample, unless the notation shows all."""
    w = Writer(moment)
    for equation in explain(_moment(moment.record, moment.walk, moment.notation, 0)).equations:
        out.write(equation_text(equation, moment.fmt, COLUMNS) + "\n\n")
    for name, layer in _computed(moment):
        for sample in _samples(w, name):
            shown = Moment(moment.record, moment.walk, moment.tick, "layer", moment.notation, moment.fmt, sample)
            out.write(equation_text(_value_of(Writer(shown), name, layer), moment.fmt, COLUMNS) + "\n\n")


_PER_SAMPLE = ("z", "a", "dadz", "dLda", "delta", "dLdX")
_WITH_SYMBOLS = (*_PER_SAMPLE, "loss_sample", "loss", "dW", "db", "W_new", "b_new")
_FURTHER = ("loss_output", "mean_abs_error", "path", "dLdx", "step_W", "step_b", "z_after", "a_after", "loss_after")


def _samples(w: Writer, name: str) -> range:
    return range(w.m) if name in _PER_SAMPLE and not w.batch else range(1)


def _computed(moment: Moment) -> list[tuple[str, int]]:
    """Return (quantity, layer) in the order in which the walk comes to them, without those that are part of another.

    A slope that has no step of its own comes before the δ that is made with it.
    """
    revealed = dict.fromkeys(pair for stage in moment.walk.stages for pair in sorted(stage.reveals, key=lambda pair: pair[0] != "dadz"))
    return [(name, l) for name, l in revealed if name in _WITH_SYMBOLS and not _is_part(moment, name, l)]


def _is_part(moment: Moment, name: str, l: int) -> bool:
    """Say whether a quantity is shown with another one: biases that are a column of W, one sample's loss that is the whole."""
    problem = moment.record.problem
    inside = problem.has_biases and moment.notation.presentation.bias != "apart"
    return (
        (name in ("db", "b_new") and (inside or not problem.has_biases))
        or (name == "dLdX" and not inside)
        or (name == "loss_sample" and moment.record.m == 1 and not problem.l2)
        or (name == "loss" and l > 0)
        or (name == "db" and _is_delta(moment, l))
    )


def _write_further(w: Writer, out: TextIO) -> None:
    """Write the quantities that have no symbol of their own in a notation, by the problem file's names; rows are samples."""
    out.write("Further quantities, by their names in problem files\n\n")
    for name in (name for name in _FURTHER if has_quantity(w.record, name)):
        kind = QUANTITIES[name]
        if name == "path" and not has_paths(w.record):
            out.write(f"  {PATHS_LEFT_OUT}\n\n")
            continue
        out.write(f"  {name}: {kind.meaning}\n")
        low, high = kind.layer_range(w.problem)
        for l in range(low, high + 1) if kind.layered else (None,):
            values = quantity(w.record, name, l)
            for sample, part in enumerate(values[:LONGEST_SIDE]) if values.ndim == 3 else ((None, values),):
                of = [f"layer {l}"] if l is not None else []
                of += [f"sample {sample + 1}"] if sample is not None and w.m > 1 else []
                out.write(equation_text(_array(w, ", ".join(of) or name, part), w.moment.fmt, COLUMNS) + "\n\n")
            if values.ndim == 3 and w.m > LONGEST_SIDE:
                out.write(f"  ⋮ ({w.m - LONGEST_SIDE:,} more samples)\n\n")


def _array(w: Writer, label: str, values: Array) -> Equation:
    """Return "label = array", long sides with dots."""
    if values.ndim == 0:
        return Equation((("symbol", Text(label)), ("result", Num(float(values)))))
    table = values.reshape(len(values), -1)
    cells = w.grid(*table.shape, lambda i, j: Num(float(table[i, j])))
    return Equation((("symbol", Text(label)), ("result", cells)))


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
