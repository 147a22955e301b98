"""How the slope φ′ is written: from what the forward pass has given, with letters for every function, and in words."""

from __future__ import annotations

from model.activations import LEAKY_SLOPE
from model.explain.parts import Writer, row
from model.expr.text import latex_to_text
from model.expr.tree import Expr, Fn, Frac, Mat, Num, Op, Sup, Sym, Text, constant
from model.notation.formulas import activation_latex
from model.stages import Stage


def slope_written(w: Writer, l: int, a: Expr, z: Expr) -> Expr | None:
    """Return φ′ from what the forward pass has already given: a(1 − a), 1 − a², …; None where it is a matter of cases."""
    name = w.problem.activations[l - 1]
    if name == "sigmoid" and w.style.get("slope") == "formula":
        value = Fn(w.phi(l), z)
        return row(value, Fn("", row(constant(1), Op("−"), value)))
    if name in ("sigmoid", "softmax"):
        return row(a, w.times, Fn("", row(constant(1), Op("−"), a)))
    if name == "tanh":
        return row(constant(1), Op("−"), Sup(Fn("", a) if isinstance(a, Num) else a, "2"))
    if name == "identity":
        return constant(1)
    return None


def slope_whole(w: Writer, l: int) -> Expr | None:
    """Return φ′ of a whole layer from its output, entry by entry: A ⊙ (1 − A), 1 − A ⊙ A; None where there is no such form."""
    a, name = w.whole("a", l), w.problem.activations[l - 1]
    if w.style.get("slope") == "formula":
        return None
    if name in ("sigmoid", "softmax"):
        return row(a, Op("⊙"), Fn("", row(constant(1), Op("−"), a)))
    return row(constant(1), Op("−"), a, Op("⊙"), a) if name == "tanh" else None


def slope_of_sum(w: Writer, l: int, z: Expr) -> Expr | None:
    """Return φ′(z) in letters for the functions whose slope is not found from a; by cases where it has a bend."""
    one = constant(1)
    if (name := w.problem.activations[l - 1]) == "softplus":
        return Frac(one, row(one, Op("+"), Fn("\\exp", row(Op("−"), z))))
    if name == "gelu":
        bell = row(z, Op("·"), Fn("\\exp", row(Op("−"), Frac(_square(z), constant(2)))))
        return row(Fn("\\Phi", z), Op("+"), Frac(bell, Fn("\\surd", row(constant(2), Sym("\\pi")))))
    others: dict[str, Expr] = {"relu": constant(0), "leaky_relu": constant(LEAKY_SLOPE), "elu": Fn("\\exp", z)}
    below = others.get(name)
    if below is None:
        return None
    return Mat(((one, row(Text("if "), z, Text(" is positive"))), (below, Text("otherwise"))), "{")


def _square(z: Expr) -> Expr:
    raised = isinstance(z, Sym) and "^" in z.latex
    return Sup(Fn("", z) if raised else z, "2")


def function_rule(w: Writer, stage: Stage) -> str:
    """Return the activation of a stage that applies it, where no remark of the notation gives it."""
    name = w.problem.activations[stage.layer - 1]
    if name == "softmax" or _is_remarked(w, stage):
        return ""
    if name in _BY_CASES:
        return f"{latex_to_text(w.phi(stage.layer))}(x) {_BY_CASES[name]}."
    known = ", with Φ the normal distribution function" if name == "gelu" else ""
    return f"{latex_to_text(activation_latex(w.notation, stage.layer, w.problem))}{known}."


def _is_remarked(w: Writer, stage: Stage) -> bool:
    """Say whether the notation's course writes lines of its own at a stage."""
    return any(remark.sides for remark in w.notation.remarks_for(stage.quantity, stage.layer, w.problem, w.m))


_BY_CASES = {
    "leaky_relu": f"is x where x is positive and {LEAKY_SLOPE:g}·x elsewhere",
    "elu": "is x where x is positive and e^x − 1 elsewhere",
}


def slope_rule(w: Writer, stage: Stage, *, in_letters: bool = False) -> str:
    """Return in words how φ′ is found, where a stage takes it and no formula of the stage says it.

    in_letters: it has been written with letters, and only they have to be told.
    """
    name = w.problem.activations[stage.layer - 1]
    own = stage.quantity == "dadz"
    if in_letters:
        return "Φ is the normal distribution function." if name == "gelu" else ""
    if not own and ("dadz", stage.layer) not in stage.reveals:
        return ""
    if not own and _is_remarked(w, stage):
        return ""
    phi = latex_to_text(w.phi(stage.layer))
    from_output = {
        "sigmoid": f"{phi}′(x) = {phi}(x)·(1 − {phi}(x)).",
        "tanh": f"{phi}′(x) = 1 − {phi}(x)².",
        "identity": f"{phi}′(x) = 1.",
    }
    return {
        "relu": "The slope is 1 where the pre-activation is positive and 0 elsewhere.",
        "leaky_relu": f"The slope is 1 where the pre-activation is positive and {LEAKY_SLOPE:g} elsewhere.",
        "elu": f"{phi}′(x) is 1 where x is positive and e^x elsewhere.",
        "gelu": f"{phi}′(x) = Φ(x) + x·exp(−x²/2)/√(2π), with Φ the normal distribution function.",
        "softplus": f"{phi}′(x) = 1/(1 + e^(−x)).",
    }.get(name, "" if own else from_output.get(name, ""))


def slope_call(w: Writer, l: int, argument: Expr) -> Expr:
    """Return φ′(argument)."""
    return Fn(w.phi(l) + "'", argument)
