"""Slips of an earlier update, and slips that are made in every one: with what they leave behind, this update is worked out rightly."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

import numpy as np

from model.diagnosis.altered import Way
from model.diagnosis.case import AFTER, LOSS, Case, Try
from model.diagnosis.digits import MOST_DECIMALS, decimals_words
from model.diagnosis.formulas import FORMULAS
from model.diagnosis.slips import SLIPS, loss_factor
from model.diagnosis.terms import TERMS
from model.diagnosis.updates import one_parameter, updates
from model.problem import Optimizer, Rounding
from model.record import Record
from model.run import Run
from model.stages import Ref

_MOST_UPDATES = 6  # that are worked out by hand one after the other
_MOST_SIZE = 200  # weights times samples
_MOST_PARAMETERS = 24  # of which each is looked at by itself
_FAR = 3  # updates ago


@lru_cache(maxsize=4)
def updates_before(record: Record) -> tuple[Record, ...]:
    """Return the records of the updates before, from the first; none where the run was not made from the experiment alone."""
    if not 1 < record.step <= _MOST_UPDATES or record.learning_rate is None or len(record.params.theta) * record.m > _MOST_SIZE:
        return ()
    run = Run(record.problem)
    again = run.record(record.step)
    same = np.array_equal(again.params.theta, record.params.theta) and np.array_equal(again.x, record.x)
    return tuple(run.record(t) for t in range(1, record.step)) if same else ()


def in_every_update(case: Case) -> Iterator[Try]:
    """The usual slips, made from the first update on until this one; numbers that are rounded and carried on through all of them."""
    before = updates_before(case.record)
    if not before:
        return
    since = tuple(range(1, case.record.step + 1))
    for told in _slips(case, before[-1]):
        yield told._replace(clause=f"from the first update on {told.clause}", updates=since)
    for k in range(1, MOST_DECIMALS + 1):
        clause = f"from the first update on every number is rounded to {decimals_words(k)} and carried on so"
        yield Try("carried rounding", clause, Way({"rounding": Rounding(k, "half_up")}), updates=since)
    if case.problem.optimizer.name == "sgd":
        for momentum in (0.9, 0.5):
            way = Way({"optimizer": Optimizer("sgd_momentum", momentum=momentum)})
            yield Try("added momentum", f"a momentum of {momentum:g} is added", way, updates=since)


def in_one_update(case: Case) -> Iterator[Try]:
    """The usual slips, and those at one number, in one of the updates before; everything that follows is right."""
    before = updates_before(case.record)
    if len(before) > 1 and case.part == LOSS:
        for told in loss_factor(_there(case, before[-1])):
            clause = f"in the updates before {told.clause}, in their gradients"
            yield told._replace(clause=clause, updates=tuple(range(1, case.record.step)))
    for record in reversed(before):
        for told in chain(_slips(case, record), _at_one_number(case, record)):
            yield told._replace(clause=f"in update {record.step} {told.clause}", updates=(record.step,))


def at_one_parameter(case: Case) -> Iterator[Try]:
    """One parameter that this update forgot or moved the wrong way, in what is worked out with the new ones."""
    if case.ref.quantity in AFTER and case.is_small and len(case.record.params.theta) <= _MOST_PARAMETERS:
        yield from one_parameter(case)


def _at_one_number(case: Case, record: Record) -> Iterator[Try]:
    if len(record.params.theta) <= _MOST_PARAMETERS:
        there = _there(case, record)
        yield from one_parameter(there)
        if case.record.step - record.step < _FAR:
            yield from chain.from_iterable(make(there) for make in TERMS)


def _slips(case: Case, record: Record) -> Iterator[Try]:
    """Yield the slips that an update's new parameters may have."""
    there = _there(case, record)
    made = chain.from_iterable(make(there) for make in (updates, *SLIPS, *FORMULAS))
    return (told for told in made if told.way is not None and told.kind != "one sample")


def _there(case: Case, record: Record) -> Case:
    """Return the case of a parameter that depends on the whole of an update before."""
    return Case(record, Ref("W_new", 1, 0, 0), case.notation, case.sample)


def other_updates(case: Case) -> Iterator[Try]:
    """The same number of another update, taken for this one's."""
    if case.ref.quantity == "learning_rate":
        return
    for record in reversed(updates_before(case.record)):
        value = Case(record, case.ref, case.notation, case.sample, case.sign).value()
        clause = f"the figure of update {record.step}"
        yield Try("other update", clause, value=value, is_number=True)
