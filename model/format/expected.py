"""The printed figures of a problem file: which quantity, which cells, and whether the printed strings are numbers of that shape."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from sys import float_info

import numpy as np
from numpy.typing import NDArray

from model.data.batches import batch_rows, data
from model.figures import printed_shapes
from model.format.checks import JsonObject, RefusedError, check_keys, choice, shown, text, whole
from model.problem import Expected, Printed, Problem
from model.quantities import FORMS, QUANTITIES, Quantity

OPTIONAL = ("layer", "unit", "from", "sample", "step", "sign", "form", "erratum")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


def printed_number(printed: str) -> tuple[float, float]:
    """Return the value of a printed number and one unit of its last printed decimal: "0.70" gives (0.7, 0.01).

    A decimal comma and the minus sign U+2212 are understood. Raises ValueError for anything that is not one finite number.
    """
    plain = printed.strip().replace("\N{MINUS SIGN}", "-").replace(",", ".")
    if not _NUMBER.fullmatch(plain) or not math.isfinite(float(plain)):
        raise ValueError(printed)
    exponent = int(Decimal(plain).as_tuple().exponent)
    if exponent > float_info.max_10_exp:  # a zero such as 0e400
        raise ValueError(printed)
    return float(plain), 10.0**exponent


def expected_figures(value: object, problem: Problem) -> tuple[Expected, ...]:
    """Return the entries of `expected`, checked against the network. Raises RefusedError."""
    if not isinstance(value, list):
        raise RefusedError("expected", f"a list is needed, found {shown(value)}")
    m = len(data(problem)[0]) if value else 0
    return tuple(_entry(item, f"expected[{i}]", problem, m) for i, item in enumerate(value))


def _entry(value: object, position: str, problem: Problem, m: int) -> Expected:
    """Return one entry; m: number of samples of the experiment."""
    given = check_keys(value, position, ("quantity", "printed"), OPTIONAL)
    name = choice(given["quantity"], f"{position}.quantity", QUANTITIES)
    quantity = QUANTITIES[name]
    _check_computed(name, quantity, problem, position)
    layer = _layer(given.get("layer"), f"{position}.layer", quantity, problem)
    entry = Expected(
        quantity=name,
        layer=layer,
        unit=_index(given, "unit", position, quantity.units(problem, layer), name),
        from_=_index(given, "from", position, quantity.senders(problem, layer), name),
        sample=_index(given, "sample", position, m if quantity.per_sample else None, name),
        step=_step(given.get("step", 1), f"{position}.step", problem),
        sign=_sign(given.get("sign", 1), f"{position}.sign"),
        form=choice(given.get("form", "plain"), f"{position}.form", FORMS),
        erratum=_erratum(given.get("erratum"), f"{position}.erratum"),
        printed=_printed(given["printed"], f"{position}.printed"),
    )
    if "1+from" in quantity.axes and entry.unit is not None and entry.from_ is not None:
        raise RefusedError(f"{position}.from", f'"{name}" has one index; allowed: "unit", which counts the leading 1 as 0, or "from"')
    _check_form(entry, position, problem)
    _check_batch(entry, position, problem, batch_rows(problem, entry.step, m))
    return entry


def _check_computed(name: str, quantity: Quantity, problem: Problem, position: str) -> None:
    """Refuse quantities that this experiment does not have."""
    where = f"{position}.quantity"
    if quantity.needs_update and problem.learning_rate is None:
        raise RefusedError(where, f'"{name}" needs an update, but "learning_rate" is null; allowed: a learning rate, or another quantity')
    if quantity.needs_biases and not problem.has_biases:
        raise RefusedError(where, f'"{name}" needs biases, but this network has none; allowed: quantities of weights and units')
    if name == "mean_abs_error" and problem.y is None and problem.dataset is None:
        raise RefusedError(where, f'"{name}" needs targets, but "y" is null')


def _layer(value: object, position: str, quantity: Quantity, problem: Problem) -> int | None:
    low, high = quantity.layer_range(problem)
    if quantity.layered:
        if value is None:
            raise RefusedError(position, f"this key is missing; required: a layer from {low} to {high}")
        return whole(value, position, low, high)
    if value is None:
        return None
    return whole(value, position, low, high)


def _index(given: JsonObject, key: str, position: str, size: int | None, name: str) -> int | None:
    value = given.get(key)
    if value is None:
        return None
    if size is None:
        raise RefusedError(f"{position}.{key}", f'"{name}" has no index "{key}"; allowed: leave it out')
    return whole(value, f"{position}.{key}", 0, size - 1)


def _step(value: object, position: str, problem: Problem) -> int:
    try:
        return whole(value, position, 1, problem.steps)
    except RefusedError as refused:
        raise RefusedError(position, f'{refused.message}; the file\'s "steps" is {problem.steps:,}') from None


def _sign(value: object, position: str) -> int:
    if isinstance(value, bool) or value not in (1, -1) or not isinstance(value, int):
        raise RefusedError(position, f"1 or -1 is needed, found {shown(value)}")
    return value


def _erratum(value: object, position: str) -> str | None:
    if value is None:
        return None
    if not text(value, position).strip():
        raise RefusedError(position, "an empty sentence; allowed: why the printed figure is wrong, or no key")
    return str(value)


def _printed(value: object, position: str) -> Printed:
    if isinstance(value, str):
        try:
            printed_number(value)
        except ValueError:
            allowed = 'allowed: one number as "-0.0236", "0,24" or "1.5e-3"'
            raise RefusedError(position, f"{shown(value)} is not a finite number; {allowed}") from None
        return value
    if isinstance(value, list) and value:
        return tuple(_printed(part, f"{position}[{i}]") for i, part in enumerate(value))
    found = "an empty list" if value == [] else shown(value)
    raise RefusedError(position, f'a string or nested lists of strings are needed, exactly as printed ("0.70"), found {found}')


def _check_form(entry: Expected, position: str, problem: Problem) -> None:
    where = f"{position}.form"
    if entry.form == "plain":
        return
    if not QUANTITIES[entry.quantity].has_forms:
        raise RefusedError(where, f'"{entry.form}" is for a whole W, dW or W_new; allowed for "{entry.quantity}": "plain"')
    if entry.unit is not None or entry.from_ is not None:
        raise RefusedError(where, f'"{entry.form}" is for a whole matrix; allowed with "unit" or "from": "plain"')
    if entry.form.startswith("augmented") and not problem.has_biases:
        raise RefusedError(where, f'"{entry.form}" shows the biases, but this network has none; allowed: "plain", "transposed"')


def shape_of(printed: Printed) -> tuple[int, ...] | None:
    """Return the shape of nested tuples of strings, None if they are ragged."""
    if isinstance(printed, str):
        return ()
    shapes = {shape_of(part) for part in printed}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(printed), *inner)


def _check_batch(entry: Expected, position: str, problem: Problem, rows: NDArray[np.intp]) -> None:
    """Refuse a sample that is not in the batch of the entry's update, and printed figures of another shape."""
    if entry.sample is not None and entry.sample not in rows and entry.sample >= len(rows):
        inside = ", ".join(str(row) for row in rows[:8]) + (" …" if len(rows) > 8 else "")
        raise RefusedError(f"{position}.sample", f"row {entry.sample} is not in the batch of update {entry.step}; allowed: {inside}")
    allowed, found = printed_shapes(entry, problem, len(rows)), shape_of(entry.printed)
    if found not in allowed:
        what = "rows of different lengths" if found is None else _in_words(found)
        raise RefusedError(f"{position}.printed", f"{_in_words(allowed[0])} needed here, found {what}")


def _in_words(shape: Sequence[int]) -> str:
    if not shape:
        return "one string"
    if len(shape) == 1:
        return f"a list of {shape[0]:,} string{'' if shape[0] == 1 else 's'}"
    if len(shape) > 4:
        return f"lists in lists, {len(shape)} deep"
    return f"{' × '.join(f'{n:,}' for n in shape)} strings"
