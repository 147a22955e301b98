"""Another number of the same update that was taken for the one asked for: the entry across the diagonal, another unit, layer or sample."""

from __future__ import annotations

from collections.abc import Iterator

from model.diagnosis.case import AFTER, Case, Try
from model.quantities import QUANTITIES
from model.stages import Ref

_MOST = 40  # entries of one layer: among more of them a figure of few digits finds its like by chance
_MOST_SAMPLES = 10
# Numbers at the same place that are mixed up with one another.
_PARTNERS = {
    "W_new": ("W", "dW", "step_W"), "b_new": ("b", "db", "step_b"), "W": ("W_new",), "b": ("b_new",),
    "dW": ("dW_sample", "step_W", "W"), "db": ("delta", "dLda", "step_b", "b"), "step_W": ("dW",), "step_b": ("db",),
    "z": ("a", "z_after"), "a": ("z", "a_after"), "dadz": ("a", "z"),
    "delta": ("dLda", "dadz", "db"), "dLda": ("delta", "dadz"),
    "z_after": ("z", "a_after"), "a_after": ("a", "z_after"), "loss_after": ("loss",), "loss": ("loss_after", "loss_sample"),
    "loss_sample": ("loss", "loss_after"),
}  # fmt: skip

_LEFT = {"W_new": ("W", "weight"), "b_new": ("b", "bias")}


def neighbours(case: Case) -> Iterator[Try]:
    """Every number that may have been written down for the right one, the likeliest first."""
    ref = case.ref
    yield from (_try(case, "other quantity", other) for other in _partners(case))
    if ref.from_ is not None and ref.unit is not None and ref.from_ != ref.unit and ref.from_ >= 0:
        yield from _existing(case, "transposed entry", [ref._replace(unit=ref.from_, from_=ref.unit)])
    yield from _existing(case, "other unit", _in_layer(case, ref.layer))
    kind = QUANTITIES.get(ref.quantity)
    if kind is not None and kind.layered:
        low, high = kind.layer_range(case.problem)
        for l in sorted({*range(low, high + 1)} - {ref.layer}, key=lambda l: abs(l - ref.layer)):
            yield from _existing(case, "other layer", _in_layer(case, l))
    if kind is not None and kind.per_sample:
        own = case.sample if ref.sample is None else ref.sample
        samples = [ref._replace(sample=s) for s in range(min(case.record.m, _MOST_SAMPLES)) if s != own]
        yield from _existing(case, "other sample", samples)


def left_as_it_is(case: Case) -> Iterator[Try]:
    """The old weight or bias in the place of the new one."""
    old, what = _LEFT.get(case.ref.quantity, ("", ""))
    if old:
        plain = _try(case, "left as it is", case.ref._replace(quantity=old))
        yield plain._replace(clause=f"{plain.clause}: the {what} is left as it is")


def _try(case: Case, kind: str, ref: Ref) -> Try:
    value = Case(case.record, ref, case.notation, case.sample, case.sign).value()
    return Try(kind, f"the figure of {_named(case, ref)}", value=value, is_number=True, shift=_shift(case.ref, ref))


def _shift(ref: Ref, other: Ref) -> tuple[object, ...]:
    """Return where a number stands as seen from another: neighbours of printed figures are printed side by side, too."""
    steps = (((b or 0) - (a or 0)) for a, b in zip(ref[1:], other[1:], strict=True))
    return (other.quantity, *steps)


def _named(case: Case, ref: Ref) -> str:
    """Return the symbol of a number; with its sample where the notation has one symbol for those of all samples."""
    name = case.name(ref)
    alike = ref.sample is not None and name == case.name(case.ref)
    return f"{name}, sample {(ref.sample or 0) + 1}" if alike else name


def _existing(case: Case, kind: str, refs: list[Ref]) -> Iterator[Try]:
    for ref in refs:
        try:
            yield _try(case, kind, ref)
        except (IndexError, KeyError, ValueError):
            continue


def _partners(case: Case) -> Iterator[Ref]:
    ref, problem = case.ref, case.problem
    found = [ref._replace(quantity=q, from_=ref.from_ if "W" in q else None) for q in _PARTNERS.get(ref.quantity, ())]
    if ref.quantity in ("dW", "W_new") and ref.from_ is not None:
        found += [Ref("delta", ref.layer, ref.unit)]
        found += [Ref("a", ref.layer, ref.from_)] if ref.from_ < problem.layers[ref.layer] else []
    if ref.quantity == "loss":
        found += [Ref("loss_output", 0, j) for j in range(min(problem.layers[-1], _MOST))]
    if ref.quantity == "loss_sample":
        found += [Ref("loss_output", 0, j, sample=ref.sample) for j in range(min(problem.layers[-1], _MOST))]
    yield from (each.ref for each in (Case(case.record, r, case.notation, case.sample) for r in found) if _is_there(each))


def _is_there(case: Case) -> bool:
    name = case.ref.quantity
    if case.record.new_params is None and (name in AFTER or name.endswith("_new") or name.startswith("step")):
        return False
    try:
        case.value()
    except (IndexError, KeyError, ValueError):
        return False
    return True


def _in_layer(case: Case, layer: int) -> list[Ref]:
    """Return the numbers of the same quantity in a layer, as many as can be told from one another."""
    ref, sizes = case.ref, case.problem.layers
    if ref.unit is None or not 0 <= layer < len(sizes) or (ref.from_ or 0) < 0:
        return []
    units = range(sizes[layer] + (ref.quantity == "dLdX"))
    if ref.from_ is None:
        found = [ref._replace(layer=layer, unit=j) for j in units]
    else:
        found = [ref._replace(layer=layer, unit=j, from_=k) for j in units for k in range(sizes[layer - 1])] if layer else []
    return [other for other in found if other != ref] if len(found) <= _MOST else []
