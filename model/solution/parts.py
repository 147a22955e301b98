"""What a worked solution is made of: plain data that every file format writes in its own way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from model.expr.small_scripts import small_scripts
from model.expr.tree import Equation, Expr
from model.stages import Phase

Inline = str | Expr
Cell = tuple[Inline, ...]
_SCRIPT = re.compile(r"(?<=\S)([\^_])(\[[^\]]*\]|⟨[^⟩]*⟩|\((?:[^()]|\([^()]*\))*\)|[0-9A-Za-z]+(?:,[0-9A-Za-z]+)*)")


@dataclass(frozen=True, slots=True)
class Heading:
    """level: 1 a part, 2 a section, 3 a step, which has a number (from 1) and the phase it belongs to."""

    level: Literal[1, 2, 3]
    text: str
    number: int = 0
    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words with symbols among them. kind "note" is small print."""

    parts: Cell
    kind: Literal["text", "note"] = "text"


@dataclass(frozen=True, slots=True)
class Formula:
    """A displayed equation."""

    equation: Equation


@dataclass(frozen=True, slots=True)
class Beside:
    """Short equations that stand side by side, as many on a line as there is room for."""

    equations: tuple[Equation, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """head: one cell per column; rows: cells. A column of `numbers` is set flush right. wide: the last column holds sentences."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    numbers: tuple[int, ...] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """Named facts: what it is, and how it is here."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """The place of the picture of the network before the first step."""

    caption: str


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows starts on a page of its own, where there are pages."""


Block = Heading | Paragraph | Formula | Beside | Table | Items | Figure | PageBreak


def scripts(text: str) -> list[tuple[str, int]]:
    """Return the words of an explanation as runs with a level: 1 raised, -1 lowered, where they name symbols such as X^[2]."""
    runs: list[tuple[str, int]] = []
    end = 0
    for match in _SCRIPT.finditer(text):
        lowered = match[1] == "_"
        runs += [(text[end : match.start()], 0), (_within(match[2], lowered), -1 if lowered else 1)]
        end = match.end()
    return [run for run in (*runs, (text[end:], 0)) if run[0]]


def _within(index: str, lowered: bool) -> str:
    """Return an index that may have indices of its own, in small characters; the brackets of a layer's number stay."""
    held = index.startswith("(") and (lowered or not index[1:-1].isalnum())
    return small_scripts(index[1:-1] if held else index)


def words(text: str, kind: Literal["text", "note"] = "text") -> Paragraph:
    """Return a paragraph of plain words."""
    return Paragraph((text,), kind)
