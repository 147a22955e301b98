"""The end of a worked solution: the updated parameters, the loss before and after, and what a printed source has that differs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from model.diagnosis.printed import reasons
from model.explain.parts import Writer
from model.explain.start import parameters
from model.expr.tree import NumberFormat, Sym, format_number
from model.expr.value import printed_value
from model.moment import Moment
from model.quantities import quantity
from model.solution.parts import Beside, Block, Cell, Heading, Paragraph, Table
from model.verify import Figure, verify

_NEEDED = ("erratum", "stale_erratum", "disagree", "last_digit")
_WORDS = {
    "last_digit": "the last digit differs, as it does when rounded values are carried on",
    "disagree": "differs from the computed value",
    "stale_erratum": "agrees, although the file says that it is wrong",
}
BIASES = {"b": "W", "db": "dW", "b_new": "W_new"}
ROWS = 24


def after_update(moment: Moment) -> Iterator[Block]:
    """Yield the new parameters, layer by layer."""
    yield Paragraph((f"The parameters after update {moment.record.step}:",))
    yield Beside(tuple(parameters(Writer(moment), "W_new", "b_new", "numbers")))


def losses(moments: list[Moment]) -> Iterator[Block]:
    """Yield the loss of each update before and after it, on the same batch."""
    if moments[0].record.problem.learning_rate is None:
        return
    yield Heading(2, "Loss before and after")
    head: tuple[Cell, ...] = (("update",), ("before",), ("after",), ("change",))
    rows = tuple(_loss_row(moment) for moment in moments)
    what = "output" if moments[0].record.problem.loss == "none" else "loss"
    caption = f"The {what} of the same batch, with the old and with the new parameters."
    rounded = " Changes are computed with full precision; printed digits may give others." if any(map(_differs, moments)) else ""
    yield Table(head, rows, caption + rounded, numbers=(0, 1, 2, 3))


def _loss_row(moment: Moment) -> tuple[Cell, ...]:
    before, after = _before_and_after(moment)
    texts = (format_number(value, moment.fmt) for value in (before, after, after - before))
    return ((str(moment.record.step),), *((text,) for text in texts))


def _before_and_after(moment: Moment) -> tuple[float, float]:
    return moment.record.loss, float(quantity(moment.record, "loss_after"))


def _differs(moment: Moment) -> bool:
    """Return whether the printed losses of an update have another difference than is printed."""
    before, after = _before_and_after(moment)
    printed = printed_value(after, moment.fmt) - printed_value(before, moment.fmt)
    return format_number(printed, moment.fmt) != format_number(after - before, moment.fmt)


def printed_figures(moments: list[Moment]) -> Iterator[Block]:
    """Yield a comparison with the figures of the source, for the updates that are worked out."""
    problem = moments[0].record.problem
    steps = {moment.record.step for moment in moments}
    why = partial(reasons, notation=moments[0].notation, comma=moments[0].fmt.comma)
    figures = [figure for figure in verify(problem, why=why).figures if figure.step in steps] if problem.expected else []
    if not figures:
        return
    yield Heading(2, "Compared with the printed source")
    strange = [figure for figure in figures if figure.verdict in _NEEDED]
    agree = len(figures) - len(strange)
    yield Paragraph((f"The source prints {len(figures)} of these numbers; {agree} agree to the last digit, {len(strange)} do not.",))
    if strange:
        yield _differences(moments[0], strange)


def _differences(moment: Moment, figures: list[Figure]) -> Table:
    """Return one row for each reason, with the numbers that it explains; one for what is δ and ∂L/∂b in one symbol."""
    groups: dict[tuple[str, int | None, str], list[Figure]] = {}
    for figure in figures:
        groups.setdefault((figure.quantity, figure.layer, _reason(figure)), []).append(figure)
    shown = list(groups.items())[:ROWS]
    rows = tuple(dict.fromkeys(_difference(moment, name, layer, why, found) for (name, layer, why), found in shown))
    left = len(groups) - len(shown)
    caption = f"{left} more quantities differ." if left else ""
    return Table((("quantity",), ("printed",), ("computed",), ("why",)), rows, caption, wide=True)


def _reason(figure: Figure) -> str:
    return figure.erratum or figure.cause or _WORDS.get(figure.verdict, "")


def _difference(moment: Moment, name: str, layer: int | None, why: str, figures: list[Figure]) -> tuple[Cell, ...]:
    symbol = _symbol(moment, name, layer or 0)
    printed = ", ".join(_dressed(figure.printed, moment.fmt) for figure in figures)
    places = 1 + max(_places(figure.printed) for figure in figures)  # one more than is printed, so that the difference can be seen
    computed = ", ".join(_dressed(f"{figure.computed:.{places}f}", moment.fmt) for figure in figures)
    return (symbol,), (printed,), (computed,), (why,)


def _symbol(moment: Moment, name: str, layer: int) -> Sym:
    """Return what the notation calls a quantity; biases inside a matrix are its column or row 0."""
    notation, problem = moment.notation, moment.record.problem
    if name in BIASES and notation.presentation.bias != "apart":
        return Sym(notation.name_of(BIASES[name], layer, problem, 1, unit=notation.letter(layer, "unit", problem), source="0"))
    return Sym(notation.name_of(name, layer, problem, 1))


def _places(printed: str) -> int:
    return len(printed.partition(".")[2])


def _dressed(number: str, fmt: NumberFormat) -> str:
    return number.replace("-", "−").replace(".", "," if fmt.comma else ".")
