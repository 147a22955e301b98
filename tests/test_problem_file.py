"""Problem files: what is accepted, which defaults hold, and that a saved file loads to the same experiment, bit for bit."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.format import file as problem_file
from model.format.expected import printed_number
from model.format.file import ProblemError, dumps, load, loads, same, save
from model.format.schema import OPTIMIZER_KEYS, notation_names
from model.initializers import initial_parameters
from model.losses import refusal
from model.problem import ACTIVATION_NAMES, INIT_SCHEMES, LOSS_NAMES, Expected, Init, Optimizer, Problem, Rounding, frozen

SMALL: dict[str, Any] = {
    "format": "deltastep-problem/1",
    "layers": [2, 1],
    "activations": ["sigmoid"],
    "weights": [[[0.5, -0.5]]],
    "x": [[1, 0]],
    "y": [[1]],
    "loss": "half_squared_error",
}


def small(**changes: object) -> Problem:
    return loads(json.dumps({**SMALL, **changes}))


def without(key: str, **changes: object) -> Problem:
    return loads(json.dumps({k: v for k, v in {**SMALL, **changes}.items() if k != key}))


numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(0, 1e308)
words = st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def arrays(draw: st.DrawFn, *shape: int) -> Any:
    n = int(np.prod(shape))
    return frozen(np.array(draw(st.lists(numbers, min_size=n, max_size=n)), dtype=np.float64).reshape(shape))


@st.composite
def optimizers(draw: st.DrawFn) -> Optimizer:
    name = draw(st.sampled_from(sorted(OPTIMIZER_KEYS)))
    fractions = st.floats(0, 1, exclude_max=True)
    values = {"momentum": positive, "epsilon": positive, "weight_decay": positive, "nesterov": st.booleans()}
    return Optimizer(name, **{key: draw(values.get(key, fractions)) for key in OPTIMIZER_KEYS[name]})


@st.composite
def networks(draw: st.DrawFn, layers: tuple[int, ...]) -> dict[str, Any]:
    has_biases = draw(st.booleans())
    if draw(st.booleans()):
        scheme = Init(draw(st.sampled_from(INIT_SCHEMES)), draw(st.integers(0, 2**63 - 1)))
        return {"init": scheme, "has_biases": has_biases}
    weights = tuple(draw(arrays(n_out, n_in)) for n_in, n_out in pairwise(layers))
    biases = tuple(draw(arrays(n)) for n in layers[1:]) if has_biases else None
    return {"weights": weights, "biases": biases, "has_biases": has_biases}


@st.composite
def samples(draw: st.DrawFn, layers: tuple[int, ...], loss: str) -> dict[str, Any]:
    if layers[0] == 2 and draw(st.booleans()):
        return {"dataset": {"name": "moons", "samples": draw(st.integers(5, 30)), "noise": 0.25}}
    m = draw(st.integers(1, 4))
    y = None if loss == "none" and draw(st.booleans()) else draw(arrays(m, layers[-1]))
    return {"x": draw(arrays(m, layers[0])), "y": y, "batch_size": draw(st.none() | st.integers(1, m))}


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    layers = (*draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)), draw(st.integers(1, 2)))
    hidden = draw(st.tuples(*(st.sampled_from(ACTIVATION_NAMES[:-1]) for _ in layers[1:-1])))
    top = draw(st.sampled_from(ACTIVATION_NAMES))
    loss = draw(st.sampled_from([loss for loss in LOSS_NAMES if refusal(loss, top, layers[-1]) is None]))
    return Problem(
        layers=layers, activations=(*hidden, top), loss=loss, **draw(networks(layers)), **draw(samples(layers, loss)),
        shuffle_seed=draw(st.none() | st.integers(0, 2**63 - 1)), batch_reduction=draw(st.sampled_from(["sum", "mean"])),
        l2=draw(positive), learning_rate=draw(st.none() | positive), optimizer=draw(optimizers()), train_biases=draw(st.booleans()),
        hidden_delta_uses=draw(st.sampled_from(["old", "new"])), steps=draw(st.integers(1, 100)),
        rounding=draw(st.none() | st.builds(Rounding, st.integers(0, 15), st.sampled_from(["half_even", "half_up", "truncate"]))),
        notation=draw(st.sampled_from(notation_names())), title=draw(words), source=draw(words), notes=draw(words),
        expected=(Expected("loss", "0.70"), Expected("W", "−0,5", layer=1, unit=0, from_=0, sign=-1, erratum="a slip")),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_saved_file_loads_to_the_same_experiment(problem: Problem) -> None:
    text = dumps(problem)
    again = loads(text)
    assert same(problem, again)
    assert dumps(again) == text
    assert initial_parameters(problem).theta.tobytes() == initial_parameters(again).theta.tobytes()


def test_save_and_load_keep_every_bit_of_a_file_on_disk(tmp_path: Path) -> None:
    values = [-0.0, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, -1e22, 123456789012345680.0]
    problem = Problem((6, 1), ("identity",), "none", weights=(frozen([values]),), x=frozen([values]), has_biases=False)
    save(problem, tmp_path / "bits.json")
    again = load(tmp_path / "bits.json")
    assert again.weights is not None
    assert again.weights[0].tobytes() == np.array([values]).tobytes()
    assert same(problem, again)


def test_same_sees_every_difference() -> None:
    problem = small(biases=[[0.0]])
    assert same(problem, small(biases=[[0]]))
    assert not same(problem, small(biases=[[-0.0]]))
    assert not same(problem, small())
    assert not same(problem, replace(problem, title="other"))
    assert not same(problem, replace(problem, optimizer=Optimizer("adam")))
    assert not same(problem, replace(problem, expected=(Expected("loss", "0.7"),)))
    assert not same(replace(problem, expected=(Expected("loss", "0.70"),)), replace(problem, expected=(Expected("loss", "0.7"),)))
    assert same(problem, replace(problem, optimizer=Optimizer("sgd", momentum=0.5)))


def test_defaults_of_the_format() -> None:
    p = small()
    assert (p.batch_size, p.shuffle_seed, p.batch_reduction, p.l2, p.learning_rate) == (None, None, "sum", 0.0, None)
    assert (p.optimizer.name, p.train_biases, p.bias_sharing, p.hidden_delta_uses) == ("sgd", True, "per_unit", "old")
    assert (p.rounding, p.steps, p.notation, p.expected, p.title) == (None, 1, "dyda", (), "")
    assert p.biases is None
    assert not p.has_biases


def test_defaults_of_the_update_rules_are_pytorchs() -> None:
    adam, adamw = (small(optimizer={"name": name}).optimizer for name in ("adam", "adamw"))
    assert (adam.beta1, adam.beta2, adam.epsilon, adam.weight_decay) == (0.9, 0.999, 1e-8, 0.0)
    assert adamw.weight_decay == 0.01
    rmsprop = small(optimizer={"name": "rmsprop"}).optimizer
    assert (rmsprop.alpha, rmsprop.epsilon) == (0.99, 1e-8)
    assert not small(optimizer={"name": "sgd_momentum", "momentum": 0}).optimizer.nesterov


def test_drawn_networks_have_biases_unless_the_file_says_null() -> None:
    init = {"scheme": "he_normal", "seed": 4}
    assert without("weights", init=init).has_biases
    assert without("weights", init=init, biases=[[0]]).has_biases
    assert not without("weights", init=init, biases=None).has_biases


def test_null_counts_as_not_given_for_keys_that_replace_each_other() -> None:
    p = small(init=None, dataset=None, weights=SMALL["weights"])
    assert p.init is None
    assert p.dataset is None


def test_targets_may_be_null_with_loss_none_only() -> None:
    assert small(loss="none", y=None).y is None
    with pytest.raises(ProblemError, match=r"y: .*null"):
        small(y=None)


def test_arrays_are_read_only() -> None:
    p = small(biases=[[1]])
    assert p.x is not None
    assert p.y is not None
    assert p.weights is not None
    assert p.biases is not None
    assert not any(values.flags.writeable for values in (p.x, p.y, *p.weights, *p.biases))


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("0.70", 0.7, 0.01), ("-0.1", -0.1, 0.1), ("+3", 3.0, 1.0), ("100", 100.0, 1.0), (".5", 0.5, 0.1), ("5.", 5.0, 1.0),
        ("1.5e-3", 0.0015, 1e-4), ("1.50E2", 150.0, 1.0), ("2e3", 2000.0, 1000.0), ("0,25", 0.25, 0.01), ("\u22120.5", -0.5, 0.1),
        (" 0.5 ", 0.5, 0.1), ("-0.00", 0.0, 0.01), ("0.0187316942", 0.0187316942, 1e-10),
    ],
)  # fmt: skip
def test_printed_numbers(printed: str, value: float, unit: float) -> None:
    found, u = printed_number(printed)
    assert found == value
    assert u == pytest.approx(unit, rel=1e-15)


@pytest.mark.parametrize("printed", ["", " ", "x", "1.2.3", "1,000.5", "0x10", "1e", "inf", "nan", "1e999", "1_0", "٣", "1 2", "--1"])
def test_what_is_no_printed_number(printed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        printed_number(printed)


def test_errors_tell_file_place_and_what_is_allowed() -> None:
    with pytest.raises(ProblemError) as caught:
        loads('{\n  "format": "deltastep-problem/1",\n  "layers": [2, 2\n}', "mine.json")
    assert str(caught.value).startswith("mine.json: line 4, column 1: this is not JSON")
    with pytest.raises(ProblemError) as caught:
        loads(json.dumps({**SMALL, "activations": ["sigmoyd"]}), "mine.json")
    assert caught.value.position == "activations[0]"
    assert "sigmoyd" in caught.value.message
    assert '"sigmoid"' in caught.value.message


def test_saving_keeps_the_old_file_when_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.json"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        save(small(), path)
    assert caught.value.filename == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_saving_follows_links_and_keeps_permissions(tmp_path: Path) -> None:
    path, link = tmp_path / "real.json", tmp_path / "link.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    save(small(), link)
    assert link.is_symlink()
    assert same(load(path), small())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_saving_into_a_missing_folder_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        save(small(), tmp_path / "no" / "file.json")
    assert caught.value.filename == str(tmp_path / "no" / "file.json")


def test_a_file_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem_file, "LARGEST_FILE", 1_000)
    with pytest.raises(ProblemError, match="too large"):
        load("/dev/zero")


def test_a_large_network_goes_through_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    layers = (784, 300, 10)
    weights = tuple(frozen(rng.standard_normal((n_out, n_in))) for n_in, n_out in pairwise(layers))
    biases = tuple(frozen(np.zeros(n)) for n in layers[1:])
    x, y = frozen(rng.random((100, 784))), frozen(np.eye(10)[rng.integers(0, 10, 100)])
    problem = Problem(layers, ("relu", "softmax"), "cross_entropy", weights, biases, x=x, y=y)
    save(problem, tmp_path / "large.json")
    assert (tmp_path / "large.json").stat().st_size > 5_000_000
    assert same(load(tmp_path / "large.json"), problem)


def test_one_bad_number_in_a_large_file_is_found() -> None:
    text = dumps(Problem((200, 200), ("tanh",), "half_squared_error", (frozen(np.ones((200, 200))),),
                         x=frozen(np.ones((1, 200))), y=frozen(np.ones((1, 200))), has_biases=False))  # fmt: skip
    tree = json.loads(text)
    tree["weights"][0][123][45] = "1"
    with pytest.raises(ProblemError, match=r"weights\[0\]\[123\]\[45\]"):
        loads(json.dumps(tree))
