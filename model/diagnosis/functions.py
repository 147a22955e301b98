"""Slips of the functions: another activation or none, the logarithm of another base, half of the cross-entropy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from model.diagnosis.altered import Change, Way
from model.diagnosis.case import LOSS, Case, Try
from model.diagnosis.slips import ENTROPIES, other_activations, scale
from model.workspace import Workspace

_OTHERS = ("sigmoid", "tanh", "relu")


def functions(case: Case) -> Iterator[Try]:
    """Another activation function, or none; the logarithm of another base; half of the cross-entropy."""
    p = case.problem
    for l in range(1, p.depth + 1):
        name = p.activations[l - 1]
        if name != "identity":
            a, z = case.whole("a", l), case.whole("z", l)
            yield Try("no activation", f"{z} is used instead of {a}", other_activations(case, (l,), _unchanged))
        for other in ("sigmoid",) if name == "softmax" else tuple(o for o in _OTHERS if o != name):
            changed = tuple(other if k == l else n for k, n in enumerate(p.activations, 1))
            if not (l == p.depth and p.loss in ENTROPIES and other != "sigmoid"):
                clause = f"{other} is used for {case.whole('a', l)} instead of {name.replace('_', ' ')}"
                yield Try("other activation", clause, Way({"activations": changed}))
    if p.loss in ENTROPIES and case.part == LOSS:
        for base, words in ((10.0, "10"), (2.0, "2")):
            way = Way(changes=(Change("loss_output", p.depth, partial(scale, "loss_output", 1.0 / float(np.log(base)))),))
            yield Try("log base", f"the logarithm to base {words} is taken", way, here="here it is the natural one")
    if p.loss == "binary_cross_entropy" and p.activations[-1] == "sigmoid" and case.part >= LOSS:
        yield Try(
            "half entropy",
            f"the terms (1 − {case.whole('y')}) ln(1 − {case.whole('a', p.depth)}) are left out",
            Way({"loss": "cross_entropy"}),
        )


def _unchanged(ws: Workspace, l: int) -> None:
    ws.a[l + 1][...] = ws.z[l]
