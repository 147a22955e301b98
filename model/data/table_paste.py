"""Numbers that were copied in a spreadsheet or an editor: cells between tabs, decimal point or comma."""

from __future__ import annotations

import re

from model.data.table_import import ImportRefused, Layout, read_table, samples_from, sniff


def pasted_numbers(text: str) -> tuple[tuple[float, ...], ...]:
    """Return the rows of numbers in a text. Raises ImportRefused, with row and column of what was pasted."""
    if not text.strip():
        raise ImportRefused("There is nothing to paste; allowed: cells copied from a table, separated by tabs.")
    try:
        table = read_table(text, _layout(text))
        return tuple(tuple(row) for row in samples_from(table, ["input"] * len(table.names)).x.tolist())
    except ImportRefused as refused:
        raise ImportRefused(f"In what was pasted: {str(refused)[0].lower()}{str(refused)[1:]}", refused.row, refused.column) from None


def _layout(text: str) -> Layout:
    """Tabs separate if there are any; otherwise a column of decimal commas is one column, and the rest is guessed as for a file."""
    guess = sniff(text)
    if "\t" in text:
        return Layout("\t", "," if "," in text and "." not in text else ".")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if all(re.fullmatch(r"[+−-]?\d*,\d+|[+−-]?\d+", line) for line in lines) and "," in text:
        return Layout("\t", ",")
    return Layout(guess.separator, guess.decimal)
