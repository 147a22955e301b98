"""When two references mean the same number, so that pointing at it anywhere lights it up everywhere. No Qt."""

from __future__ import annotations

from model.stages import Ref


def canonical(ref: Ref) -> Ref:
    """Return one reference for numbers that have several names: inputs, and the coordinates of ∂L/∂X that are ∂L/∂a."""
    if ref.quantity == "x":
        return ref._replace(quantity="a", layer=0)
    if ref.quantity == "dLdX" and ref.unit:
        inner = ref.layer > 1
        return Ref("dLda", ref.layer - 1, ref.unit - 1, None, ref.sample) if inner else Ref("dLdx", 0, ref.unit - 1, None, ref.sample)
    if ref.quantity == "dLdx":
        return Ref("dLdx", 0, ref.unit if ref.from_ is None else ref.from_, None, ref.sample)
    return ref


def covers(pattern: Ref, ref: Ref) -> bool:
    """Return whether `pattern` means `ref`: the same number, or all numbers of which it is one. A sample left open is any."""
    if pattern.unit is None and pattern.quantity == ref.quantity == "dLdX":
        one, other = pattern, ref  # all coordinates of ∂L/∂X, also those that are ∂L/∂a
    else:
        one, other = canonical(pattern), canonical(ref)
    same = one[:2] == other[:2] and all(a is None or a == b for a, b in zip(one[2:4], other[2:4], strict=True))
    return same and (one.sample is None or other.sample is None or one.sample == other.sample)
