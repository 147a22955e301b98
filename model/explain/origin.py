"""Where a number comes from: its formula with its factors, or, for something given, that it is given."""

from __future__ import annotations

from dataclasses import replace

from model.explain.calculation import calculation, sources_of
from model.explain.names import symbol_latex
from model.explain.parts import Writer
from model.explain.steps import completed, explain, formula_of
from model.explain.words import words_for
from model.expr.text import latex_to_text
from model.expr.tree import Equation, Explanation
from model.moment import Moment, is_state, state_part
from model.stages import Ref, Stage

SINGLE = frozenset({"loss", "loss_sample", "penalty", "learning_rate", "one"})
_GIVEN = {
    "W": "A weight that is given: the experiment starts with it.",
    "b": "A bias that is given: the experiment starts with it.",
    "x": "An input: it is given with the sample.",
    "y": "A target: it is given with the sample.",
    "learning_rate": "The learning rate is chosen; it is how far a step goes down the gradient.",
    "one": "The constant input of the biases: it is always 1.",
    "penalty": "The L2 penalty: λ/2 times the sum of the squares of all weights; biases are left out.",
}
# Numbers that come with a step of another name.
_BESIDE = {
    "dadz": "The slope of {phi} where the neuron stands: how fast its output follows its sum.",
    "loss_output": "One output's share of the loss.",
    "dLdx": "How fast the loss grows with this input.",
    "step_W": "How far the weight has moved.",
    "step_b": "How far the bias has moved.",
    "path": "What is handed down through one weight.",
    "buffer": "The velocity: the gradients of all updates so far, the older the fainter.",
    "square_average": "A running average of the squared gradient, which the step is measured by.",
    "mean": "A running average of the gradient.",
    "square_mean": "A running average of the squared gradient.",
    "mean_hat": "The running average without its lean towards 0, where it began.",
    "square_mean_hat": "The running average without its lean towards 0, where it began.",
}
_LEFT = "It comes from the update before: the optimiser remembers it."
_BEGINS = "What the optimiser remembers begins with 0."
_BIASES = ("db", "b_new", "db_sample", "delta")
NOT_YET = "Not computed yet: the walk has not come to it."


def is_single(ref: Ref) -> bool:
    """Return whether a reference means one number and not a whole vector or matrix."""
    return ref.quantity in SINGLE or ref.unit is not None or ref.from_ is not None


def exists_in(moment: Moment, ref: Ref) -> bool:
    """Return whether the record has this number: an earlier network may have been larger."""
    try:
        if is_single(ref):
            moment.value(ref)
        return 0 <= ref.layer <= moment.record.problem.depth
    except (IndexError, KeyError, ValueError):
        return False


def origin(moment: Moment, ref: Ref) -> Explanation:
    """Return where a number (or a whole vector or matrix) of the moment comes from. What is not revealed yet is not told."""
    return completed(moment, _origin(moment, ref, latex_to_text(symbol_latex(moment, ref))))


def _origin(moment: Moment, ref: Ref, name: str) -> Explanation:
    if not moment.known(ref):
        symbol = Equation((("symbol", Writer(moment).sym(ref)),)) if is_single(ref) else None
        return Explanation(name, NOT_YET, () if symbol is None else (symbol,), (ref,))
    if is_single(ref):
        return _single(moment, ref, name)
    return _whole(moment, ref, name)


def _single(moment: Moment, ref: Ref, name: str) -> Explanation:
    if ref.quantity in ("learning_rate", "one"):
        w = Writer(moment)
        value = Equation((("symbol", w.rate), ("result", w.num(ref, bracket=False))))
        shown = value if ref.quantity == "learning_rate" else Equation((("symbol", w.sym(ref)),))
        return Explanation(name, _GIVEN[ref.quantity], (shown,), (ref,))
    return Explanation(name, _words(moment, ref), (formula_of(moment, ref),), (ref,), sources_of(moment.record, ref, moment.sample))


def _words(moment: Moment, ref: Ref) -> str:
    given = "x" if (ref.quantity, ref.layer) == ("a", 0) else ref.quantity
    if given in ("W", "b") and moment.record.step > 1:
        return "It comes from the update before: there it was the new value."
    if given == "penalty" or (calculation(moment.record, ref, moment.sample) is None and given in _GIVEN):
        return _GIVEN[given]
    if given == "b_new" and not moment.record.problem.train_biases:
        return "The biases are frozen: this one stays as it is."
    if is_state(moment.record.problem, ref.quantity) and state_part(ref.quantity)[1] == "_old":
        return _LEFT if moment.record.state.t else _BEGINS
    stage = _stage(moment, ref)
    if stage is not None and given in ("db", "b_new"):  # inside a matrix of weights it is still a bias
        stage = replace(stage, quantity=given)
    said = "" if stage is None else words_for(moment.record, stage, moment.notation, moment.sample)
    return said or _beside(moment, ref)


def _beside(moment: Moment, ref: Ref) -> str:
    layer = ref.layer if 0 < ref.layer <= moment.record.problem.depth else 1
    phi = latex_to_text(moment.notation.name_of("phi", layer, moment.record.problem))
    return _BESIDE.get(ref.quantity, "").format(phi=phi)


def _stage(moment: Moment, ref: Ref) -> Stage | None:
    i = moment.walk.host.get((ref.quantity, ref.layer))
    stage = None if i is None else moment.walk.stages[i]
    return stage if stage is not None and (stage.quantity == ref.quantity or ref.quantity in _BIASES) else None


def _whole(moment: Moment, ref: Ref, name: str) -> Explanation:
    """Return the layer's equations, or the matrix itself where it is given."""
    i = moment.walk.host.get((ref.quantity, ref.layer))
    if i is not None:
        there = replace(moment, tick=moment.walk.ends[i], granularity="layer")
        said = explain(there)
        return Explanation(name, said.words, said.equations[-1:], (ref,), said.sources)
    for equation in explain(replace(moment, tick=0)).equations:
        symbol = equation.sides[0][1]
        shown = getattr(symbol, "ref", None)
        if shown is not None and (shown.quantity, shown.layer) == ("a" if ref.quantity == "x" else ref.quantity, ref.layer):
            return Explanation(name, _words(moment, ref), (equation,), (ref,))
    return Explanation(name, _words(moment, ref), (), (ref,))
