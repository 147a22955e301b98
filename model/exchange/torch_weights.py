"""Reads a PyTorch `state_dict` file without PyTorch: a pickle that may do nothing but name tensors of plain numbers.

Such a file is a zip archive of one pickle and one member per storage. Before the pickle is read, its instructions are checked
against the few that `torch.save` writes for tensors; then every name in it has to be on a list of a handful, whose stand-ins here
do nothing but note sizes. Anything else is refused with its name, and nothing has been executed.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from model.problem import Array

MOST_BYTES = 400_000_000
MOST_PICKLE = 4_000_000
MOST_TENSORS = 500
_NESTED = ("state_dict", "model_state_dict", "model")
_STORAGES = {"FloatStorage": "f4", "DoubleStorage": "f8", "HalfStorage": "f2", "BFloat16Storage": "u2", "LongStorage": "i8"}
_OPCODES = frozenset({
    "PROTO", "FRAME", "STOP", "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "BINPERSID", "MARK", "BINPUT", "LONG_BINPUT", "MEMOIZE",
    "BINGET", "LONG_BINGET", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT",
    "SETITEM", "SETITEMS", "BINUNICODE", "SHORT_BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "NONE", "NEWTRUE",
    "NEWFALSE",
})  # fmt: skip


class WeightsRefused(ValueError):
    """A file whose weights cannot be taken; the message says in one sentence why, and what is allowed."""


class _Dict(dict[Any, Any]):
    """Stands in for OrderedDict; attributes that the file wants to set are left out."""

    def __setstate__(self, state: object) -> None:
        """Leave out."""


class _NewDict:
    """Makes `_Dict`s; the class itself is out of the file's reach."""

    __slots__ = ()

    def __call__(self, items: object = ()) -> _Dict:
        if items != ():
            raise pickle.UnpicklingError("an OrderedDict is made empty")
        return _Dict()

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError("a function has no state")


class _StorageKind(NamedTuple):  # tuples, because no instruction of a pickle can change one
    code: str
    brain: bool


class _Storage(NamedTuple):
    kind: _StorageKind
    key: str
    length: int


class _Tensor(NamedTuple):
    """Where the numbers of a tensor are: from `offset` in a storage, in steps of `strides`."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _MakeTensor:
    """Stands in for `torch._utils._rebuild_tensor_v2`: notes the sizes and reads nothing."""

    __slots__ = ()

    def __call__(self, storage: object, offset: object, shape: object, strides: object, *rest: object) -> _Tensor:
        whole = isinstance(shape, tuple) and isinstance(strides, tuple) and len(shape) == len(strides)
        numbers = [offset, *shape, *strides] if isinstance(shape, tuple) and isinstance(strides, tuple) else []
        if not whole or not isinstance(storage, _Storage) or not all(type(n) is int and 0 <= n < 2**40 for n in numbers):
            raise pickle.UnpicklingError("a tensor without sizes")
        return _Tensor(storage, numbers[0], shape, strides)  # type: ignore[arg-type]

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError("a function has no state")


class _Parameter:
    """Stands in for `torch._utils._rebuild_parameter`: a tensor that can be trained is a tensor."""

    __slots__ = ()

    def __call__(self, tensor: object, *rest: object) -> _Tensor:
        if not isinstance(tensor, _Tensor):
            raise pickle.UnpicklingError("a parameter without a tensor")
        return tensor

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError("a function has no state")


_ADMITTED: dict[tuple[str, str], object] = {
    ("collections", "OrderedDict"): _NewDict(),
    ("torch._utils", "_rebuild_tensor_v2"): _MakeTensor(),
    ("torch._utils", "_rebuild_parameter"): _Parameter(),
    **{("torch", name): _StorageKind(code, name == "BFloat16Storage") for name, code in _STORAGES.items()},
}


class _Reader(pickle.Unpickler):
    """An unpickler for which no other names exist."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise WeightsRefused(
                f"this file asks for {module}.{name}, which could run code, so nothing of it was read; "
                "allowed: a state_dict of tensors, as torch.save(model.state_dict(), path) writes it"
            )
        return _ADMITTED[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        if not (isinstance(pid, tuple) and len(pid) == 5 and pid[0] == "storage" and isinstance(pid[1], _StorageKind)):
            raise pickle.UnpicklingError("an unknown kind of storage")
        if type(pid[2]) is not str or type(pid[4]) is not int:
            raise pickle.UnpicklingError("a storage without a name")
        return _Storage(pid[1], pid[2], pid[4])


def read_state_dict(path: str | Path) -> dict[str, Array]:
    """Return the tensors of a `state_dict` file by name, in its order, as float64. Raises WeightsRefused, or OSError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _tensors(archive)
    except zipfile.BadZipFile:
        raise WeightsRefused(
            "this is no zip archive, as PyTorch has written since version 1.6; allowed: torch.save(model.state_dict(), path), saved anew"
        ) from None
    except (pickle.UnpicklingError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, RuntimeError, zlib.error,
            OverflowError, NotImplementedError) as error:  # fmt: skip
        if isinstance(error, WeightsRefused):
            raise
        raise WeightsRefused("this file is damaged or no state_dict; allowed: torch.save(model.state_dict(), path)") from None


def _tensors(archive: zipfile.ZipFile) -> dict[str, Array]:
    members = {entry.filename: entry for entry in archive.infolist()}
    if sum(entry.file_size for entry in members.values()) > MOST_BYTES:
        raise WeightsRefused(f"this file holds more than {MOST_BYTES // 1_000_000} MB; allowed: smaller networks")
    pickles = [name for name in members if name == "data.pkl" or name.endswith("/data.pkl")]
    if len(pickles) != 1 or members[pickles[0]].file_size > MOST_PICKLE:
        raise WeightsRefused("this zip archive is no file of PyTorch's; allowed: torch.save(model.state_dict(), path)")
    data = archive.read(pickles[0])
    _check_instructions(data)
    found = _Reader(io.BytesIO(data), encoding="utf-8").load()
    folder = pickles[0].removesuffix("data.pkl")
    order = archive.read(folder + "byteorder").decode("ascii", "replace") if folder + "byteorder" in members else "little"
    tensors = _named(found)
    if sum(prod(t.shape) for t in tensors.values()) > MOST_BYTES // 8:
        raise WeightsRefused(f"this network has more than {MOST_BYTES // 8:,} numbers; allowed: smaller ones")
    mark = ">" if order == "big" else "<"
    return {name: _numbers(archive, f"{folder}data/{tensor.storage.key}", tensor, mark, name) for name, tensor in tensors.items()}


def _check_instructions(data: bytes) -> None:
    """Refuse a pickle with any instruction that tensors do not need, before the first of them is carried out."""
    for opcode, _, _ in pickletools.genops(data):
        if opcode.name not in _OPCODES:
            raise WeightsRefused(
                f"this file contains the pickle instruction {opcode.name}, which no state_dict needs, so nothing of it was read; "
                "allowed: torch.save(model.state_dict(), path)"
            )


def _named(found: object) -> dict[str, _Tensor]:
    """Return the tensors by name; a checkpoint has its state_dict inside, beside other things such as a loss."""
    if isinstance(found, Mapping):
        found = next((found[key] for key in _NESTED if isinstance(found.get(key), Mapping)), found)
    if not isinstance(found, Mapping) or not found or len(found) > MOST_TENSORS:
        raise WeightsRefused("this file holds no tensors by name; allowed: torch.save(model.state_dict(), path)")
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, _Tensor):
            raise WeightsRefused(f'"{name}" in this file is no tensor; allowed: the tensors of a state_dict and nothing else')
    return dict(found)


def _numbers(archive: zipfile.ZipFile, member: str, tensor: _Tensor, order: str, name: str) -> Array:
    kind, size = tensor.storage.kind, prod(tensor.shape)
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True)) if size else 0
    width = np.dtype(kind.code).itemsize
    if archive.getinfo(member).file_size != tensor.storage.length * width or size == 0 or last >= tensor.storage.length:
        raise WeightsRefused(f"{name} does not fit into the numbers that the file holds for it, so the file is damaged")
    flat = np.frombuffer(archive.read(member), dtype=order + kind.code)
    if kind.brain:  # the upper half of a number of 32 bits
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    steps = tuple(step * flat.itemsize for step in tensor.strides)
    view = np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, steps, writeable=False)
    return np.array(view, dtype=np.float64)
