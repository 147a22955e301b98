"""The results of `verify` and `trace` as text for a person and as values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from model.problem import Array
from model.quantities import QUANTITIES, available, quantity
from model.record import Record
from model.verify import VERDICTS, Figure, FileResult

_COLOURS = {"agree": "32", "last_digit": "33", "disagree": "31", "erratum": "36", "stale_erratum": "31"}
_WORDS = {"agree": "agree", "last_digit": "last digit", "disagree": "disagree", "erratum": "erratum", "stale_erratum": "stale erratum"}
MOST_PATHS = 1_000_000
_HEADINGS = ("", "quantity", "printed", "computed", "verdict", "why")


def one_line(text: str) -> str:
    """Return text without line breaks and control characters, which could steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def json_number(value: float) -> float | str:
    """Return a number as JSON can hold it; what JSON cannot hold becomes "NaN", "Infinity" or "-Infinity"."""
    if math.isfinite(value):
        return float(value)
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def json_array(values: Array) -> object:
    """Return an array as nested lists of numbers as JSON can hold them."""
    if np.isfinite(values).all():
        return values.tolist()
    if values.ndim == 0:
        return json_number(float(values))
    return [json_array(part) for part in values]


def verify_json(results: Iterable[FileResult]) -> dict[str, object]:
    """Return what `verify --json` prints."""
    return {
        "files": [
            {"file": result.file, "title": result.title, "counts": result.counts, "figures": [_figure_json(f) for f in result.figures]}
            for result in results
        ]
    }


def _figure_json(figure: Figure) -> dict[str, object]:
    return {
        "quantity": figure.quantity, "layer": figure.layer, "unit": figure.unit, "from": figure.from_, "sample": figure.sample,
        "step": figure.step, "printed": figure.printed, "computed": json_number(figure.computed), "verdict": figure.verdict,
    }  # fmt: skip


def address(figure: Figure) -> str:
    """Return a figure's quantity and indices in words, as in `dW layer 1, unit 0 from 1`."""
    parts = [figure.quantity if figure.layer is None else f"{figure.quantity} layer {figure.layer}"]
    is_bias = figure.from_ is None and figure.unit is not None and "from" in QUANTITIES[figure.quantity].axes
    sender = "" if figure.from_ is None else f"from {figure.from_}"
    unit = "" if figure.unit is None else f"unit {figure.unit}"
    parts += [" ".join(part for part in (unit, "bias" if is_bias else sender) if part)]
    if figure.sample:
        parts.append(f"sample {figure.sample}")
    if figure.step != 1:
        parts.append(f"step {figure.step}")
    return ", ".join(part for part in parts if part)


def verify_text(result: FileResult, colour: bool) -> str:
    """Return a file's result as text: one line for each figure that does not agree, and a summary line at the end."""
    rows = [_row(figure) for figure in result.figures if figure.verdict != "agree"]
    rows = [(*row[:-1], "″") if i and row[-1] and row[-1] == rows[i - 1][-1] else row for i, row in enumerate(rows)]
    lines = _table([_HEADINGS, *rows], colour) if rows else []
    return "\n".join([*lines, _summary(result, colour)]) + "\n"


def _row(figure: Figure) -> tuple[str, ...]:
    why = figure.cause if figure.erratum is None else one_line(figure.erratum)
    if figure.verdict == "stale_erratum":
        why = f"the figure agrees, so this is out of date: {why}"
    return ("", address(figure), figure.printed, f"{figure.computed:.10g}", figure.verdict, why)


def _table(rows: Sequence[tuple[str, ...]], colour: bool) -> list[str]:
    """Return rows with aligned columns; numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADINGS) - 1)]
    lines = []
    for row in rows:
        cells = [row[1].ljust(widths[1]), row[2].rjust(widths[2]), row[3].rjust(widths[3])]
        word = _WORDS.get(row[4], row[4]).ljust(max(widths[4], len("stale erratum")))
        cells += [_painted(word, _COLOURS.get(row[4], "2"), colour), row[5]]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def _painted(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _summary(result: FileResult, colour: bool) -> str:
    mark = _painted("ok  ", "32;1", colour) if result.passed else _painted("FAIL", "31;1", colour)
    total = len(result.figures)
    counts = [f"{result.counts[verdict]} {_WORDS[verdict]}" for verdict in VERDICTS if result.counts[verdict]]
    found = ", ".join(counts) if counts else "nothing to compare"
    return f"{mark} {one_line(result.file)}: {total} figure{'' if total == 1 else 's'}: {found}"


def trace_json(record: Record) -> dict[str, object]:
    """Return one update as `trace --json` prints it: every quantity by name and layer, arrays batch-first.

    Layers are keys "1" … "L" (for `a` and `a_after` also "0"). Losses and `mean_abs_error`, which belong to the output, stand
    under "L"; `dLdx`, which belongs to the inputs, under "0". `path` is left out where it has more than MOST_PATHS numbers: each
    is delta[unit] · W[unit][from].
    """
    return {"step": record.step, "quantities": {name: _by_layer(record, name) for name in _traced(record)}}


PATHS_LEFT_OUT = f"path is left out: each is delta[unit] · W[unit][from], and there are more than {MOST_PATHS:,}"


def has_paths(record: Record) -> bool:
    """Whether `path`, which has a number for each sample and weight, is few enough numbers to be traced."""
    return record.m * sum(W.size for W in record.params.W) <= MOST_PATHS


def _traced(record: Record) -> list[str]:
    return [name for name in available(record) if name != "path" or has_paths(record)]


def _by_layer(record: Record, name: str) -> dict[str, object]:
    kind = QUANTITIES[name]
    if not kind.layered:
        layer = 0 if kind.input_layer else record.problem.depth
        return {str(layer): json_array(quantity(record, name))}
    low, high = kind.layer_range(record.problem)
    return {str(l): json_array(quantity(record, name, l)) for l in range(low, high + 1)}
