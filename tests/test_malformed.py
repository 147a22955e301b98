"""Every broken problem file gets exit code 2 and one line on standard error that names the place. None gets a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from main import main

GOOD: dict[str, Any] = {
    "format": "deltastep-problem/1",
    "layers": [2, 2, 2],
    "activations": ["sigmoid", "sigmoid"],
    "weights": [[[-0.2, 0.3], [0.5, -0.6]], [[-0.25, 0.35], [0.55, -0.65]]],
    "biases": [[0.1, -0.4], [0.15, -0.45]],
    "x": [[1, 0]],
    "y": [[1, 0]],
    "loss": "half_squared_error",
    "learning_rate": 0.1,
    "steps": 2,
}
REMOVE = object()


def with_keys(**changes: object) -> str:
    """GOOD with keys replaced, added or removed, as JSON text. `from_` keys are not needed here."""
    tree = {**GOOD, **changes}
    return json.dumps({key: value for key, value in tree.items() if value is not REMOVE})


def expecting(**entry: object) -> str:
    """GOOD with one printed figure."""
    figure = {"quantity": "a", "layer": 2, "unit": 0, "printed": "0.55", **entry}
    return with_keys(expected=[{key.rstrip("_"): value for key, value in figure.items() if value is not REMOVE}])


def deep(levels: int) -> str:
    return with_keys(x="DEEP").replace('"DEEP"', "[" * levels + "]" * levels)


INIT = {"scheme": "xavier_uniform", "seed": 1}
BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "line 1, column 1"),
    "white space": (" \n\t ", "line 1, column 1"),
    "truncated": (with_keys()[:-30], "line 1, column"),
    "truncated in a string": (with_keys()[:20], "line 1, column"),
    "not JSON": ("layers: [2, 2]", "line 1, column 1"),
    "two values": (with_keys() + "{}", "line 1, column"),
    "trailing comma on line 2": ('{"format": "deltastep-problem/1",\n}', "line 2, column 1"),
    "not UTF-8": (with_keys(title="x").encode().replace(b'"x"', b'"\xff"'), "byte"),
    "UTF-16": (with_keys().encode("utf-16"), "UTF-8"),
    "binary": (bytes(range(256)), "UTF-8"),
    "half a surrogate": (with_keys(title="\ud800"), "title"),
    "a list": ("[1, 2]", "top level"),
    "a number": ("3", "top level"),
    "null": ("null", "top level"),
    "deep lists": (deep(100_000), "nested"),
    "moderately deep lists": (deep(400), "x[0]"),
    "deep objects": ('{"a":' * 50_000 + "1" + "}" * 50_000, "nested"),
    "duplicate key": (with_keys()[:-1] + ', "loss": "none"}', "loss: this key is written twice"),
    "duplicate key inside": (with_keys(rounding="R").replace('"R"', '{"decimals": 2, "mode": "x", "mode": "y"}'), "rounding.mode"),
    "unknown key": (with_keys(learning_rat=0.1), "learning_rat: unknown key"),
    "unknown key with a line break": (with_keys(**{"a\nb": 1}), "unknown key"),
    "key of 100,000 letters": (with_keys(**{"k" * 100_000: 1}), "unknown key"),
    "one of many keys twice": ("{" + "".join(f'"k{i}": 1, ' for i in range(10**5)) + '"k99999": 1}', "k99999: this key is written twice"),
    "unknown format": (with_keys(format="deltastep-problem/2"), "format"),
    "format missing": (with_keys(format=REMOVE), "format: this key is missing"),
    "layers missing": (with_keys(layers=REMOVE), "layers: this key is missing"),
    "loss missing": (with_keys(loss=REMOVE), "loss: this key is missing"),
    "layers a number": (with_keys(layers=3), "layers"),
    "layers empty": (with_keys(layers=[]), "layers"),
    "one layer": (with_keys(layers=[2]), "layers"),
    "layer of 0": (with_keys(layers=[2, 0, 2]), "layers[1]"),
    "layer of -1": (with_keys(layers=[2, -1, 2]), "layers[1]"),
    "layer of 2.5": (with_keys(layers=[2, 2.5, 2]), "layers[1]"),
    "layer true": (with_keys(layers=[2, True, 2]), "layers[1]"),
    "layer of 10^9": (with_keys(layers=[2, 10**9, 2]), "layers[1]"),
    "layers of 10^6": (with_keys(layers=[10**6, 10**6], activations=["tanh"], weights=REMOVE, biases=REMOVE, init=INIT), "10,000,000"),
    "a million layers": (with_keys(layers=[1] * 10**6), "layers"),
    "integer of 5,000 digits": (with_keys(l2="BIG").replace('"BIG"', "1" * 5_000), "4,300 digits"),
    "integer of 400 digits": (with_keys(l2="BIG").replace('"BIG"', "1" * 400), "l2"),
    "weight of 400 digits": (with_keys(x="BIG").replace('"BIG"', f"[[1, {'1' * 400}]]"), "x[0][1]"),
    "unknown activation": (with_keys(activations=["sigmoid", "swish"]), "activations[1]"),
    "too few activations": (with_keys(activations=["sigmoid"]), "activations"),
    "activation a number": (with_keys(activations=["sigmoid", 1]), "activations[1]"),
    "softmax below the top": (with_keys(activations=["softmax", "sigmoid"]), "activations[0]"),
    "binary cross-entropy on tanh": (with_keys(activations=["tanh", "tanh"], loss="binary_cross_entropy"), "loss"),
    "cross-entropy on relu": (with_keys(activations=["relu", "relu"], loss="cross_entropy"), "loss"),
    "loss none with two outputs": (with_keys(loss="none"), "loss"),
    "unknown loss": (with_keys(loss="hinge"), "loss"),
    "neither weights nor init": (with_keys(weights=REMOVE), "weights"),
    "weights and init": (with_keys(init=INIT), "init"),
    "weights too short": (with_keys(weights=GOOD["weights"][:1]), "weights"),
    "weights transposed": (with_keys(layers=[2, 3, 2], biases=None), "weights[0]"),
    "ragged weights": (with_keys(weights=[[[1, 2], [3]], [[1, 2], [3, 4]]]), "weights[0][1]"),
    "weights too deep": (with_keys(weights=[[[[1], [2]], [1, 2]], [[1, 2], [3, 4]]]), "weights[0][0][0]"),
    "weights flat": (with_keys(weights=[[1, 2], [[1, 2], [3, 4]]]), "weights[0][0]"),
    "weight a string": (with_keys(weights=[[["1", 2], [3, 4]], [[1, 2], [3, 4]]]), "weights[0][0][0]"),
    "weight true": (with_keys(weights=[[[True, 2], [3, 4]], [[1, 2], [3, 4]]]), "weights[0][0][0]"),
    "weight null": (with_keys(weights=[[[None, 2], [3, 4]], [[1, 2], [3, 4]]]), "weights[0][0][0]"),
    "weight NaN": (with_keys(weights=[[[1, 2], [3, float("nan")]], [[1, 2], [3, 4]]]), "weights[0][1][1]"),
    "weight Infinity": (with_keys(weights=[[[1, 2], [3, 4]], [[1, 2], [float("-inf"), 4]]]), "weights[1][1][0]"),
    "biases too short": (with_keys(biases=[[1, 2]]), "biases"),
    "bias vector too long": (with_keys(biases=[[1, 2, 3], [1, 2]]), "biases[0]"),
    "biases unequal but shared": (with_keys(bias_sharing="per_layer"), "biases[0]"),
    "init without seed": (with_keys(weights=REMOVE, biases=REMOVE, init={"scheme": "zeros"}), "init.seed"),
    "init unknown scheme": (with_keys(weights=REMOVE, biases=REMOVE, init={"scheme": "ones", "seed": 1}), "init.scheme"),
    "init negative seed": (with_keys(weights=REMOVE, biases=REMOVE, init={"scheme": "zeros", "seed": -1}), "init.seed"),
    "init with biases": (with_keys(weights=REMOVE, init=INIT), "biases[0]"),
    "init a string": (with_keys(weights=REMOVE, biases=REMOVE, init="xavier_uniform"), "init"),
    "x missing": (with_keys(x=REMOVE), "x"),
    "x empty": (with_keys(x=[]), "x"),
    "x a vector": (with_keys(x=[1, 0]), "x[0]"),
    "x too wide": (with_keys(x=[[1, 0, 0]]), "x[0]"),
    "x ragged": (with_keys(x=[[1, 0], [1]], y=[[1, 0], [1, 0]]), "x[1]"),
    "x 1e999": (with_keys(x="X").replace('"X"', "[[1, 1e999]]"), "x[0][1]"),
    "x with two data sources": (with_keys(dataset={"name": "xor"}), "dataset"),
    "y missing": (with_keys(y=REMOVE), "y: this key is missing"),
    "y null": (with_keys(y=None), "y"),
    "y with other rows": (with_keys(y=[[1, 0], [0, 1]]), "y"),
    "dataset unknown": (with_keys(x=REMOVE, y=REMOVE, dataset={"name": "mnist"}), "dataset"),
    "dataset with an endless name": (with_keys(x=REMOVE, y=REMOVE, dataset={"name": "x" * 10**5}), "dataset.name: unknown value"),
    "dataset with an endless option": (with_keys(x=REMOVE, y=REMOVE, dataset={"name": "xor", "k" * 10**5: 1}), "dataset."),
    "dataset option of another kind": (with_keys(x=REMOVE, y=REMOVE, dataset={"name": "xor", "noise": None}), "dataset.noise: a finite"),
    "dataset samples 0": (with_keys(x=REMOVE, y=REMOVE, dataset={"name": "xor", "samples": 0}), "dataset.samples: a whole number"),
    "dataset without name": (with_keys(x=REMOVE, y=REMOVE, dataset={}), "dataset.name"),
    "dataset with targets": (with_keys(x=REMOVE, dataset={"name": "xor"}), "y"),
    "batch of 0": (with_keys(batch_size=0), "batch_size"),
    "shuffle seed -1": (with_keys(shuffle_seed=-1), "shuffle_seed"),
    "reduction max": (with_keys(batch_reduction="max"), "batch_reduction"),
    "l2 negative": (with_keys(l2=-0.1), "l2"),
    "learning rate NaN": (with_keys(learning_rate=float("nan")), "learning_rate"),
    "learning rate a string": (with_keys(learning_rate="0.1"), "learning_rate"),
    "learning rate negative": (with_keys(learning_rate=-0.1), "learning_rate"),
    "optimizer a string": (with_keys(optimizer="adam"), "optimizer"),
    "optimizer unknown": (with_keys(optimizer={"name": "lion"}), "optimizer.name"),
    "optimizer with a foreign constant": (with_keys(optimizer={"name": "adam", "momentum": 0.9}), "optimizer.momentum"),
    "optimizer with an unknown constant": (with_keys(optimizer={"name": "adam", "gamma": 0.9}), "optimizer.gamma"),
    "nesterov a number": (with_keys(optimizer={"name": "sgd_momentum", "nesterov": 1}), "optimizer.nesterov"),
    "two indices of an input": (
        expecting(quantity="dLdX", from_=0),
        'has one index; allowed: "unit", which counts the leading 1 as 0, or "from"',
    ),
    "beta1 of 1": (with_keys(optimizer={"name": "adam", "beta1": 1.0}), "optimizer.beta1"),
    "train_biases a number": (with_keys(train_biases=1), "train_biases"),
    "bias_sharing unknown": (with_keys(bias_sharing="global"), "bias_sharing"),
    "hidden delta unknown": (with_keys(hidden_delta_uses="both"), "hidden_delta_uses"),
    "rounding without mode": (with_keys(rounding={"decimals": 2}), "rounding.mode"),
    "rounding unknown mode": (with_keys(rounding={"decimals": 2, "mode": "up"}), "rounding.mode"),
    "rounding to -1": (with_keys(rounding={"decimals": -1, "mode": "half_up"}), "rounding.decimals"),
    "0 steps": (with_keys(steps=0), "steps"),
    "steps 1.5": (with_keys(steps=1.5), "steps"),
    "10^12 steps": (with_keys(steps=10**12), "steps"),
    "notation unknown": (with_keys(notation="goodfellow"), "notation"),
    "title a number": (with_keys(title=1), "title"),
    "expected an object": (with_keys(expected={}), "expected"),
    "expected of strings": (with_keys(expected=["0.5"]), "expected[0]"),
    "figure without quantity": (expecting(quantity=REMOVE), "expected[0].quantity"),
    "figure without printed": (expecting(printed=REMOVE), "expected[0].printed"),
    "figure with unknown quantity": (expecting(quantity="net"), "expected[0].quantity"),
    "figure with unknown key": (expecting(units=0), "expected[0].units"),
    "figure without layer": (expecting(layer=REMOVE), "expected[0].layer"),
    "figure of layer 3": (expecting(layer=3), "expected[0].layer"),
    "z of layer 0": (expecting(quantity="z", layer=0), "expected[0].layer"),
    "figure of unit 2": (expecting(unit=2), "expected[0].unit"),
    "figure of unit -1": (expecting(unit=-1), "expected[0].unit"),
    "a from a unit": (expecting(from_=0), "expected[0].from"),
    "weight from unit 2": (expecting(quantity="dW", from_=2), "expected[0].from"),
    "loss of a unit": (expecting(quantity="loss", layer=REMOVE), "expected[0].unit"),
    "figure of sample 1": (expecting(sample=1), "expected[0].sample"),
    "sample of a gradient": (expecting(quantity="db", sample=0), "expected[0].sample"),
    "figure of step 3": (expecting(step=3), "expected[0].step"),
    "figure of step 0": (expecting(step=0), "expected[0].step"),
    "sign 2": (expecting(sign=2), "expected[0].sign"),
    "sign true": (expecting(sign=True), "expected[0].sign"),
    "printed a number": (expecting(printed=0.55), "expected[0].printed"),
    "printed a word": (expecting(printed="half"), "expected[0].printed"),
    "printed empty": (expecting(printed=""), "expected[0].printed"),
    "printed nan": (expecting(printed="nan"), "expected[0].printed"),
    "printed 1e999": (expecting(printed="1e999"), "expected[0].printed"),
    "printed 0e400": (expecting(printed="0e400"), "expected[0].printed"),
    "printed 0e9999": (expecting(unit=REMOVE, printed=["1", "-0.0e+9999"]), "expected[0].printed[1]"),
    "printed with two commas": (expecting(printed="1,000,000"), "expected[0].printed"),
    "printed list for one unit": (expecting(printed=["0.55", "0.37"]), "expected[0].printed"),
    "printed of 3 for 2 units": (expecting(unit=REMOVE, printed=["1", "2", "3"]), "expected[0].printed"),
    "printed 300 deep": (expecting(unit=REMOVE, printed="P").replace('"P"', "[" * 300 + '"1"' + "]" * 300), "300 deep"),
    "printed ragged": (expecting(quantity="dW", unit=REMOVE, printed=[["1", "2"], ["3"]]), "expected[0].printed"),
    "printed empty list": (expecting(unit=REMOVE, printed=[]), "expected[0].printed"),
    "printed cell a number": (expecting(unit=REMOVE, printed=["1", 2]), "expected[0].printed[1]"),
    "form unknown": (expecting(quantity="dW", form="flat"), "expected[0].form"),
    "form of a delta": (expecting(quantity="delta", form="augmented"), "expected[0].form"),
    "augmented with a unit": (expecting(quantity="dW", form="augmented"), "expected[0].form"),
    "augmented without biases": (
        with_keys(biases=None, expected=[{"quantity": "dW", "layer": 1, "form": "augmented", "printed": [["1"] * 3] * 2}]),
        "expected[0].form",
    ),
    "db without biases": (with_keys(biases=None, expected=[{"quantity": "db", "layer": 1, "printed": ["1", "2"]}]), "expected[0].quantity"),
    "W_new without a learning rate": (
        with_keys(learning_rate=None, expected=[{"quantity": "W_new", "layer": 1, "unit": 0, "from": 0, "printed": "1"}]),
        "expected[0].quantity",
    ),
    "erratum a number": (expecting(erratum=1), "expected[0].erratum"),
    "erratum empty": (expecting(erratum=" "), "expected[0].erratum"),
    "second figure": (with_keys(expected=[{"quantity": "loss", "printed": printed} for printed in ("0.1", "x")]), "expected[1].printed"),
    "sample of another batch": (
        with_keys(x=[[1, 0]] * 3, y=[[1, 0]] * 3, batch_size=2, expected=[{"quantity": "loss_sample", "sample": 2, "printed": "1"}]),
        "expected[0].sample",
    ),
    "last batch is smaller": (
        with_keys(x=[[1, 0]] * 3, y=[[1, 0]] * 3, batch_size=2, expected=[{"quantity": "loss_sample", "step": 2, "printed": ["1", "1"]}]),
        "expected[0].printed",
    ),
    "a batch that fills the memory": (
        with_keys(layers=[1, 900_000, 1], weights=REMOVE, biases=REMOVE, init=INIT, x=[[1.0]] * 60, y=[[1.0]] * 60, expected=[]),
        "batch_size",
    ),
    "beta1 of 1 and its limit": (with_keys(optimizer={"name": "adam", "beta1": 1}), "from 0 to below 1"),
}  # fmt: skip


def refusal_line(capsys: pytest.CaptureFixture[str], argv: list[str]) -> str:
    """Run the program, which has to refuse, and return its one line."""
    assert main(argv) == 2
    lines = capsys.readouterr().err.split("\n")
    assert len(lines) == 2
    assert lines[1] == ""
    assert "Traceback" not in lines[0]
    assert "internal error" not in lines[0]
    return lines[0]


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_refused_in_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, place = BROKEN[name]
    path = tmp_path / "broken.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    line = refusal_line(capsys, ["verify", str(path)])
    assert str(path) in line
    assert place in line
    assert len(line) < 600


@pytest.mark.parametrize("verb", [["trace", "--json"], ["train", "--steps", "1"]])
def test_every_verb_refuses_the_same_way(verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.json"
    path.write_text(with_keys(layers=[2, 0, 2]))
    assert "layers[1]" in refusal_line(capsys, [verb[0], str(path), *verb[1:]])


def _folder(tmp_path: Path) -> Path:
    return tmp_path


def _missing(tmp_path: Path) -> Path:
    return tmp_path / "no such file\n.json"


def _name_with_nul(tmp_path: Path) -> Path:
    return Path(f"{tmp_path}/a\0b.json")


def _name_too_long(tmp_path: Path) -> Path:
    return tmp_path / ("x" * 5_000)


def _no_name(tmp_path: Path) -> Path | str:
    return ""


def _pipe_that_nobody_writes_into(tmp_path: Path) -> Path:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("make", [_folder, _missing, _name_with_nul, _name_too_long, _no_name, _pipe_that_nobody_writes_into])
def test_what_is_no_file_is_refused(make: Callable[[Path], Path | str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refusal_line(capsys, ["verify", str(make(tmp_path))])
    assert "allowed" in line
    assert "this is a folder" not in line or make is _folder


def test_the_good_file_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "good.json"
    path.write_bytes(b"\xef\xbb\xbf" + expecting().encode())  # a byte order mark is accepted
    assert main(["verify", str(path)]) == 0
    assert "1 agree" in capsys.readouterr().out
