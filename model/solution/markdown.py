"""A worked solution as Markdown with LaTeX formulas between dollar signs, as GitHub, VS Code, Jupyter, Obsidian and pandoc read it.

The figure is a file beside the text: most of these viewers do not show a picture that is written into the text itself.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from model.expr.latex import latex_of
from model.expr.tree import Equation, Expr, NumberFormat
from model.solution.document import Document
from model.solution.lines import broken_latex
from model.solution.parts import Beside, Block, Cell, Figure, Formula, Heading, Items, PageBreak, Paragraph, Table, scripts

LINE = 52.0  # em
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")
_SPACE = re.compile(r"\s+")


def markdown(document: Document, picture: str) -> str:
    """Return the text. picture: the name of the figure's file, in the same folder."""
    parts = [f"# {_text(document.title)}"]
    if document.source:
        parts.append(f"*{_text(document.source)}*")
    parts += [_block(block, document.fmt, picture) for block in document.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, fmt: NumberFormat, picture: str) -> str:
    if isinstance(block, Heading):
        number = f"{block.number}. " if block.number else ""
        return f"{'#' * (block.level + 1)} {number}{_words(block.text)}"
    if isinstance(block, Paragraph):
        text = _paragraph(block.parts, fmt)
        return f"*{text}*" if block.kind == "note" else text
    if isinstance(block, Formula):
        note = f"\n\n*{_words(block.equation.note)}*" if block.equation.note else ""
        return _display(broken_latex(block.equation, fmt, LINE)) + note
    if isinstance(block, Beside):
        return _display(beside(block.equations, fmt))
    if isinstance(block, Table):
        return _table(block, fmt)
    if isinstance(block, Items):
        return "\n".join(f"- **{_text(name)}:** {_paragraph(cell, fmt)}" for name, cell in block.rows)
    if isinstance(block, Figure):
        return f"![{_text(block.caption)}]({quote(os.fsencode(picture))})"
    if isinstance(block, PageBreak):
        return "---"
    raise TypeError(f"no way to write a {type(block).__name__}")


def _display(latex: str) -> str:
    return f"$$\n{latex}\n$$"


def beside(equations: tuple[Equation, ...], fmt: NumberFormat) -> str:
    """Return equations on one line of LaTeX, with space between them."""
    return " \\qquad\n".join(broken_latex(equation, fmt, float("inf")) for equation in equations)


def _text(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _words(text: str) -> str:
    """Return words with the indices of the symbols in them raised and lowered."""
    tags = {0: "{}", 1: "<sup>{}</sup>", -1: "<sub>{}</sub>"}
    return "".join(tags[level].format(_escaped(run)) for run, level in scripts(_SPACE.sub(" ", text)))


def _formula(expr: Expr, fmt: NumberFormat) -> str:
    """Return a formula among words; with a space after the dollar sign it would be left as text."""
    return f"${latex_of(expr, fmt).strip()}$"


def _paragraph(cell: Cell, fmt: NumberFormat) -> str:
    return "".join(_words(part) if isinstance(part, str) else _formula(part, fmt) for part in cell).strip()


def _cell(cell: Cell, fmt: NumberFormat) -> str:
    return "".join(_escaped(_SPACE.sub(" ", part)) if isinstance(part, str) else _formula(part, fmt) for part in cell).strip()


def _table(table: Table, fmt: NumberFormat) -> str:
    marks = ["---:" if i in table.numbers else "---" for i in range(len(table.head))]
    rows = [[_cell(cell, fmt) for cell in row] for row in (table.head, *table.rows)]
    lines = [" | ".join(row) for row in (rows[0], marks, *rows[1:])]
    caption = f"\n\n*{_text(table.caption)}*" if table.caption else ""
    return "\n".join(f"| {line} |" for line in lines) + caption
