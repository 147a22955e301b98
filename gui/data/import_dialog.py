"""Looks at a table of others before it is taken: how it is written, what each column is for, what the samples will be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.data import edits as data_edits
from gui.layouts import resize_on_screen
from gui.panel.fields import Choice
from gui.panel.words import counted
from gui.state import theme_of
from gui.store import Store
from gui.theme_qt import colour
from gui.window_style import polish
from model.data.table_import import (
    ROLES,
    SEPARATORS,
    ImportRefused,
    Layout,
    Samples,
    Table,
    guess_roles,
    read_npz,
    read_table,
    read_text,
    samples_from,
    sniff,
)

SHOWN_ROWS, SHOWN_COLUMNS = 200, 60
ROLE_TIPS = "What the column is for: an input, a target number, classes with one output each, or nothing"


class ImportDialog(QDialog):
    """Opens on a file; Take is possible only while the samples can be made, and what is in the way is said below the table."""

    def __init__(self, store: Store, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._path = store, path
        self._text = ""
        self._layout_of_table = Layout()
        self._table: Table | None = None
        self._samples: Samples | None = None
        self._roles: list[str] = []
        self.setWindowTitle(f"Import {Path(path).name}")
        self._make_choices()
        self._make_preview()
        self._arrange()
        if Path(path).suffix.lower() == ".npz":
            self._show_options(False)
            self._read_arrays()
        else:
            self._classes.hide()
            self._open_text()

    def _make_choices(self) -> None:
        self._separator = Choice(tuple(SEPARATORS.items()), "separator", "What stands between two cells")
        self._decimal = Choice(((".", "point  0.5"), (",", "comma  0,5")), "decimal mark", "What stands before the decimals")
        self._header = QCheckBox("first row holds names")
        self._header.setToolTip("Whether the first row names the columns")
        self._classes = QCheckBox("y holds classes: one output for each")
        self._classes.setToolTip("Make one output of 0 and 1 for each value of the single column y")
        self._standardise = QCheckBox("standardise inputs")
        self._standardise.setToolTip("Each input less its mean, divided by its standard deviation over all rows; said in the title")
        self._standardise.clicked.connect(self._on_standardise_clicked)
        self._separator.chosen.connect(self._on_layout_chosen)
        self._decimal.chosen.connect(self._on_layout_chosen)
        self._header.clicked.connect(self._on_layout_chosen)
        self._classes.clicked.connect(self._read_arrays)

    def _make_preview(self) -> None:
        self._preview = QTableWidget(editTriggers=QAbstractItemView.EditTrigger.NoEditTriggers)
        self._preview.setAccessibleName("the table as it will be taken; the first row says what each column is for")
        self._preview.setTabKeyNavigation(False)
        self._preview.verticalHeader().setMinimumWidth(34)
        self._preview.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._preview.horizontalHeader().setDefaultSectionSize(116)
        self._preview.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._verdict = QLabel(wordWrap=True)
        self._verdict.setMinimumHeight(3 * self.fontMetrics().height())
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _arrange(self) -> None:
        self._options = QWidget()
        row = QHBoxLayout(self._options)
        row.setContentsMargins(0, 0, 0, 0)
        for text, field in (("cells between", self._separator), ("decimal", self._decimal)):
            label = QLabel(text)
            label.setBuddy(field)
            field.setMinimumContentsLength(10)
            row.addWidget(label)
            row.addWidget(field)
            row.addSpacing(12)
        row.addWidget(self._header)
        row.addStretch(1)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Take these samples")
        self._buttons.accepted.connect(self._on_take)
        self._buttons.rejected.connect(self.reject)
        layout = QGridLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setVerticalSpacing(10)
        for i, widget in enumerate((self._options, self._classes, self._standardise, self._preview, self._verdict, self._buttons)):
            layout.addWidget(widget, i, 0)
        layout.setRowStretch(3, 1)
        resize_on_screen(self, 820, 600)

    def _show_options(self, text: bool) -> None:
        self._options.setVisible(text)
        self._classes.setVisible(not text)

    def _open_text(self) -> None:
        try:
            self._text = read_text(self._path)
            self._layout_of_table = sniff(self._text)
        except ImportRefused as refused:
            self._options.setEnabled(False)
            self._refuse(str(refused))
            return
        self._separator.show_value(self._layout_of_table.separator)
        self._decimal.show_value(self._layout_of_table.decimal)
        self._header.setChecked(self._layout_of_table.header)
        self._split()

    def _split(self) -> None:
        """Split the text into cells and guess what the columns are for."""
        try:
            table = read_table(self._text, self._layout_of_table)
        except ImportRefused as refused:
            self._table, self._samples = None, None
            self._preview.clear()
            self._preview.setRowCount(0)
            self._preview.setColumnCount(0)
            self._refuse(str(refused))
            return
        if self._table is None or len(table.names) != len(self._table.names):
            self._roles = list(guess_roles(table))
        self._table = table
        self._fill(table.names, table.rows, [str(line) for line in table.lines[:SHOWN_ROWS]], choosable=True)
        self._judge()

    def _read_arrays(self) -> None:
        try:
            samples = read_npz(self._path, self._classes.isChecked())
        except ImportRefused as refused:
            self._samples = None
            self._refuse(str(refused))
            return
        names = (*samples.input_names, *samples.target_names)
        n = len(samples.input_names)
        rows = tuple(
            tuple(f"{v:.10g}".replace("-", "−") for v in (*samples.x[i], *(() if samples.y is None else samples.y[i])))
            for i in range(min(SHOWN_ROWS, len(samples.x)))
        )
        self._roles = ["input"] * n + ["target"] * (len(names) - n)
        self._fill(names, rows, [str(i + 1) for i in range(len(rows))], choosable=False)
        self._accept(samples)

    def _fill(self, names: tuple[str, ...], rows: tuple[tuple[str, ...], ...], lines: list[str], choosable: bool) -> None:
        """Show the first rows and columns, below a row of choices."""
        columns, extra = min(len(names), SHOWN_COLUMNS), 1 if choosable else 0
        preview = self._preview
        preview.clear()
        preview.setColumnCount(columns)
        preview.setRowCount(min(len(rows), SHOWN_ROWS) + extra)
        preview.setHorizontalHeaderLabels(list(names[:columns]))
        preview.setVerticalHeaderLabels([*(["as"] * extra), *lines])
        preview.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 11)
        for j in range(columns if choosable else 0):
            choice = Choice(tuple((role, role) for role in ROLES), f"what column {names[j]} is for", ROLE_TIPS)
            choice.setProperty("column", j)
            choice.show_value(self._roles[j])
            choice.chosen.connect(self._on_role_chosen)
            preview.setCellWidget(0, j, choice)
        if choosable:
            preview.setRowHeight(0, preview.cellWidget(0, 0).sizeHint().height())
        for i, row in enumerate(rows[:SHOWN_ROWS]):
            for j in range(columns):
                item = QTableWidgetItem(row[j])
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                preview.setItem(i + extra, j, item)
        self._shade(extra)

    def _shade(self, extra: int) -> None:
        """Targets on a shaded ground, what is left out in grey, as in the editor of samples."""
        theme = theme_of(self._store.state)
        for j in range(self._preview.columnCount()):
            role = self._roles[j]
            for i in range(extra, self._preview.rowCount()):
                item = self._preview.item(i, j)
                item.setBackground(colour(theme.raised if role in ("target", "classes") else theme.panel))
                item.setForeground(colour(theme.muted if role == "left out" else theme.text))

    def _judge(self) -> None:
        """Make the samples, or say what is in the way and point at it."""
        assert self._table is not None
        try:
            self._accept(samples_from(self._table, self._roles))
        except ImportRefused as refused:
            self._samples = None
            self._refuse(str(refused))
            self._point_at(refused)

    def _point_at(self, refused: ImportRefused) -> None:
        assert self._table is not None
        if refused.row in self._table.lines[:SHOWN_ROWS] and refused.column is not None and refused.column <= SHOWN_COLUMNS:
            item = self._preview.item(self._table.lines.index(refused.row) + 1, refused.column - 1)
            item.setText(item.text() or "(empty)")  # or nothing would be red
            item.setForeground(colour(theme_of(self._store.state).error))
            self._preview.clearSelection()
            self._preview.scrollToItem(item)

    def _accept(self, samples: Samples) -> None:
        self._samples = samples
        m, n = samples.x.shape
        targets = 0 if samples.y is None else samples.y.shape[1]
        layers = self._store.state.problem.layers
        how = "inputs standardised" if self._standardise.isChecked() else "taken as they are"
        text = f"{counted(m, 'sample')} with {counted(n, 'input')} and {counted(targets, 'target')}, {how}."
        if "left out" in self._roles and self._table is not None:
            names = zip(self._table.names, self._roles, strict=True)
            text += f" Left out: {_listed(tuple(name for name, role in names if role == 'left out'))}."
        if samples.classes:
            text += f" Classes, one output each: {_listed(samples.classes)}."
        if samples.y is None and self._store.state.problem.loss != "none":
            self._refuse("No column is a target; allowed: at least one, because the loss compares the outputs with targets.")
            return
        wanted = (n, *layers[1:-1], targets or layers[-1])
        if wanted != layers:
            text += f" The network becomes {_sizes(wanted)} (now {_sizes(layers)})."
        self._say(text, "quiet")
        self._ok.setEnabled(True)

    def _refuse(self, sentence: str) -> None:
        self._say(sentence, "refusal")
        self._ok.setEnabled(False)

    def _say(self, text: str, kind: str) -> None:
        self._verdict.setText(text)
        self._verdict.setObjectName(kind)
        polish(self._verdict)

    def _on_layout_chosen(self) -> None:
        chosen = self._layout_of_table
        self._layout_of_table = replace(
            chosen, separator=self._separator.currentData(), decimal=self._decimal.currentData(), header=self._header.isChecked()
        )
        self._split()

    def _on_role_chosen(self, role: str) -> None:
        self._roles[int(self.sender().property("column"))] = role
        self._shade(1)
        self._judge()

    def _on_standardise_clicked(self) -> None:
        if self._samples is not None:
            self._accept(self._samples)

    def _on_take(self) -> None:
        assert self._samples is not None
        path, x = Path(self._path), self._samples.x
        title = path.stem
        if self._standardise.isChecked():
            x, title = data_edits.standardised(x), f"{title}, inputs standardised"
        refused = self._store.edit(f"import of {path.name}", data_edits.set_samples, x, self._samples.y, title)
        if refused:
            self._refuse(refused)
        else:
            self.accept()


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:8])
    return shown if len(names) <= 8 else f"{shown}, … ({len(names)})"


def _sizes(layers: tuple[int, ...]) -> str:
    return "-".join(str(n) for n in layers)
