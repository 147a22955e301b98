"""Notations of one's own: made from a built-in one, checked while they are typed, kept in files, never named in a problem file."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from explain_helpers import NOTATIONS, record_of
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QWidget
from window_helpers import answer, opened

from gui import actions, edits
from gui.actions import Refusal
from gui.formula.page import BoardStep
from gui.main_window import MainWindow
from gui.notation.editor import NotationEditor
from gui.notation.form import checked, meaning, preview
from gui.settings import Settings
from gui.state import initial_state, moment_of
from gui.store import Store
from gui.tips import name_of
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.text import equation_text
from model.expr.tree import NumberFormat
from model.format.file import load, save
from model.moment import Moment
from model.notation.checks import KINDS, ROLES
from model.notation.letters import SPARE_LETTERS
from model.notation.own import LARGEST_FILE, OwnNotations, built_in, derived, own_name, parse_own, read_profile, write_profile
from model.notation.profile import load_notation
from model.problem import Optimizer
from model.stages import Ref, build_walk


def own(base: str = "dyda", name: str = "own-mine", title: str = "Mine", **symbols: str) -> dict[str, Any]:
    data = built_in(base)
    return derived(data, title, name, symbols={**data["symbols"], **symbols})


@pytest.mark.parametrize("base", NOTATIONS)
def test_every_built_in_notation_can_be_a_beginning(base, tmp_path):
    store = OwnNotations(tmp_path / "notations")
    notation = store.save(own(base))
    assert store.profiles() == (notation,)
    assert (notation.based_on, notation.symbols) == (base, load_notation(base).symbols)
    again = derived(store.data("own-mine"), "Again", "own-again")
    assert parse_own(again).based_on == base
    store.delete("own-mine")
    store.delete("own-mine")
    assert store.profiles() == ()


def test_names_are_plain_and_never_taken():
    assert own_name("My Übung / α") == "own-my-ubung"
    assert own_name("ζ") == "own-notation"
    assert own_name("Mine", ("own-mine", "own-mine-2")) == "own-mine-3"
    with pytest.raises(ValueError, match="not empty"):
        own_name("  ")


BROKEN = {
    "unknown key": ({"colour": 1}, "unknown key"),
    "no base": ({"based_on": "mine"}, "based_on"),
    "base of the wrong type": ({"based_on": 3}, "based_on"),
    "name of a built-in": ({"name": "dyda"}, "own-"),
    "name that is a path": ({"name": "own-../x"}, "own-"),
    "symbol in a circle": ({"symbols": {**built_in("dyda")["symbols"], "a": "<z>", "z": "<a>"}}, "defined by itself"),
    "no title": ({"title": ""}, "title"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_notation_is_refused_in_one_sentence(case, tmp_path):
    change, said = BROKEN[case]
    data = {**own(), **change}
    path = tmp_path / "own-mine.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ValueError, match=said) as error:
        read_profile(path)
    assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match=said):
        write_profile(tmp_path / "other.json", data)
    assert not (tmp_path / "other.json").exists()
    store = OwnNotations(tmp_path)
    assert store.profiles() == ()
    assert store.refused[0].startswith("own-mine.json: ")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"[" * 100_000, b" " * (LARGEST_FILE + 1)])
def test_files_that_are_no_json_are_refused(content, tmp_path):
    (tmp_path / "own-x.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"own-x\.json"):
        read_profile(tmp_path / "own-x.json")


def test_the_state_writes_everything_in_it_and_saves_the_base(tmp_path):
    profile = parse_own(own(learning_rate=r"\lambda", **{"z": "u^{[<l>]}", "z.unit": "u^{[<l>]}_{<j>}"}))
    state = actions.set_profiles(initial_state(open_problem("dyda-sigmoid")), (profile,))
    state = actions.seek_address(state, "delta:2")
    shown = actions.set_notation(state, "own-mine")
    assert (shown.step, shown.tick) == (state.step, state.tick)
    assert name_of(moment_of(shown), Ref("z", 1, 0)) == "u₁^[1]"
    assert shown.experiment.notation == "dyda"
    save(shown.experiment, tmp_path / "saved.json")
    assert load(tmp_path / "saved.json").notation == "dyda"
    saved = actions.mark_saved(shown, "saved.json")
    assert not saved.dirty
    assert actions.open_problem(shown, open_problem("jacob")).profiles == (profile,)
    gone = actions.set_profiles(shown, ())
    assert (gone.options.notation, gone.tick) == ("dyda", state.tick)
    with pytest.raises(Refusal, match="own-mine"):
        actions.set_notation(gone, "own-mine")


def test_undo_after_the_notation_was_deleted(qapp):
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    store.dispatch(actions.set_profiles, (parse_own(own()),))
    store.dispatch(actions.set_notation, "own-mine")
    store.edit("change of learning rate", edits.set_learning_rate, 0.3)
    store.dispatch(actions.set_profiles, ())
    store.undo_stack.undo()
    assert store.state.notation.name == "dyda"
    assert store.moment.record.learning_rate == 0.1


def test_a_changed_profile_of_the_same_name_is_shown_anew(qapp):
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    store.dispatch(actions.set_profiles, (parse_own(own()),))
    store.dispatch(actions.set_notation, "own-mine")
    store.dispatch(actions.seek_address, "W_new:2")
    before = store.explanation
    store.dispatch(actions.set_profiles, (parse_own(own(learning_rate=r"\mu")),))
    assert store.explanation != before
    assert "μ" in equation_text(store.explanation.equations[0], store.moment.fmt)


def test_symbols_are_checked_as_latex_and_named_in_words():
    assert meaning("a.unit@input") == "activation, one entry, inputs"
    assert all(meaning(f"a.{kind}").startswith("activation, ") for kind in KINDS)
    assert all(meaning(f"phi@{role}").startswith("activation function, ") for role in ROLES)
    assert checked(own(z=r"\zeta_{<l>}"), "z").symbols["z"] == r"\zeta_{<l>}"
    with pytest.raises(ValueError, match=r"“pre-activation”.*\\zeeta"):
        checked(own(z=r"\zeeta"), "z")
    with pytest.raises(ValueError, match="needs a symbol"):
        checked(own(z=" "), "z")
    with pytest.raises(ValueError, match="unknown placeholder"):
        checked(own(z="z_{<q>}"), "z")


@pytest.mark.parametrize("base", NOTATIONS)
def test_the_preview_has_the_rules_and_no_numbers(base):
    record = record_of(open_problem("dyda-sigmoid"))
    notation = parse_own(own(base))
    moment = Moment(record, build_walk(record.problem, 1, notation.presentation), 0, "term", load_notation("dyda"), NumberFormat(4))
    told = preview(moment, notation)
    assert len(told.equations) >= 6
    assert all([kind for kind, _ in equation.sides] == ["symbol", "rule"] for equation in told.equations)
    there = Moment(record, moment.walk, moment.walk.find("z:2"), "layer", notation, moment.fmt)
    assert told.equations[0].sides[0] == explain(there).equations[0].sides[0]


def editor(window: MainWindow) -> NotationEditor:
    (found,) = window.findChildren(NotationEditor)
    return found


def test_make_edit_export_import_and_delete_in_the_window(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, store = window.actions_by_name, window.store
    assert not named["notation_edit"].isEnabled()
    store.dispatch(actions.seek_address, "delta:2")
    place = (store.state.step, store.state.tick)
    named["notation_new"].trigger()
    dialog = editor(window)
    dialog._title.setText("Course 101")
    dialog._symbols["learning_rate"].setText(r"\gamma")
    dialog.accept()
    assert store.state.notation.title == "Course 101"
    assert (store.state.step, store.state.tick) == place
    assert window.tools.notation.currentText() == "Course 101"
    assert [a.text() for a in window.notations._group.actions() if a.isChecked()] == ["Course 101"]
    assert named["notation_delete"].isEnabled()
    name = store.state.notation.name
    assert json.loads((tmp_path / "notations" / f"{name}.json").read_text(encoding="utf-8"))["symbols"]["learning_rate"] == r"\gamma"
    assert window.notations.export_path(str(tmp_path / "out.json"))
    said = answer(monkeypatch, QMessageBox.StandardButton.Discard)
    named["notation_delete"].trigger()
    assert "Course 101" in said[0]
    assert store.state.notation.name == "dyda"
    assert window.notations.import_path(str(tmp_path / "out.json"))
    assert store.state.notation.title == "Course 101"
    assert window.notations.import_path(str(tmp_path / "out.json"))
    assert store.state.notation.title == "Course 101 2"
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    assert not window.notations.import_path(str(tmp_path / "bad.json"))
    assert "notation" in said[-1]


def test_a_symbol_that_cannot_be_set_is_refused_and_cannot_be_saved(window: MainWindow) -> None:
    window.actions_by_name["notation_new"].trigger()
    dialog = editor(window)
    dialog._symbols["delta"].setText(r"\frac{")
    dialog.refresh()
    assert "∂(loss)/∂z" in dialog._refusal.text()
    assert not dialog._buttons.button(QDialogButtonBox.StandardButton.Save).isEnabled()
    dialog._symbols["delta"].setText(r"\epsilon^{[<l>]}")
    dialog._title.setText("Dyda")
    dialog.refresh()
    assert "already" in dialog._refusal.text()
    dialog._title.setText("Errors")
    dialog.refresh()
    assert dialog._refusal.text() == ""
    dialog.reject()


class Paper(QWidget):
    """A blackboard that only remembers what is written on it."""

    def set_content(self, current: BoardStep | None, earlier: Any = (), fmt: NumberFormat | None = None) -> None:
        self.step = current

    def set_theme(self, theme: object) -> None: ...

    def set_highlight(self, refs: object) -> None: ...


@pytest.mark.parametrize("base", NOTATIONS)
def test_the_letters_of_an_optimiser_can_be_chosen_in_every_notation(base: str, qtbot: Any) -> None:
    store = Store(initial_state(replace(open_problem("dyda-sigmoid"), optimizer=Optimizer("adam"))))
    paper = Paper()
    dialog = NotationEditor(store, paper, built_in(base), "own-mine", "Mine", ())
    qtbot.addWidget(dialog)
    fields = {key: dialog._symbols[key] for key in SPARE_LETTERS}
    assert all(field.text() or field.placeholderText() == load_notation(base).spare[key] for key, field in fields.items())
    used = {key for key, field in fields.items() if field.isVisibleTo(dialog)}
    assert used == {"gradient", "first_moment", "second_moment", "mean_decay", "square_decay", "small_number"}
    fields["first_moment"].setText(r"\Psi")
    dialog.refresh()
    assert dialog._refusal.text() == ""
    written = {expr.latex for e in paper.step.explanation.equations for kind, expr in e.sides if kind == "symbol"}
    assert any(latex.startswith(r"\Psi_") for latex in written)
    assert any(latex.startswith(r"\hat{\Psi}_") for latex in written)
    assert parse_own(dialog.data).spare["first_moment"] == r"\Psi"
    assert dialog.data["symbols"].keys() == built_in(base)["symbols"].keys() | {"first_moment"}  # the others go on being found
    fields["first_moment"].setText(load_notation(base).letters["unit"])
    dialog.refresh()
    assert "stands for something else" in dialog._refusal.text()


def test_own_notations_are_there_at_the_next_start(qtbot: Any, settings: Settings) -> None:
    OwnNotations(settings.path.parent / "notations").save(own(title="Kept"))
    with opened(qtbot, settings) as window:
        assert "Kept" in [window.tools.notation.itemText(i) for i in range(window.tools.notation.count())]


def test_no_two_symbols_of_a_notation_are_called_alike():
    for name in NOTATIONS:
        said = [meaning(key) for key in load_notation(name).symbols]
        assert len(set(said)) == len(said), [text for text in said if said.count(text) > 1]
        assert not any(text in ("W_old", "b_old") for text in said)
