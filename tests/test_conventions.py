"""Every convention that changes a number is said in the picture and in the text; a plain experiment says nothing."""

import io
from dataclasses import replace

import pytest
from explain_helpers import moment_at, network

from gui.diagram.build import DiagramOptions, build_diagram
from gui.diagram.primitives import Label
from gui.formula.image import step_image
from gui.formula.page import BoardStep
from gui.formula.step_writers import WRITERS, with_conventions
from gui.theme import LIGHT, THEMES
from model.conventions import conventions
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.tree import NumberFormat
from model.problem import Rounding
from model.run import Run
from model.walkthrough import print_walkthrough

CHANGES = {
    "loss without ½": {"loss": "squared_error"},
    "loss divided by the n outputs": {"loss": "mean_squared_error_over_outputs"},
    "loss divided by 2n, n outputs": {"loss": "half_mean_squared_error_over_outputs"},
    "mean over the samples": {"batch_reduction": "mean"},
    "biases frozen": {"train_biases": False},
    "one bias per layer": {"bias_sharing": "per_layer"},
    "hidden δ with updated weights": {"hidden_delta_uses": "new"},
    "every number rounded to 2 decimals, half up": {"rounding": Rounding(2, "half_up")},
    "every number rounded to 1 decimal, cut off": {"rounding": Rounding(1, "truncate")},
    "L2 penalty, λ = 0.1": {"l2": 0.1},
}


@pytest.mark.parametrize("phrase", CHANGES)
def test_each_convention_is_named_and_changes_numbers(phrase):
    plain = network((2, 3, 3), m=3, bias_sharing="per_unit")
    changed = replace(plain, **CHANGES[phrase])
    assert conventions(plain) == ()
    assert conventions(changed) == (phrase,)
    if phrase != "one bias per layer":
        one, other = Run(plain).record(1), Run(changed).record(1)
        assert (one.loss, one.new_params.theta.tolist()) != (other.loss, other.new_params.theta.tolist())


def test_what_has_no_effect_is_not_named():
    assert conventions(network(m=1, batch_reduction="mean")) == ()
    assert conventions(network(m=4, batch_size=1, batch_reduction="mean")) == ()
    assert conventions(network(biases=None, has_biases=False, train_biases=False)) == ()
    assert conventions(network((3, 2), hidden_delta_uses="new")) == ()
    assert conventions(network(learning_rate=None, hidden_delta_uses="new", train_biases=False)) == ()


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("size", [(420, 380), (1280, 800)])
def test_the_picture_names_them_whole_and_inside(qapp, theme, size):
    problem = network(m=3, batch_reduction="mean", hidden_delta_uses="new", rounding=Rounding(2, "half_up"), l2=0.25, train_biases=False)
    moment = moment_at(Run(problem).record(1), "dyda", "delta:2")
    diagram = build_diagram(moment, theme, DiagramOptions(title="Update 1 · backward · δ"), *size)
    labels = [item for item in diagram.items if isinstance(item, Label) and item.kind == "convention"]
    said = " · ".join("".join(run.text for run in label.block.runs) for label in labels)
    assert said == " · ".join(conventions(problem))
    heads = [item for item in diagram.items if isinstance(item, Label) and item.kind in ("head", "caption")]
    for label in labels:
        left, top, right, bottom = label.bounds
        assert all(bottom <= h.bounds[1] + 1 or top >= h.bounds[3] - 1 for h in heads)
        assert left >= 0
        assert top >= 0
        assert right <= size[0]
        assert bottom <= size[1]


def test_the_walk_as_text_names_them():
    out = io.StringIO()
    print_walkthrough(replace(open_problem("jacob"), rounding=Rounding(2, "half_up")), out)
    assert "Conventions: " in out.getvalue()
    assert "every number rounded to 2 decimals, half up" in " ".join(out.getvalue().split())


def test_a_step_that_is_copied_takes_them_along(qapp):
    problem = network(rounding=Rounding(2, "half_up"))
    plain, changed = (explain(moment_at(Run(p).record(1), "jacob", "z:1")) for p in (replace(problem, rounding=None), problem))
    fmt = NumberFormat(2)
    for writer in WRITERS.values():
        assert "Conventions: every number rounded to 2 decimals, half up." in writer(changed, fmt)
        assert "Conventions" not in writer(plain, fmt)
    assert with_conventions(plain) == plain
    assert with_conventions(changed).equations[-1].note.endswith("half up.")
    step = BoardStep(1, "forward", changed)
    unsaid = step._replace(explanation=replace(changed, conventions=()))
    assert step_image(step, LIGHT, fmt, 400).height() > step_image(unsaid, LIGHT, fmt, 400).height()
