"""Weights from files of others: what is read, how it is put together, and that nothing in a file is ever executed."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gui.actions import Refusal
from gui.state import initial_state
from gui.weights import edits as weights_edits
from gui.weights.safetensors_file import read_safetensors
from model.examples import open_problem
from model.exchange.numbers import record_npz
from model.exchange.weights import Imported, WeightsRefused, layers_of, read_arrays
from model.run import Run

W1, b1 = np.array([[0.5, -1.25], [2.0, 0.75], [1.5, 3.0]]), np.array([0.25, -0.5, 1.0])
W2, b2 = np.array([[1.0, -2.0, 0.5]]), np.array([4.0])
STATE = {"0.weight": W1, "0.bias": b1, "2.weight": W2, "2.bias": b2}
KINDS = {"f4": "FloatStorage", "f8": "DoubleStorage", "f2": "HalfStorage"}


class Pickle:
    """Writes the instructions that `torch.save` writes, one by one, so that no PyTorch is needed and every evil can be written too."""

    def __init__(self) -> None:
        self.out = io.BytesIO()
        self.out.write(b"\x80\x02")

    def raw(self, data: bytes) -> Pickle:
        self.out.write(data)
        return self

    def name(self, module: str, name: str) -> Pickle:
        return self.raw(f"c{module}\n{name}\n".encode())

    def text(self, value: str) -> Pickle:
        return self.raw(b"X" + struct.pack("<I", len(value.encode())) + value.encode())

    def whole(self, value: int) -> Pickle:
        return self.raw(b"J" + struct.pack("<i", value))

    def wholes(self, values: tuple[int, ...]) -> Pickle:
        self.raw(b"(")
        for value in values:
            self.whole(value)
        return self.raw(b"t")

    def tensor(self, key: str, kind: str, count: int, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> Pickle:
        self.name("torch._utils", "_rebuild_tensor_v2").raw(b"(")
        self.raw(b"(").text("storage").name("torch", kind).text(key).text("cpu").whole(count).raw(b"tQ")
        self.whole(offset).wholes(shape).wholes(strides).raw(b"\x89").name("collections", "OrderedDict").raw(b")R")
        return self.raw(b"tR")

    def done(self) -> bytes:
        return self.out.getvalue() + b"."


def state_dict(tensors: dict[str, np.ndarray[Any, Any]], code: str = "f4") -> bytes:
    """The pickle of a state_dict, with the attribute `_metadata` that PyTorch hangs on to it."""
    p = Pickle().name("collections", "OrderedDict").raw(b")R(")
    for i, (name, values) in enumerate(tensors.items()):
        steps = tuple(step // values.itemsize for step in values.strides)
        p.text(name).tensor(str(i), KINDS[code], values.size, values.shape, steps)
    return p.raw(b"u}(").text("_metadata").name("collections", "OrderedDict").raw(b")Rub").done()


def torch_file(path: Path, data: bytes, storages: dict[str, bytes], order: str | None = "little") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", data)
        if order:
            archive.writestr("model/byteorder", order)
        for key, numbers in storages.items():
            archive.writestr(f"model/data/{key}", numbers)
        archive.writestr("model/version", "3\n")
    return path


def saved(path: Path, tensors: dict[str, np.ndarray[Any, Any]], code: str = "f4", order: str = "little") -> Path:
    mark = "<" if order == "little" else ">"
    storages = {str(i): values.astype(mark + code).tobytes() for i, values in enumerate(tensors.values())}
    return torch_file(path, state_dict(tensors, code), storages, order)


def check(found: Imported) -> None:
    assert found.layers == (2, 3, 1)
    assert found.b is not None
    for got, wanted in zip((*found.W, *found.b), (W1, W2, b1, b2), strict=True):
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("code", ["f2", "f4", "f8"])
def test_a_state_dict_is_read_without_pytorch(tmp_path: Path, code: str, order: str) -> None:
    check(layers_of(read_arrays(saved(tmp_path / "Netz für Übung 3.pt", STATE, code, order))))


def test_brain_floats_are_read(tmp_path: Path) -> None:
    numbers = (W1.astype("<f4").view("<u4") >> 16).astype("<u2")
    data = Pickle().raw(b"}(").text("weight").tensor("0", "BFloat16Storage", 6, (3, 2), (2, 1)).raw(b"u").done()
    found = read_arrays(torch_file(tmp_path / "a.pt", data, {"0": numbers.tobytes()}))
    np.testing.assert_array_equal(found["weight"], W1)


def test_a_view_into_a_storage_is_read(tmp_path: Path) -> None:
    """A transposed matrix, saved with strides, from the middle of its storage."""
    data = Pickle().raw(b"}(").text("weight").tensor("0", "FloatStorage", 7, (2, 3), (1, 2), 1).raw(b"u").done()
    numbers = np.concatenate([[9.0], W1.ravel()]).astype("<f4").tobytes()
    np.testing.assert_array_equal(read_arrays(torch_file(tmp_path / "a.pt", data, {"0": numbers}))["weight"], W1.T)


def test_a_checkpoint_with_a_state_dict_inside_is_read(tmp_path: Path) -> None:
    inner = state_dict(STATE)[2:-1]
    loss = Pickle().text("loss").tensor("9", "FloatStorage", 1, (), ()).out.getvalue()  # training scripts keep it beside the weights
    data = Pickle().raw(b"}(").text("epoch").whole(3).raw(loss).text("state_dict").raw(inner).raw(b"u").done()
    storages = {str(i): values.astype("<f4").tobytes() for i, values in enumerate(STATE.values())} | {"9": bytes(4)}
    check(layers_of(read_arrays(torch_file(tmp_path / "a.pt", data, storages))))


class Evil:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {MARK}",)


MARK = ""


def evil_pickles(mark: Path) -> dict[str, bytes]:
    global MARK
    MARK = str(mark)
    touch = f"touch {mark}"
    build = Pickle().name("torch._utils", "_rebuild_tensor_v2").raw(b"}(").text("__call__").name("torch", "FloatStorage").raw(b"ub")
    storage = Pickle().raw(b"(").text("storage").name("torch", "FloatStorage").text("0").text("cpu").whole(6).raw(b"tQ}(").text("length")
    return {
        "os.system": Pickle().name("os", "system").raw(b"(").text(touch).raw(b"tR").done(),
        "posix": pickle.dumps(Evil(), 2),
        "newest protocol": pickle.dumps(Evil(), 5),
        "oldest protocol": pickle.dumps(Evil(), 0),
        "builtins": Pickle().name("builtins", "eval").raw(b"(").text("1").raw(b"tR").done(),
        "old instruction": b"(S'" + touch.encode() + b"'\nios\nsystem\n.",
        "object instruction": b"(cos\nsystem\nX" + struct.pack("<I", len(touch)) + touch.encode() + b"o.",
        "dotted name": Pickle().name("collections", "OrderedDict.__class__").done(),
        "another name of torch": Pickle().name("torch", "load").raw(b"(").text("x").raw(b"tR").done(),
        "another rebuild": Pickle().name("torch._utils", "_rebuild_wrapper_subclass").done(),
        "extension": b"\x80\x02\x82\x01.",
        "state of a function": build.done(),
        "state of a storage": storage.whole(10**6).raw(b"ub").done(),
        "items of a tensor": Pickle().tensor("0", "FloatStorage", 6, (3, 2), (2, 1)).text("a").whole(1).raw(b"s").done(),
        "OrderedDict with items": Pickle().name("collections", "OrderedDict").raw(b"(]tR").done(),
        "tensor called by hand": Pickle().name("torch._utils", "_rebuild_tensor_v2").raw(b"(NNNNtR").done(),
        "negative strides": Pickle().raw(b"}(").text("w").tensor("0", "FloatStorage", 6, (3, 2), (-2, 1)).raw(b"u").done(),
        "beyond the storage": Pickle().raw(b"}(").text("w").tensor("0", "FloatStorage", 6, (3, 2), (2, 1), 1).raw(b"u").done(),
        "far beyond it": Pickle().raw(b"}(").text("w").tensor("0", "FloatStorage", 6, (3, 2), (2**30, 1)).raw(b"u").done(),
        "lies about its length": Pickle().raw(b"}(").text("w").tensor("0", "FloatStorage", 600, (300, 2), (2, 1)).raw(b"u").done(),
        "no such storage": Pickle().raw(b"}(").text("w").tensor("../../etc", "FloatStorage", 6, (3, 2), (2, 1)).raw(b"u").done(),
        "one number, very often": Pickle().raw(b"}(").text("w").tensor("0", "FloatStorage", 6, (2**20, 2**20), (0, 0)).raw(b"u").done(),
        "no tensors": pickle.dumps({"epoch": 3}, 2),
        "a number": pickle.dumps(3, 2),
        "a name that is none": pickle.dumps({1: 2}, 2),
        "cut off": state_dict(STATE)[:-20],
        "nothing": b"",
        "noise": bytes(range(256)),
    }


EVIL = list(evil_pickles(Path("x")))


@pytest.mark.parametrize("which", EVIL)
def test_a_pickle_that_wants_more_is_refused_and_not_executed(tmp_path: Path, which: str) -> None:
    mark = tmp_path / "executed"
    path = torch_file(tmp_path / "a.pt", evil_pickles(mark)[which], {"0": W1.astype("<f4").tobytes()})
    with pytest.raises(WeightsRefused) as refused:
        layers_of(read_arrays(path))
    assert not mark.exists()
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) > 30


def test_the_evil_pickles_are_evil(tmp_path: Path) -> None:
    """The one that calls a command would, if it were simply loaded."""
    mark = tmp_path / "executed"
    pickle.loads(evil_pickles(mark)["posix"])
    assert mark.exists()


def test_the_refusal_names_what_the_file_asks_for(tmp_path: Path) -> None:
    path = torch_file(tmp_path / "a.pt", Pickle().name("__main__", "Net").done(), {})
    with pytest.raises(WeightsRefused, match=r"asks for __main__\.Net.*state_dict"):
        read_arrays(path)


def test_an_old_file_or_none_of_pytorch_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.pt").write_bytes(pickle.dumps(0x1950A86A20F9469CFC6C))
    with pytest.raises(WeightsRefused, match=r"since version 1\.6"):
        read_arrays(tmp_path / "old.pt")
    with zipfile.ZipFile(tmp_path / "other.pt", "w") as archive:
        archive.writestr("word/document.xml", "x")
    with pytest.raises(WeightsRefused, match="no file of PyTorch"):
        read_arrays(tmp_path / "other.pt")
    with pytest.raises(WeightsRefused, match="cannot be read"):
        read_arrays(tmp_path / "missing.pt")
    with pytest.raises(WeightsRefused, match=r'"\.h5"; allowed: \.npz'):
        read_arrays(tmp_path / "a.h5")


def test_npz_is_read_and_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **STATE)
    check(layers_of(read_arrays(tmp_path / "a.npz")))
    np.savez(tmp_path / "objects.npz", W=np.array([Evil()], dtype=object))
    with pytest.raises(WeightsRefused, match="plain numbers"):
        read_arrays(tmp_path / "objects.npz")
    (tmp_path / "noise.npz").write_bytes(b"PK\3\4" + bytes(60))
    with pytest.raises(WeightsRefused):
        read_arrays(tmp_path / "noise.npz")


def test_an_update_that_deltastep_has_saved_gives_its_weights_back(tmp_path: Path) -> None:
    record = Run(open_problem("jacob")).record(1)
    (tmp_path / "update.npz").write_bytes(record_npz(record))
    found = layers_of(read_arrays(tmp_path / "update.npz"))
    assert found.b is not None
    for got, wanted in zip((*found.W, *found.b), (*record.params.W, *record.params.b), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_safetensors_is_read(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file({name: np.ascontiguousarray(values, dtype="f4") for name, values in STATE.items()}, tmp_path / "a.safetensors")
    check(layers_of(read_arrays(tmp_path / "a.safetensors", {".safetensors": read_safetensors})))
    halves = np.array([0.25, -1.5], "<f4").view("<u4") >> 16  # PyTorch's usual kind in such files, which NumPy does not have
    for kind, data in (("BF16", halves.astype("<u2").tobytes()), ("F8_E4M3", b"12")):
        head = json.dumps({"weight": {"dtype": kind, "shape": [1, 2], "data_offsets": [0, len(data)]}}).encode()
        (tmp_path / f"{kind}.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data)
    assert read_safetensors(str(tmp_path / "BF16.safetensors"))["weight"].tolist() == [[0.25, -1.5]]
    with pytest.raises(WeightsRefused, match="weight holds numbers of the kind F8_E4M3; allowed: F64, F32, F16, BF16"):
        read_safetensors(str(tmp_path / "F8_E4M3.safetensors"))
    (tmp_path / "b.safetensors").write_bytes(b"\xff" * 40)
    with pytest.raises(WeightsRefused, match="no safetensors file"):
        read_safetensors(str(tmp_path / "b.safetensors"))


def test_missing_safetensors_is_said_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(WeightsRefused, match=r"python3 dev\.py add interop"):
        read_safetensors(str(tmp_path / "a.safetensors"))


@pytest.mark.parametrize(
    "names",
    [
        ("W1", "b1", "W2", "b2"),
        ("W_1", "b_1", "W_2", "b_2"),
        ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"),
        ("layers.9.weight", "layers.9.bias", "layers.10.weight", "layers.10.bias"),
        ("block_b.weight", "block_b.bias", "head.weight", "head.bias"),
        ("arr_0", "arr_1", "arr_2", "arr_3"),
    ],
)
def test_arrays_are_paired_by_their_names(names: tuple[str, ...]) -> None:
    arrays = dict(zip(names, (W1, b1, W2, b2), strict=True))
    check(layers_of(arrays))
    check(layers_of(dict(sorted(arrays.items(), reverse=True))))


def test_matrices_with_a_row_per_input_are_turned() -> None:
    arrays = {"dense/kernel:0": W1.T, "dense/bias:0": b1, "dense_1/kernel:0": W2.T, "dense_1/bias:0": b2}
    found = layers_of(arrays)
    check(found)
    assert "turned" in found.remarks[0]


def test_square_matrices_are_turned_for_kernels_only() -> None:
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(layers_of({"a.weight": square}).W[0], square)
    np.testing.assert_array_equal(layers_of({"a/kernel": square}).W[0], square.T)


def test_missing_biases_are_said() -> None:
    assert layers_of({"0.weight": W1, "2.weight": W2}).b is None
    found = layers_of({"0.weight": W1, "0.bias": b1, "2.weight": W2})
    assert found.b is not None
    assert found.b[1].tolist() == [0.0]
    assert "no bias for layer 2" in found.remarks[0]


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"conv.weight": np.zeros((3, 1, 5, 5))}, r"conv\.weight has the shape 3 × 1 × 5 × 5"),
        ({"0.weight": W1, "1.running_mean": b1}, r"1\.running_mean 3 belongs to no dense layer"),
        ({"0.weight": W1, "3.bias": b1}, r"3\.bias 3 belongs to no dense layer"),
        ({"0.bias": b1, "1.bias": b2}, "no matrix of weights"),
        ({}, "no matrix of weights"),
        ({"0.weight": W1, "2.weight": np.ones((5, 7))}, r"do not follow each other: 0\.weight 3 × 2, 2\.weight 5 × 7"),
        ({"0.weight": W1, "0.bias": np.ones(9)}, "do not follow each other"),
        ({"0.weight": W1 * np.nan}, "not finite"),
        ({"0.weight": W1 * 1j}, "holds complex128"),
        ({"0.weight": np.array([["a"]])}, "holds <U1"),
        ({"0.weight": np.ones((2, 1001))}, "at most 1,000 units"),
        ({f"{i}.weight": np.ones((1, 1)) for i in range(21)}, "21 layers; allowed: at most 20"),
    ],
)
def test_what_makes_no_network_is_refused_by_name(arrays: dict[str, Any], reason: str) -> None:
    with pytest.raises(WeightsRefused, match=reason):
        layers_of(arrays)


def test_a_network_of_the_same_shape_keeps_everything_else() -> None:
    state = initial_state(open_problem("dyda-sigmoid"))
    changed = weights_edits.take_weights(state, Imported((np.eye(2), 2 * np.eye(2)), (np.ones(2), np.zeros(2)), ("a", "b")), None)
    old, new = state.problem, changed.problem
    assert (new.layers, new.activations, new.x, new.y) == (old.layers, old.activations, old.x, old.y)
    assert new.weights is not None
    np.testing.assert_array_equal(new.weights[1], 2 * np.eye(2))
    np.testing.assert_array_equal(changed.run.record(1).params.b[0], np.ones(2))


def test_another_shape_resizes_the_network_and_the_samples() -> None:
    state = initial_state(open_problem("dyda-sigmoid"))
    found = layers_of({"0.weight": np.ones((4, 3)), "1.weight": np.ones((5, 4)), "2.weight": np.ones((2, 5))})
    changed = weights_edits.take_weights(state, found, ("relu", "tanh", "sigmoid"))
    assert changed.problem.layers == (3, 4, 5, 2)
    assert changed.problem.activations == ("relu", "tanh", "sigmoid")
    assert not changed.problem.has_biases
    assert changed.problem.x is not None
    assert changed.problem.x.shape == (1, 3)
    assert changed.run.record(1).a[-1].shape == (1, 2)


def test_activations_are_kept_where_there_are_as_many_layers() -> None:
    problem = open_problem("biswas-thin")
    assert weights_edits.kept_activations(problem, problem.depth) == problem.activations
    more = weights_edits.kept_activations(problem, problem.depth + 2)
    assert len(more) == problem.depth + 2
    assert more[-1] == problem.activations[-1]
    assert set(more[:-1]) <= set(problem.activations[:-1])


def test_what_does_not_suit_is_refused() -> None:
    state = initial_state(open_problem("dyda-sigmoid"))
    found = layers_of({"0.weight": np.ones((2, 2)), "1.weight": np.ones((2, 2))})
    with pytest.raises(Refusal, match="Softmax works on the output layer only"):
        weights_edits.take_weights(state, found, ("softmax", "sigmoid"))
    digits = initial_state(open_problem("theta-digits"))
    with pytest.raises(Refusal, match=r"data set.*fixes"):
        weights_edits.take_weights(digits, found, None)


def test_ordered_dicts_of_python_itself_are_the_ones_meant() -> None:
    assert pickle.dumps(OrderedDict(), 2).startswith(b"\x80\x02ccollections\nOrderedDict\n")
