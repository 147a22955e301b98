"""The walk as a film, a player or a deck of slides: which updates, how fast, how large, with the first pictures as a preview."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QSlider, QWidget

from gui.export.parts import Preview, ask_path, folder_of, suggested_name, two_lines, whole
from gui.export.working_dialog import WorkingDialog
from gui.film.frames import HEIGHT, WIDTH, Scenes
from gui.film.make import PAGES, VIDEO
from gui.film.overlay import drawing_of
from gui.film.source import RunSource, comes_near, on_the_way
from gui.film.task import FilmTask
from gui.film.video import check_video
from gui.panel.fields import Choice, NumberField, Section, Segments
from gui.settings import Settings
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import THEMES
from model.film import SECONDS, FilmError, FilmPlan, FilmSettings
from model.stages import GRANULARITIES

FORMATS = (
    (".mp4", "MP4 video"),
    (".webm", "WebM video"),
    (".gif", "GIF"),
    (".apng", "APNG, lossless"),
    (".webp", "WebP, lossless"),
    (".html", "player in a web page"),
    (".pdf", "slides as PDF"),
    ("", "numbered pictures (PNG)"),
)
SIZES = ((854, "854 × 480"), (1280, "1,280 × 720"), (1920, "1,920 × 1,080"), (3840, "3,840 × 2,160"))
LOOKS = (("screen", "as on screen"), ("light", "light"), ("dark", "dark"), ("projector", "projector"), ("print", "print"))
TIPS = {"phase": "A step is a phase", "layer": "A step is a quantity of a layer", "neuron": "A step is a component",
        "term": "A step is a product of a sum"}  # fmt: skip
LATER = 120
LOOKED_AT = 20_000  # updates times steps up to which the length is counted while choosing


class FilmDialog(WorkingDialog):
    """Stays open beside the window."""

    def __init__(self, store: Store, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("Film of the walk", parent)
        self._store, self._settings = store, settings
        self._scenes: Scenes | None = None
        self._source = RunSource()
        self._make_film()
        self._make_time()
        self._make_look()
        self._preview = Preview("preview of the film")
        self._place = QSlider(orientation=Qt.Orientation.Horizontal, minimum=0, maximum=0)
        self._place.setAccessibleName("place in the film")
        self._place.setToolTip("Look at any step (Left, Right)")
        self._place.valueChanged.connect(self._show_place)
        self._length = two_lines()
        for widget, stretch in ((self._preview, 1), (self._place, 0), (self._length, 0)):
            self.side.addWidget(widget, stretch)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self.refresh)
        self._remembered()
        self.finish(self._on_save_clicked, 64, 40)
        self._on_changed()
        store.changed.connect(self._on_store_changed)
        self.save_button.setFocus()

    def _make_film(self) -> None:
        section = Section("Film")
        self._format = Choice(FORMATS, "format", "What kind of file is made")
        self._format.setMinimumContentsLength(20)
        self._first = whole(1, 1_000_000_000, 1, "first update", "The update that the film begins with")
        self._updates = whole(1, 1_000_000, 1, "number of updates", "How many updates are filmed")
        self._granularity = Segments([(name, name, TIPS[name]) for name in GRANULARITIES], "step size")
        self._granularity.chosen.connect(self._on_granularity_chosen)
        section.add_row("format", self._format)
        section.add_row("from update", self._first)
        section.add_row("updates", self._updates)
        section.add_wide(self._granularity)
        self._format.chosen.connect(self._on_changed)
        for field in (self._first, self._updates):
            field.valueChanged.connect(self._on_changed)
        self.column.addWidget(section)

    def _make_time(self) -> None:
        section = Section("Time")
        self._seconds = NumberField(0.05, 600.0, "seconds per step", "How long a step is shown")
        self._fps = whole(1, 60, 25, "frames per second", "Pictures in a second")
        self._motion = QCheckBox("terms travel along their edges", toolTip="Otherwise the film jumps from step to step")
        self._seconds_label = section.add_row("seconds per step", self._seconds)
        self._fps_label = section.add_row("frames per second", self._fps)
        section.add_wide(self._motion)
        self._seconds.valueChanged.connect(self._on_changed)
        self._fps.valueChanged.connect(self._on_changed)
        self._motion.toggled.connect(self._on_changed)
        self.column.addWidget(section)

    def _make_look(self) -> None:
        section = Section("Look")
        self._size = Choice(SIZES, "size", "Pixels of a picture")
        self._size.setMinimumContentsLength(12)
        self._look = Choice(LOOKS, "colours of the film", "Colours and sizes, whatever the screen shows")
        self._look.setMinimumContentsLength(12)
        self._formulas = QCheckBox("formulas beside the network", toolTip="Words, rule and numbers of each step")
        self._size_label = section.add_row("size", self._size)
        section.add_row("colours", self._look)
        section.add_wide(self._formulas)
        self._size.chosen.connect(self._on_changed)
        self._look.chosen.connect(self._on_changed)
        self._formulas.toggled.connect(self._on_changed)
        self.column.addWidget(section)

    # -- choices -----------------------------------------------------------------------------------------------------------------

    def _remembered(self) -> None:
        get, state = self._settings.get, self._store.state
        usual = ".mp4" if _has_video() else ".gif"
        for choice, key, value in ((self._format, "format", usual), (self._size, "size", 1280), (self._look, "look", "screen")):
            choice.show_value(get(f"film/{key}", value))
            if choice.currentIndex() < 0:
                choice.show_value(value)
        self._granularity_name = state.options.granularity
        self._granularity.show_value(self._granularity_name)
        self._first.setValue(state.step)
        self._updates.setEnabled(state.problem.learning_rate is not None)
        self._seconds.show_value(get("film/seconds", SECONDS[self._granularity_name]))
        self._fps.setValue(get("film/fps", 25))
        self._motion.setChecked(get("film/motion", True))
        self._formulas.setChecked(get("film/formulas", True))

    def _remember(self) -> None:
        keep = self._settings.set
        for choice, key in ((self._format, "format"), (self._size, "size"), (self._look, "look")):
            keep(f"film/{key}", choice.currentData())
        keep("film/seconds", self._seconds.value())
        keep("film/fps", self._fps.value())
        keep("film/motion", self._motion.isChecked())
        keep("film/formulas", self._formulas.isChecked())

    def film_settings(self) -> FilmSettings:
        """Return what is set. Raises FilmError."""
        state, look = self._store.state, self._look.currentData()
        return FilmSettings(
            first=self._first.value(), updates=self._updates.value(), granularity=self._granularity_name, fps=self._fps.value(),
            seconds=self._seconds.value(), motion=self._motion.isChecked(), formulas=self._formulas.isChecked(),
            width=self._size.currentData(), theme=theme_of(state).name if look == "screen" else look,  # type: ignore[arg-type]
            notation=state.notation, sample=state.options.sample, fmt=state.options.fmt, form=state.options.form,
        )  # fmt: skip

    def refresh(self) -> None:
        """Show how long the film will be and what it looks like, or why it cannot be made."""
        self._later.stop()
        suffix = self._format.currentData()
        try:
            settings = self.film_settings()
            if suffix in VIDEO:
                check_video(suffix, settings)
            if settings.updates * self._store.moment.walk.total > LOOKED_AT:
                self._scenes = None
                self._length.setText(f"A long film of {settings.updates:,} updates; its length is known when it begins.")
                return
            run = self._source.run_for(self._store.state, settings.first + settings.updates - 1)
            if not comes_near(run, settings.first):
                self._scenes = None
                self._length.setText(on_the_way(run, settings.first))
                self._later.start(1)
                return
            plan = FilmPlan(self._store.state.problem, settings, run)
        except FilmError as error:
            self._scenes = None
            self.tell(f"{str(error)[0].upper()}{str(error)[1:]}.", refused=True)
            self.save_button.setEnabled(False)
            return
        self._scenes = Scenes(plan, THEMES[settings.theme], drawing_of(self._store.state))
        fresh = self._place.maximum() == 0
        self._place.setRange(0, len(plan.shots) - 1)
        if fresh:
            self._place.setValue(_shot_at(plan, self._store.state))
        self._length.setText(_in_words(plan, suffix))
        self._show_place()

    def _show_place(self) -> None:
        """Show the picture of a step, painted as the film's own are."""
        if self._scenes is None:
            return
        number = min(self._place.value(), len(self._scenes.plan.shots) - 1)
        width = self._preview.room(WIDTH / HEIGHT)
        image = QImage(width, round(width * HEIGHT / WIDTH), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(width / WIDTH, width / WIDTH)
        self._scenes.paint(painter, self._scenes.scene(self._scenes.plan.shots[number].stop), number, fast=True)
        painter.end()
        self._preview.show_image(image, theme_of(self._store.state))

    # -- what happens ------------------------------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        suffix = self._format.currentData()
        pages = suffix in PAGES
        for widget in (self._fps, self._fps_label, self._motion, self._size, self._size_label):
            widget.setEnabled(not pages)
        for widget in (self._seconds, self._seconds_label):
            widget.setEnabled(suffix != ".pdf")
        self.save_button.setEnabled(not self.working)
        if not self.working:
            self.tell("")
        self._later.start(LATER)

    def _on_granularity_chosen(self, name: str) -> None:
        """A step that is coarser is shown longer, unless another time was set."""
        if self._seconds.value() == SECONDS[self._granularity_name]:
            self._seconds.show_value(SECONDS[name])
        self._granularity_name = name
        self._on_changed()

    def _on_save_clicked(self) -> None:
        state, suffix = self._store.state, self._format.currentData()
        name = suggested_name(state)
        if suffix:
            words = dict(FORMATS)[suffix]
            path = ask_path(self, self._settings, "Save the film", f"{name}{suffix}", [(suffix, words)])
        else:
            start = str(folder_of(self._settings) / f"{name} pictures")
            chosen, _ = QFileDialog.getSaveFileName(self, "Folder for the pictures", start, "New folder (*)")
            path = Path(chosen) if chosen else None
        if path is not None:
            self.save(path)

    def save(self, path: Path) -> None:
        """Begin to make the film."""
        self._remember()
        settings, state = self.film_settings(), self._store.state
        run = self._source.run_for(state, settings.first + settings.updates - 1)
        self.run(FilmTask(state.problem, path, settings, run=run, drawing=drawing_of(state)), f"Making {path.name} …", f"Saved as {path}.")

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if (old.paths, old.selection) != (new.paths, new.selection):
            self._later.start(LATER)
        if old.problem is not new.problem or old.options != new.options:
            self._updates.setEnabled(new.problem.learning_rate is not None)
            if new.problem.learning_rate is None:
                self._updates.setValue(1)
            self._on_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start(LATER)

    def done(self, result: int) -> None:
        self._remember()
        self._later.stop()
        super().done(result)


def _has_video() -> bool:
    try:
        check_video(".mp4", FilmSettings())
    except FilmError:
        return False
    return True


def _shot_at(plan: FilmPlan, state: AppState) -> int:
    """Return the number of the picture that shows the moment on screen, or the first."""
    here = [i for i, shot in enumerate(plan.shots) if (shot.stop.step, shot.stop.tick) <= (state.step, state.tick)]
    return here[-1] if here else 0


def _in_words(plan: FilmPlan, suffix: str) -> str:
    steps, seconds = len(plan.shots), plan.total / plan.settings.fps
    if suffix == ".pdf":
        return f"{steps:,} slides"
    if suffix == ".html":
        return f"{steps:,} steps, one page that works without a network"
    duration = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
    count = plan.total if suffix or plan.settings.motion else steps
    return f"{steps:,} steps, {duration}, {count:,} pictures of {plan.settings.width:,} × {plan.settings.height:,} pixels"
