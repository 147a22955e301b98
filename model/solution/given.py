"""The beginning of a worked solution: the numbers that are given, what the symbols mean, and the conventions, each said in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from model.explain import start
from model.explain.loss import general_loss, names_class
from model.explain.parts import Writer
from model.explain.told import ACTIVATION_WORDS
from model.expr.tree import NumberFormat, Sym, format_number
from model.moment import Moment
from model.notation.formulas import activation_latex
from model.notation.layers import layer_name, the_layer
from model.problem import Problem
from model.solution.parts import Beside, Block, Cell, Items, Paragraph, Table

TABLE_ROWS, TABLE_COLUMNS = 12, 10
RATES = 8  # learning rates that are listed at most
_MEANINGS = (
    ("x", 0, "input"), ("y", 0, "target"), ("W", -1, "weights into {layer}"), ("b", -1, "biases of {layer}"),
    ("X", -1, "input of {layer}: 1 and the activations below"), ("z", -1, "pre-activation of {layer}"),
    ("phi", -1, "activation function of {layer}"), ("a", -1, "activation of {layer}"), ("loss", 0, "loss"),
    ("dLda", -1, "∂(loss)/∂(activation)"), ("delta", -1, "∂(loss)/∂(pre-activation)"),
    ("dW", -1, "gradient of the weights"), ("db", -1, "gradient of the biases"), ("W_new", -1, "updated weights"),
    ("b_new", -1, "updated biases"), ("learning_rate", 0, "learning rate"),
)  # fmt: skip


def given(moment: Moment) -> Iterator[Block]:
    """Yield the samples and the parameters before the update."""
    w = Writer(moment)
    if moment.record.m > 1:
        yield from _samples(moment)
    pair = start.sample(w, "numbers") if moment.record.m == 1 else ()
    yield Beside((*pair, *start.parameters(w, "W", "b", "numbers")))


def batch(moment: Moment) -> Iterator[Block]:
    """Yield the samples of an update alone, where they are not those of the one before."""
    if moment.record.m > 1:
        yield from _samples(moment)
    else:
        yield Beside(tuple(start.sample(Writer(moment), "numbers")))


def _samples(moment: Moment) -> Iterator[Block]:
    """The batch as a table of samples, as much of it as a page holds."""
    record = moment.record
    n, outputs = record.problem.layers[0], record.problem.layers[-1]
    has_targets = record.problem.loss != "none"
    if n + outputs > TABLE_COLUMNS:
        yield Paragraph((_batch_in_words(moment),))
        return
    head: list[Cell] = [("sample",)]
    head += [(_unit(moment, "x", k),) for k in range(n)]
    head += [(_unit(moment, "y", k),) for k in range(outputs)] if has_targets else []
    rows = [_sample_row(moment, s, has_targets) for s in range(min(record.m, TABLE_ROWS))]
    left = record.m - len(rows)
    caption = f"The batch of update {record.step}" + (f"; {left} more samples are not shown." if left else ".")
    yield Table(tuple(head), tuple(rows), caption, numbers=tuple(range(len(head))))


def _unit(moment: Moment, quantity: str, k: int) -> Sym:
    return Sym(moment.notation.name_of(quantity, 0, moment.record.problem, 1, unit=str(k + 1), sample=moment.notation.letters["sample"]))


def _sample_row(moment: Moment, s: int, has_targets: bool) -> tuple[Cell, ...]:
    record = moment.record
    values = [*record.x[s], *(record.y[s] if has_targets else ())]
    return ((str(s + 1),), *((format_number(float(v), moment.fmt),) for v in values))


def _batch_in_words(moment: Moment) -> str:
    record, problem = moment.record, moment.record.problem
    where = f'the data set "{problem.dataset["name"]}"' if problem.dataset else "the problem file"
    rows = [row + 1 for row in record.samples]
    span = f"{rows[0]} to {rows[-1]}" if rows == list(range(rows[0], rows[-1] + 1)) else ", ".join(map(str, rows[:20]))
    more = " and others" if len(rows) > 20 and "to" not in span else ""
    return f"Each sample has {problem.layers[0]} inputs and {problem.layers[-1]} targets. The batch is rows {span}{more} of {where}."


def symbols_table(moment: Moment) -> Table:
    """Return what each symbol means, for the output layer."""
    problem, w = moment.record.problem, Writer(moment)
    rows: list[tuple[Cell, ...]] = []
    for quantity, layer, meaning in _MEANINGS:
        l = problem.depth if layer else 0
        no_update = quantity in ("W_new", "b_new", "learning_rate") and problem.learning_rate is None
        absent = no_update or (quantity == "y" and problem.loss == "none")
        apart = quantity in ("b", "db", "b_new") and (not problem.has_biases or w.inside)
        same = quantity == "X" and (not w.inside or _symbol(w, "X", l) == _symbol(w, "a", l - 1))
        if not (absent or apart or same):
            text = meaning.format(layer=the_layer(w.notation, l, problem))
            rows.append(((_symbol(w, quantity, l),), (text + _inside(w, quantity),)))
    latex = [row[0] for row in rows]
    rows = [row for i, row in enumerate(rows) if row[0] not in latex[i + 1 :]]  # ∂L/∂b and δ may be one symbol
    half = (len(rows) + 1) // 2
    empty: tuple[Cell, ...] = (("",), ("",))
    paired = tuple((*rows[i], *(rows[i + half] if i + half < len(rows) else empty)) for i in range(half))
    return Table((("symbol",), ("meaning",), ("symbol",), ("meaning",)), paired)


def _symbol(w: Writer, quantity: str, l: int) -> Sym:
    return Sym(w.notation.symbols["learning_rate"]) if quantity == "learning_rate" else Sym(w.whole(quantity, l).latex)


def _inside(w: Writer, quantity: str) -> str:
    if quantity != "W" or not w.inside:
        return ""
    return f", biases in the first {w.notation.presentation.bias}"


def conventions(moments: Sequence[Moment], notes: str = "") -> Iterator[Block]:
    """Yield what a reader has to know to get the same numbers. moments: one of each update; notes: what the experiment's file says."""
    moment = moments[0]
    problem = moment.record.problem
    rows: list[tuple[str, Cell]] = [
        ("Notation", (moment.notation.title,)),
        ("Network", _network(moment)),
        ("Loss", _loss(moment)),
        ("Biases", (_biases(moment),)),
    ]
    if problem.l2:
        penalty = Sym(moment.notation.symbols.get("penalty", "\\frac{\\lambda}{2} \\sum W^{2}"))
        rows.append(("Penalty", (penalty, f" with λ = {_number(moment, problem.l2)}, over the weights and not the biases")))
    if problem.depth > 1 and problem.loss != "none":
        rows.append(("Hidden layers", (_hidden(problem),)))
    rows.append(("Update", _update(moments)))
    rows.append(("Digits", (_digits(moment),)))
    if notes:
        rows.append(("Remarks", (notes,)))
    yield Items(tuple(rows))


def _number(moment: Moment, value: float) -> str:
    """Return a constant of the experiment with all its digits."""
    return format_number(value, NumberFormat(None, moment.fmt.comma))


def _network(moment: Moment) -> Cell:
    """Return the sizes of the layers and their activation functions, each with its formula."""
    problem, notation = moment.record.problem, moment.notation
    sizes = "–".join(map(str, problem.layers))
    if len({_function(moment, l) for l in range(1, problem.depth + 1)}) == 1:
        where = "; " if problem.depth == 1 else "; every layer with "
        return (f"{sizes}{where}", *_function(moment, problem.depth))
    cell: Cell = (sizes,)
    for function, layers in groupby(range(1, problem.depth + 1), lambda l: _function(moment, l)):
        named = " and ".join(layer_name(notation, l, problem) for l in layers)
        cell = (*cell, f"; {named}: ", *function)
    return cell


def _function(moment: Moment, l: int) -> Cell:
    problem = moment.record.problem
    name = problem.activations[l - 1]
    meant = " with Φ the normal distribution function" if name == "gelu" else ""
    return (f"{ACTIVATION_WORDS[name]}, ", Sym(activation_latex(moment.notation, l, problem)), meant)


def _loss(moment: Moment) -> Cell:
    """Return the loss of a sample as a formula, and what is done with those of a batch."""
    problem, m = moment.record.problem, moment.record.m
    if problem.loss == "none":
        return ("none: the output itself is differentiated" + (" for one sample" if m > 1 else "") + _batch(problem, m),)
    w = Writer(moment)
    means = " for one sample" if m > 1 else ""
    means += ", with ℓ the class that its target names" if names_class(w) else ""
    means += f", with {problem.layers[-1]} outputs" if "over_outputs" in problem.loss else ""
    return (general_loss(w), means + _batch(problem, m))


def _batch(problem: Problem, m: int) -> str:
    if m == 1:
        return ""
    how = "mean" if problem.batch_reduction == "mean" else "sum"
    return f"; the {how} over the {m} samples of the batch, in the loss and in every gradient"


def _biases(moment: Moment) -> str:
    problem = moment.record.problem
    if not problem.has_biases:
        return "none"
    place = {"column": "first column of each weight matrix", "row": "row 0 of each weight matrix"}.get(moment.notation.presentation.bias)
    text = "one for each neuron, beside the weights" if place is None else f"{place}, with a constant input 1"
    if problem.bias_sharing == "per_layer":
        text = "one shared by the whole layer, its gradient the sum of the layer's deltas"
    return text if problem.train_biases else text + "; frozen, they are never changed"


def _hidden(problem: Problem) -> str:
    if problem.hidden_delta_uses == "old":
        return "the error is handed down through the weights before the update"
    return "the error is handed down through the already updated weights (unusual; it changes the numbers)"


def _update(moments: Sequence[Moment]) -> Cell:
    """Return the optimiser with its constants, each in the letter that the steps have for it, and the learning rates."""
    moment = moments[0]
    problem, o = moment.record.problem, moment.record.problem.optimizer
    if problem.learning_rate is None:
        return ("none, gradients only",)
    with_means = (("mean_decay", o.beta1), ("square_decay", o.beta2), ("small_number", o.epsilon))
    described: dict[str, tuple[str, tuple[tuple[str, float], ...]]] = {
        "sgd": ("gradient descent", ()),
        "sgd_momentum": ("momentum", (("momentum", o.momentum),)),
        "rmsprop": ("RMSprop", (("rms_decay", o.alpha), ("small_number", o.epsilon))),
        "adam": ("Adam", with_means),
        "adamw": ("AdamW", with_means),
    }
    name, constants = described[o.name]
    cell: Cell = (name,)
    for role, value in constants:
        cell = (*cell, " with " if len(cell) == 1 else ", ", Sym(moment.notation.spare[role]), f" = {_number(moment, value)}")
    nesterov = ", Nesterov" if o.name == "sgd_momentum" and o.nesterov else ""
    decay = f", weight decay {_number(moment, o.weight_decay)}" if o.weight_decay and o.name in ("adam", "adamw") else ""
    return (*cell, f"{nesterov}{decay}, learning rate {_rates(moments)}")


def _rates(moments: Sequence[Moment]) -> str:
    """Return the learning rate, and from which update on it is another one."""
    runs = [next(run) for _, run in groupby(moments, lambda moment: moment.record.learning_rate)]
    texts = [_number(moment, moment.record.learning_rate or 0.0) for moment in runs]
    changes = [f"{text} from update {moment.record.step:,} on" for text, moment in zip(texts, runs, strict=True)]
    return "; ".join([texts[0], *changes[1:RATES]]) + ("; …" if len(runs) > RATES else "")


def _digits(moment: Moment) -> str:
    rounding, decimals = moment.record.problem.rounding, moment.fmt.decimals
    shown = "as many digits as needed are shown" if decimals is None else f"numbers are shown with up to {decimals} decimals"
    if rounding is None:
        return f"every step is computed with full precision; {shown}"
    how = {"half_even": "ties to the even digit", "half_up": "ties away from 0", "truncate": "further digits cut off"}[rounding.mode]
    return f"every intermediate result is rounded to {rounding.decimals} decimals ({how}) and carried on rounded; {shown}"
