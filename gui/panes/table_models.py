"""Matrices and vectors of the moment as Qt item models: what is revealed, what is current, what can be edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QFont

from gui.edits import parse_number
from gui.links import canonical, covers
from gui.panel.nudge import NUDGE_ROLE
from gui.theme import Theme
from gui.theme_qt import colour
from gui.tips import tip
from model.losses import FUSED_DELTAS
from model.moment import Moment
from model.scales import written
from model.stages import Ref

HIDDEN = "·"  # stands in a cell whose number has not been computed yet
Index = QModelIndex
_BIAS_OF = {"W": "b", "dW": "db", "W_new": "b_new"}


@dataclass(frozen=True, slots=True)
class Grid:
    """Which numbers a table holds. kind: "matrix", "vector" (one column), "samples" (a column per sample), "data" (a row per sample).

    title: LaTeX. inside: the bias is column 0 (row 0 if transposed). transposed: a row is a sending unit. W and b can be edited on
    update 1 only, data always.
    """

    quantity: str
    layer: int
    kind: Literal["matrix", "vector", "samples", "data"]
    title: str
    rows: int
    columns: int
    inside: bool = False
    transposed: bool = False
    editable: bool = False

    def ref(self, row: int, column: int) -> Ref:
        """Return which number a cell holds."""
        if self.kind == "vector":
            return Ref(self.quantity, self.layer, row)
        if self.kind == "samples":
            return Ref(self.quantity, self.layer, row, None, column)
        if self.kind == "data":
            return Ref(self.quantity, 0, column, None, row)
        unit, source = (column, row) if self.transposed else (row, column)
        if self.inside and source == 0:
            return Ref(_BIAS_OF[self.quantity], self.layer, unit)
        return Ref(self.quantity, self.layer, unit, source - self.inside)

    def number(self, across: bool, place: int) -> int:
        """Return the number, as formulas write it, of the unit, sender or sample that a row or (across) a column stands for."""
        senders = self.kind == "matrix" and across != self.transposed
        return place if (senders and self.inside) or (self.quantity == "dLdX" and not across) else place + 1


def layer_grids(moment: Moment, layer: int) -> list[Grid]:
    """Return the tables of weight layer `layer` in the order of computation."""
    problem = moment.record.problem
    skipped = set()
    if moment.notation.presentation.bias != "apart" or not problem.has_biases:
        skipped |= {"b", "db", "b_new"}
    if problem.learning_rate is None:
        skipped |= {"W_new", "b_new"}
    if _is_said_twice(moment, layer):
        skipped.add("db")
    presented = {(stage.quantity, stage.layer) for stage in moment.walk.stages}
    skipped |= {name for name in ("dadz", "dLdX") if (name, layer) not in presented}
    if problem.activations[layer - 1] != "softmax" and not (
        layer == problem.depth and (problem.activations[-1], problem.loss) in FUSED_DELTAS
    ):
        skipped.discard("dadz")  # δ is formed with it, whether the notation names it or not
    names = ("W", "b", "z", "a", "dadz", "dLda", "delta", "dW", "db", "W_new", "b_new", "dLdX")
    return [_grid(moment, name, layer) for name in names if name not in skipped]


def _is_said_twice(moment: Moment, layer: int) -> bool:
    """Return whether the notation has one name for ∂L/∂z and ∂L/∂b, which for a single sample are the same numbers."""
    names = [moment.notation.symbol(Ref(quantity, layer), moment.record.problem, moment.record.m) for quantity in ("delta", "db")]
    return moment.record.m == 1 and names[0] == names[1]


def _grid(moment: Moment, quantity: str, layer: int) -> Grid:
    problem, record, presentation = moment.record.problem, moment.record, moment.notation.presentation
    # Its columns are derivatives of the samples' own losses: by the loss of the batch, a mean, they would be a part of that.
    of_samples = record.m > 1 and quantity in ("dLda", "delta", "dLdX")
    letter = moment.notation.letters["sample"] if of_samples else None
    title = moment.notation.name_of(quantity, layer, problem, record.m, sample=letter)
    n_in, n = problem.layers[layer - 1], problem.layers[layer]
    if quantity in ("b", "db", "b_new"):
        return Grid(quantity, layer, "vector", title, n, 1, editable=quantity == "b")
    if quantity not in _BIAS_OF:
        return Grid(quantity, layer, "samples", title, 1 + n_in if quantity == "dLdX" else n, record.m)
    inside, transposed = presentation.bias != "apart" and problem.has_biases, presentation.rows == "from"
    rows, columns = (n_in + inside, n) if transposed else (n, n_in + inside)
    return Grid(quantity, layer, "matrix", title, rows, columns, inside, transposed, quantity == "W")


def data_grids(moment: Moment) -> list[Grid]:
    """Return the tables of inputs and targets: one row per sample of the batch."""
    problem, m = moment.record.problem, moment.record.m
    sizes = (("x", problem.layers[0]), ("y", problem.layers[-1]))
    return [Grid(name, 0, "data", moment.notation.symbol(Ref(name), problem, m), m, n, editable=True) for name, n in sizes]


def is_current(moment: Moment, ref: Ref) -> bool:
    """Return whether a number is being formed at the moment."""
    place = moment.place
    if place is None or (ref.sample is not None and ref.sample != moment.sample):
        return False
    stage = moment.walk.stages[place.stage]
    if (ref.quantity, ref.layer) not in stage.reveals:
        return False
    return place.component is None or stage.component(ref) == place.component


def matches(ref: Ref | None, pointed: Ref | None, sample: int) -> bool:
    """Return whether a pointed-at quantity (None indices mean all) covers this number."""
    if ref is None or pointed is None:
        return False
    return covers(pointed if pointed.sample is not None else pointed._replace(sample=sample), ref)


class GridModel(QAbstractTableModel):
    """One grid at one moment.

    **Signals:** edit_requested(ref, value): the user has typed a number into an editable cell; nudge_requested(ref, value): moved it
    by an arrow key; refused(str): it was no number.
    """

    edit_requested = Signal(object, float)
    nudge_requested = Signal(object, float)
    refused = Signal(str)

    def __init__(self, grid: Grid, moment: Moment, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._grid, self._moment, self._theme = grid, moment, theme
        self._lit: tuple[Ref, ...] = ()
        self._shown: tuple[object, ...] = ()
        self._current_font = QFont()
        self._current_font.setWeight(QFont.Weight.DemiBold)

    @property
    def grid(self) -> Grid:
        """What the table holds."""
        return self._grid

    def show_moment(self, moment: Moment, theme: Theme, *pointed: Ref | None) -> None:
        """Show another moment of the same grid, with some numbers lit up; if it looks the same there, nothing is painted."""
        lit = tuple(ref for ref in pointed if ref is not None)
        look = self._look_of(moment, theme, lit)
        changed, self._shown = look != self._shown, look
        self._moment, self._theme, self._lit = moment, theme, lit
        if changed:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def _look_of(self, moment: Moment, theme: Theme, lit: tuple[Ref, ...]) -> tuple[object, ...]:
        """Return what the table's look depends on."""
        names = {(self._grid.quantity, self._grid.layer), (_BIAS_OF.get(self._grid.quantity, ""), self._grid.layer)}
        revealed = tuple(moment.walk.done(name, layer, moment.tick) for name, layer in sorted(names))
        place, stage = moment.place, moment.stage
        current = place if stage is not None and names & set(stage.reveals) else None
        own = {name for name, _ in names}
        pointed = tuple(ref for ref in map(canonical, lit) if ref.quantity in own or ref.layer == 0)
        return (id(moment.record), revealed, current, theme.name, pointed, moment.sample)

    def ref_at(self, index: QModelIndex) -> Ref | None:
        """Return which number a cell holds."""
        return self._grid.ref(index.row(), index.column()) if index.isValid() else None

    def value_text(self, ref: Ref) -> str:
        """Return the number as it is shown, whether revealed or not."""
        return written(self._moment, ref)

    def current_index(self) -> QModelIndex:
        """Return the current cell, if it is one cell of this table."""
        place = self._moment.place
        stage = self._moment.stage
        if (
            place is None
            or stage is None
            or place.component is None
            or (stage.quantity, stage.layer) != (self._grid.quantity, self._grid.layer)
        ):
            return QModelIndex()
        if self._grid.kind == "samples":
            return self.index(place.component, self._moment.sample)
        return self.index(*divmod(place.component, self._grid.columns)) if self._grid.kind != "data" else QModelIndex()

    @property
    def moment(self) -> Moment:
        """The moment that is shown."""
        return self._moment

    def _editable(self) -> bool:
        return self._grid.editable and (self._moment.record.step == 1 or self._grid.quantity in ("x", "y"))

    def rowCount(self, parent: Any = Index()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._grid.rows

    def columnCount(self, parent: Any = Index()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._grid.columns

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        across = orientation == Qt.Orientation.Horizontal
        return str(self._grid.number(across, section)) if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Any) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self._editable() and self.ref_at(index) is not None else flags

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ref = self.ref_at(index)
        if ref is None:
            return None
        known = self._moment.known(ref)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.value_text(ref) if known else HIDDEN
        if role == Qt.ItemDataRole.EditRole:
            return repr(self._moment.value(ref))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if known else Qt.AlignmentFlag.AlignHCenter)
        if role in (Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.FontRole):
            return self._look(ref, known, role)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = self._description(ref, known)
            return said if role == Qt.ItemDataRole.ToolTipRole else said.split("\n")[0]
        return None

    def _look(self, ref: Ref, known: bool, role: int) -> Any:
        current = is_current(self._moment, ref)
        if role == Qt.ItemDataRole.FontRole:
            return self._current_font if current else None
        if role == Qt.ItemDataRole.BackgroundRole:
            if any(matches(ref, pointed, self._moment.sample) for pointed in self._lit):
                return QBrush(colour(self._theme.accent_wash))
            return QBrush(colour(self._theme.gold_wash)) if current else None
        signed = current and known and self._grid.quantity in ("dLda", "delta", "dLdX", "dW", "db")
        return QBrush(colour(self._theme.sign(self._moment.value(ref)) if signed else self._theme.text if known else self._theme.muted))

    def _description(self, ref: Ref, known: bool) -> str:
        return tip(self._moment, ref, "double click, Enter or a digit changes it" if known and self._editable() else "")

    def setData(self, index: Any, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        ref = self.ref_at(index)
        if role not in (Qt.ItemDataRole.EditRole, NUDGE_ROLE) or ref is None or not self._editable():
            return False
        try:
            number = parse_number(str(value))
        except ValueError as error:
            self.refused.emit(str(error))
            return False
        if number != self._moment.value(ref):
            (self.nudge_requested if role == NUDGE_ROLE else self.edit_requested).emit(ref, number)
        return True
