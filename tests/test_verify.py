"""`verify` and `trace --json`: verdicts at their boundaries, the order and shape of the figures, and right values in long runs."""

from __future__ import annotations

import io
import json
import math
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.commands import run_trace, run_verify
from model.format.file import loads
from model.problem import Problem
from model.quantities import QUANTITIES, available
from model.report import verify_json
from model.run import Run
from model.verify import FileResult, verdict, verify

RNG = np.random.default_rng(7)
BASE: dict[str, Any] = {
    "format": "deltastep-problem/1",
    "layers": [3, 4, 2],
    "activations": ["tanh", "sigmoid"],
    "weights": [RNG.normal(size=(4, 3)).tolist(), RNG.normal(size=(2, 4)).tolist()],
    "biases": [RNG.normal(size=4).tolist(), RNG.normal(size=2).tolist()],
    "x": RNG.normal(size=(5, 3)).tolist(),
    "y": RNG.random((5, 2)).tolist(),
    "loss": "half_squared_error",
    "learning_rate": 0.3,
}


def problem_of(**changes: object) -> Problem:
    return loads(json.dumps({**BASE, **changes}))


def verified(*expected: dict[str, Any], **changes: object) -> FileResult:
    return verify(problem_of(**changes, expected=expected), "file")


def strings(values: Any) -> Any:
    return [strings(part) for part in values] if isinstance(values, (list, np.ndarray)) else f"{values:.12f}"


@pytest.mark.parametrize(
    ("printed", "computed", "found"),
    [
        ("0.70", 0.705, "agree"), ("0.70", 0.7051, "last_digit"), ("0.70", 0.695, "agree"), ("0.70", 0.6949, "last_digit"),
        ("0.70", 0.715, "last_digit"), ("0.70", 0.7151, "disagree"), ("0.70", -0.70, "disagree"), ("0.7", 0.7151, "agree"),
        ("0", 0.5, "agree"), ("0", 1.5, "last_digit"), ("0", 1.6, "disagree"), ("1.5e-3", 0.00155, "agree"),
        ("1.5e-3", 0.00156, "last_digit"), ("1.5e-3", 0.0017, "disagree"), ("2e3", 2999.0, "last_digit"), ("2e3", 3001.0, "last_digit"),
        ("2e3", 5001.0, "disagree"), ("100", 100.5, "agree"), ("−0,5", -0.55, "agree"), ("0.5", math.nan, "disagree"),
        ("0.5", math.inf, "disagree"), ("0.000000000000", 1.4e-12, "agree"), ("0.0000000000000", 9e-13, "agree"),
    ],
)  # fmt: skip
def test_verdict_boundaries(printed: str, computed: float, found: str) -> None:
    assert verdict(printed, computed, None) == found


@pytest.mark.parametrize(("computed", "found"), [(0.7, "stale_erratum"), (0.71, "erratum"), (0.9, "erratum"), (math.nan, "erratum")])
def test_an_erratum_that_agrees_is_stale(computed: float, found: str) -> None:
    assert verdict("0.70", computed, "a slip") == found


def forward(W: list[np.ndarray], b: list[np.ndarray], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hidden = np.tanh(x @ W[0].T + b[0])
    return hidden, 1 / (1 + np.exp(-(hidden @ W[1].T + b[1])))


def reference() -> dict[str, Any]:
    """Update 1 of BASE, by hand."""
    W, b, x, y = [np.array(w) for w in BASE["weights"]], [np.array(v) for v in BASE["biases"]], np.array(BASE["x"]), np.array(BASE["y"])
    hidden, out = forward(W, b, x)
    dLda = out - y
    delta = dLda * out * (1 - out)
    delta1 = (delta @ W[1]) * (1 - hidden**2)
    dW, db = [delta1.T @ x, delta.T @ hidden], [delta1.sum(0), delta.sum(0)]
    W_new, b_new = [w - 0.3 * g for w, g in zip(W, dW, strict=True)], [v - 0.3 * g for v, g in zip(b, db, strict=True)]
    _, after = forward(W_new, b_new, x)
    return {
        "W": W, "b": b, "x": x, "a": [x, hidden, out], "delta": [delta1, delta], "dLda": dLda, "dW": dW, "db": db, "W_new": W_new,
        "b_new": b_new, "a_after": after, "y": y,
    }  # fmt: skip


def figure_values(result: FileResult) -> list[float]:
    return [figure.computed for figure in result.figures]


def test_every_quantity_against_a_calculation_by_hand() -> None:
    r = reference()
    loss = 0.5 * (r["dLda"] ** 2)
    after = 0.5 * ((r["a_after"] - r["y"]) ** 2).sum()
    dLdX = np.hstack([r["delta"][1] @ r["b"][1][:, None], r["delta"][1] @ r["W"][1]])
    wanted: list[tuple[dict[str, Any], Any]] = [
        ({"quantity": "z", "layer": 2}, np.log(r["a"][2] / (1 - r["a"][2]))),
        ({"quantity": "a", "layer": 0}, r["x"]),
        ({"quantity": "a", "layer": 2}, r["a"][2]),
        ({"quantity": "dadz", "layer": 1}, 1 - r["a"][1] ** 2),
        ({"quantity": "loss_output"}, loss),
        ({"quantity": "loss_sample"}, loss.sum(1)),
        ({"quantity": "loss"}, loss.sum()),
        ({"quantity": "mean_abs_error"}, np.abs(r["dLda"]).mean()),
        ({"quantity": "dLda", "layer": 2}, r["dLda"]),
        ({"quantity": "dLda", "layer": 1}, r["delta"][1] @ r["W"][1]),
        ({"quantity": "delta", "layer": 1}, r["delta"][0]),
        ({"quantity": "dLdX", "layer": 2}, dLdX),
        ({"quantity": "dLdx"}, r["delta"][0] @ r["W"][0]),
        ({"quantity": "path", "layer": 2}, r["delta"][1][:, :, None] * r["W"][1]),
        ({"quantity": "W", "layer": 1}, r["W"][0]),
        ({"quantity": "b", "layer": 2}, r["b"][1]),
        ({"quantity": "dW", "layer": 1}, r["dW"][0]),
        ({"quantity": "db", "layer": 1}, r["db"][0]),
        ({"quantity": "W_new", "layer": 2}, r["W_new"][1]),
        ({"quantity": "b_new", "layer": 1}, r["b_new"][0]),
        ({"quantity": "step_W", "layer": 1}, r["W_new"][0] - r["W"][0]),
        ({"quantity": "step_b", "layer": 2}, r["b_new"][1] - r["b"][1]),
        ({"quantity": "z_after", "layer": 2}, np.log(r["a_after"] / (1 - r["a_after"]))),
        ({"quantity": "a_after", "layer": 2}, r["a_after"]),
        ({"quantity": "loss_after"}, after),
    ]  # fmt: skip
    assert {entry["quantity"] for entry, _ in wanted} == set(QUANTITIES)
    result = verified(*({**entry, "printed": strings(values)} for entry, values in wanted))
    expected = np.concatenate([np.ravel(values) for _, values in wanted])
    np.testing.assert_allclose(figure_values(result), expected, rtol=0, atol=1e-12)


def test_forms_of_a_matrix_and_their_indices() -> None:
    r = reference()
    augmented = np.hstack([r["db"][1][:, None], r["dW"][1]])
    forms = {"plain": r["dW"][1], "augmented": augmented, "transposed": r["dW"][1].T, "augmented_transposed": augmented.T}
    for form, values in forms.items():
        result = verified({"quantity": "dW", "layer": 2, "form": form, "printed": strings(values)})
        assert result.counts["agree"] == values.size
        np.testing.assert_allclose(figure_values(result), values.ravel(), atol=1e-12)
        for figure in result.figures:
            source = r["db"][1][figure.unit] if figure.from_ is None else r["dW"][1][figure.unit, figure.from_]
            assert figure.computed == pytest.approx(source, abs=1e-12)
            assert figure.quantity == "dW"


def test_selections_of_cells() -> None:
    r = reference()
    delta, path = r["delta"][1], r["delta"][1][:, :, None] * r["W"][1]
    cases: list[tuple[dict[str, Any], Any]] = [
        ({"quantity": "delta", "layer": 2, "sample": 3}, delta[3]),
        ({"quantity": "delta", "layer": 2, "unit": 1}, delta[:, 1]),
        ({"quantity": "delta", "layer": 2, "unit": 1, "sample": 4}, delta[4, 1]),
        ({"quantity": "dW", "layer": 2, "unit": 1}, r["dW"][1][1]),
        ({"quantity": "dW", "layer": 2, "from": 2}, r["dW"][1][:, 2]),
        ({"quantity": "path", "layer": 2, "sample": 0, "from": 3}, path[0, :, 3]),
        ({"quantity": "dLdx", "from": 1, "sample": 2}, (r["delta"][0] @ r["W"][0])[2, 1]),
        ({"quantity": "dLdX", "layer": 2, "from": 0, "sample": 2}, (delta @ r["W"][1])[2, 0]),
        ({"quantity": "dLdX", "layer": 2, "unit": 0, "sample": 2}, (delta @ r["b"][1])[2]),
    ]
    for entry, values in cases:
        result = verified({**entry, "printed": strings(values)})
        np.testing.assert_allclose(figure_values(result), np.ravel(values), atol=1e-12)
        assert result.counts["agree"] == np.size(values)


@pytest.mark.parametrize(("index", "labels"), [({"unit": 2}, (2, 1)), ({"unit": 0}, (0, None)), ({"from": 1}, (None, 1))])
def test_an_input_is_named_as_the_entry_names_it(index: dict[str, int], labels: tuple[int | None, int | None]) -> None:
    (figure,) = verified({"quantity": "dLdX", "layer": 2, "sample": 0, **index, "printed": "0"}).figures
    assert (figure.unit, figure.from_) == labels


def test_errors_need_targets_and_no_loss() -> None:
    problem = problem_of(loss="none", layers=[3, 1], activations=["tanh"], weights=[[[0.1, 0.2, 0.3]]], biases=None, y=[[1]] * 5)
    assert "mean_abs_error" in available(Run(problem).record(1))


def test_updates_on_the_way_are_reported() -> None:
    told: list[int] = []
    entry = {"quantity": "loss", "step": 200, "printed": "0"}
    verify(problem_of(steps=200, expected=[entry]), report=told.append)
    assert told == sorted(told)
    assert told[-1] > 150


def test_a_single_sample_may_be_printed_without_its_own_axis() -> None:
    one = {"x": BASE["x"][:1], "y": BASE["y"][:1]}
    values = reference()["delta"][1][0]
    for printed in (strings(values), [strings(values)]):
        result = verified({"quantity": "delta", "layer": 2, "printed": printed}, **one)
        assert [figure.sample for figure in result.figures] == [0, 0]
        assert result.counts["agree"] == 2


def test_a_shared_bias_may_be_printed_once() -> None:
    shared = {"bias_sharing": "per_layer", "biases": [[0.5] * 4, [0.1] * 2]}
    result = verified(
        {"quantity": "b", "layer": 1, "printed": "0.5"}, {"quantity": "db", "layer": 1, "printed": ["1"] * 4},
        {"quantity": "db", "layer": 1, "printed": "1"}, **shared,
    )  # fmt: skip
    once, *each, printed_once = figure_values(result)
    assert once == 0.5
    assert each == [printed_once] * 4
    assert result.figures[-1].unit is None


def test_the_sign_turns_the_computed_value() -> None:
    value = reference()["delta"][1][0, 0]
    result = verified({"quantity": "delta", "layer": 2, "unit": 0, "sample": 0, "sign": -1, "printed": f"{-value:.9f}"})
    assert result.figures[0].verdict == "agree"
    assert result.figures[0].computed == pytest.approx(-value, abs=1e-15)


def test_figures_come_in_the_order_of_the_file_whatever_their_steps() -> None:
    steps = [3, 1, 2, 3, 1]
    result = verified(*({"quantity": "loss", "step": step, "printed": "1"} for step in steps), steps=3)
    assert [figure.step for figure in result.figures] == steps
    assert result.figures[0].computed == result.figures[3].computed
    assert result.figures[0].computed < result.figures[2].computed < result.figures[1].computed


def test_samples_are_rows_of_x_also_in_later_batches() -> None:
    entries = [{"quantity": "a", "layer": 0, "step": step, "printed": [["1"] * 3] * n} for step, n in ((1, 2), (2, 2), (3, 1))]
    result = verified(*entries, batch_size=2, steps=3)
    np.testing.assert_array_equal(figure_values(result), np.ravel(BASE["x"]))
    assert [figure.sample for figure in result.figures[::3]] == [0, 1, 2, 3, 4]
    shuffled = verified({"quantity": "a", "layer": 0, "printed": [["1"] * 3] * 2}, batch_size=2, shuffle_seed=5)
    for figure in shuffled.figures:
        assert figure.sample is not None
        assert figure.from_ is None
        assert figure.computed == BASE["x"][figure.sample][figure.unit or 0]


def test_without_biases_the_redundant_coordinate_is_zero() -> None:
    result = verified({"quantity": "dLdX", "layer": 2, "sample": 0, "printed": ["0"] * 5}, biases=None)
    assert result.figures[0].computed == 0
    assert [figure.from_ for figure in result.figures] == [None, 0, 1, 2, 3]


def test_json_has_exactly_the_documented_keys() -> None:
    tree = verify_json([verified({"quantity": "loss", "printed": "1"}, title="T")])
    (file,) = tree["files"]
    assert set(tree) == {"files"}
    assert list(file) == ["file", "title", "counts", "figures"]
    assert file["title"] == "T"
    assert list(file["counts"]) == ["agree", "last_digit", "disagree", "erratum", "stale_erratum"]
    assert list(file["figures"][0]) == ["quantity", "layer", "unit", "from", "sample", "step", "printed", "computed", "verdict"]
    assert file["figures"][0]["layer"] is None


def test_infinite_values_are_strings_in_json_and_disagree() -> None:
    changes = {"layers": [1, 1], "activations": ["identity"], "weights": [[[1e200]]], "biases": [[0]], "x": [[1e200]], "y": [[0]]}
    result = verified({"quantity": "z", "layer": 1, "printed": "1"}, {"quantity": "loss", "printed": "1"}, **changes)
    assert result.counts["disagree"] == 2
    text = json.dumps(verify_json([result]), allow_nan=False)
    assert '"Infinity"' in text


# ---- long runs against a plain loop -------------------------------------------------------------------------------------------

LONG = 60_000
LONG_NET: dict[str, Any] = {
    "format": "deltastep-problem/1", "layers": [2, 3, 1], "activations": ["tanh", "sigmoid"], "loss": "half_squared_error",
    "weights": [[[0.5, -0.3], [0.8, 0.2], [-0.6, 0.9]], [[0.4, -0.7, 0.1]]], "biases": [[0.1, 0.1, 0.1], [-0.2]],
    "x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0.5]], "learning_rate": 0.05, "steps": LONG,
}  # fmt: skip


def plain_loop(settings: dict[str, Any], steps: int) -> tuple[list[np.ndarray], list[np.ndarray], float]:
    """Train LONG_NET as one writes it on a blackboard; return weights and biases after `steps` updates and the last loss before."""
    W, b = [np.array(w, float) for w in LONG_NET["weights"]], [np.array(v, float) for v in LONG_NET["biases"]]
    x, y, lr, lam = np.array(LONG_NET["x"], float), np.array(LONG_NET["y"], float), LONG_NET["learning_rate"], settings.get("l2", 0.0)
    scale = 1 / len(x) if settings.get("batch_reduction") == "mean" else 1.0
    optimizer = settings.get("optimizer", {"name": "sgd"})
    memory: dict[int, tuple[Any, Any]] = dict.fromkeys(range(4), (0.0, 0.0))

    def updated(i: int, value: np.ndarray, g: np.ndarray, t: int) -> np.ndarray:
        first, second = memory[i]
        if optimizer["name"] == "sgd_momentum":
            first = optimizer["momentum"] * first + g
            memory[i] = (first, 0.0)
            return value - lr * (g + optimizer["momentum"] * first if optimizer.get("nesterov") else first)
        if optimizer["name"] == "adam":
            first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g * g
            memory[i] = (first, second)
            return value - lr * (first / (1 - 0.9**t)) / (np.sqrt(second / (1 - 0.999**t)) + 1e-8)
        return value - lr * g

    loss = 0.0
    for t in range(1, steps + 1):
        hidden, out = forward(W, b, x)
        loss = 0.5 * ((out - y) ** 2).sum() * scale + 0.5 * lam * sum((w * w).sum() for w in W)
        delta = (out - y) * out * (1 - out)
        g2, gb2 = scale * delta.T @ hidden + lam * W[1], scale * delta.sum(0)
        old = W[1]
        W[1] = updated(1, W[1], g2, t)
        back = delta @ (W[1] if settings.get("hidden_delta_uses") == "new" else old)
        delta1 = back * (1 - hidden**2)
        g1, gb1 = scale * delta1.T @ x + lam * W[0], scale * delta1.sum(0)
        W[0] = updated(0, W[0], g1, t)
        if settings.get("train_biases", True):
            if settings.get("bias_sharing") == "per_layer":
                gb1, gb2 = np.full(3, gb1.sum()), np.full(1, gb2.sum())
            b = [updated(2, b[0], gb1, t), updated(3, b[1], gb2, t)]
    return W, b, float(loss)


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({}, LONG),
        ({"optimizer": {"name": "sgd_momentum", "momentum": 0.9}, "batch_reduction": "mean"}, 5_000),
        ({"optimizer": {"name": "sgd_momentum", "momentum": 0.5, "nesterov": True}, "l2": 0.001}, 5_000),
        ({"optimizer": {"name": "adam"}, "batch_reduction": "mean", "l2": 0.0005}, 3_000),
        ({"train_biases": False, "hidden_delta_uses": "new"}, 5_000),
        ({"bias_sharing": "per_layer", "hidden_delta_uses": "new", "batch_reduction": "mean"}, 5_000),
    ],
)
def test_long_runs_against_a_plain_loop(settings: dict[str, Any], steps: int) -> None:
    W, b, loss = plain_loop(settings, steps)
    expected = [
        {"quantity": "loss", "step": steps, "printed": f"{loss:.10f}"},
        *({"quantity": "W_new", "layer": l, "step": steps, "printed": strings(W[l - 1])} for l in (1, 2)),
        *({"quantity": "b_new", "layer": l, "step": steps, "printed": strings(b[l - 1])} for l in (1, 2)),
    ]
    result = verify(loads(json.dumps({**LONG_NET, **settings, "expected": expected})))
    wanted = np.concatenate([[loss], W[0].ravel(), W[1].ravel(), *b])
    np.testing.assert_allclose(figure_values(result), wanted, rtol=0, atol=1e-9)
    assert result.counts["disagree"] == 0


# ---- trace --json and the text of verify --------------------------------------------------------------------------------------


def traced(tmp_path: Path, step: int | None = None, **changes: object) -> dict[str, Any]:
    path = tmp_path / "p.json"
    path.write_text(json.dumps({**BASE, **changes}))
    out = io.StringIO()
    assert run_trace(Namespace(file=str(path), step=step, json=True, micro=False), out) == 0
    return json.loads(out.getvalue())


def test_trace_json_has_every_quantity_batch_first(tmp_path: Path) -> None:
    tree = traced(tmp_path, title="T", steps=3)
    assert list(tree) == ["title", "steps"]
    assert [step["step"] for step in tree["steps"]] == [1, 2, 3]
    quantities = tree["steps"][0]["quantities"]
    assert set(quantities) == set(QUANTITIES)
    r = reference()
    np.testing.assert_allclose(quantities["delta"]["1"], r["delta"][0], atol=1e-12)
    np.testing.assert_allclose(quantities["W_new"]["2"], r["W_new"][1], atol=1e-12)
    assert list(quantities["a"]) == ["0", "1", "2"]
    assert np.shape(quantities["a"]["2"]) == (5, 2)
    assert np.shape(quantities["path"]["2"]) == (5, 2, 4)
    assert np.shape(quantities["dLdx"]["0"]) == (5, 3)
    assert np.shape(quantities["dLdX"]["1"]) == (5, 4)
    assert isinstance(quantities["loss"]["2"], float)
    assert quantities["W_new"] == tree["steps"][1]["quantities"]["W"]


def test_trace_of_one_step_is_that_of_the_run(tmp_path: Path) -> None:
    assert traced(tmp_path, step=3)["steps"] == traced(tmp_path, steps=3)["steps"][2:]


def test_trace_leaves_out_what_the_experiment_does_not_have(tmp_path: Path) -> None:
    found = traced(tmp_path, biases=None, learning_rate=None)["steps"][0]["quantities"]
    assert not {"b", "db", "b_new", "step_b", "W_new", "step_W", "z_after", "loss_after"} & set(found)
    assert {"dW", "dLdX", "loss"} <= set(found)


def verify_output(tmp_path: Path, expected: list[dict[str, Any]]) -> tuple[int, str]:
    path = tmp_path / "p.json"
    path.write_text(json.dumps({**BASE, "expected": expected}))
    out = io.StringIO()
    code = run_verify(Namespace(files=[str(path)], json=False), out, io.StringIO())
    return code, out.getvalue()


def test_text_has_a_line_for_each_figure_that_does_not_agree(tmp_path: Path) -> None:
    value = reference()["delta"][1][0, 0]
    entry = {"quantity": "delta", "layer": 2, "unit": 0, "sample": 0}
    right, wrong = {**entry, "printed": f"{value:.6f}"}, {**entry, "printed": f"{value + 1:.6f}"}
    code, text = verify_output(tmp_path, [right])
    assert (code, text.count("\n")) == (0, 1)
    assert "1 figure: 1 agree" in text
    code, text = verify_output(tmp_path, [right, wrong, {**wrong, "erratum": "It was\nthe other sign."}])
    assert (code, text.count("\n")) == (1, 4)
    assert "delta layer 2, unit 0" in text
    assert "It was the other sign." in text
    assert "3 figures: 1 agree, 1 disagree, 1 erratum" in text
    code, text = verify_output(tmp_path, [{**right, "erratum": "None."}])
    assert code == 1
    assert "out of date" in text
