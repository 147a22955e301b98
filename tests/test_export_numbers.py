"""The numbers of an update as CSV, .npy, .npz, JSON and as a program that computes the displayed gradients."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.examples import example_names, open_problem
from model.exchange.numbers import arrays, record_json, record_npz, table_csv, table_npy
from model.exchange.script import FRAMEWORKS, Framework, script
from model.losses import refusal
from model.problem import ACTIVATION_NAMES, LOSS_NAMES, Problem, Rounding, frozen
from model.record import Record
from model.run import Run


def record_of(name: str, **changes: Any) -> Record:
    return Run(replace(open_problem(name), **changes)).record(1)


def drawn(activation: str, loss: str, **changes: Any) -> Problem:
    """A 3-4-2 network with this activation in its last layer, on three samples."""
    rng = np.random.default_rng(7)
    y = np.eye(2)[[0, 1, 0]]
    settings: dict[str, Any] = {
        "layers": (3, 4, 2), "activations": ("tanh" if activation == "softmax" else activation, activation), "loss": loss,
        "weights": (frozen(rng.normal(size=(4, 3))), frozen(rng.normal(size=(2, 4)))),
        "biases": (frozen(rng.normal(size=4)), frozen(rng.normal(size=2))),
        "x": frozen(rng.normal(size=(3, 3))), "y": frozen(y), "learning_rate": 0.1,
    }  # fmt: skip
    return Problem(**(settings | changes))


def run_program(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "program", "exec"), names)
    names["printed"] = printed.getvalue()
    return names


def check_program(record: Record, framework: Framework = "numpy") -> None:
    names = run_program(script(record, framework))
    np.testing.assert_allclose(float(names["loss"]), record.loss, rtol=1e-12)
    for found, wanted in zip(names["dW"], record.dW, strict=True):
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-9, atol=1e-13)
    if record.problem.has_biases:
        for found, wanted in zip(names["db"], record.db, strict=True):
            np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-9, atol=1e-13)
    assert names["printed"].count("dL/dW") == record.problem.depth


PAIRS = [(a, loss) for a in ACTIVATION_NAMES for loss in LOSS_NAMES if loss != "none" and refusal(loss, a, 2) is None]


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_the_numpy_program_gives_the_displayed_gradients(activation: str, loss: str) -> None:
    check_program(Run(drawn(activation, loss)).record(1))


@pytest.mark.parametrize(
    "changes",
    [{"batch_reduction": "mean"}, {"l2": 0.3}, {"batch_reduction": "mean", "l2": 0.3}, {"biases": None, "has_biases": False},
     {"bias_sharing": "per_layer", "biases": (frozen(np.full(4, 0.2)), frozen(np.full(2, -0.1)))}],
)  # fmt: skip
def test_the_numpy_program_keeps_the_conventions(changes: dict[str, Any]) -> None:
    check_program(Run(drawn("sigmoid", "half_squared_error", **changes)).record(1))


@pytest.mark.parametrize("name", example_names())
def test_the_numpy_program_of_every_example(name: str) -> None:
    check_program(record_of(name))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_program_of_each_framework_is_python(framework: Framework) -> None:
    for name in example_names():
        compile(script(record_of(name), framework), "program", "exec")


@pytest.mark.parametrize(("framework", "module"), [("pytorch", "torch"), ("jax", "jax")])
def test_the_frameworks_agree_where_they_are_installed(framework: Framework, module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    for name in example_names():
        check_program(record_of(name), framework)
    shared = {"bias_sharing": "per_layer", "biases": (frozen(np.full(4, 0.2)), frozen(np.full(2, -0.1)))}
    check_program(Run(drawn("gelu", "squared_error", l2=0.1, batch_reduction="mean", **shared)).record(1), framework)


def test_what_no_program_reproduces_is_refused() -> None:
    with pytest.raises(ValueError, match="carry rounded values"):
        script(record_of("jacob", rounding=Rounding(2)))
    with pytest.raises(ValueError, match="already updated weights"):
        script(record_of("jacob", hidden_delta_uses="new"))


def test_a_title_cannot_break_out_of_the_program() -> None:
    source = script(record_of("jacob", title='"""\nraise SystemExit\n"""\\'))
    assert "printed" in run_program(source)


def test_csv_reads_back_bit_for_bit() -> None:
    record = record_of("dyda-sigmoid")
    rows = list(csv.reader(io.StringIO(table_csv(record, "dW", 2))))
    assert rows[0] == ["unit", "from 0", "from 1"]
    assert np.array([[float(v) for v in row[1:]] for row in rows[1:]]).tobytes() == record.dW[1].tobytes()


def test_csv_names_samples_by_their_row_in_the_data() -> None:
    record = Run(replace(open_problem("theta-digits"), shuffle_seed=3)).record(2)
    rows = list(csv.reader(io.StringIO(table_csv(record, "a", 2))))
    assert rows[0] == ["sample", *(f"unit {j}" for j in range(10))]
    assert tuple(int(row[0]) for row in rows[1:]) == record.samples != tuple(range(10))


def test_csv_of_numbers_vectors_and_paths() -> None:
    record = record_of("jacob")
    assert table_csv(record, "loss") == f"loss\n{record.loss!r}\n"
    assert table_csv(record, "db", 1).splitlines()[0] == "unit,db"
    assert table_csv(record, "path", 2).splitlines()[0] == "sample,unit,from 0,from 1"
    assert len(table_csv(record, "path", 2).splitlines()) == 3


def test_npy_and_npz_hold_every_number_and_no_pickle() -> None:
    record = record_of("biswas-figure-1")
    assert np.load(io.BytesIO(table_npy(record, "W", 1)), allow_pickle=False).tobytes() == record.params.W[0].tobytes()
    data = record_npz(record)
    with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
        assert {"step", "samples", "x", "y", "loss", "a_0", "delta_3", "W_new_1", "dLdx"} <= set(loaded.files)
        assert all(np.array_equal(loaded[name], value) for name, value in arrays(record).items())
    assert data == record_npz(record)


def test_json_is_what_trace_prints() -> None:
    tree = json.loads(record_json(record_of("jacob")))
    assert (tree["layers"], tree["step"], tree["samples"]) == ([2, 2, 2], 1, [0])
    assert tree["quantities"]["z"]["1"] == [[pytest.approx(0.41), pytest.approx(0.47)]]


CHANGED = {"rounding": Rounding(2, "half_up"), "l2": 0.5, "loss": "squared_error"}


@pytest.mark.parametrize("entry", [("W", 1), ("delta", 2), ("loss", None)])
def test_tables_name_their_conventions_where_no_reader_stumbles(entry: tuple[str, int | None]) -> None:
    plain, changed = table_csv(record_of("dyda-sigmoid"), *entry), table_csv(record_of("dyda-sigmoid", **CHANGED), *entry)
    assert "#" not in plain
    last = changed.splitlines()[-1]
    assert last == "# conventions: loss without ½; every number rounded to 2 decimals half up; L2 penalty λ = 0.5"
    (row,) = csv.reader([last])
    assert row == [last]  # one cell in a spreadsheet
    named = np.genfromtxt(io.StringIO(changed), delimiter=",", names=True)
    bare = np.loadtxt(io.StringIO(changed), delimiter=",", skiprows=1, ndmin=2)
    assert np.atleast_1d(named).shape[0] == len(bare) == len(changed.splitlines()) - 2


def test_records_and_programs_name_their_conventions() -> None:
    changed = record_of("dyda-sigmoid", **CHANGED)
    with np.load(io.BytesIO(record_npz(changed)), allow_pickle=False) as file:
        assert "L2 penalty, λ = 0.5" in file["conventions"].tolist()
    with np.load(io.BytesIO(record_npz(record_of("dyda-sigmoid"))), allow_pickle=False) as file:
        assert file["conventions"].tolist() == []
    assert "loss without ½" in json.loads(record_json(changed))["conventions"]
    program = script(record_of("dyda-sigmoid", l2=0.5))
    assert "Conventions: L2 penalty, λ = 0.5." in program
    assert run_program(program)["__doc__"].endswith(".\n")
