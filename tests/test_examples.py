"""The built-in examples: every figure the notes print is compared, and each network is the one its note describes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import resources
from model.examples import example_names, open_problem, path_of
from model.format.file import dumps, load, loads, same
from model.run import Run
from model.verify import verify

NAMES = [
    "dyda-sigmoid", "dyda-softmax", "jacob", "biswas-figure-1", "biswas-thin", "theta-digits", "soletskyi-one-hidden", "soletskyi", "xor",
]  # fmt: skip
PRINTED = {"dyda-sigmoid": 43, "dyda-softmax": 35, "jacob": 40}


def test_the_names_are_fixed() -> None:
    assert example_names()[: len(NAMES)] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_complete_and_saves_as_it_stands(name: str) -> None:
    problem = open_problem(name)
    assert problem.title
    assert problem.notes
    assert problem.learning_rate
    assert dumps(problem) == resources.path(f"examples/{name}.json").read_text(encoding="utf-8")
    assert same(problem, loads(dumps(problem)))


@pytest.mark.parametrize("name", PRINTED)
def test_every_printed_figure_agrees_or_is_explained(name: str) -> None:
    result = verify(open_problem(name), name)
    assert len(result.figures) == PRINTED[name]
    assert result.passed
    assert result.counts["last_digit"] == 0
    for figure in result.figures:
        assert (figure.verdict == "erratum") == (figure.erratum is not None)


def test_118_figures_of_the_notes_are_compared() -> None:
    assert sum(len(verify(open_problem(name)).figures) for name in PRINTED) == 118


def test_a_changed_figure_is_noticed(tmp_path: Path) -> None:
    tree = json.loads(path_of("dyda-sigmoid").read_text(encoding="utf-8"))
    tree["expected"][3]["printed"][0] = "0.55354182"
    (tmp_path / "changed.json").write_text(json.dumps(tree))
    assert verify(load(tmp_path / "changed.json")).counts["disagree"] == 1


def test_carried_digits_explain_dydas_last_delta() -> None:
    """The erratum's claim: the note's own rounded factors give the printed figures."""
    slope = 1 / (1 + np.exp(0.1)) * (1 - 1 / (1 + np.exp(0.1)))
    assert f"{0.07511425 * slope:.10f}" == "0.0187316942"
    assert f"{0.257536 * slope:.8f}" == "0.06422331"
    assert f"{0.32192 * slope:.8f}" == "0.08027913"


def test_the_softmax_example_differs_from_the_sigmoid_one_in_output_and_loss_only() -> None:
    first, second = open_problem("dyda-sigmoid"), open_problem("dyda-softmax")
    assert first.weights is not None
    assert second.weights is not None
    assert all((a == b).all() for a, b in zip(first.weights, second.weights, strict=True))
    assert second.activations == ("sigmoid", "softmax")
    assert second.loss == "cross_entropy"


def test_the_networks_of_the_other_notes() -> None:
    biswas, thin, theta, soletskyi = (open_problem(name) for name in ("biswas-figure-1", "biswas-thin", "theta-digits", "soletskyi"))
    assert (biswas.depth, biswas.layers[-1], biswas.activations) == (3, 2, ("relu", "relu", "softmax"))
    assert (biswas.loss, biswas.batch_reduction) == ("cross_entropy", "mean")
    assert set(thin.layers) == {1}
    assert (theta.layers[0], theta.layers[-1], theta.loss, theta.batch_reduction) == (64, 10, "binary_cross_entropy", "sum")
    assert Run(theta).record(1).m == 10
    assert not soletskyi.has_biases
    assert soletskyi.depth == 3
    one_hidden = open_problem("soletskyi-one-hidden")
    assert (one_hidden.layers, one_hidden.has_biases, one_hidden.loss) == ((2, 3, 2), False, "half_squared_error")
    assert set(one_hidden.activations) == {"sigmoid"}


def test_some_relus_of_biswas_are_on_and_some_are_off() -> None:
    record = Run(open_problem("biswas-figure-1")).record(1)
    for a in record.a[1:3]:
        assert (a > 0).any()
        assert (a == 0).any()


@pytest.mark.parametrize(("name", "updates", "share"), [("xor", 500, 0.02), ("theta-digits", 1_000, 0.2), ("biswas-figure-1", 200, 0.2)])
def test_the_examples_learn(name: str, updates: int, share: float) -> None:
    run = Run(open_problem(name))
    run.record(updates)
    assert run.losses[-20:].mean() < share * run.losses[0]
