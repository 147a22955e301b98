"""The worked solution or the exercise sheet as a document: in which notation, which updates, with or without the results, variants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QSlider, QWidget

from gui.export.idle_task import IdleTask
from gui.export.parts import Preview, ask_path, suggested_name, two_lines, whole
from gui.export.working_dialog import WorkingDialog
from gui.film.source import SLICE, RunSource, comes_near, on_the_way
from gui.panel.fields import Choice, Section, Segments
from gui.settings import Settings
from gui.solution.pdf import HEIGHT, WIDTH, page_painters
from gui.solution.task import Sheets, make_solutions, names
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import PRINT, THEMES
from gui.theme_qt import colour
from model.format.schema import notation_names
from model.in_parts import Work
from model.notation.profile import load_notation
from model.run import Run
from model.solution.document import LONGEST, SolutionOptions, solve
from model.solution.variants import MOST

FORMATS = (
    (".pdf", "PDF", "Pages, for printing"),
    (".html", "HTML", "One page that works without a network"),
    (".tex", "LaTeX", "Source for pdflatex"),
    (".md", "Markdown", "Text with formulas, and the figure beside it"),
)
KINDS = {".pdf": "PDF document", ".html": "web page", ".tex": "LaTeX source", ".md": "Markdown text"}
SHEETS = (
    ("solution", "with solutions", "Every step with rule, numbers and result"),
    ("blank", "blank", "The exercise, with room to write in place of every result"),
    ("both", "both", "The exercise and its solution, in two files"),
)
BLANK = {"solution": (False,), "blank": (True,), "both": (True, False)}
LOOKS = (("light", "light"), ("print", "print"), ("dark", "dark"), ("projector", "projector"))
DIGITS: tuple[tuple[object, str], ...] = (*((n, str(n)) for n in (2, 3, 4, 6, 8, 10)), ("all", "all"))
LATER = 150


class SolutionDialog(WorkingDialog):
    """Stays open beside the window."""

    def __init__(self, store: Store, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("Worked solution", parent)
        self._store, self._settings = store, settings
        self._pages: list[Callable[[QPainter], None]] = []
        self._source = RunSource()
        self._making: Work[list[Callable[[QPainter], None]]] | None = None
        self._make_document()
        self._make_numbers()
        self._make_variants()
        self._preview = Preview("preview of the pages")
        self._place = QSlider(orientation=Qt.Orientation.Horizontal)
        self._place.setAccessibleName("page of the document")
        self._place.setToolTip("Look at any page (Left, Right)")
        self._place.valueChanged.connect(self._show_page)
        self._files = two_lines()
        for widget, stretch in ((self._preview, 1), (self._place, 0), (self._files, 0)):
            self.side.addWidget(widget, stretch)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self.refresh)
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)
        self._remembered()
        self.finish(self._on_save_clicked, 58, 38)
        self._on_changed()
        store.changed.connect(self._on_store_changed)
        self.save_button.setFocus()

    def _make_document(self) -> None:
        section = Section("Document")
        self._format = Segments(FORMATS, "format")
        self._format.chosen.connect(self._on_format_chosen)
        self._kind = Segments(SHEETS, "sheet")
        self._kind.chosen.connect(self._on_kind_chosen)
        self._look = Choice(LOOKS, "colours of the document", "Colours of its figure and its headings")
        self._look.setMinimumContentsLength(10)
        self._look.chosen.connect(self._on_changed)
        section.add_wide(self._format)
        section.add_wide(self._kind)
        self._look_label = section.add_row("colours", self._look)
        self.column.addWidget(section)

    def _make_numbers(self) -> None:
        section = Section("Contents")
        profiles = [*map(load_notation, notation_names()), *self._store.state.own_notations]
        self._profiles = {profile.name: profile for profile in profiles}
        entries = [(profile.name, profile.title.split(":")[0]) for profile in profiles]
        self._notation = Choice(entries, "notation of the document", "Whose notation everything is written in")
        self._notation.setMinimumContentsLength(12)
        self._digits = Choice(DIGITS, "digits of the document", "Decimals of every number")
        self._first = whole(1, 1_000_000_000, 1, "first update", "The update that is worked out first")
        self._updates = whole(1, LONGEST, 1, "number of updates", "How many updates are worked out")
        for label, field in (("notation", self._notation), ("digits", self._digits)):
            section.add_row(label, field)
            field.chosen.connect(self._on_changed)
        for label, number in (("from update", self._first), ("updates", self._updates)):
            section.add_row(label, number)
            number.valueChanged.connect(self._on_changed)
        self.column.addWidget(section)

    def _make_variants(self) -> None:
        section = Section("Variants")
        self._varied = QCheckBox("other numbers, one file each", toolTip="The same network with other nice weights, inputs and targets")
        self._varied.toggled.connect(self._on_changed)
        self._count = whole(1, MOST, 5, "number of variants", "How many variants are made")
        self._seed = whole(0, 2**31 - 1, 1, "seed of the variants", "The same seed draws the same numbers")
        section.add_wide(self._varied)
        self._count_label = section.add_row("how many", self._count)
        self._seed_label = section.add_row("seed", self._seed)
        for field in (self._count, self._seed):
            field.valueChanged.connect(self._on_changed)
        self.column.addWidget(section)

    # -- choices -----------------------------------------------------------------------------------------------------------------

    def _remembered(self) -> None:
        get, options = self._settings.get, self._store.state.options
        self._suffix = get("solution/format", ".pdf")
        self._suffix = self._suffix if self._suffix in KINDS else ".pdf"
        self._format.show_value(self._suffix)
        self._sheet = get("solution/sheet", "solution")
        self._sheet = self._sheet if self._sheet in BLANK else "solution"
        self._kind.show_value(self._sheet)
        self._look.show_value(get("solution/look", "light"))
        if self._look.currentIndex() < 0:
            self._look.show_value("light")
        self._notation.show_value(self._store.state.notation.name)
        self._digits.show_value("all" if options.fmt.decimals is None else options.fmt.decimals)
        if self._digits.currentIndex() < 0:
            self._digits.show_value("all")
        self._first.setValue(self._store.state.step)
        self._varied.setChecked(get("solution/varied", False))
        self._count.setValue(get("solution/count", 5))
        self._seed.setValue(get("solution/seed", 1))

    def _remember(self) -> None:
        keep = self._settings.set
        for key, value in (("format", self._suffix), ("sheet", self._sheet), ("look", self._look.currentData())):
            keep(f"solution/{key}", value)
        for key, value in (("varied", self._varied.isChecked()), ("count", self._count.value()), ("seed", self._seed.value())):
            keep(f"solution/{key}", value)

    def options(self) -> SolutionOptions:
        """Return what is worked out and how it is written."""
        digits = self._digits.currentData()
        comma = self._store.state.options.fmt.comma
        decimals = 15 if digits == "all" else digits
        profile, form = self._profiles[self._notation.currentData()], self._store.state.options.form
        return SolutionOptions(profile, decimals, comma, self._first.value(), self._updates.value(), form=form)

    def sheets(self) -> Sheets:
        """Return which files are made."""
        count = self._count.value() if self._varied.isChecked() else None
        return Sheets(BLANK[self._sheet], count, self._seed.value(), self._look.currentData())

    def refresh(self) -> None:
        """Show the pages of the first file and the names of all."""
        self._later.stop()
        state, options, sheets = self._store.state, self.options(), self.sheets()
        run = self._source.run_for(state, options.first) if sheets.count is None else self._source.run_of_variant(state, sheets.seed)
        if not comes_near(run, options.first):
            self._files.setText(on_the_way(run, options.first))
            self._later.start(1)
            return
        self._making = pages_of(run, options, sheets)
        self._go_on()

    def _go_on(self) -> None:
        """Set the pages for a while; show them when all are set."""
        if self._making is None:
            return
        try:
            end = perf_counter() + SLICE
            share = next(self._making)
            while perf_counter() < end:
                share = next(self._making)
        except StopIteration as made:
            self._making = None
            self._show_pages(made.value)
        else:
            self._files.setText(f"Setting the pages: {share:.0%}")
            self._next.start()

    def _show_pages(self, pages: list[Callable[[QPainter], None]]) -> None:
        self._pages = pages
        self._place.setRange(0, len(self._pages) - 1)
        listed = [path.name for path in names(Path(self._name()), self.sheets())]
        more = "" if len(listed) <= 2 else f", … ({len(listed)} files)"
        self._files.setText(f"{len(self._pages)} pages on A4 · {', '.join(listed[:2])}{more}")
        self._show_page()

    def _show_page(self) -> None:
        if not self._pages:
            return
        number = min(self._place.value(), len(self._pages) - 1)
        width = self._preview.room(WIDTH / HEIGHT)
        image = QImage(width, round(width * HEIGHT / WIDTH), QImage.Format.Format_RGB32)
        image.fill(colour(PRINT.canvas))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(width / WIDTH, width / WIDTH)
        self._pages[number](painter)
        painter.end()
        self._preview.show_image(image, theme_of(self._store.state))

    def _name(self) -> str:
        return f"{suggested_name(self._store.state)} solution{self._suffix}"

    # -- what happens ------------------------------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        varied = self._varied.isChecked()
        for widget in (self._count, self._count_label, self._seed, self._seed_label):
            widget.setEnabled(varied)
        for widget in (self._look, self._look_label):
            widget.setEnabled(self._suffix != ".tex")
        self._updates.setEnabled(self._store.state.problem.learning_rate is not None)
        if not self.working:
            self.tell("")
        self._later.start(LATER)

    def _on_format_chosen(self, suffix: str) -> None:
        self._suffix = suffix
        self._on_changed()

    def _on_kind_chosen(self, sheet: str) -> None:
        self._sheet = sheet
        self._on_changed()

    def _on_save_clicked(self) -> None:
        path = ask_path(self, self._settings, "Save the worked solution", self._name(), [(self._suffix, KINDS[self._suffix])])
        if path is not None:
            self.save(path)

    def save(self, path: Path) -> None:
        """Begin to write the files."""
        self._remember()
        options, sheets, state = self.options(), self.sheets(), self._store.state
        run = self._source.run_for(state, options.first + options.updates - 1) if sheets.count is None else None
        work = make_solutions(state.problem, path, options, sheets, run)
        written = names(path, sheets)
        saved = f"Saved as {written[0]}" if len(written) == 1 else f"Saved {len(written)} files, {written[0].name} to {written[-1].name}"
        self.run(IdleTask(work, path), f"Writing {path.name} …", f"{saved} in {path.parent}." if len(written) > 1 else f"{saved}.")

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.problem is not new.problem:
            if new.problem.learning_rate is None:
                self._updates.setValue(1)
            self._on_changed()
        elif old.options.form != new.options.form or old.options.fmt.comma != new.options.fmt.comma:
            self._on_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_page()

    def done(self, result: int) -> None:
        self._remember()
        self._later.stop()
        self._making = None
        super().done(result)


def pages_of(run: Run, options: SolutionOptions, sheets: Sheets) -> Work[list[Callable[[QPainter], None]]]:
    """Make what paints the pages of the first document, its first update only."""
    document = solve(run.problem, replace(options, blank=sheets.kinds[0], updates=1), run)
    return (yield from page_painters(document, THEMES[sheets.theme]))
