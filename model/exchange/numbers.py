"""The numbers of an update as files for other programs: CSV of one table, JSON and .npz of the whole record. Full precision."""

from __future__ import annotations

import csv
import io
import json

import numpy as np

from model.conventions import conventions
from model.problem import Array, Problem
from model.quantities import QUANTITIES, available, quantity
from model.record import Record
from model.report import MOST_PATHS, trace_json


def table_csv(record: Record, name: str, layer: int | None = None) -> str:
    """Return a quantity as CSV: a line that names the columns, then one line for each row; indices count from 0 as in the file format.

    Per-sample matrices (`path`) have a column for the sample. A number is written so that it reads back bit for bit; undefined and
    infinite ones as nan, inf and -inf. Conventions that are not the plain ones follow as a comment. Raises KeyError for an unknown name.
    """
    values, axes = quantity(record, name, layer), QUANTITIES[name].axes
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if values.ndim == 0:
        writer.writerows([[name], [repr(float(values))]])
        return text.getvalue() + conventions_csv(record.problem)
    flat = values.ndim == 1
    columns = [name] if flat else [f"{_word(axes[-1])} {i}" for i in range(values.shape[-1])]
    writer.writerow([*(_word(axis) for axis in (axes if flat else axes[:-1])), *columns])
    for index in np.ndindex(values.shape if flat else values.shape[:-1]):
        labels = [record.samples[i] if axis == "sample" else i for axis, i in zip(axes, index, strict=False)]
        writer.writerow([*labels, *(repr(float(v)) for v in np.atleast_1d(values[index]))])
    return text.getvalue() + conventions_csv(record.problem)


def conventions_csv(problem: Problem) -> str:
    """Return the last line of a CSV file, by which conventions its numbers were made; "" if all are plain.

    It stands last, because readers take the first line for the names of the columns; `#` makes it a comment for NumPy and pandas, and
    without a comma or a quotation mark it is one cell for spreadsheets.
    """
    said = "; ".join(text.replace(", ", " ") for text in conventions(problem))
    return f"# conventions: {said}\n" if said else ""


def _word(axis: str) -> str:
    return {"1+from": "input"}.get(axis, axis)


def table_npy(record: Record, name: str, layer: int | None = None) -> bytes:
    """Return a quantity as a .npy file: float64, batch-first, with the axes of `QUANTITIES[name]`."""
    file = io.BytesIO()
    np.save(file, quantity(record, name, layer), allow_pickle=False)
    return file.getvalue()


def arrays(record: Record) -> dict[str, Array]:
    """Return every quantity of a record by name, "delta_2" for layer 2, and x and y."""
    found: dict[str, Array] = {"x": record.x, "y": record.y}
    paths = record.m * sum(W.size for W in record.params.W)
    for name in available(record):
        kind = QUANTITIES[name]
        if name == "path" and paths > MOST_PATHS:
            continue
        if not kind.layered:
            found[name] = quantity(record, name)
            continue
        low, high = kind.layer_range(record.problem)
        found |= {f"{name}_{l}": quantity(record, name, l) for l in range(low, high + 1)}
    return found


def record_npz(record: Record) -> bytes:
    """Return the whole record as an .npz file without pickled objects; the same bytes for the same record.

    Besides the quantities: step, samples (rows of the data), conventions (phrases for those that are not the plain ones).
    """
    numbers = {"step": np.asarray(record.step), "samples": np.asarray(record.samples, dtype=np.int64)}
    numbers["conventions"] = np.asarray(conventions(record.problem), dtype=np.str_)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **numbers, **arrays(record))
    return file.getvalue()


def record_json(record: Record) -> str:
    """Return the whole record as JSON: title, layers, samples, conventions in words, and the update as `trace --json` prints it."""
    problem = record.problem
    head = {"title": problem.title, "layers": list(problem.layers), "samples": list(record.samples)}
    head["conventions"] = list(conventions(problem))
    return json.dumps(head | trace_json(record), ensure_ascii=False, allow_nan=False) + "\n"
