"""A notation of one's own inside a problem file: written with it, offered by the window, spoken by every verb, refused in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gui import actions
from gui.main_window import MainWindow
from gui.state import initial_state
from main import main
from model.examples import open_problem
from model.format.file import ProblemError, dumps, load, loads, same, save
from model.notation.own import built_in, derived, parse_own, profile_data
from model.notation.profile import Notation, notation_names
from model.problem import Problem


def own(base: str = "jacob", name: str = "own-mine", **symbols: str) -> Notation:
    data = derived(built_in(base), "Mine", name)
    return parse_own(data | {"symbols": data["symbols"] | {"learning_rate": r"\Lambda"} | symbols, "decimals": 4})


def written(notation: Notation | None = None) -> Problem:
    notation = notation or own()
    return replace(open_problem("dyda-sigmoid"), notation=notation.based_on, notation_profile=notation)


@pytest.mark.parametrize("base", notation_names())
def test_the_json_of_a_profile_says_all_of_it(base: str) -> None:
    data = derived(built_in(base), "Mine", "own-mine")
    assert json.loads(json.dumps(profile_data(parse_own(data)))) == data


def test_a_file_with_a_notation_loads_to_the_same_experiment() -> None:
    problem = written()
    again = loads(dumps(problem))
    assert same(problem, again)
    assert again.notation_profile == own()
    assert (again.notation, json.loads(dumps(problem))["notation"]) == ("jacob", "jacob")
    assert not same(problem, replace(problem, notation_profile=own(z="q^{(<l>)}")))
    assert loads(dumps(replace(problem, notation_profile=None))).notation_profile is None


def test_the_notation_in_use_is_the_one_that_is_saved() -> None:
    state = actions.set_profiles(initial_state(open_problem("dyda-sigmoid")), (own(),))
    shown = actions.set_notation(state, "own-mine")
    assert (shown.experiment.notation, shown.experiment.notation_profile) == ("jacob", own())
    there = actions.open_problem(initial_state(open_problem("xor")), loads(dumps(shown.experiment)))
    assert (there.notation, there.options.fmt.decimals, there.profiles, there.dirty) == (own(), 4, (), False)
    assert there.experiment is there.problem
    other = actions.set_notation(there, "theta")
    assert (other.experiment.notation, other.experiment.notation_profile, other.dirty) == ("theta", None, True)
    back = actions.set_notation(other, "own-mine")
    assert (back.notation, back.dirty) == (own(), False)
    gone = actions.open_problem(back, open_problem("jacob"))
    assert gone.own_notations == ()


def test_a_file_whose_notation_has_the_name_of_another_takes_nothing_away() -> None:
    mine, theirs = own(), own(z="q^{(<l>)}")
    state = actions.set_profiles(initial_state(open_problem("xor")), (mine,))
    there = actions.open_problem(state, written(theirs))
    assert [one.name for one in there.own_notations] == ["own-mine", "own-mine-2"]
    assert there.notation.symbols["z"] == "q^{(<l>)}"
    assert not there.dirty
    assert actions.set_notation(there, "own-mine").notation == mine
    alike = actions.open_problem(state, written(mine))
    assert alike.own_notations == (mine,)
    late = actions.set_profiles(initial_state(written(theirs)), (mine,))  # the window starts on the file, then reads the folder
    assert (late.notation.name, late.notation.symbols["z"], late.dirty) == ("own-mine-2", "q^{(<l>)}", False)


def test_every_verb_speaks_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], qapp: Any) -> None:
    file, out = tmp_path / "own.json", tmp_path / "out"
    save(written(own(W="M^{(<l>)}")), file)
    assert main(["trace", str(file)]) == 0
    assert "M⁽¹⁾ =" in capsys.readouterr().out
    for suffix in (".md", ".html"):
        assert main(["solve", str(file), "-o", f"{out}{suffix}"]) == 0
    assert r"\Lambda" in out.with_suffix(".md").read_text()
    pictures = []
    for options in ([], ["--notation", "jacob"]):
        assert main(["render", str(file), "-o", f"{out}.tex", "--formulas", "--at", "W_new:2", *options]) == 0
        pictures.append(out.with_suffix(".tex").read_text())
    assert pictures[0] != pictures[1]
    assert main(["solve", str(file), "-o", f"{out}.md", "--notation", "dyda"]) == 0
    assert r"\Lambda" not in out.with_suffix(".md").read_text()
    assert main(["verify", str(file)]) == 0


def malformed(**changes: object) -> str:
    tree = json.loads(dumps(written()))
    tree["notation_profile"] |= changes
    return json.dumps({**tree, "notation_profile": {k: v for k, v in tree["notation_profile"].items() if v is not ...}})


BROKEN = {
    "no object": (json.dumps(json.loads(malformed()) | {"notation_profile": "jacob"}), "notation_profile: an object is needed"),
    "unknown key": (malformed(colour=1), "notation_profile.colour: unknown key"),
    "key missing": (malformed(title=...), 'notation_profile.title: "title" is a text'),
    "choice": (malformed(form="diagonal"), "notation_profile.form: "),
    "decimals": (malformed(decimals=99), "notation_profile.decimals: "),
    "blocks": (malformed(blocks=[["sideways", []]]), "notation_profile.blocks[0]: "),
    "symbol": (malformed(symbols={**own().symbols, "z": "<nothing>"}), 'notation_profile.symbols["z"]: '),
    "no text": (malformed(symbols={**own().symbols, "z": 3}), 'notation_profile.symbols["z"]: '),
    "circle": (malformed(symbols={**own().symbols, "z": "<a>", "a": "<z>"}), "notation_profile: the symbol"),
    "base": (malformed(based_on="bourbaki"), "notation_profile.based_on: "),
    "name": (malformed(name="jacob"), "notation_profile.name: "),
    "remark": (malformed(remarks=[{"stage": "z", "sides": ["a"], "layer": []}]), "notation_profile.remarks[0]: "),
    "half a character": (malformed(title="\ud800"), "notation_profile.title: "),
    "twice": (malformed().replace('"symbols": {', '"symbols": {"z": "q", '), "notation_profile.symbols.z: this key is written twice"),
    "another base": (json.dumps(json.loads(malformed()) | {"notation": "theta"}), 'notation: "theta" is another notation'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_malformed_profile_is_refused_with_its_position(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, where = BROKEN[name]
    with pytest.raises(ProblemError) as refused:
        loads(text)
    assert where in str(refused.value)
    file = tmp_path / "bad.json"
    file.write_text(text)
    assert main(["verify", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def file(tmp_path: Path) -> str:
    save(written(), tmp_path / "own.json")
    return str(tmp_path / "own.json")


def test_the_window_shows_it_offers_it_and_keeps_it_out_of_the_folder(window: MainWindow, tmp_path: Path) -> None:
    notations, named = window.notations, window.actions_by_name
    assert window.store.state.notation == own()
    assert [action.text() for action in notations._group.actions() if action.isChecked()] == ["Mine (from the file)"]
    assert notations._choice.currentText() == "Mine"
    assert named["notation_edit"].isEnabled()
    assert not named["notation_delete"].isEnabled()
    assert not notations.own.folder.exists()
    assert not window.isWindowModified()
    assert notations.export_path(str(tmp_path / "exported.json"))
    assert parse_own(json.loads((tmp_path / "exported.json").read_text())) == own()
    assert notations.take(notations._data(window.store.state.notation))  # what the dialog does when it is saved
    assert notations.own.profiles() == (own(),)
    assert [action.text() for action in notations._group.actions() if action.isChecked()] == ["Mine"]
    assert window.files._write(str(tmp_path / "again.json"))
    assert load(tmp_path / "again.json").notation_profile == own()
    window.files.load("jacob")
    assert window.store.state.own_notations == (own(),)
