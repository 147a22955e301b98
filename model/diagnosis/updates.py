"""The usual slips of the update itself: sign, learning rate, and what an optimiser does besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from model.diagnosis.altered import Change, Way
from model.diagnosis.case import UPDATE, Case, Try
from model.stages import Ref
from model.workspace import Workspace

_RATE = Ref("learning_rate")
_USUAL_RATES = (0.1, 0.5, 0.01, 0.05, 0.2, 0.001)
_LONG_AFTER = 10**9  # after so many updates Adam corrects nothing any more


def updates(case: Case) -> Iterator[Try]:
    """Every slip of the update: of sign and learning rate first, then of the optimiser."""
    rate = case.record.learning_rate
    if case.part < UPDATE or rate is None:
        return
    name, here = case.name(_RATE), f"here {case.name(_RATE)} = {rate:g}"
    yield Try("plus", "the gradient's step is added, not subtracted", Way(learning_rate=-rate))
    if rate != 1.0:
        yield Try("no learning rate", f"the learning rate is left out ({name} = 1)", Way(learning_rate=1.0), here=here)
        yield Try("learning rate twice", f"the learning rate is multiplied in twice ({name}²)", Way(learning_rate=rate * rate), here=here)
    yield from _optimisers(case)
    for other in _USUAL_RATES:
        if other not in (rate, 1.0, rate * rate):
            yield Try("other learning rate", f"the learning rate is {name} = {other:g}", Way(learning_rate=other), here=here)


def one_parameter(case: Case) -> Iterator[Try]:
    """One weight or bias alone left as it is, or its step added: for what is worked out with the new parameters."""
    p = case.problem
    for l in range(1, p.depth + 1):
        for j in range(p.layers[l]):
            biases = [Ref("b", l, j)] if p.has_biases and p.train_biases else []
            for ref in (*biases, *(Ref("W", l, j, k) for k in range(p.layers[l - 1]))):
                name = case.name(ref)
                for kind, clause, times in (
                    ("not updated", "{} is left as it is", 0.0),
                    ("plus", "the step of {} is added, not subtracted", -1.0),
                ):
                    yield Try(kind, clause.format(name), Way(changes=(Change("new", l, partial(_step, ref, times)),)))


def _step(ref: Ref, times: float, ws: Workspace, l: int) -> None:
    """Take a parameter's step so many times."""
    place = (ref.unit or 0,) if ref.quantity == "b" else (ref.unit or 0, ref.from_ or 0)
    old, new = (ws.W[l], ws.W_new[l]) if ref.quantity == "W" else (ws.b[l], ws.b_new[l])
    new[place] = old[place] + times * (new[place] - old[place])


def _optimisers(case: Case) -> Iterator[Try]:
    o = case.problem.optimizer
    if o.name in ("adam", "adamw"):
        yield Try("no bias correction", "Adam's correction 1/(1 − βᵗ) is left out", Way(t=_LONG_AFTER))
    if o.weight_decay and o.name in ("adam", "adamw"):
        yield Try("no weight decay", "the weight decay is forgotten", _with_optimizer(case, {"weight_decay": 0.0}))
        other = "adamw" if o.name == "adam" else "adam"
        how = "taken off the weights apart" if other == "adamw" else "added to the gradient"
        yield Try("weight decay", f"the weight decay is {how}", _with_optimizer(case, {"name": other}))
    if o.name == "sgd_momentum":
        clause = "Nesterov's look ahead is left out" if o.nesterov else "momentum is taken as Nesterov's"
        yield Try("nesterov", clause, _with_optimizer(case, {"nesterov": not o.nesterov}))
        yield Try("no momentum", "the momentum is forgotten", _with_optimizer(case, {"name": "sgd"}))
    elif o.name != "sgd":
        clause = f"plain gradient descent is used instead of {_TITLES[o.name]}"
        yield Try("no optimiser", clause, _with_optimizer(case, {"name": "sgd"}))


_TITLES = {"rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}


def _with_optimizer(case: Case, changed: Mapping[str, Any]) -> Way:
    return Way({"optimizer": replace(case.problem.optimizer, **changed)})
