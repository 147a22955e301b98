"""The dialogs for solutions, numbers, plots and weights: what they write and take, and that a failure leaves nothing behind."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QTableView, QWidget
from take_away_helpers import NAME, chooses, close, dialog_of, fills_up
from window_helpers import answer

from gui import actions
from gui.data.edits import Batches, take_dataset
from gui.diagram.heat_map import heat_map, scale_of
from gui.diagram.primitives import Formulas, Picture
from gui.export.dialog import ExportDialog
from gui.export.numbers_menu import WORDS, TableDialog, _counting, _title, tables, tables_zip
from gui.export.pane_dialog import PaneDialog
from gui.film.dialog import FilmDialog
from gui.formula.plain_symbols import plain_symbol
from gui.main_window import MainWindow
from gui.panes.heat_map_view import HeatMapView
from gui.panes.paths_view import PathsView
from gui.shortcuts import COMMANDS
from gui.solution.dialog import SolutionDialog, pages_of
from gui.state import initial_state, record_of
from gui.store import Store
from gui.theme import THEMES
from gui.weights.dialog import WeightsDialog
from model.evaluation import Split
from model.examples import open_problem
from model.exchange.numbers import table_csv
from model.in_parts import completed
from model.notation.own import built_in, derived, parse_own
from model.stages import Ref

# Worked solutions


def test_a_solution_is_written_in_every_format(qtbot: Any, window: MainWindow, place: Path) -> None:
    dialog: SolutionDialog = dialog_of(window, "solution")
    for suffix, start in ((".pdf", b"%PDF"), (".html", b"<!DOCTYPE"), (".tex", b"% Compile"), (".md", b"# ")):
        dialog._on_format_chosen(suffix)
        dialog.save(place / f"{NAME}{suffix}")
        qtbot.waitUntil(lambda: not dialog.working, timeout=60_000)
        assert (place / f"{NAME}{suffix}").read_bytes().lower().startswith(start.lower())
        extra = [f"{NAME}-network.svg"] if suffix == ".md" else []
        assert sorted(path.name for path in place.iterdir()) == sorted([f"{NAME}{suffix}", *extra])
        for file in place.iterdir():
            file.unlink()
    close(dialog)


def test_exercise_and_solution_of_variants_come_from_one_choice(qtbot: Any, window: MainWindow, place: Path) -> None:
    dialog: SolutionDialog = dialog_of(window, "solution")
    dialog._on_format_chosen(".tex")
    dialog._on_kind_chosen("both")
    dialog._varied.setChecked(True)
    dialog._count.setValue(2)
    dialog._seed.setValue(7)
    dialog.refresh()
    dialog.save(place / "sheet.tex")
    qtbot.waitUntil(lambda: not dialog.working, timeout=60_000)
    names = sorted(path.name for path in place.iterdir())
    assert names == ["sheet-1-blank.tex", "sheet-1.tex", "sheet-2-blank.tex", "sheet-2.tex"]
    texts = {name: (place / name).read_text(encoding="utf-8") for name in names}
    assert "Exercise" in texts["sheet-1-blank.tex"]
    assert "Worked solution" in texts["sheet-1.tex"]
    assert texts["sheet-1.tex"] != texts["sheet-2.tex"]
    assert "Saved 4 files" in dialog.note.text()
    close(dialog)


def test_a_full_disk_leaves_no_solution(qtbot: Any, window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog: SolutionDialog = dialog_of(window, "solution")
    dialog._on_format_chosen(".tex")
    dialog._varied.setChecked(True)
    fills_up(monkeypatch, 9000)
    dialog.save(place / "a.tex")
    qtbot.waitUntil(lambda: not dialog.working, timeout=60_000)
    assert "the disk is full" in dialog.note.text()
    assert list(place.iterdir()) == []
    close(dialog)


def test_the_pages_are_previewed(window: MainWindow, qtbot: Any) -> None:
    dialog: SolutionDialog = dialog_of(window, "solution")
    dialog.refresh()
    assert (dialog._pages, dialog._files.text()[:17]) == ([], "Setting the pages"), "the window goes on answering meanwhile"
    qtbot.waitUntil(lambda: len(dialog._pages) >= 2, timeout=10_000)
    assert f"{len(dialog._pages)} pages" in dialog._files.text()
    shown = dialog._preview._image
    assert shown is not None
    dialog._place.setValue(1)
    assert dialog._preview._image != shown
    assert dialog._name() == f"{window.store.state.path} solution{dialog._suffix}"
    window.store.edit("data", take_dataset, {"name": "moons", "samples": 4}, 2, Batches(), Split(), "Moons")
    assert dialog._name() == f"Moons solution{dialog._suffix}", "as its heading says, not as the example that it came from"
    assert ExportDialog.name(dialog) == "Moons", "pictures too"  # type: ignore[arg-type]
    close(dialog)


# Numbers


def test_a_table_is_saved_as_it_is_shown(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window.store.dispatch(actions.seek, 1, window.store.moment.walk.find("delta:2"))
    dialog: TableDialog = dialog_of(window, "numbers")
    assert dialog._entry() == ("delta", 2)
    chooses(monkeypatch, place / "δ.npy")
    dialog._on_save_clicked()
    np.testing.assert_array_equal(np.load(place / "δ.npy"), record_of(window.store.state).delta[1])
    assert dialog.save(place / "a.csv")
    assert (place / "a.csv").read_text(encoding="utf-8") == dialog._text.toPlainText()
    close(dialog)


@pytest.mark.parametrize("name", ["dyda-sigmoid", "biswas-figure-1", "jacob", "soletskyi", "xor"])
def test_tables_are_called_as_the_notation_calls_them(name: str, qapp: Any) -> None:
    store = Store(initial_state(open_problem(name)))
    moment, own = store.moment, store.state.notation
    said = {entry: _title(moment, entry) for entry in tables(moment.record)}
    assert {entry[0] for entry in said} <= set(WORDS)
    for entry, text in said.items():
        assert not re.search(r"delta|\[\]|[{}]|\w_\d", text), (entry, text)
    for l in range(1, moment.record.problem.depth + 1):
        z = plain_symbol(own.symbol(Ref("z", l), moment.record.problem, moment.record.m))
        assert said["delta", l].endswith(f"derivative of one sample's loss by {z}")
    first = plain_symbol(own.symbol(Ref("z", 1, 0), moment.record.problem, moment.record.m))
    assert _counting(moment, ("z", 1)).endswith(f"unit 0 is {first}")
    assert _counting(moment, ("loss", None)) == ""


def test_the_archive_holds_every_table(window: MainWindow) -> None:
    record = record_of(window.store.state)
    with zipfile.ZipFile(io.BytesIO(tables_zip(record))) as archive:
        assert len(archive.namelist()) == len(tables(record)) > 30
        assert archive.read("W_new_2.csv").decode() == table_csv(record, "W_new", 2)
    assert tables_zip(record) == tables_zip(record)


def test_the_update_and_its_program_are_saved(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, file in (("record", "u.json"), ("script_numpy", "p.py"), ("all_tables", "t.zip")):
        chooses(monkeypatch, place / file)
        window.actions_by_name[name].trigger()
    assert json.loads((place / "u.json").read_text(encoding="utf-8"))["layers"] == [2, 2, 2]
    said = subprocess.run([sys.executable, str(place / "p.py")], capture_output=True, text=True, check=True).stdout
    assert "dL/dW 1" in said


def test_a_program_that_would_give_other_numbers_is_refused(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gui.edits import set_rounding

    window.store.edit("rounding", set_rounding, 2)
    chooses(monkeypatch, place / "p.py")
    said = answer(monkeypatch, QMessageBox.StandardButton.Ok)
    window.actions_by_name["script_jax"].trigger()
    assert "rounded values" in said[0]
    assert list(place.iterdir()) == []


# Plots


def panes_of(window: MainWindow) -> list[QWidget]:
    found = []
    for number in range(9):
        window.panes.show_tab(number)
        QCoreApplication.processEvents()
        pane = window.panes.pane(number)
        assert pane is not None
        found.append(pane)
    return found


def save_dialog(window: MainWindow) -> Any:
    button = next(b for b in window.panes.findChildren(QWidget) if b.accessibleName() == "save this pane")
    button.click()  # type: ignore[attr-defined]
    return next(d for d in window.findChildren(PaneDialog) if d.isVisible())


def test_every_pane_is_saved_in_every_format(window: MainWindow, place: Path) -> None:
    for _ in range(6):
        window.store.dispatch(actions.next_update)
    starts = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".tex": b"% ", ".csv": b""}
    titles = set()
    for number in (0, 1, 2, 4, 6, 7, 8):
        panes_of(window)
        window.panes.show_tab(number)
        dialog = save_dialog(window)
        titles.add(dialog.windowTitle())
        for suffix, start in starts.items():
            if suffix == ".csv" and number == 2:
                assert not dialog._format.button(".csv").isEnabled()
                continue
            dialog._on_format_chosen(suffix)
            assert dialog.save(place / f"a{suffix}"), dialog.note.text()
            assert (place / f"a{suffix}").read_bytes().startswith(start)
        close(dialog)
    assert len(titles) == 7


def test_numbers_are_offered_as_soon_as_a_pane_can_show_them(window: MainWindow, place: Path) -> None:
    window.panes.show_titled("Confusion")
    dialog = save_dialog(window)
    dialog.refresh()
    assert not dialog._save.isEnabled()  # nothing is known yet
    window.store.dispatch(actions.end_of_update)
    dialog.refresh()
    dialog._format.button(".csv").click()
    assert dialog.save(place / "a.csv"), dialog.note.text()
    dialog.offer(".csv", False, "none")
    assert (dialog._suffix, dialog._format.button(".png").isChecked()) == (".png", True)
    close(dialog)


def test_the_loss_is_saved_as_a_table_of_its_points(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        window.store.dispatch(actions.next_update)
    window.panes.show_tab(0)
    dialog = save_dialog(window)
    dialog._on_format_chosen(".csv")
    asked = chooses(monkeypatch, place / "loss.csv")
    dialog._on_save_clicked()
    assert asked[0][2].endswith("dyda-sigmoid loss.csv")
    rows = list(csv.reader((place / "loss.csv").read_text(encoding="utf-8").splitlines()))
    numbers = [float(row[1]) for row in rows[1:] if row[1]]
    np.testing.assert_allclose(numbers, window.store.state.run.losses[: len(numbers)], rtol=1e-12)
    close(dialog)


def test_a_pane_is_saved_as_it_was_chosen_whatever_the_screen_looks_like(window: MainWindow) -> None:
    window.store.dispatch(actions.end_of_update)
    pane = next(pane for pane in panes_of(window) if isinstance(pane, HeatMapView))
    pane._on_layer_chosen(2)
    pane._on_quantity_chosen("weight")
    window.panes.show_titled("Weights")
    dialog = save_dialog(window)
    assert dialog.name().endswith(" heat map")
    dialog._look.show_value("print")
    sheet = dialog.sheet()
    said = [label.block.plain for label in sheet.labels]
    assert {"Weights, layer 2: 2 × 3", "before update 1"} <= set(said)
    assert sheet.background == THEMES["print"].panel
    cells = next(item for item in sheet.items if isinstance(item, Picture) and item.cells.shape[:2] == (2, 3))
    weights = window.store.moment.record.params
    shown = heat_map(window.store.moment, 2, "weight", None).values
    np.testing.assert_allclose(shown[:, 1:], weights.W[1])
    scale = scale_of(window.store.moment, "weight", THEMES["print"], "linear", None, grows=False)
    assert scale is not None
    np.testing.assert_array_equal(cells.cells, scale.colour(shown))
    dialog._parts["title"].setChecked(False)
    assert len(dialog.sheet().labels) == len(said) - 1
    close(dialog)


def test_letters_of_a_plot_do_not_grow_with_those_of_the_screen(window: MainWindow) -> None:
    window.panes.show_tab(0)
    dialog = save_dialog(window)
    dialog._look.show_value("light")
    dialog._page.show_value("slide")
    sizes = []
    for projector in (False, True):
        window.store.dispatch(actions.set_options, projector=projector)
        QCoreApplication.processEvents()
        sizes.append([(label.block.plain, label.block.size) for label in dialog.sheet().labels])
    assert sizes[0] == sizes[1]
    close(dialog)


def test_a_pane_with_a_table_is_saved_with_its_rows(window: MainWindow, place: Path) -> None:
    window.store.dispatch(actions.end_of_update)
    window.panes.show_titled("Paths")
    pane = next(pane for pane in panes_of(window) if isinstance(pane, PathsView))
    window.panes.show_titled("Paths")
    pane.refresh()
    dialog = save_dialog(window)
    said = {label.block.plain for label in dialog.sheet().labels}
    model = pane.findChild(QTableView).model()
    assert {str(model.index(row, 1).data()) for row in range(model.rowCount())} <= said
    (chain,) = [item for item in dialog.sheet().items if isinstance(item, Formulas)]
    assert chain.step.explanation.caption == pane.told
    assert min(label.bounds[1] for label in dialog.sheet().labels if label.block.plain == "through") > chain.y + chain.height
    pane.tell_next()
    assert next(item for item in dialog.sheet().items if isinstance(item, Formulas)).step.explanation.caption == pane.told
    dialog._on_format_chosen(".csv")
    assert dialog.save(place / "paths.csv")
    rows = list(csv.reader((place / "paths.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0][:2] == ["through", "value"]
    assert len(rows) == 1 + model.rowCount()
    close(dialog)


def test_a_full_disk_leaves_the_old_plot_and_says_so(window: MainWindow, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window.panes.show_tab(0)
    dialog = save_dialog(window)
    for suffix in (".pdf", ".csv"):
        (place / f"{NAME}{suffix}").write_text("old", encoding="utf-8")
    fills_up(monkeypatch, after=30)
    assert not dialog.save(place / "a.csv")
    assert dialog.note.text() == "There are no numbers to write yet."
    window.store.dispatch(actions.end_of_update)
    for suffix in (".pdf", ".csv"):
        dialog._on_format_chosen(suffix)
        assert not dialog.save(place / f"{NAME}{suffix}")
        assert "the disk is full" in dialog.note.text()
        assert (place / f"{NAME}{suffix}").read_text(encoding="utf-8") == "old"
    assert len(list(place.iterdir())) == 2
    close(dialog)


def test_a_pane_without_a_picture_says_why(window: MainWindow) -> None:
    window.panes.show_titled("Confusion")
    dialog = save_dialog(window)
    dialog.refresh()
    assert dialog._size.text().startswith("Nothing has been computed yet")
    assert not dialog._save.isEnabled()
    close(dialog)


# Weights and menus


def test_weights_are_taken_as_one_edit(window: MainWindow, place: Path) -> None:
    np.savez(place / "w.npz", W1=np.ones((4, 2)), b1=np.zeros(4), W2=np.ones((2, 4)), b2=np.ones(2))
    old = window.store.state.problem
    window.take_away.weights_from(str(place / "w.npz"))
    dialog = next(iter(window.findChildren(WeightsDialog)))
    assert "becomes 2-4-2 (now 2-2-2)" in dialog._verdict.text()
    dialog._choices[0].show_value("relu")
    dialog._on_take()
    assert window.store.state.problem.layers == (2, 4, 2)
    assert window.store.state.problem.activations == ("relu", "sigmoid")
    window.store.undo_stack.undo()
    assert window.store.state.problem is old


def test_weights_that_cannot_be_taken_are_refused_with_the_reason(window: MainWindow, place: Path) -> None:
    (place / "w.pt").write_bytes(b"x")
    window.take_away.weights_from(str(place / "w.pt"))
    dialog = next(iter(window.findChildren(WeightsDialog)))
    assert "This is no zip archive" in dialog._verdict.text()
    assert not dialog._ok.isEnabled()
    close(dialog)


def test_the_menu_leads_to_every_dialog(window: MainWindow) -> None:
    names = {action.text() for menu in window.menuBar().findChildren(QWidget) for action in menu.actions()}
    for command in COMMANDS:
        if command.menu.startswith("&File/"):
            assert command.text in names
    for name, kind in (("export", ExportDialog), ("film", FilmDialog), ("solution", SolutionDialog), ("numbers", TableDialog)):
        dialog = dialog_of(window, name)
        assert isinstance(dialog, kind)
        if name != "numbers":
            window.actions_by_name[name].trigger()
            assert len(window.findChildren(kind)) == 1
        unnamed = [b for b in dialog.findChildren(QPushButton) if b.isVisible() and not (b.text() or b.accessibleName())]
        assert unnamed == []
        close(dialog)


def test_dialogs_fit_a_small_screen_in_large_letters(window: MainWindow) -> None:
    window.store.dispatch(actions.toggle_projector)
    for name in ("export", "film", "solution", "numbers"):
        dialog = dialog_of(window, name)
        assert dialog.minimumSizeHint().width() <= 1000, name
        assert dialog.minimumSizeHint().height() <= 640, name
        for label in (getattr(dialog, part) for part in ("_length", "_files", "_size") if isinstance(getattr(dialog, part, None), QLabel)):
            assert label.minimumHeight() >= 2 * label.fontMetrics().height() or name == "export"
        close(dialog)
    window.store.dispatch(actions.toggle_projector)


def test_a_notation_of_ones_own_is_used_in_films_and_solutions(window: MainWindow) -> None:
    own = parse_own(derived(built_in("jacob"), "Mine", "own-mine"))
    window.store.dispatch(lambda state: replace(state, profiles=(own,)))
    window.store.dispatch(actions.set_notation, own.name)
    film = dialog_of(window, "film")
    assert film.film_settings().notation is own
    film.refresh()
    assert film.save_button.isEnabled()
    close(film)
    solution = dialog_of(window, "solution")
    assert solution.options().notation is own
    assert completed(pages_of(window.store.state.run, solution.options(), solution.sheets()))
    close(solution)
