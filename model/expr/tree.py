"""A displayed formula as data: symbols, numbers and how they are arranged.

Every notation writes its equations as these few nodes. They are typeset on screen (`gui.formula.layout`), written as LaTeX or as
plain text (`model.expr.text`), and evaluated by tests: what is displayed is what was computed. Nodes carry the `Ref` of
the quantity they show, so that the same number can be lit up everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import copysign, floor, isfinite, log10
from typing import Literal

from model.stages import Ref


@dataclass(frozen=True, slots=True)
class Sym:
    """A symbol, as LaTeX source for one unbreakable piece such as `\\delta^{[2]}`; set by the formula typesetter."""

    latex: str
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Num:
    """A number. `value` is full precision; how many digits are shown is the number format's business.

    bracket: put parentheses around it where it is negative (after an operator). exact: a constant of the experiment, such as
    0.999, written with all its digits whatever the format. places: decimals in the place of the format's, where those would show
    too little of it; negative: scientific form with that many.
    """

    value: float
    ref: Ref | None = None
    bracket: bool = False
    exact: bool = False
    places: int | None = None


def constant(value: float, ref: Ref | None = None) -> Num:
    """Return a number that belongs to the rule itself, such as the 1 and the 2 of ½: it is no result that could have zeros to show."""
    return Num(float(value), ref, exact=True)


@dataclass(frozen=True, slots=True)
class Op:
    """An operator or relation: one of = + − · ⊙ × / , and the like. The place where a long formula may wrap is before it."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words inside a formula, such as "784 terms"."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Nodes side by side on one baseline."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Mat:
    """A matrix (a column vector has one column). `elided`: (rows, columns) of the whole where some are left out, shown as dots.

    Where entries are left out the cells hold `Op("⋯")`, `Op("⋮")` or `Op("⋱")`. bracket "{" gives cases, "" a bare table.
    """

    rows: tuple[tuple[Expr, ...], ...]
    bracket: Literal["[", "(", "{", ""] = "["
    elided: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Frac:
    """A fraction of two formulas."""

    numerator: Expr
    denominator: Expr


@dataclass(frozen=True, slots=True)
class Fn:
    """A function of an argument: φ(…), with parentheses. `latex` is the function's name; it may be empty for plain parentheses."""

    latex: str
    argument: Expr


@dataclass(frozen=True, slots=True)
class Sup:
    """A formula with a superscript in LaTeX, such as a transposed matrix or a square."""

    base: Expr
    latex: str


SEEN = 2  # significant digits that a number is shown with where the chosen decimals show none
MORE = 4  # decimals that may be added to the chosen ones before scientific form is easier to read
_RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_LARGE = 1e15
_TIE, _TIED = 1e-15, 12  # how far from a tie a sum of some terms comes to lie in binary, and up to how many decimals that is looked at
_WHOLE = 1000  # smaller whole numbers are written as such also where others are scientific
Expr = Sym | Num | Op | Text | Row | Mat | Frac | Fn | Sup


@dataclass(frozen=True, slots=True)
class Equation:
    """One displayed equation: sides joined by "=" in order, each of a kind.

    kinds: "symbol" the quantity, "rule" the symbolic rule, "numbers" the rule with numbers put in, "result" the value.
    note: a short remark shown below in small type (why a last digit may differ, which term is new).
    number, boxed: what a course calls it, such as "(6)", and whether it stands in a frame there.
    """

    sides: tuple[tuple[Literal["symbol", "rule", "numbers", "result"], Expr], ...]
    note: str = ""
    number: str = ""
    boxed: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happens at one place of the walk, in one notation.

    caption: short, for the canvas and `trace --micro`. words: one or two plain sentences saying what and why.
    focus: the numbers that are being formed; sources: the numbers they are formed from (for highlights). conventions: those that
    are not the plain ones, to be said wherever the numbers are taken to. layer: what the notation calls the one the focus is in.
    """

    caption: str
    words: str
    equations: tuple[Equation, ...]
    focus: tuple[Ref, ...] = ()
    sources: tuple[Ref, ...] = ()
    conventions: tuple[str, ...] = ()
    layer: str = ""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are written everywhere.

    decimals: places after the point (None: as many as needed, up to 15 significant; negative: scientific form with that many).
    """

    decimals: int | None = 8
    comma: bool = False
    trailing_zeros: bool = False


def format_of(num: Num, fmt: NumberFormat) -> NumberFormat:
    """Return the format in which this number is written where `fmt` is chosen."""
    if num.exact or fmt.decimals is None:
        return replace(fmt, decimals=None)
    return fmt if num.places is None else replace(fmt, decimals=num.places)


def number_text(num: Num, fmt: NumberFormat) -> str:
    """Return a displayed number as text, without its parentheses."""
    return format_number(num.value, format_of(num, fmt))


def format_number(value: float, fmt: NumberFormat) -> str:
    """Return `value` as text: true minus sign, no negative zero; small numbers that would round to 0 with more decimals.

    Numbers that need too many, or are too large, have a power of ten: 1.11·10⁻¹².
    """
    return with_power(raw_number(value, fmt))


def significant(value: float, digits: int, *, comma: bool = False) -> str:
    """Return `value` as text with at most so many significant digits, for captions; minus and power of ten as everywhere."""
    return with_power(f"{value:.{digits}g}".replace("-", "−").replace(".", "," if comma else "."))


def is_bare(num: Num, fmt: NumberFormat) -> bool:
    """Say whether a number is written with nothing but digits, so that it can be squared or multiplied without brackets."""
    return num.value >= 0 and "e" not in raw_number(num.value, format_of(num, fmt))


def raw_number(value: float, fmt: NumberFormat) -> str:
    """Return the same text with an e before the power of ten: 1.11e−12; for what writes or reads powers in its own way."""
    if value != value:
        return "undefined"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    text = _digits(value, fmt)
    if "e" not in text and "." in text and not fmt.trailing_zeros:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−").replace(".", "," if fmt.comma else ".")


def _digits(value: float, fmt: NumberFormat) -> str:
    value += 0.0  # turns −0.0 into 0.0
    if fmt.decimals is None:
        return f"{value:.15g}"
    if fmt.decimals < 0:
        return f"{value:.0f}" if value.is_integer() and abs(value) < _WHOLE else f"{value:.{-fmt.decimals}e}"
    if not is_unseen(value, fmt):
        return f"{_off_tie(value, fmt.decimals):.{fmt.decimals}f}" if abs(value) < _LARGE else f"{value:.2e}"
    places = SEEN - 1 - exponent(value)
    return f"{value:.{places}f}" if places <= fmt.decimals + MORE else f"{value:.2e}"


def _off_tie(value: float, places: int) -> float:
    """Return a number that rounds as it does on paper: 0.435 becomes 0.44 also where it is 0.43499999999999994 in binary."""
    return value + copysign(_TIE * max(abs(value), 1.0), value) if value and places <= _TIED else value


def is_unseen(value: float, fmt: NumberFormat) -> bool:
    """Say whether the chosen decimals would show a number as 0 that is not 0."""
    places = fmt.decimals
    return places is not None and places >= 0 and value != 0 and isfinite(value) and float(f"{value:.{places}f}") == 0


def exponent(value: float) -> int:
    """Return the power of ten of the first digit of a number that is not 0."""
    return floor(log10(abs(value)))


def with_power(text: str) -> str:
    """Return a number's text with a power of ten in place of an e: 1.11e−12 becomes 1.11·10⁻¹², and 1e−08 becomes 10⁻⁸."""
    mantissa, _, power = text.partition("e")
    if not power.lstrip("+-−").isdigit():  # also what is "undefined"
        return text
    raised = "10" + str(int(power.replace("−", "-"))).replace("-", "−").translate(_RAISED)
    return {"1": raised, "−1": "−" + raised}.get(mantissa, f"{mantissa}·{raised}")
