"""What is said beside the rule of a stage, and the lines that a course writes before it."""

from __future__ import annotations

from dataclasses import replace

from model.explain import backward as back
from model.explain import forward, update
from model.explain import gradient as gradients
from model.explain.parts import Side, Writer
from model.explain.slope import slope_rule
from model.expr.tree import Equation, Sym
from model.notation.profile import Remark
from model.stages import Ref, Stage


def remarks(w: Writer, stage: Stage) -> list[Equation]:
    """Return the symbolic lines that the notation's course writes at a stage, with their numbers and frames."""
    return [Equation(_as_rule(r.sides), r.note, r.number, r.boxed) for r in _remarks(w, stage) if r.sides]


def marked(w: Writer, stage: Stage, rule: Equation) -> Equation:
    """Return a stage's own rule with the number and the frame that the course gives it."""
    found = next((r for r in _remarks(w, stage) if not r.sides), Remark(()))
    return replace(rule, number=found.number, boxed=found.boxed)


def _remarks(w: Writer, stage: Stage) -> list[Remark]:
    return w.notation.remarks_for(stage.quantity, stage.layer, w.problem, w.m)


def _as_rule(sides: tuple[str, ...]) -> tuple[Side, ...]:
    return tuple(("rule" if i else "symbol", Sym(latex)) for i, latex in enumerate(sides))


def stage_note(w: Writer, stage: Stage, ref: Ref | None = None) -> str:
    """Return what has to be said once about a stage, or one entry of it: how the slope is found, what a shared bias gathers, …"""
    q = stage.quantity
    if w.problem.bias_sharing == "per_layer" and (q if ref is None else ref.quantity) in ("db", "db_sample"):
        return gradients.shared_note(w, stage.layer)
    if q == "z" and ref is not None:
        return forward.input_note(w, stage.layer)
    numbered = forward.numbered_note(w, stage) if ref is None else ""
    if q in ("dLda", "dLdX", "dadz", "delta", "db"):
        slope = slope_rule(w, stage, in_letters=q == "dadz" and ref is None) if q in ("dadz", "delta", "db") else ""
        return " ".join(filter(None, (back.carried_note(w, stage), slope, numbered)))
    if q == "dW" and ref is None and w.inside and w.problem.l2:
        return "Biases are not penalised: the entries with index 0 have no part with λ."
    states = q in ("W_new", "b_new") and w.problem.optimizer.name != "sgd"
    return update.gradient_note(w, stage) if states else numbered
