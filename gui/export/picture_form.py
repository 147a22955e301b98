"""What the dialogs for pictures have in common: parts, colours, page, kind of file, and a live preview. A dialog says what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from gui.diagram.primitives import Diagram
from gui.export.image import PictureOptions, pixels, raster, save, sharpness
from gui.export.parts import Form, Preview, ask_path, whole
from gui.export.sheet import NO_ROOM, PAGES, Page
from gui.panel.fields import Choice, Section, Segments
from gui.settings import Settings
from gui.state import AppState, same_moment, theme_of
from gui.store import Store
from gui.theme import THEMES, Theme
from model.saying import reason

FORMATS = (
    (".png", "PNG", "Pixels, for slides and pages"),
    (".svg", "SVG", "Vectors, for browsers and drawing programs"),
    (".pdf", "PDF", "Vectors with embedded fonts"),
    (".tex", "TikZ", "Source that compiles with pdflatex, alone or in a Beamer slide"),
)
KINDS = {".png": "PNG picture", ".svg": "SVG picture", ".pdf": "PDF page", ".tex": "TikZ source", ".csv": "numbers as text, CSV"}
LOOKS = (("screen", "as on screen"), ("light", "light"), ("dark", "dark"), ("projector", "projector"), ("print", "print"))
TEXTS = (("outlines", "as outlines"), ("text", "as text"))
Part = tuple[str, str, str, bool]
Format = tuple[str, str, str]
OWN = "own"
SMALLEST, LARGEST = 240, 4000
LATER = 60  # milliseconds for which changes are collected


class PictureForm(Form):
    """Stays open beside the window and follows the walk. A kind of picture says what it is called and drawn like: see `title`, `sheet`.

    parts: (name, text, tip, whether usual) of what can go in. group: under which its choices are remembered.
    formats: the kinds of files as (suffix, name, tip). on_screen: returns the size on screen, in pixels.
    """

    def __init__(
        self, title: str, store: Store, settings: Settings, group: str, parts: Sequence[Part], formats: Sequence[Format],
        on_screen: Callable[[], QSize], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(title, parent)
        self._store, self._settings, self._group, self._on_screen = store, settings, group, on_screen
        self._choices, self._formats = parts, formats
        self._suffix = formats[0][0]
        self._make_parts()
        self._make_page()
        self._make_file()
        self._preview = Preview("preview of the picture")
        self._size = QLabel(wordWrap=True)
        self._size.setObjectName("quiet")
        self.side.addWidget(self._preview, 1)
        self.side.addWidget(self._size)
        self._copy = self.add_button("&Copy", "copy the picture to the clipboard")
        self._save = self.add_button("&Save as…", "save the picture", default=True)
        self._save.clicked.connect(self._on_save_clicked)
        self._later = QTimer(self, singleShot=True, interval=LATER)
        self._later.timeout.connect(self.refresh)
        self._remembered()
        self.settle(62, 38)
        self._on_changed()
        store.changed.connect(self._on_store_changed)
        self._save.setFocus()

    @property
    def copy_button(self) -> QWidget:
        """The button that asks for the clipboard."""
        return self._copy

    def _make_parts(self) -> None:
        section = Section("What goes in")
        self._parts = {}
        for name, text, tip, _ in self._choices:
            box = self._parts[name] = QCheckBox(text, toolTip=tip)
            box.toggled.connect(self._on_changed)
            section.add_wide(box)
        self._look = Choice(LOOKS, "colours of the picture", "Colours and sizes, whatever the screen shows")
        self._look.setMinimumContentsLength(12)
        self._look.chosen.connect(self._on_changed)
        section.add_row("colours", self._look)
        self._transparent = QCheckBox("transparent ground", toolTip="What lies behind the picture shows through")
        self._transparent.toggled.connect(self._on_changed)
        section.add_wide(self._transparent)
        self.column.addWidget(section)

    def _make_page(self) -> None:
        section = Section("Page")
        entries = [*((name, text) for name, (text, _) in PAGES.items()), (OWN, "own size")]
        self._page = Choice(entries, "page", "The shape of the picture and the size of its letters in it")
        self._page.setMinimumContentsLength(16)
        self._page.chosen.connect(self._on_page_chosen)
        section.add_row("size", self._page)
        self._own = QWidget()
        row = QHBoxLayout(self._own)
        row.setContentsMargins(0, 0, 0, 0)
        self._width = whole(SMALLEST, LARGEST, 960, "own width", "Width of the page; letters keep their size", " px")
        self._height = whole(SMALLEST, LARGEST, 600, "own height", "Height of the page; letters keep their size", " px")
        for field in (self._width, self._height):
            field.valueChanged.connect(self._on_changed)
            row.addWidget(field, 1)
        section.add_wide(self._own)
        self._dpi = whole(24, 1200, 192, "resolution", "Dots per inch: 96 is the size on screen, 300 is for print", " dpi")
        self._dpi.valueChanged.connect(self._on_changed)
        self._dpi_label = section.add_row("resolution", self._dpi)
        self.column.addWidget(section)

    def _make_file(self) -> None:
        section = Section("File")
        self._format = Segments(self._formats, "format")
        self._format.chosen.connect(self._on_format_chosen)
        section.add_wide(self._format)
        self._text = Choice(TEXTS, "text in SVG", "Outlines look the same everywhere; text can be searched and edited")
        self._text.setMinimumContentsLength(11)
        self._text.chosen.connect(self._on_changed)
        self._text_label = section.add_row("text", self._text)
        self.column.addWidget(section)

    # -- choices -----------------------------------------------------------------------------------------------------------------

    def _remembered(self) -> None:
        """Take the choices of the last time."""
        get, group = self._settings.get, self._group
        for name, _, _, usual in self._choices:
            self._parts[name].setChecked(get(f"{group}/{name}", usual))
        self._transparent.setChecked(get(f"{group}/transparent", False))
        for choice, key, first in ((self._look, "look", "screen"), (self._page, "page", "screen"), (self._text, "text", "outlines")):
            choice.show_value(get(f"{group}/{key}", first))
            if choice.currentIndex() < 0:
                choice.show_value(first)
        for field, key, number in ((self._dpi, "dpi", 192), (self._width, "width", 960), (self._height, "height", 600)):
            field.setValue(get(f"{group}/{key}", number))
        suffix = get(f"{group}/format", ".png")
        self._suffix = suffix if suffix in [kind for kind, _, _ in self._formats] else ".png"
        self._format.show_value(self._suffix)

    def _remember(self) -> None:
        keep, group = self._settings.set, self._group
        for name, box in self._parts.items():
            keep(f"{group}/{name}", box.isChecked())
        keep(f"{group}/transparent", self._transparent.isChecked())
        for choice, key in ((self._look, "look"), (self._page, "page"), (self._text, "text")):
            keep(f"{group}/{key}", choice.currentData())
        for field, key in ((self._dpi, "dpi"), (self._width, "width"), (self._height, "height")):
            keep(f"{group}/{key}", field.value())
        keep(f"{group}/format", self._suffix)

    def theme(self) -> Theme:
        """Return the colours of the picture."""
        look = self._look.currentData()
        return theme_of(self._store.state) if look == "screen" else THEMES[look]

    def page(self) -> Page:
        """Return the size of the page."""
        if self._page.currentData() == OWN:
            return Page(self._width.value(), self._height.value(), self._dpi.value())
        size = self._on_screen()
        return PAGES[self._page.currentData()][1] or Page(size.width(), size.height(), 192, grows=True)

    def options(self) -> PictureOptions:
        """Return how the picture is written."""
        dots = self._dpi.value() if self._suffix == ".png" else None
        as_text = self._text.currentData() == "text"
        return PictureOptions(dpi=dots, transparent=self._transparent.isChecked(), title=self.title(), text=as_text)

    def wanted(self) -> dict[str, bool]:
        """Return which parts go in, by name."""
        return {name: box.isChecked() for name, box in self._parts.items()}

    def title(self) -> str:
        """Return what the picture is called inside its file."""
        raise NotImplementedError

    def name(self) -> str:
        """Return what a file of it is usually called, without a suffix."""
        raise NotImplementedError

    def sheet(self) -> Diagram:
        """Return the picture. Raises ValueError with one sentence where there is none."""
        raise NotImplementedError

    def write(self, path: Path) -> None:
        """Write the file. Raises OSError, or ValueError with one sentence."""
        save(self.sheet(), str(path), self.options())

    def offer(self, suffix: str, offered: bool, tip: str) -> None:
        """Let a kind of file be chosen or not; where the chosen one cannot be any more, the first one is."""
        button = self._format.button(suffix)
        button.setEnabled(offered)
        button.setToolTip(tip)
        if self._suffix == suffix and not offered:
            self._format.show_value(self._formats[0][0])
            self._on_format_chosen(self._formats[0][0])

    def refresh(self) -> None:
        """Show what would be saved now."""
        self._later.stop()
        try:
            diagram, options = self.sheet(), self.options()
        except ValueError as error:
            self._show_nothing(str(error))
            return
        shown = PictureOptions(width=self._preview.room(diagram.width / diagram.height), transparent=options.transparent)
        self._preview.show_image(raster(diagram, shown), theme_of(self._store.state))
        self._size.setText(self._in_words(diagram, options))

    def _show_nothing(self, why: str) -> None:
        self._preview.show_image(None, theme_of(self._store.state))
        self._size.setText(f"{why[0].upper()}{why[1:]}.")
        for button in (self._save, self._copy):
            button.setEnabled(False)

    def _in_words(self, diagram: Diagram, options: PictureOptions) -> str:
        millimetres = " × ".join(f"{side * diagram.unit * 25.4 / 96:.0f}" for side in (diagram.width, diagram.height)) + " mm"
        missing = "".join(f"; {note}" for note in diagram.notes if note.startswith(NO_ROOM))
        for button in (self._save, self._copy):
            button.setEnabled(True)
        if self._suffix == ".csv":
            return "The numbers as a table"
        if self._suffix != ".png":
            return f"{millimetres}, {sharpness(diagram, self._suffix, options)}{missing}"
        try:
            width, height = pixels(diagram, options)
        except ValueError as error:
            self._save.setEnabled(False)
            return str(error)[0].upper() + str(error)[1:] + "."
        return f"{width:,} × {height:,} pixels, {millimetres} in print{missing}"

    # -- what happens ------------------------------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        self._own.setVisible(self._page.currentData() == OWN)
        for widget in (self._text, self._text_label):
            widget.setVisible(self._suffix == ".svg")
        for widget in (self._dpi, self._dpi_label):
            widget.setEnabled(self._suffix == ".png")
        self._save.setEnabled(True)
        self.tell("")
        self._later.start()

    def _on_page_chosen(self, name: str) -> None:
        if name != OWN:
            self._dpi.setValue(self.page().dpi)
        self._on_changed()

    def _on_format_chosen(self, suffix: str) -> None:
        self._suffix = suffix
        self._on_changed()

    def _on_save_clicked(self) -> None:
        suffix = self._suffix
        path = ask_path(self, self._settings, "Save the picture", f"{self.name()}{suffix}", [(suffix, KINDS[suffix])])
        if path is not None:
            self.save(path)

    def save(self, path: Path) -> bool:
        """Write the picture; returns whether it is written, and says why not."""
        self._remember()
        try:
            self.write(path)
        except (OSError, ValueError, MemoryError) as error:
            sentence = reason(error, path)
            self.tell(f"{sentence[:1].upper()}{sentence[1:]}." if isinstance(error, ValueError) else f"{sentence}.", refused=True)
            return False
        self.tell(f"Saved as {path}.")
        return True

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if (
            old.options != new.options
            or not same_moment(old, new)
            or (old.selection, old.paths, old.box) != (new.selection, new.paths, new.box)
        ):
            self._later.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start()

    def done(self, result: int) -> None:
        self._remember()
        super().done(result)
