"""The paths of a weight as a Qt item model: the neurons passed, the product written out, its value and its share."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from gui.formula.plain_symbols import plain_symbol
from gui.theme import Theme
from model.expr.tree import NumberFormat, format_number
from model.moment import Moment
from model.notation.profile import Notation
from model.paths import BatchPaths, Factor, Path, Paths
from model.problem import Problem
from model.stages import Ref

Index = QModelIndex
HEADS = ("through", "value", "share", "\u2003product")
THROUGH, VALUE, SHARE, PRODUCT = range(4)
TIPS = (
    "The neurons that the path passes, from the weight to the loss",
    "What the path adds to the gradient: the product of all it passes",
    "The path's value as a part of the whole gradient; values of opposite sign make shares above 100 %",
    "Everything the path passes, multiplied from the loss back to the weight",
)
ARROW = " → "
_LAYER = re.compile(r"\^\[\d+\]")


def passed(moment: Moment, path: Path) -> str:
    """Return the neurons of a path by their symbols, such as "a⁽²⁾₂ → a⁽³⁾₁ → L"; layers in brackets, as [2], are told by the order."""
    problem, depth = moment.record.problem, moment.record.problem.depth

    def name(quantity: str, layer: int, unit: int) -> str:
        return _LAYER.sub("", plain_symbol(moment.notation.symbol(Ref(quantity, layer, unit), problem, 1)))

    units = [name("a", path.layer + t, unit) for t, unit in enumerate(path.units)]
    if problem.activations[-1] == "softmax" and len(path.factors) > 1 and path.factors[0].kind == "error":
        units[-1:] = [name("z", depth, path.units[-1]), name("a", depth, path.out)]
    return ARROW.join([*units, plain_symbol(moment.notation.symbol(Ref("loss"), problem, 1))])


def product(path: Path, fmt: NumberFormat) -> str:
    """Return the factors of a path in numbers, such as "0.37 · 0.23 · (−0.5)"."""
    texts = [format_number(factor.value, fmt) for factor in path.factors]
    return " · ".join(f"({text})" if i and text.startswith("−") else text for i, text in enumerate(texts))


def share(value: float, total: float, fmt: NumberFormat) -> str:
    """Return a value as a part of the total, in percent."""
    if not total or total != total:
        return "–"
    return f"{format_number(100.0 * value / total, NumberFormat(1, fmt.comma, True))} %"


def factor_words(moment: Moment, factor: Factor) -> str:
    """Return what a factor is and its full value, for the tooltip."""
    problem = moment.record.problem
    names = [plain_symbol(moment.notation.symbol(ref, problem, 1)) if ref.quantity != "one" else "1" for ref in factor.refs]
    name = " · ".join(names) if len(names) == 1 else "−" + " · ".join(names)
    meaning = {
        "error": "error of the output", "delta": "error signal of the output", "slope": "slope", "jacobian": "softmax",
        "weight": "weight", "input": "input",
    }[factor.kind]  # fmt: skip
    return f"{name} = {factor.value!r} ({meaning})".replace("-", "−")


def kinds_of_target(notation: Notation, problem: Problem) -> list[tuple[tuple[str, int], str]]:
    """Return what can be talked to as (quantity, layer), with its words: weights and biases by the matrix or vector they stand in."""

    def named(quantity: str, l: int) -> str:
        inside = notation.presentation.bias != "apart"
        return plain_symbol(notation.symbol(Ref("W" if inside else quantity, l), problem))

    layers = range(1, problem.depth + 1)
    weights = [(("W", l), f"weight in {named('W', l)}") for l in layers]
    biases = [(("b", l), f"bias in {named('b', l)}") for l in layers if problem.has_biases]
    return [*weights, *biases, (("x", 0), "input")]


def sum_lines(paths: Paths, batch: BatchPaths | None, moment: Moment) -> list[str]:
    """Return the sum of the paths beside the record's gradient, with the difference; and how the samples make the batch's gradient."""

    def text(value: float) -> str:
        return format_number(value, moment.fmt)

    what = "The path" if paths.count == 1 else f"All {paths.count:,} paths together"
    lines = [f"{what}: {text(paths.total)}   record: {text(paths.recorded)}   difference: {_small(paths.difference)}"]
    if not paths.agrees or paths.note:
        lines.append(paths.note or "The sum and the record differ by more than rounding errors.")
    if batch is not None and (moment.record.m > 1 or batch.penalty):
        m = moment.record.m
        how = "" if m == 1 else f"Mean over {m} samples" if batch.divisor > 1 else f"Sum over {m} samples"
        penalty = f" with the penalty {text(batch.penalty)}" if batch.penalty else ""
        how = (how or "The sample") + penalty
        lines.append(f"{how}: {text(batch.total)}   record: {text(batch.recorded)}   difference: {_small(batch.total - batch.recorded)}")
    return lines


def _small(value: float) -> str:
    return "0" if value == 0 else f"{value:.1e}".replace("-", "−")


def _alignment(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if column in (VALUE, SHARE) else Qt.AlignmentFlag.AlignLeft)


class PathTable(QAbstractTableModel):
    """One row per listed path, strongest first, and one for the sum of those that are not listed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: Paths | None = None
        self._moment: Moment | None = None
        self._theme: Theme | None = None
        self._italic = QFont()
        self._italic.setItalic(True)

    def show_paths(self, moment: Moment, paths: Paths | None, theme: Theme) -> None:
        """Show other paths; None shows none."""
        self.beginResetModel()
        self._moment, self._paths, self._theme = moment, paths, theme
        self.endResetModel()

    def path_at(self, row: int) -> Path | None:
        """Return the path of a row, None for the row that sums up the others."""
        return self._paths.listed[row] if self._paths is not None and 0 <= row < len(self._paths.listed) else None

    def rowCount(self, parent: Any = Index()) -> int:  # noqa: B008
        if parent.isValid() or self._paths is None:
            return 0
        return len(self._paths.listed) + (1 if self._paths.unlisted else 0)

    def columnCount(self, parent: Any = Index()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignVCenter | (
                Qt.AlignmentFlag.AlignRight if section in (VALUE, SHARE) else Qt.AlignmentFlag.AlignLeft
            )
        return {Qt.ItemDataRole.DisplayRole: HEADS[section], Qt.ItemDataRole.ToolTipRole: TIPS[section]}.get(Qt.ItemDataRole(role))

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._paths is None or self._moment is None or self._theme is None or not index.isValid():
            return None
        path, column = self.path_at(index.row()), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(path, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            value = self._value(path)
            return QBrush(QColor(*(self._theme.sign(value) if column == VALUE else self._theme.text if value else self._theme.muted)))
        if role == Qt.ItemDataRole.FontRole:
            return self._italic if path is None and column in (THROUGH, PRODUCT) else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(path)
        return None

    def _value(self, path: Path | None) -> float:
        assert self._paths is not None
        return self._paths.rest if path is None else path.value

    def _text(self, path: Path | None, column: int) -> str:
        assert self._paths is not None
        assert self._moment is not None
        fmt, value = self._moment.fmt, self._value(path)
        if column in (VALUE, SHARE):
            return format_number(value, fmt) if column == VALUE else share(value, self._paths.total, fmt)
        if path is None:
            return f"{self._paths.unlisted:,} others" if column == THROUGH else "weaker paths, summed layer by layer"
        return passed(self._moment, path) if column == THROUGH else product(path, fmt)

    def _tip(self, path: Path | None) -> str:
        assert self._moment is not None
        if path is None:
            return f"the sum of the paths that are not listed\n= {self._value(None)!r}".replace("-", "−")
        lines = [factor_words(self._moment, factor) for factor in path.factors]
        return "\n".join([*lines, f"product = {path.value!r}".replace("-", "−")])
