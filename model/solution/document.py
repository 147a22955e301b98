"""A worked solution as a document: headings, words, equations, tables and the place of the figure, whatever the file format.

Everything in it comes from the record and the explanations of the walk; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from model.conventions import with_commas
from model.explain.parts import Writer
from model.explain.slope import function_rule, slope_rule
from model.explain.steps import Form, explain, preferred_form
from model.explain.titles import title_for
from model.explain.words import words_for
from model.expr.tree import Equation, Explanation, NumberFormat
from model.in_parts import Work, completed
from model.moment import Moment
from model.notation.profile import Notation, notation_of
from model.problem import Problem
from model.record import Record
from model.run import Run
from model.solution.blank import blanked, blanked_words
from model.solution.given import batch, conventions, given, symbols_table
from model.solution.parts import Block, Figure, Formula, Heading, PageBreak, Paragraph, words
from model.solution.results import after_update, losses, printed_figures
from model.stages import Stage, Walk, build_walk

SAMPLES_SHOWN = 4
COMPONENTS_SHOWN = 16  # component equations of one step, which are about a page
LONGEST = 50  # updates written out in one document
_PER_SAMPLE = frozenset({"z", "a", "loss_sample", "dLda", "dadz", "delta", "dLdX", "dW_sample"})


@dataclass(frozen=True, slots=True)
class Document:
    """title and source: of the experiment. fmt: how every number in it is written. notation: the profile it is written in.

    records: the updates that are worked out, the figure shows the first of them.
    """

    title: str
    source: str
    blocks: tuple[Block, ...]
    fmt: NumberFormat
    notation: Notation
    records: tuple[Record, ...]
    blank: bool = False


@dataclass(frozen=True, slots=True)
class SolutionOptions:
    """notation, decimals: None for the file's and the notation's own. first: the update it starts with (from 1); updates: how many.

    blank: the exercise, with everything that is asked for left open. form: of the formulas, None for the notation's own.
    sample: the row of the batch that alone is worked out where samples stand apart, None for the first few.
    """

    notation: str | Notation | None = None
    decimals: int | None = None
    comma: bool = False
    first: int = 1
    updates: int = 1
    blank: bool = False
    form: Form | None = None
    sample: int | None = None


def solve(problem: Problem, options: SolutionOptions | None = None, run: Run | None = None) -> Document:
    """Return the worked solution of an experiment, or its exercise sheet. run: where its updates are taken from, by default a new run.

    Raises ValueError for more updates than a document holds.
    """
    return completed(solving(problem, options or SolutionOptions(), run))


def solving(problem: Problem, options: SolutionOptions, run: Run | None = None) -> Work[Document]:
    """Make the same document update by update."""
    if options.updates > LONGEST:
        raise ValueError(f"{options.updates:,} updates are too many for one document; allowed: 1 to {LONGEST}")
    notation = notation_of(options.notation, problem)
    fmt = NumberFormat(notation.decimals if options.decimals is None else options.decimals, comma=options.comma)
    run = Run(problem) if run is None else run
    records = tuple(run.record(t) for t in range(options.first, options.first + options.updates))
    moments = [_moment(record, notation, fmt, options.sample or 0) for record in records]
    blocks = [*_introduction(moments, options.blank)]
    for done, (before, moment) in enumerate(zip([moments[0], *moments], moments, strict=False), 1):
        if len(moments) > 1:
            blocks.append(Heading(1, f"Update {moment.record.step}"))
        if _has_other_batch(before, moment):
            blocks += batch(moment)
        blocks += _update(moment, options)
        yield done / len(moments)
    if not options.blank:
        blocks += _results(moments)
    return Document(problem.title or "A network worked by hand", problem.source, tuple(blocks), fmt, notation, records, options.blank)


def _moment(record: Record, notation: Notation, fmt: NumberFormat, sample: int) -> Moment:
    walk = build_walk(record.problem, record.m, notation.presentation)
    return Moment(record, walk, walk.total, "layer", notation, fmt, min(sample, record.m - 1))


def _introduction(moments: Sequence[Moment], blank: bool) -> Iterator[Block]:
    moment = moments[0]
    yield Heading(1, "Problem")
    yield Paragraph((task(moments),))
    yield Figure("The network with its initial weights." if moment.record.step == 1 else f"The network before update {moment.record.step}.")
    yield from given(moment)
    yield Heading(2, "Notation and conventions")
    yield symbols_table(moment)
    notes = moment.record.problem.notes
    yield from conventions(moments, blanked_words(notes) if blank else notes)
    yield PageBreak() if blank else Heading(1, "Solution")
    if blank:
        yield Heading(1, "Your solution")


def task(moments: Sequence[Moment]) -> str:
    """Return the question in one sentence. moments: one of each update, which follow each other."""
    moment, updates = moments[0], len(moments)
    problem = moment.record.problem
    pairs = "this pair of input and target" if moment.record.m == 1 else f"this batch of {moment.record.m} samples"
    if any(_has_other_batch(moment, other) for other in moments):
        pairs = f"{pairs.replace('this', 'a', 1)} for each update"
    if problem.loss == "none":
        return "Compute the output of the network for the given input, and its gradient with respect to every weight by backpropagation."
    if problem.learning_rate is None:
        return f"For {pairs}, compute the output of the network, the loss, and the gradient of the loss by backpropagation."
    often = f", for {updates} updates one after the other" if updates > 1 else ""
    return f"For {pairs}, compute the output of the network, the loss, its gradient by backpropagation, and the updated weights{often}."


def _has_other_batch(one: Moment, other: Moment) -> bool:
    return list(one.record.samples) != list(other.record.samples)


def _update(moment: Moment, options: SolutionOptions) -> Iterator[Block]:
    """The steps of one update, in the order in which the notation presents them."""
    heading = ""
    for i, stage in enumerate(moment.walk.stages):
        title = _heading(moment.walk, i)
        if title != heading:
            heading = title
            yield Heading(2, title)
        yield from _step(moment, i, stage, options)


def _heading(walk: Walk, i: int) -> str:
    """Return the section that a stage belongs to; a notation that updates layer by layer has both in one section."""
    phases = [stage.phase for stage in walk.stages]
    phase = phases[i]
    if phase == "backward" and "loss" in phases[i:] and "update" not in phases[:i]:
        return "Slopes of the activation functions"
    after_loss = phases[max(j for j, p in enumerate(phases) if p in ("loss", "forward")) + 1 :]
    mixed = "update" in after_loss and after_loss != sorted(after_loss)
    if phase in ("backward", "update") and mixed:
        return "Backward pass, with the updates"
    return {"forward": "Forward pass", "loss": "Loss and its derivative", "backward": "Backward pass", "update": "Updates"}[phase]


def _step(moment: Moment, i: int, stage: Stage, options: SolutionOptions) -> Iterator[Block]:
    """One step: what it is called, what happens in words, rule, numbers and result; for several samples where they stand apart."""
    here = replace(moment, tick=moment.walk.ends[i])
    apart = moment.notation.samples == "apart" and moment.record.m > 1 and stage.quantity in _PER_SAMPLE
    alone = not apart or options.sample is not None
    shown = [moment.sample] if alone else list(range(min(moment.record.m, SAMPLES_SHOWN)))
    said = _explained(here, options).words if alone else _words_of_each(here, options)
    yield Heading(3, _capital(title_for(moment.record, stage, moment.notation)), i + 1, stage.phase)
    text = blanked_words(said) if options.blank else said
    if text:
        yield words(text)
    yield from (Formula(blanked(equation) if options.blank else equation) for equation in _equations(here, shown, options))
    if apart and len(shown) < moment.record.m:
        yield Paragraph((f"{_others(len(shown), moment.record.m, alone=alone)} the same way.",), "note")


def _equations(here: Moment, shown: Sequence[int], options: SolutionOptions) -> Iterator[Equation]:
    """Yield the equations of some samples, rules only with those of the first."""
    first = _explained(replace(here, sample=shown[0]), options).equations
    yield from first
    for s in shown[1:]:
        yield from _without_rules(here, _explained(replace(here, sample=s), options).equations, first)


def _words_of_each(here: Moment, options: SolutionOptions) -> str:
    """Return what happens at a step, said of each sample."""
    stage = here.stage
    assert stage is not None
    form = options.form or preferred_form(here, stage)
    text = words_for(here.record, stage, here.notation, None, whole=form == "matrix")
    return with_commas(text) if here.fmt.comma else text


def _without_rules(here: Moment, equations: Sequence[Equation], first: Sequence[Equation]) -> Sequence[Equation]:
    """Return the equations of a sample without the lines of letters and the rules in notes that stand among those of the first one."""
    stage, w = here.stage, Writer(here)
    assert stage is not None
    own = [equation for equation in equations if equation not in first or any(kind in ("numbers", "result") for kind, _ in equation.sides)]
    for rule in (function_rule(w, stage), slope_rule(w, stage), slope_rule(w, stage, in_letters=True)):
        said = with_commas(rule) if here.fmt.comma else rule
        own = [replace(equation, note=equation.note.replace(said, "").strip()) for equation in own] if said else own
    return own


def _explained(here: Moment, options: SolutionOptions) -> Explanation:
    """Return what happens at a step: every component up to a page of them; of more the first few, and then all as a matrix."""
    stage = here.stage
    assert stage is not None
    told = explain(here, form=options.form, shown=COMPONENTS_SHOWN)
    in_rows = (options.form or preferred_form(here, stage)) == "index" and stage.quantity not in ("loss", "loss_sample")
    if not in_rows or stage.components <= COMPONENTS_SHOWN:
        return told
    sides = explain(here, form="matrix").equations[-1].sides
    return replace(told, equations=(*told.equations, Equation((sides[0], sides[-1]))))


def _others(shown: int, m: int, *, alone: bool) -> str:
    """Return which samples are not worked out: all but one, or those after the first few."""
    if alone:
        return "The other sample goes" if m == 2 else f"The other {m - 1:,} samples go"
    return f"Sample {m} goes" if shown + 1 == m else f"Samples {shown + 1} to {m} go"


def _capital(text: str) -> str:
    """Return a title with a capital; a symbol at its beginning stays as it is."""
    return text[0].upper() + text[1:] if text[:2].isascii() and text[:2].isalpha() else text


def _results(moments: list[Moment]) -> Iterator[Block]:
    last = moments[-1]
    yield Heading(1, "Result")
    if last.record.new_params is not None:
        yield from after_update(last)
    yield from losses(moments)
    yield from printed_figures(moments)
