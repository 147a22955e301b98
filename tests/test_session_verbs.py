"""What the verbs show of a file in which the window has recorded a run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from session_helpers import rich, train_on

from gui.session.file import session_of
from gui.state import initial_state
from main import main
from model.examples import open_problem
from model.format.file import save


@pytest.mark.usefixtures("qapp")
def test_the_verbs_show_the_updates_of_the_recorded_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With rates changed on the way, samples held out, a schedule, in a branch: otherwise its numbers are not those of the window."""
    state, file = rich(), str(tmp_path / "rich.json")
    save(state.experiment, file, session_of(state, state.experiment))
    assert main(["trace", file, "--step", "300", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["steps"][0]["quantities"]
    record = state.run.record(300)
    assert np.array_equal(np.array(found["W_new"]["1"]), record.new_params.W[0])
    assert np.array_equal(np.array(found["z"]["2"]), record.z[1])
    assert main(["trace", file, "--step", "300"]) == 0
    assert main(["trace", file, "--step", "300", "--micro"]) == 0
    assert main(["solve", file, "--step", "300", "--decimals", "6", "-o", str(tmp_path / "a.tex")]) == 0
    of_end = ["--step", "300", "--decimals", "6", "--at", "end", "--svg-text", "text"]
    assert main(["render", file, *of_end, "-o", str(tmp_path / "a.svg")]) == 0
    assert main(["animate", file, "--step", "300", "--granularity", "phase", "-o", str(tmp_path / "film")]) == 0
    shown = f"{record.loss:.6f}"
    for made in ("a.tex", "a.svg"):
        assert shown in (tmp_path / made).read_text(), made
    save(state.experiment, file, replace(session_of(state, state.experiment), experiment="another"))
    assert main(["trace", file, "--step", "300", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["steps"][0]["quantities"]["z"]["2"] != found["z"]["2"]


def test_a_run_that_is_as_the_file_says_changes_nothing_of_what_verbs_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = open_problem("dyda-sigmoid")
    plain, full = tmp_path / "plain.json", tmp_path / "full.json"
    state = train_on(initial_state(problem), 40)
    save(problem, plain)
    save(problem, full, session_of(state, problem))
    for verb in (["verify"], ["trace"], ["trace", "--micro"]):
        said = []
        for file in (plain, full):
            assert main([*verb, str(file)]) == 0
            said.append(capsys.readouterr().out.replace(str(file), ""))
        assert said[0] == said[1]
