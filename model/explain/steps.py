"""What happens at a moment of the walk: caption, words and equations, at every granularity, in the moment's notation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Literal

import numpy as np

from model.conventions import conventions, with_commas
from model.drift import drift_note
from model.explain import backward as back
from model.explain import delta as deltas
from model.explain import forward, notes, start, update
from model.explain import gradient as gradients
from model.explain import loss as losses
from model.explain.calculation import Calculation, Term, calculation, sources_of
from model.explain.honesty import terms_note
from model.explain.parts import Side, Writer, row
from model.explain.titles import title_for
from model.explain.words import PHASE_WORDS, START_WORDS, words_for
from model.expr.even import evened
from model.expr.text import latex_to_text
from model.expr.tree import Equation, Explanation, Expr, Num, Op, Row, Sym, Text
from model.moment import Moment, is_state, number
from model.notation.layers import only_layer
from model.rounding import rounded
from model.stage import BIAS_OF
from model.stages import Place, Ref, Stage

Form = Literal["matrix", "index"]
COMPONENTS_SHOWN = 6  # component equations shown whole in index form
COMPONENTS_FIRST = 3
_MANY_SOURCES = 64


def explain(moment: Moment, *, form: Form | None = None, shown: int = COMPONENTS_SHOWN) -> Explanation:
    """Return what happens at `moment`. form: matrix or index; None: as the notation prefers. shown: components in index form."""
    told = _explain(moment, form, shown)
    return completed(moment, replace(told, equations=tuple(evened(equation, moment.fmt) for equation in told.equations)))


def completed(moment: Moment, told: Explanation) -> Explanation:
    """Return what is told with the conventions and the layer that it holds for, and decimal commas in its sentences where they are used."""
    problem, comma = moment.record.problem, moment.fmt.comma
    if comma:
        equations = tuple(replace(equation, note=with_commas(equation.note)) for equation in told.equations)
        told = replace(told, words=with_commas(told.words), equations=equations)
    return replace(told, conventions=conventions(problem, comma=comma), layer=only_layer(told.focus, moment.notation, problem))


def _explain(moment: Moment, form: Form | None, shown: int) -> Explanation:
    place = moment.place
    if place is None:
        return _start(moment)
    if moment.granularity == "phase" and place.component is None:
        return _phase(moment, place)
    stage = moment.walk.stages[place.stage]
    caption = _caption(moment, stage, place)
    form = form or preferred_form(moment, stage)
    words = words_for(moment.record, stage, moment.notation, moment.sample, whole=place.component is None and form == "matrix")
    if place.component is None:
        equations = _layer(moment, stage, form, shown)
        return Explanation(caption, words, equations, _formed(stage), _whole_sources(moment, stage))
    ref = stage.entry(place.component)
    if place.term is None:
        return Explanation(caption, words, _unit(Writer(moment), stage, ref), _formed(stage, ref), _sources(moment, ref))
    term_words = f"Term {place.term + 1} of {stage.terms}. {words}"
    equations, sources = _term(moment, stage, ref, place.term)
    return Explanation(caption, term_words, equations, _formed(stage, ref), sources)


def formula_of(moment: Moment, ref: Ref) -> Equation:
    """Return the formula by which one number of the record is calculated, in the moment's notation; for a given number its value."""
    w = Writer(moment)
    sides = _unit_sides(w, None, ref)
    if not sides:
        return Equation((("symbol", w.sym(ref)), ("result", w.num(ref, bracket=False))))
    return w.equation(sides[-1], ref.layer)


def preferred_form(moment: Moment, stage: Stage) -> Form:
    """Return the form in which the notation writes this stage."""
    other = moment.notation.style.get("forward_form") if stage.phase == "forward" else None
    return "matrix" if other == "matrix" else moment.notation.form


# -- start and phase -------------------------------------------------------------------------------------------------------------


def _start(moment: Moment) -> Explanation:
    w = Writer(moment)
    equations = (*start.sample(w, "result"), *start.parameters(w, "W", "b", "result"))
    return Explanation(f"Update {moment.record.step:,} · start", START_WORDS, equations)


def _phase(moment: Moment, place: Place) -> Explanation:
    stages, last = moment.walk.stages, place.stage
    phase, first = stages[last].phase, last
    while first > 0 and stages[first - 1].phase == phase:
        first -= 1
    shown = stages[first : last + 1]
    equations = [_brief(moment, equation) for stage in shown for equation in _layer(moment, stage, "matrix")[-1:]]
    focus = tuple(ref for stage in shown for ref in _formed(stage))
    return Explanation(f"Update {moment.record.step:,} · {phase}", PHASE_WORDS[phase], tuple(equations), focus)


def _formed(stage: Stage, entry: Ref | None = None) -> tuple[Ref, ...]:
    """Return what a stage forms, by every name its numbers have: a bias inside a matrix is one of ∂L/∂b, ∂L/∂b said for δ is δ."""
    own = entry or Ref(stage.quantity, stage.layer)
    if _merged(stage):
        return own, own._replace(quantity="delta")
    return (own, Ref(BIAS_OF[stage.quantity], stage.layer)) if entry is None and stage.inside else (own,)


def _brief(moment: Moment, equation: Equation) -> Equation:
    """Return symbol, first rule and result of an equation, and how far the result has drifted where rounded values are carried."""
    first_rule = next((i for i, (kind, _) in enumerate(equation.sides) if kind == "rule"), None)
    kept = tuple(side for i, side in enumerate(equation.sides) if side[0] in ("symbol", "result") or i == first_rule)
    return Equation(kept, drift_note(moment, kept[-1][1]))


# -- layer -----------------------------------------------------------------------------------------------------------------------


def _merged(stage: Stage) -> bool:
    """Say whether ∂L/∂b stands for δ too, as in notes that never write ∂L/∂z."""
    return stage.quantity == "db" and ("delta", stage.layer) in stage.reveals


def _is_dropped(moment: Moment, stage: Stage) -> bool:
    """Say whether ∂L/∂X has just been shown, so that ∂L/∂a only leaves out its first coordinate."""
    host = moment.walk.host.get(("dLdX", stage.layer + 1))
    return stage.quantity == "dLda" and host is not None and moment.walk.stages[host].quantity == "dLdX"


def _layer(moment: Moment, stage: Stage, form: Form, most: int = COMPONENTS_SHOWN) -> tuple[Equation, ...]:
    w = Writer(moment)
    remarks = notes.remarks(w, stage)
    if form == "matrix" or stage.quantity in ("loss", "loss_sample"):
        return (*remarks, *_matrix(w, moment, stage))
    if _is_dropped(moment, stage):
        return tuple(_components(w, stage, most))
    general = _general(w, stage)
    rule = [notes.marked(w, stage, Equation(tuple(general), notes.stage_note(w, stage)))] if len(general) > 1 else []
    defined = forward.input_definition(w, stage.layer) if stage.quantity == "z" else []
    rule = [*update.general_states(w, stage), *rule]
    return (*remarks, *deltas.in_local_names(w, stage), *defined, *rule, *_of_biases(w, stage), *_components(w, stage, most))


def _of_biases(w: Writer, stage: Stage) -> list[Equation]:
    """Return the rule of the biases inside a matrix where they share one or are frozen, with its reason."""
    shared = [replace(rule, note=gradients.shared_note(w, stage.layer)) for rule in gradients.shared_rule(w, stage)]
    return [*shared, *update.frozen_rule(w, stage)]


def _matrix(w: Writer, moment: Moment, stage: Stage) -> list[Equation]:
    if stage.quantity == "loss":
        return [notes.marked(w, stage, w.equation(losses.unit_loss(w, Ref("loss")), 0, losses.penalty_note(w)))]
    if stage.quantity == "loss_sample":
        return [w.equation(_loss_sample(w, Ref("loss_sample"), None))]
    if stage.quantity == "dLda" and stage.layer < w.problem.depth:
        return back.dropped(w, stage) if _is_dropped(moment, stage) else back.matrix_carried(w, "dLda", stage.layer + 1)
    if stage.quantity == "dLdX":
        return back.matrix_carried(w, "dLdX", stage.layer)
    if _merged(stage):
        return deltas.matrix_delta(w, stage)
    return _MATRIX[stage.quantity](w, stage)


_MATRIX: dict[str, Callable[[Writer, Stage], list[Equation]]] = {
    "z": forward.matrix_z,
    "a": forward.matrix_a,
    "dLda": losses.matrix_dLda,
    "dadz": back.matrix_dadz,
    "delta": deltas.matrix_delta,
    "dW_sample": gradients.matrix_dW_sample,
    "dW": gradients.matrix_dW,
    "db": gradients.matrix_db,
    "W_new": update.matrix_update,
    "b_new": update.matrix_update,
}


def _general(w: Writer, stage: Stage) -> list[Side]:
    q, l = stage.quantity, stage.layer
    if q in ("z", "a"):
        return forward.general_z(w, stage) if q == "z" else forward.general_a(w, stage)
    if q == "dLdX" or (q == "dLda" and l < w.problem.depth):
        return back.general_carried(w, q, l if q == "dLdX" else l + 1)
    if q in ("W_new", "b_new"):
        return update.general_update(w, q, l)
    if _merged(stage):
        return deltas.general_delta(w, l)
    makers: dict[str, Callable[[Writer, int], list[Side]]] = {
        "dLda": losses.general_dLda,
        "dadz": back.general_dadz,
        "delta": deltas.general_delta,
        "dW": gradients.general_dW,
        "dW_sample": gradients.general_dW_sample,
        "db": gradients.general_db,
    }
    return makers[q](w, l)


def _components(w: Writer, stage: Stage, most: int) -> list[Equation]:
    """Return one equation per component; of many, the first few and the last, with the number left out."""
    n = stage.components
    if n <= most:
        return [equation for i in range(n) for equation in _unit(w, stage, stage.entry(i), explained=True)]
    first = [equation for i in range(COMPONENTS_FIRST) for equation in _unit(w, stage, stage.entry(i), explained=True)]
    dots = Equation((("symbol", Text(f"⋮  ({n - COMPONENTS_FIRST - 1:,} more in the same way)")),))
    return [*first, dots, *_unit(w, stage, stage.entry(n - 1), explained=True)]


# -- neuron ----------------------------------------------------------------------------------------------------------------------


def _unit(w: Writer, stage: Stage, ref: Ref, *, explained: bool = False) -> tuple[Equation, ...]:
    """Return the equations of one component. explained: the remarks on the stage have been made with its general rule."""
    note = "" if explained else update.frozen_note(w) if ref.quantity == "b_new" else notes.stage_note(w, stage, ref)
    if ref.quantity == "dLda" and _is_dropped(w.moment, stage):
        kept = w.sym(Ref("dLdX", ref.layer + 1, (ref.unit or 0) + 1))
        return (w.equation([("symbol", w.sym(ref)), ("rule", kept), ("result", w.num(ref, bracket=False))], ref.layer),)
    equations = _unit_sides(w, stage, ref)
    return tuple(w.equation(sides, stage.layer, note if i == 0 else "") for i, sides in enumerate(equations))


def _loss_sample(w: Writer, ref: Ref, upto: int | None) -> list[Side]:
    s = w.sample if ref.sample is None else ref.sample
    symbol = Sym(w.notation.name_of("loss_sample", 0, w.problem, w.m, sample=str(s + 1)), ref)
    return losses.loss_sample(w, s, symbol, w.num(Ref("loss_sample", sample=s), bracket=False), upto)


def _is_named_delta(w: Writer, ref: Ref) -> bool:
    """Say whether a bias's gradient has the very name of ∂L/∂z, so that only the formula of the latter says anything."""
    if ref.quantity != "db":
        return False
    mine, other = (w.notation.symbol(ref._replace(quantity=name), w.problem, w.m) for name in ("db", "delta"))
    return mine == other


def _unit_sides(w: Writer, stage: Stage | None, ref: Ref, upto: int | None = None) -> list[list[Side]]:
    """Return the equations of one number, each as its sides; none for something given."""
    if calculation(w.record, ref, w.sample) is None:
        return []
    q = ref.quantity
    if (stage is not None and _merged(stage)) or _is_named_delta(w, ref):
        q, ref = "delta", ref._replace(quantity="delta")
    if is_state(w.problem, q):
        return [update.unit_state(w, ref)]
    if q in ("W_new", "b_new"):
        return update.unit_update(w, ref, stage or Stage(q, ref.layer, "update", (1,), 1))
    if q == "dLda" and ref.layer == w.problem.depth:
        return [losses.unit_dLda(w, ref)]
    summed: dict[str, Callable[[Writer, Ref, int | None], list[Side]]] = {
        "z": forward.unit_z,
        "loss": losses.unit_loss,
        "loss_sample": _loss_sample,
        "delta": deltas.unit_delta,
        "dLda": back.unit_carried,
        "dLdX": back.unit_carried,
        "dLdx": back.unit_carried,
        "dW": gradients.unit_gradient,
        "db": gradients.unit_gradient,
        "dW_sample": gradients.unit_gradient,
        "db_sample": gradients.unit_gradient,
    }
    if q in summed:
        return [summed[q](w, ref, upto)]
    single: dict[str, Callable[[Writer, Ref], list[Side]]] = {
        "a": forward.unit_a,
        "dadz": back.unit_dadz,
        "loss_output": losses.unit_loss_output,
        "penalty": losses.unit_penalty,
        "step_W": update.unit_step,
        "step_b": update.unit_step,
        "path": update.unit_step,
    }
    return [single[q](w, ref)]


# -- term ------------------------------------------------------------------------------------------------------------------------


def _term(moment: Moment, stage: Stage, ref: Ref, term: int) -> tuple[tuple[Equation, ...], tuple[Ref, ...]]:
    """Return the product that is being added and the running sum, or the finished sum at the last term."""
    w = Writer(moment)
    inner = ref._replace(quantity="delta") if _merged(stage) else ref
    calc = calculation(w.record, inner, w.sample)
    if calc is None or term >= calc.count or stage.terms == 1:
        return _unit(w, stage, ref), _sources(moment, ref)
    added, sources = _added(w, calc, _index(w, stage, term, calc.count))
    terms = [calc.term(_index(w, stage, i, calc.count)) for i in range(term + 1)]
    values = [_term_value(w, term) for term in terms]
    so_far = _carried(w, sum(values))
    apart = "" if _on_its_own(terms[0]) else terms_note(w, values, so_far)
    if term + 1 == stage.terms or term + 1 == calc.count:
        *first, whole = _unit(w, stage, ref)
        return (added, *first, replace(whole, note=" ".join(filter(None, (whole.note, apart))))), sources
    sides = _unit_sides(w, stage, ref, term + 1)[0]
    numbers = [side for side in sides if side[0] == "numbers"]
    more = calc.count - term - 1
    note = " ".join(filter(None, (f"Running sum; {more} more term{'s' if more > 1 else ''} to come.", apart)))
    symbol: Side = ("symbol", row(sides[0][1], Text(" so far")))
    return (added, w.equation([symbol, *numbers, ("result", Num(so_far, None))], stage.layer, note)), sources


def _on_its_own(term: Term) -> bool:
    """Say whether a term is a number with a formula of its own, which is shown in place of its share in the sum."""
    return len(term.factors) == 1 and term.factors[0].quantity in _OWN


_OWN: dict[str, Callable[[Writer, Ref], list[Side]]] = {
    "loss_output": losses.unit_loss_output, "penalty": losses.unit_penalty, "dW_sample": gradients.unit_gradient,
}  # fmt: skip


def _index(w: Writer, stage: Stage, term: int, count: int) -> int:
    """Return which term of the calculation is shown at place `term`: a bias that stands apart is added last."""
    bias_last = stage.quantity == "z" and w.problem.has_biases and not w.inside
    return (term + 1) % count if bias_last else term


def _term_value(w: Writer, term: Term) -> float:
    return term.coefficient * prod(number(w.record, ref, w.sample) for ref in term.factors)


def _carried(w: Writer, value: float) -> float:
    """Return what a person who rounds writes down for an intermediate value."""
    return float(rounded(np.array([value]), w.problem.rounding)[0])


def _added(w: Writer, calc: Calculation, i: int) -> tuple[Equation, tuple[Ref, ...]]:
    term = calc.term(i)
    sources = tuple(ref for ref in term.factors if ref.quantity != "one")
    if _on_its_own(term):
        return w.equation(_OWN[term.factors[0].quantity](w, term.factors[0]), term.factors[0].layer), sources
    minus: tuple[Expr, ...] = (Op("−"),) if term.coefficient < 0 else ()
    rule, numbers = w.product_symbols(term), w.product(term, first=not minus)
    sides: list[Side] = [("symbol", _signed(minus, rule)), ("numbers", _signed(minus, numbers))]
    return w.equation([*sides, ("result", Num(_carried(w, _term_value(w, term))))], calc.ref.layer), sources


def _signed(minus: tuple[Expr, ...], body: Expr) -> Expr:
    if not minus:
        return body
    return row(*minus, *(body.items if isinstance(body, Row) else (body,)))


# -- captions and links ----------------------------------------------------------------------------------------------------------


def caption_of(moment: Moment) -> str:
    """Return the caption alone: a few words on where the walk stands."""
    place = moment.place
    if place is None:
        return f"Update {moment.record.step:,} · start"
    stage = moment.walk.stages[place.stage]
    if moment.granularity == "phase" and place.component is None:
        return f"Update {moment.record.step:,} · {stage.phase}"
    return _caption(moment, stage, place)


def _caption(moment: Moment, stage: Stage, place: Place) -> str:
    text = f"Update {moment.record.step:,} · {stage.phase} · {title_for(moment.record, stage, moment.notation)}"
    if place.component is None:
        return text
    entry = stage.entry(place.component)
    if entry.quantity in ("dW_sample", "db_sample", "loss_sample"):
        entry = entry._replace(sample=moment.sample)
    name = latex_to_text(moment.notation.symbol(entry, moment.record.problem, moment.record.m))
    text += f" · {name}" if stage.components > 1 else ""
    return text if place.term is None else f"{text} · term {place.term + 1} of {stage.terms}"


def _whole_sources(moment: Moment, stage: Stage) -> tuple[Ref, ...]:
    """Return the whole quantities a layer's stage is formed from, as references to all of their numbers."""
    entry = stage.entry(stage.components - 1)
    found = sources_of(moment.record, entry, moment.sample, 2)
    extra = sources_of(moment.record, stage.entry(0), moment.sample, 1)
    return tuple(dict.fromkeys(Ref(ref.quantity, ref.layer) for ref in (*found, *extra)))


def _sources(moment: Moment, ref: Ref) -> tuple[Ref, ...]:
    calc = calculation(moment.record, ref, moment.sample)
    if calc is None or calc.count <= _MANY_SOURCES:
        return sources_of(moment.record, ref, moment.sample)
    pairs = zip(calc.term(1).factors, calc.term(calc.count - 1).factors, strict=False)
    return tuple(_span(one, other) for one, other in pairs)


def _span(one: Ref, other: Ref) -> Ref:
    """Return the reference to all numbers between two of one quantity: where an index differs it stands for all."""
    unit = one.unit if one.unit == other.unit else None
    from_ = one.from_ if one.from_ == other.from_ else None
    return one._replace(unit=unit, from_=from_, sample=one.sample if one.sample == other.sample else None)
