"""Samples from files of others: tables as text (CSV) and NumPy's `.npz`. Guesses can be overruled; nothing is normalised.

A table is read in two steps, so that it can be looked at before it is taken: `read_table` splits it into cells, `samples_from` makes
numbers of them by what each column is for. Refusals name the row, as a spreadsheet or an editor counts it, and the column.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.problem import Array, frozen

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", " ": "space"}
ROLES = ("input", "target", "classes", "left out")
MOST_BYTES = 50_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
MOST_CLASSES = 100
_SNIFFED = 60  # rows that are looked at to guess
_NUMBER = re.compile(r"[+−-]?(\d+(\.\d*)?|\.\d+)([eE][+−-]?\d+)?")
_TARGET_NAMES = re.compile(r"(y\d*|t\d*|target\w*|label\w*|class\w*|klasse|species|ziel\w*|output\w*)", re.IGNORECASE)


class ImportRefused(ValueError):
    """A file, a row or a cell that cannot be taken, as one sentence. row, column: from 1, where there is one."""

    def __init__(self, message: str, row: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.row, self.column = row, column


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written: the separator of cells, the decimal mark "." or ",", and whether its first row holds names."""

    separator: str = ","
    decimal: str = "."
    header: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a table, without its header. names: of the columns. rows: all of one length. lines: where in the file each row is."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    layout: Layout


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """x: (m, n_0) and y: (m, n_L) with the names of their columns; y is None without targets. classes: what the outputs stand for."""

    x: Array
    y: Array | None
    input_names: tuple[str, ...]
    target_names: tuple[str, ...]
    classes: tuple[str, ...] = ()


def read_text(path: str | Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 with a mark, or Windows' Western encoding. Raises ImportRefused."""
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise ImportRefused(f"This file has more than {MOST_BYTES // 1_000_000} MB; allowed: smaller tables.")
        raw = Path(path).read_bytes()
    except OSError as error:
        raise ImportRefused(f"The file cannot be read: {error.strerror or error}.") from None
    return decoded(raw)


def decoded(raw: bytes) -> str:
    """Return bytes as text; see `read_text`."""
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = raw.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    if "\0" in text:
        raise ImportRefused("This is not a text file; allowed: a table as text (CSV), or .npz.")
    return text


def sniff(text: str) -> Layout:
    """Return how a table is most likely written."""
    head = "\n".join(text.splitlines()[: _SNIFFED + 1])
    separator = max(SEPARATORS, key=lambda mark: _regularity(head, mark))
    rows = [cells for _, cells in _cells(head, separator)]
    cells = [cell for row in rows for cell in row]
    with_comma = sum(bool(re.fullmatch(r"[+−-]?\d*,\d+", cell)) for cell in cells)
    with_point = sum(bool(re.fullmatch(r"[+−-]?\d*\.\d+", cell)) for cell in cells)
    decimal = "," if with_comma > with_point else "."
    return Layout(separator, decimal, _has_header(rows, decimal))


def _regularity(text: str, separator: str) -> tuple[float, int]:
    """Return the share of rows that have the usual number of cells, if it is more than one, and that number."""
    try:
        widths = Counter(len(cells) for _, cells in _cells(text, separator))
    except ImportRefused:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = widths.most_common(1)[0]
    # Semicolons and tabs hardly occur by chance; commas may be decimal ones, spaces may follow commas.
    trust = {";": 1.0, "\t": 1.0, ",": 0.9, " ": 0.6}[separator]
    return (trust * count / widths.total() if width > 1 else 0.0), width


def _has_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first row has a word above a column that is mostly numbers: some of these may be missing or mistyped."""
    if len(rows) < 2:
        return False
    width = min(len(row) for row in rows)
    columns = [[row[j] for row in rows] for j in range(width)]
    return any(
        _number(first, decimal) is None and 2 * sum(_number(cell, decimal) is not None for cell in rest) > len(rest)
        for first, *rest in columns
    )


def _cells(text: str, separator: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return (line, cells) of every row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")
    rows: list[tuple[int, tuple[str, ...]]] = []
    line = 1
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if separator == " " and cells and not cells[-1]:
                cells = cells[:-1]
            if any(cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ImportRefused(f"Row {line} cannot be split into cells: {error}.", line) from None
    return rows


def read_table(text: str, layout: Layout | None = None) -> Table:
    """Split a text into cells, in the given layout or the one it most likely has. Raises ImportRefused for rows of different lengths."""
    layout = layout or sniff(text)
    rows = _cells(text, layout.separator)
    if len(rows) < 1 + layout.header:
        raise ImportRefused("There is no row of numbers in this table; allowed: one row for each sample.")
    width = len(rows[0][1])
    if width > MOST_COLUMNS:
        raise ImportRefused(f"This table has {width:,} columns; allowed: at most {MOST_COLUMNS:,}.")
    if len(rows) > MOST_ROWS:
        raise ImportRefused(f"This table has {len(rows):,} rows; allowed: at most {MOST_ROWS:,}.")
    for line, cells in rows:
        if len(cells) != width:
            found = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            raise ImportRefused(f"Row {line} has {found}, but row {rows[0][0]} has {width}; allowed: rows of one length.", line)
    names = tuple(name or f"column {j}" for j, name in enumerate(rows[0][1], 1)) if layout.header else _numbered(width)
    data = rows[1:] if layout.header else rows
    return Table(names, tuple(cells for _, cells in data), tuple(line for line, _ in data), layout)


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column {j}" for j in range(1, width + 1))


def guess_roles(table: Table) -> tuple[str, ...]:
    """Return what each column is most likely for: targets by their names, or else the last column; words are classes or left out.

    A column of numbers with a few words in it is one of numbers: what is wrong with it is said, and nothing is left out in silence.
    """
    head = table.rows[:_SNIFFED]
    words = [2 * sum(_number(row[j], table.layout.decimal) is None for row in head) > len(head) for j in range(len(table.names))]
    targets = {j for j, name in enumerate(table.names) if table.layout.header and _TARGET_NAMES.fullmatch(name)}
    if not targets and len(table.names) > 1:
        targets = {len(table.names) - 1}
    return tuple(("classes" if words[j] else "target") if j in targets else "left out" if words[j] else "input" for j in range(len(words)))


def _number(cell: str, decimal: str) -> float | None:
    """Return the number in a cell, or None. Thousands separators, percent signs, NaN and infinities are none."""
    text = cell.strip()
    if decimal == ",":
        text = "" if "." in text else text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.replace("−", "-"))
    return value if math.isfinite(value) else None


def samples_from(table: Table, roles: Sequence[str]) -> Samples:
    """Return the samples of a table whose columns have these roles, one of `ROLES` each. Raises ImportRefused with row and column."""
    inputs = [j for j, role in enumerate(roles) if role == "input"]
    if not inputs:
        raise ImportRefused("No column is an input; allowed: at least one.")
    columns, names, classes = [], [], []
    for j, role in enumerate(roles):
        if role == "target":
            columns.append(_numbers(table, [j]))
            names.append(table.names[j])
        elif role == "classes":
            block, found = _one_hot(table, j)
            columns.append(block)
            names += [f"{table.names[j]} = {name}" for name in found]
            classes += found
    if len(names) > MOST_COLUMNS:
        raise ImportRefused(f"These columns make {len(names):,} targets; allowed: at most {MOST_COLUMNS:,}.")
    y = frozen(np.column_stack(columns)) if columns else None
    return Samples(frozen(_numbers(table, inputs)), y, tuple(table.names[j] for j in inputs), tuple(names), tuple(classes))


def _numbers(table: Table, columns: Sequence[int]) -> Array:
    result = np.empty((len(table.rows), len(columns)))
    for i, row in enumerate(table.rows):
        for k, j in enumerate(columns):
            value = _number(row[j], table.layout.decimal)
            if value is None:
                raise _no_number(table, i, j)
            result[i, k] = value
    return result


def _no_number(table: Table, i: int, j: int) -> ImportRefused:
    """Return the refusal of a cell, with what may be meant."""
    cell, decimal, other = table.rows[i][j], table.layout.decimal, "," if table.layout.decimal == "." else "."
    name = f" ({table.names[j]})" if table.layout.header else ""
    place = f"Row {table.lines[i]}, column {j + 1}{name}"
    mark = "point" if decimal == "." else "comma"
    if not cell:
        return ImportRefused(f"{place} is empty; allowed: a number in every row.", table.lines[i], j + 1)
    allowed = f"numbers with a decimal {mark} such as −0{decimal}25"
    if _number(cell, other) is not None:
        allowed += f", or choose the decimal {'comma' if decimal == '.' else 'point'}"
    shown = cell if len(cell) <= 30 else cell[:29] + "…"
    return ImportRefused(f"{place}: “{shown}” is not a number; allowed: {allowed}.", table.lines[i], j + 1)


def _one_hot(table: Table, j: int) -> tuple[Array, list[str]]:
    """Return one column of 0 and 1 for each value of column j, and the values, in order of size or of the alphabet."""
    cells = [row[j] for row in table.rows]
    for i, cell in enumerate(cells):
        if not cell:
            place = f"Row {table.lines[i]}, column {j + 1} ({table.names[j]})"
            raise ImportRefused(f"{place} is empty; allowed: a class in every row.", table.lines[i], j + 1)
    found = set(cells)
    if not 2 <= len(found) <= MOST_CLASSES:
        raise ImportRefused(f"Column {j + 1} ({table.names[j]}) has {_counted(len(found))}; allowed: 2 to {MOST_CLASSES}.", None, j + 1)
    values = {cell: _number(cell, table.layout.decimal) for cell in found}
    numeric = all(value is not None for value in values.values())
    order = sorted(found, key=lambda cell: (values[cell] or 0.0, cell) if numeric else (0.0, cell))
    place_of = {cell: k for k, cell in enumerate(order)}
    return np.eye(len(order))[[place_of[cell] for cell in cells]], order


def _counted(n: int) -> str:
    return "1 different value" if n == 1 else f"{n:,} different values"


def read_npz(path: str | Path, one_hot: bool = False) -> Samples:
    """Return the arrays x: (m, n_0) and y: (m, n_L) or (m,) of an `.npz` file; nothing in it is executed. Raises ImportRefused.

    one_hot: make one output of each value of a single column y. Without y there are no targets.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 4 * MOST_BYTES:
                raise ImportRefused(f"The arrays in this file take more than {4 * MOST_BYTES // 1_000_000} MB; allowed: smaller ones.")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files if name in ("x", "y")}
            names = ", ".join(file.files) or "none"
        if not all(isinstance(values, np.ndarray) for values in arrays.values()):
            raise ValueError("a member that is no array comes as bytes")
    except ImportRefused:
        raise
    except OSError as error:
        raise ImportRefused(f"The file cannot be read: {error.strerror or error}.") from None
    except (ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
        raise ImportRefused("This is no .npz file of plain numbers; allowed: arrays x and y as numpy.savez writes them.") from None
    if "x" not in arrays:
        raise ImportRefused(f"There is no array x in this file; found: {names}; allowed: x of shape (samples, inputs), and y.")
    x = _plain("x", arrays["x"])
    y = _plain("y", arrays["y"]) if "y" in arrays else None
    return _from_arrays(x, y, one_hot)


def _plain(name: str, values: np.ndarray) -> Array:
    """Return an array as (rows, columns) of finite numbers, or refuse it."""
    if values.dtype.kind not in "biuf":
        raise ImportRefused(f"The array {name} holds {values.dtype}; allowed: whole or floating-point numbers.")
    rows = values[:, None] if values.ndim == 1 and name == "y" else values
    if rows.ndim != 2 or not rows.size:
        shape = " × ".join(map(str, values.shape)) or "a single number"
        raise ImportRefused(f"The array {name} has the shape {shape}; allowed: rows of samples, (samples, columns).")
    if len(rows) > MOST_ROWS or rows.shape[1] > MOST_COLUMNS:
        raise ImportRefused(f"The array {name} is {len(rows):,} × {rows.shape[1]:,}; allowed: at most {MOST_ROWS:,} × {MOST_COLUMNS:,}.")
    numbers = rows.astype(np.float64)
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        i, j = bad[0] + 1
        raise ImportRefused(f"Row {i}, column {j} of {name} is {rows[i - 1, j - 1]}; allowed: finite numbers.", int(i), int(j))
    return numbers


def _from_arrays(x: Array, y: Array | None, one_hot: bool) -> Samples:
    if y is not None and len(y) != len(x):
        raise ImportRefused(f"x has {len(x):,} rows and y has {len(y):,}; allowed: one row of y for each row of x.")
    classes: tuple[str, ...] = ()
    if one_hot and y is not None:
        if y.shape[1] != 1:
            raise ImportRefused(f"y has {y.shape[1]} columns; allowed for classes: one column that holds the class.")
        found, labels = np.unique(y[:, 0], return_inverse=True)
        if not 2 <= len(found) <= MOST_CLASSES:
            raise ImportRefused(f"y has {_counted(len(found))}; allowed for classes: 2 to {MOST_CLASSES}.")
        y, classes = np.eye(len(found))[labels.reshape(-1)], tuple(f"{value:g}" for value in found)
    n = 0 if y is None else y.shape[1]
    targets = tuple(f"y = {name}" for name in classes) or tuple(f"y{j}" for j in range(1, n + 1))
    return Samples(frozen(x), None if y is None else frozen(y), tuple(f"x{j}" for j in range(1, x.shape[1] + 1)), targets, classes)
