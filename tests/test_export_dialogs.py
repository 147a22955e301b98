"""The dialogs for pictures and films: what they write, what they remember, and that a failure leaves the old file and nothing else."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMessageBox
from take_away_helpers import NAME, chooses, close, dialog_of, fills_up
from window_helpers import answer, opened

import model.atomic
from gui import actions
from gui.diagram.primitives import Formulas, Label
from gui.export.sheet import PAGES, Page, SheetOptions, make_sheet
from gui.film.dialog import FilmDialog
from gui.main_window import MainWindow
from gui.picture import picture_options
from gui.settings import Settings
from gui.state import initial_state
from gui.store import Store
from gui.theme import THEMES
from model.examples import open_problem
from model.expr.tree import format_number

# Pictures


def test_the_picture_is_written_in_every_format(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = dialog_of(window, "export")
    asked = chooses(monkeypatch, place / NAME)
    for suffix, start in {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".tex": b"% "}.items():
        dialog._on_format_chosen(suffix)
        assert "Saved as" not in dialog.note.text()
        dialog._on_save_clicked()
        assert "Saved as" in dialog.note.text()
        assert asked[-1][2].endswith(f"dyda-sigmoid{suffix}")
        (file,) = place.iterdir()
        assert file.name == f"{NAME}{suffix}"
        assert file.read_bytes().startswith(start)
        file.unlink()
    close(dialog)


def test_the_size_that_is_promised_is_the_size_that_is_written(window: MainWindow, place: Path) -> None:
    dialog = dialog_of(window, "export")
    for name, (_, page) in PAGES.items():
        dialog._page.show_value(name)
        dialog._on_page_chosen(name)
        dialog.refresh()
        assert dialog.save(place / "a.png")
        image = QImage(str(place / "a.png"))
        assert f"{image.width():,} × {image.height():,} pixels" in dialog._size.text()
        assert page is None or image.width() == round(page.width * page.dpi / 96)
    close(dialog)


def test_what_goes_in_is_what_was_chosen(window: MainWindow) -> None:
    dialog = dialog_of(window, "export")
    window.store.dispatch(actions.end_of_update)
    bare = len(dialog.sheet().items)
    dialog._parts["formulas"].setChecked(True)
    assert sum(isinstance(item, Formulas) for item in dialog.sheet().items) == 1
    dialog._parts["formulas"].setChecked(False)
    dialog._parts["tables"].setChecked(True)
    numbers = {item.block.plain for item in dialog.sheet().items if isinstance(item, Label)}
    assert format_number(float(window.store.moment.record.delta[0][0, 0]), window.store.moment.fmt) in numbers  # with all its digits
    dialog._parts["tables"].setChecked(False)
    dialog._parts["caption"].setChecked(False)
    dialog._parts["legend"].setChecked(False)
    assert len(dialog.sheet().items) < bare
    close(dialog)


@pytest.mark.parametrize("theme", ["light", "dark", "projector", "print"])
@pytest.mark.parametrize("page", [Page(1280, 720, 96), Page(605, None, 96), Page(800, 800, 96)])
@pytest.mark.usefixtures("qapp")
def test_all_parts_of_a_sheet_are_on_the_page(theme: str, page: Page) -> None:
    store, everything = Store(initial_state(open_problem("dyda-sigmoid"))), SheetOptions(formulas=True, tables=True)
    store.dispatch(actions.end_of_update)
    sheet = make_sheet(store.moment, THEMES[theme], picture_options(store.state, "x"), everything, page)
    labels = [item.bounds for item in sheet.items if isinstance(item, Label)]
    assert all(left >= 0 and right <= sheet.width + 0.5 and bottom <= sheet.height + 0.5 for left, _, right, bottom in labels)
    formulas = next(item for item in sheet.items if isinstance(item, Formulas))
    assert formulas.height > 100
    assert not any(
        left < formulas.x + formulas.width and right > formulas.x and top < formulas.y + formulas.height and bottom > formulas.y
        for left, top, right, bottom in labels
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("page", ["slide", "column", "square"])
def test_tikz_with_formulas_and_tables_compiles(window: MainWindow, place: Path, page: str) -> None:
    dialog = dialog_of(window, "export")
    window.store.dispatch(actions.end_of_update)
    dialog._parts["formulas"].setChecked(True)
    dialog._parts["tables"].setChecked(True)
    dialog._page.show_value(page)
    dialog._on_format_chosen(".tex")
    assert dialog.save(place / "a.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    close(dialog)


def test_colours_do_not_depend_on_the_screen_unless_wanted(window: MainWindow) -> None:
    dialog = dialog_of(window, "export")
    window.store.dispatch(actions.set_options, theme="dark")
    assert dialog.sheet().background == THEMES["dark"].canvas
    dialog._look.show_value("light")
    assert dialog.sheet().background == THEMES["light"].canvas
    close(dialog)


def test_svg_keeps_its_text_if_wanted(window: MainWindow, place: Path) -> None:
    dialog = dialog_of(window, "export")
    dialog._parts["formulas"].setChecked(True)
    dialog._on_format_chosen(".svg")
    assert dialog.save(place / "a.svg")
    dialog._text.show_value("text")
    assert dialog.save(place / "b.svg")
    outlines, text = ((place / name).read_text(encoding="utf-8") for name in ("a.svg", "b.svg"))
    assert "<text" not in outlines
    assert ">targets</text>" in text
    assert text.count('lengthAdjust="spacingAndGlyphs"') > 10
    assert QSvgRenderer(QByteArray(text.encode())).isValid()
    close(dialog)


def test_a_transparent_picture_has_no_ground(window: MainWindow, place: Path) -> None:
    dialog = dialog_of(window, "export")
    dialog._transparent.setChecked(True)
    assert dialog.save(place / "a.png")
    assert QImage(str(place / "a.png")).pixelColor(3, 3).alpha() == 0
    dialog.refresh()
    close(dialog)


def test_the_picture_of_the_dialog_is_copied_as_pixels_and_svg(window: MainWindow) -> None:
    dialog = dialog_of(window, "export")
    dialog._page.show_value("square")
    dialog._on_page_chosen("square")
    dialog.copy_button.click()
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert QGuiApplication.clipboard().image().width() == QGuiApplication.clipboard().image().height() == 1200
    assert QSvgRenderer(data.data("image/svg+xml")).isValid()
    close(dialog)


def test_choices_and_folder_are_remembered(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = dialog_of(window, "export")
    dialog._on_format_chosen(".pdf")
    dialog._parts["tables"].setChecked(True)
    dialog._look.show_value("print")
    chooses(monkeypatch, place / "a")
    dialog._on_save_clicked()
    close(dialog)
    again = dialog_of(window, "export")
    assert (again._suffix, again._parts["tables"].isChecked(), again._look.currentData()) == (".pdf", True, "print")
    asked = chooses(monkeypatch, place / "b")
    again._on_save_clicked()
    assert asked[0][2].startswith(str(place))
    close(again)


def test_choices_of_another_kind_are_forgotten(qtbot: Any, settings: Settings) -> None:
    for key, value in (("format", ".exe"), ("page", "moon"), ("look", "none"), ("dpi", "many"), ("caption", "maybe")):
        settings.set(f"picture/{key}", value)
    for key, value in (("format", ".exe"), ("size", "huge"), ("seconds", "x")):
        settings.set(f"film/{key}", value)
    for key, value in (("format", ".exe"), ("sheet", "x"), ("look", "x"), ("seed", "x")):
        settings.set(f"solution/{key}", value)
    with opened(qtbot, settings) as window:
        for name, (field, usual) in {"export": ("_look", "screen"), "film": ("_size", 1280), "solution": ("_look", "light")}.items():
            dialog = dialog_of(window, name)
            dialog.refresh()
            assert getattr(dialog, field).currentData() == usual, name
            assert name == "film" or dialog._suffix in (".png", ".pdf"), name
            close(dialog)


# What goes wrong


def test_a_full_disk_leaves_the_old_picture_and_says_so(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = dialog_of(window, "export")
    target = place / f"{NAME}.png"
    target.write_bytes(b"old")
    fills_up(monkeypatch)
    assert not dialog.save(target)
    assert "the disk is full; what was there before is unchanged" in dialog.note.text()
    assert dialog.note.objectName() == "refusal"
    assert [(path.name, path.read_bytes()) for path in place.iterdir()] == [(target.name, b"old")]
    close(dialog)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said(window: MainWindow, place: Path) -> None:
    dialog = dialog_of(window, "export")
    place.chmod(0o500)
    try:
        assert not dialog.save(place / "a.png")
    finally:
        place.chmod(0o700)
    assert "does not permit it" in dialog.note.text()
    close(dialog)


def test_a_folder_that_forbids_writing_is_said(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(model.atomic, "_open", refuse)
    for name, suffix in (("export", ".png"), ("numbers", ".csv")):
        dialog = dialog_of(window, name)
        assert not dialog.save(place / f"a{suffix}")
        said = (dialog.note if name == "export" else dialog._note).text()
        assert "does not permit it" in said
        close(dialog)
    assert list(place.iterdir()) == []


def test_an_existing_file_whose_name_was_completed_is_asked_about(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "a.png").write_bytes(b"old")
    chooses(monkeypatch, place / "a")
    asked = answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    dialog = dialog_of(window, "export")
    dialog._on_save_clicked()
    assert "Replace “a.png”?" in asked[0]
    assert (place / "a.png").read_bytes() == b"old"
    close(dialog)


# Films


def small_film(window: MainWindow) -> FilmDialog:
    dialog: FilmDialog = dialog_of(window, "film")
    dialog._format.show_value(".gif")
    dialog._size.insertItem(0, "320 × 180", 320)
    dialog._size.show_value(320)
    dialog._seconds.show_value(0.3)
    dialog._fps.setValue(10)
    dialog._on_changed()
    return dialog


def test_a_film_is_made_while_the_window_answers(qtbot: Any, window: MainWindow, place: Path) -> None:
    dialog = small_film(window)
    dialog.save(place / f"{NAME}.gif")
    assert dialog.working
    assert not dialog.save_button.isEnabled()
    qtbot.waitUntil(lambda: not dialog.working, timeout=60_000)
    assert (place / f"{NAME}.gif").read_bytes()[:3] == b"GIF"
    assert "Saved as" in dialog.note.text()
    close(dialog)


def test_cancelling_half_way_leaves_the_old_film(qtbot: Any, window: MainWindow, place: Path) -> None:
    target = place / f"{NAME}.gif"
    target.write_bytes(b"old")
    dialog = small_film(window)
    dialog.save(target)
    qtbot.waitUntil(lambda: dialog._bar.maximum() > 0 and dialog._bar.value() >= dialog._bar.maximum() // 2, timeout=60_000)
    dialog.reject()  # Esc
    assert dialog.isVisible()
    assert (dialog.working, dialog.note.text()) == (False, "Cancelled; nothing was written.")
    assert [(path.name, path.read_bytes()) for path in place.iterdir()] == [(target.name, b"old")]
    dialog.reject()
    assert not dialog.isVisible()


def test_closing_the_window_gives_up_the_film(qtbot: Any, window: MainWindow, place: Path) -> None:
    dialog = small_film(window)
    dialog.save(place / "a.gif")
    qtbot.waitUntil(lambda: dialog._bar.value() > 0, timeout=60_000)
    window.take_away.close()
    assert list(place.iterdir()) == []


def test_a_full_disk_leaves_the_old_film(qtbot: Any, window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = place / "a.gif"
    target.write_bytes(b"old")
    dialog = small_film(window)
    fills_up(monkeypatch, 3000)
    dialog.save(target)
    qtbot.waitUntil(lambda: not dialog.working, timeout=60_000)
    assert "the disk is full" in dialog.note.text()
    assert [(path.name, path.read_bytes()) for path in place.iterdir()] == [(target.name, b"old")]
    close(dialog)


def test_a_missing_extra_is_said_with_the_command(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    dialog = dialog_of(window, "film")
    dialog._format.show_value(".mp4")
    dialog._on_changed()
    dialog.refresh()
    assert "`python3 dev.py add video` installs it" in dialog.note.text()
    assert not dialog.save_button.isEnabled()
    dialog._format.show_value(".gif")
    dialog._on_changed()
    dialog.refresh()
    assert dialog.save_button.isEnabled()
    close(dialog)


def test_the_film_begins_where_the_window_is_and_takes_its_run(qtbot: Any, window: MainWindow, place: Path) -> None:
    window.store.dispatch(actions.next_update)
    window.store.dispatch(actions.next_update)
    dialog = small_film(window)
    assert (dialog.film_settings().first, dialog._scenes is None) == (3, True)
    dialog.refresh()
    assert dialog._scenes is not None
    assert dialog._scenes.plan.run is window.store.state.run
    assert dialog._scenes.plan.shots[0].stop.step == 3
    close(dialog)


@pytest.mark.parametrize("name", ["film", "solution"])
def test_the_window_answers_while_a_far_update_is_computed_for_a_preview(qtbot: Any, window: MainWindow, name: str) -> None:
    dialog = dialog_of(window, name)
    said = dialog._length if name == "film" else dialog._files
    dialog._first.setValue(1_000_000_000)
    dialog.refresh()
    assert said.text().startswith("Computing update ")
    dialog._first.setValue(60)
    qtbot.waitUntil(lambda: "steps" in said.text() or "pages on" in said.text(), timeout=10_000)
    close(dialog)
