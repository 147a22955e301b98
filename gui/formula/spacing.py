"""Spaces between the parts of a formula, and where it may break. No Qt. The spaces are TeX's: thin 3/18, medium 4/18, thick 5/18 em."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from gui.formula.boxes import Box, beside
from model.expr.tree import Expr, Fn, Frac, Mat, Num, Op, Row, Sup, Sym, Text

Kind = Literal["ord", "num", "op", "bin", "sign", "tight", "rel", "punct", "inner", "text", "open", "close"]

THIN, MEDIUM, THICK, WORD = 3 / 18, 4 / 18, 5 / 18, 0.3
RELATIONS = frozenset("=≈≡≠≤≥<>→←↦⇒∈∼∝≔") | {":=", "=:"}
SIGNS = frozenset("+−-±∓")
PRODUCTS = frozenset("·⋅⊙×∗*∘÷⊗")
DOTS = frozenset("…⋯⋮⋱")
_NAMED = re.compile(r"\\(sum|prod|int|log|ln|exp|max|min|operatorname|mathrm\{[a-z]{2,})|[A-Za-z]{2,}$")
_CONTINUES = frozenset({"bin", "sign", "rel", "punct", "open", "op"})


class Term(NamedTuple):
    """One unbreakable part of a row: its box, what kind of part it is, and the formula it shows."""

    box: Box
    kind: Kind
    expr: Expr


def kind_of(expr: Expr, before: Kind | None) -> Kind:
    """Return what a part is for the spacing; `before`: what stands left of it (a − after an operator is a sign, not a difference)."""
    if isinstance(expr, Op):
        return _operator(expr.symbol, before)
    if isinstance(expr, Sup):
        return "inner" if isinstance(expr.base, Mat) else "ord"
    if isinstance(expr, Sym):
        return "op" if _NAMED.match(expr.latex) else "inner" if expr.latex.startswith("\\frac") else "ord"
    if isinstance(expr, Fn):
        return "op" if _NAMED.match(expr.latex) else "ord"
    kinds: dict[type, Kind] = {Num: "num", Text: "text", Mat: "inner", Frac: "inner"}
    return kinds.get(type(expr), "ord")


def _operator(symbol: str, before: Kind | None) -> Kind:
    if symbol in RELATIONS:
        return "rel"
    if symbol in SIGNS or symbol in PRODUCTS:
        return "sign" if before is None or before in _CONTINUES - {"op"} else "bin"
    if symbol in (",", ";"):
        return "punct"
    if symbol in DOTS:
        return "inner"
    return {"(": "open", "[": "open", ")": "close", "]": "close", "/": "tight"}.get(symbol, "ord")  # type: ignore[return-value]


def gap(left: Kind | None, right: Kind) -> float:
    """Return the space between two neighbours, in em."""
    if left is None:
        return 0.0
    pair = (left, right)
    if "rel" in pair:
        return 0.0 if left == right or left == "open" else THICK
    if "bin" in pair:
        return MEDIUM
    if left == "punct":
        return THIN
    if "tight" in pair or left in ("open", "sign") or right in ("close", "punct"):
        return 0.0
    if "text" in pair:
        return WORD
    if "op" in pair:
        return THIN if right != "open" else 0.0
    if pair == ("num", "num"):
        return WORD
    return THIN if {"inner", "num"} & set(pair) else 0.0


def gaps(kinds: Sequence[Kind]) -> list[float]:
    """Return the space before each of a row of parts, in em; the first gets none."""
    return [gap(kinds[i - 1] if i else None, kind) for i, kind in enumerate(kinds)]


def set_row(terms: Sequence[Term], size: float) -> Box:
    """Set parts on one line."""
    return beside([t.box for t in terms], [g * size for g in gaps([t.kind for t in terms])])


def flat(expr: Expr) -> tuple[Expr, ...]:
    """Return the parts of a formula at its outermost level."""
    return tuple(part for item in expr.items for part in flat(item)) if isinstance(expr, Row) else (expr,)


def _cost(left: Term, right: Term) -> float | None:
    """Return how bad it is to break between two parts, or None where a break is forbidden. Best before = and + and −."""
    if right.kind == "rel":
        return 0.0
    if left.kind in _CONTINUES or right.kind in ("punct", "close", "tight") or left.kind == "tight":
        return 0.6 if left.kind == "punct" else None
    if right.kind == "bin":
        return 0.1 if isinstance(right.expr, Op) and right.expr.symbol in SIGNS else 0.7
    if right.kind == "inner" and left.kind == "inner":
        return 0.4
    return 0.8 if "text" in (left.kind, right.kind) else None


def broken(terms: Sequence[Term], size: float, first: float, rest: float) -> list[list[Term]]:
    """Break a row into lines of at most `first` and then `rest` pixels, at the best places; a part that is wider stands alone."""
    lines: list[list[Term]] = []
    left = list(terms)
    while left:
        count = _fitting(left, size, rest if lines else first)
        lines.append(left[:count])
        left = left[count:]
    return lines


def _fitting(terms: Sequence[Term], size: float, width: float) -> int:
    """Return how many of the parts to put on a line: the fullest line with the least bad break."""
    spaces = gaps([t.kind for t in terms])
    x, best, score = 0.0, 0, -1.0
    for i, term in enumerate(terms):
        cost = _cost(terms[i - 1], term) if i else None
        if cost is not None and (x <= width or not best) and x / width - cost > score:
            best, score = i, x / width - cost if x <= width else -1.0
            if x > width:
                return best
        x += spaces[i] * size + term.box.width
    return len(terms) if x <= width or not best else best
