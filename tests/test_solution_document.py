"""What stands in a worked solution and in its exercise sheet, whatever the format; and the variants drawn from one experiment."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from explain_helpers import cell_text
from lots import in_turn

from model.examples import example_names, open_problem
from model.expr.text import equation_text, latex_to_text
from model.expr.tree import Expr, Fn, Frac, Mat, Num, Row, Sup, Sym
from model.format.file import loads
from model.format.writer import dumps, same
from model.notation.profile import notation_names
from model.problem import Expected, Optimizer, Problem
from model.run import Run
from model.solution.document import Document, SolutionOptions, solve
from model.solution.lines import aligned, broken_latex, width_of
from model.solution.parts import Beside, Figure, Formula, Heading, Items, Paragraph, Table, scripts
from model.solution.variants import variants

EVERY = in_turn(example_names(), notation_names(), 2)


def formulas(document: Document) -> list[str]:
    return [equation_text(block.equation, document.fmt, 10_000, 0) for block in document.blocks if isinstance(block, Formula)]


def headings(document: Document, level: int) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Heading) and block.level == level]


def numbers_in(expr: Expr) -> list[Num]:
    if isinstance(expr, Num):
        return [expr]
    if isinstance(expr, Row):
        return [num for item in expr.items for num in numbers_in(item)]
    if isinstance(expr, Mat):
        return [num for row in expr.rows for cell in row for num in numbers_in(cell)]
    if isinstance(expr, Frac):
        return numbers_in(expr.numerator) + numbers_in(expr.denominator)
    if isinstance(expr, Fn):
        return numbers_in(expr.argument)
    return numbers_in(expr.base) if isinstance(expr, Sup) else []


def test_dydas_page_in_dydas_order_with_dydas_figures() -> None:
    document = solve(open_problem("dyda-sigmoid"))
    text = "\n".join(formulas(document))
    order = ["0.47502081", "0.21498751", "0.55354082", "0.16830644", "−0.44645918", "−0.11033497", "0.1610335", "0.07511425", "0.01873169",
             "0.09812683"]  # fmt: skip
    places = [text.index(number) for number in order]
    assert places == sorted(places)
    assert headings(document, 2)[-3:] == ["Backward pass, with the updates", "Loss before and after", "Compared with the printed source"]


def test_jacobs_page_forms_all_gradients_before_any_update() -> None:
    document = solve(open_problem("jacob"))
    sections = headings(document, 2)
    assert sections[1:6] == ["Forward pass", "Slopes of the activation functions", "Loss and its derivative", "Backward pass", "Updates"]
    assert any("0.45  0.55" in formula for formula in formulas(document))


@pytest.mark.parametrize(
    ("activation", "rule"),
    [("tanh", "φ_1(x) = (e^x − e^(−x))/(e^x + e^(−x))."), ("leaky_relu", "φ_1(x) is x where x is positive and 0,01·x elsewhere.")],
)
def test_what_holds_for_every_sample_is_said_once(activation: str, rule: str) -> None:
    problem = open_problem("xor")
    document = solve(replace(problem, activations=(activation, problem.activations[1])), SolutionOptions(first=200, comma=True))
    equations = [block.equation for block in document.blocks if isinstance(block, Formula)]
    notes = " ".join(equation.note for equation in equations)
    letters = [equation for equation in equations if all(kind in ("symbol", "rule") for kind, _ in equation.sides)]
    text = " ".join(str(part) for block in document.blocks if isinstance(block, Paragraph) for part in block.parts)
    assert notes.count(rule) == 1
    assert len(letters) == len(set(letters)) == 1  # φ₂(x) = …
    named = {symbol.latex for equation in equations if isinstance(symbol := equation.sides[0][1], Sym)}
    assert {f"a^{{[1]({s})}}" for s in range(1, 5)} <= named
    assert "on each sample?" in text
    assert "What each sample alone asks for" in text
    assert "sample 1" not in text


def test_one_sample_alone_is_named_and_has_its_rules() -> None:
    document = solve(open_problem("xor"), SolutionOptions(sample=2))
    text = " ".join(str(part) for block in document.blocks if isinstance(block, Paragraph) for part in block.parts)
    assert "on sample 3?" in text
    assert any("φ_1(x) =" in block.equation.note for block in document.blocks if isinstance(block, Formula))


def test_what_the_source_prints_wrong_is_listed_with_its_reason() -> None:
    document = solve(open_problem("jacob"))
    table = next(block for block in document.blocks if isinstance(block, Table) and block.wide)
    assert table.rows[0][1] == ("0.08, 0.08, 0.1, 0.5",)
    assert table.rows[0][2] == ("0.001, 0.006, 0.001, 0.007",)
    assert "not times" in str(table.rows[0][3][0])


def test_differences_have_the_notations_names_and_each_once() -> None:
    """Jacob calls δ of the outputs ∂L/∂b; Dyda has no b, its biases are column 0 of W."""
    wrong = tuple(Expected(quantity, "9.99", layer=2, unit=0) for quantity in ("delta", "db"))
    problem = replace(open_problem("jacob"), expected=wrong)

    def names(notation: str) -> list[str]:
        document = solve(problem, SolutionOptions(notation=notation))
        table = next(block for block in document.blocks if isinstance(block, Table) and block.wide)
        return [latex_to_text(row[0][0].latex) for row in table.rows if isinstance(row[0][0], Sym)]

    assert names("jacob") == ["∂L/∂b^(2)"]
    assert names("dyda") == ["δ^[2]", "∂L/∂W^[2]_j0"]
    assert names("theta") == ["δ^(3)", "∂E(Θ)/∂Θ_0,k^(2)"]


def test_a_source_that_is_right_has_no_list_of_differences() -> None:
    problem = replace(open_problem("jacob"), expected=tuple(e for e in open_problem("jacob").expected if not e.erratum))
    assert not [block for block in solve(problem).blocks if isinstance(block, Table) and block.wide]


@pytest.mark.parametrize(("example", "notation"), EVERY)
def test_every_stage_of_the_walk_is_a_numbered_step(example: str, notation: str) -> None:
    document = solve(open_problem(example), SolutionOptions(notation=notation))
    steps = [block for block in document.blocks if isinstance(block, Heading) and block.level == 3]
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert {step.phase for step in steps} == {"forward", "loss", "backward", "update"}
    assert sum(isinstance(block, Figure) for block in document.blocks) == 1


@pytest.mark.parametrize(("example", "notation"), EVERY)
def test_the_exercise_shows_no_computed_number(example: str, notation: str) -> None:
    document = solve(open_problem(example), SolutionOptions(notation=notation, blank=True))
    shown = [num for block in document.blocks if isinstance(block, Formula) for _, side in block.equation.sides for num in numbers_in(side)]
    assert [num for num in shown if num.ref is not None and num.ref.quantity not in ("one", "x")] == []
    assert not [block for block in document.blocks if isinstance(block, Formula) and block.equation.note]
    computed = {f"{value:.4f}" for value in document.records[0].a[-1].ravel()[:3]} - {"0.0000", "0.5000", "1.0000"}
    assert not [number for number in computed for block in document.blocks if number in str(getattr(block, "parts", ""))]


def test_exercise_and_solution_give_the_same_numbers() -> None:
    problem = open_problem("jacob")
    given = [[b for b in solve(problem, SolutionOptions(blank=blank)).blocks if isinstance(b, Beside)] for blank in (False, True)]
    assert given[0][:1] == given[1]


def test_several_updates_go_on_from_each_other() -> None:
    document = solve(open_problem("jacob"), SolutionOptions(first=2, updates=3))
    assert headings(document, 1) == ["Problem", "Solution", "Update 2", "Update 3", "Update 4", "Result"]
    losses = next(block for block in document.blocks if isinstance(block, Table) and block.head[0] == ("update",))
    assert [row[0] for row in losses.rows] == [("2",), ("3",), ("4",)]
    assert losses.rows[0][2] == losses.rows[1][1]
    assert "for 3 updates one after the other" in str(document.blocks[1])
    assert "precision" not in losses.caption
    rounded = solve(replace(open_problem("jacob"), expected=()), SolutionOptions(decimals=4, updates=3))
    losses = next(block for block in rounded.blocks if isinstance(block, Table) and block.head[0] == ("update",))
    assert losses.rows[2][1:] == (("0.2089",), ("0.1885",), ("−0.0203",)), "by hand it is −0.0204"
    assert "Changes are computed with full precision" in losses.caption


@pytest.mark.parametrize("blank", [False, True])
def test_each_update_has_its_own_samples(blank: bool) -> None:
    several = solve(replace(open_problem("xor"), batch_size=2), SolutionOptions(updates=3, blank=blank))
    tables = [block for block in several.blocks if isinstance(block, Table) and block.head[0] == ("sample",)]
    assert [table.caption for table in tables] == [f"The batch of update {step}." for step in (1, 2, 3)]
    inputs = [[cells[0] for cells in row[1:3]] for table in tables[:2] for row in table.rows]
    assert inputs == [["0", "0"], ["0", "1"], ["1", "0"], ["1", "1"]]
    assert "For a batch of 2 samples for each update, compute" in str(several.blocks[1])
    single = solve(replace(open_problem("xor"), batch_size=1), SolutionOptions(updates=2, blank=blank))
    given = next(block for block in single.blocks[single.blocks.index(Heading(1, "Update 2")) :] if isinstance(block, Beside))
    assert "⎣1⎦" in equation_text(given.equations[0], single.fmt)
    whole = solve(open_problem("xor"), SolutionOptions(updates=2, blank=blank))
    assert len([block for block in whole.blocks if isinstance(block, Table) and block.head[0] == ("sample",)]) == 1
    assert "For this batch of 4 samples, compute" in str(whole.blocks[1])


def test_too_many_updates_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 50"):
        solve(open_problem("jacob"), SolutionOptions(updates=51))


def conventions(**changes: object) -> dict[str, str]:
    document = solve(replace(open_problem("jacob"), expected=(), **changes))  # type: ignore[arg-type]
    rows = [row for block in document.blocks if isinstance(block, Items) for row in block.rows]
    return {name: cell_text(cell) for name, cell in rows}


def test_conventions_that_change_numbers_are_said() -> None:
    usual = conventions()
    assert (usual["Loss"], usual["Update"]) == ("1/2 · Σ_(j=1)^2 (a^(3)_j − y_j)^2", "gradient descent, learning rate 0.6")
    assert "Penalty" not in usual
    assert "already updated" in conventions(hidden_delta_uses="new")["Hidden layers"]
    assert "λ = 0.001" in conventions(l2=0.001)["Penalty"]
    assert "frozen" in conventions(train_biases=False)["Biases"]
    assert "learning rate 0.0005" in conventions(learning_rate=0.0005)["Update"]
    for notation, optimizer, said in (
        ("jacob", Optimizer("rmsprop"), "RMSprop with ρ = 0.99, ε = 10⁻⁸, learning rate 0.6"),
        ("biswas", Optimizer("sgd_momentum", momentum=0.5, nesterov=True), "momentum with μ = 0.5, Nesterov, learning rate 0.6"),
        ("dyda", Optimizer("adam", weight_decay=0.1), "Adam with β_1 = 0.9, β_2 = 0.999, ε = 10⁻⁸, weight decay 0.1, learning rate 0.6"),
    ):
        assert conventions(notation=notation, optimizer=optimizer)["Update"] == said


def test_learning_rates_of_all_updates_are_said() -> None:
    problem = replace(open_problem("jacob"), expected=())
    run = Run(problem, planned={3: 0.5, 4: 0.25})
    document = solve(problem, SolutionOptions(updates=4), run)
    rows = dict(row for block in document.blocks if isinstance(block, Items) for row in block.rows)
    assert cell_text(rows["Update"]) == "gradient descent, learning rate 0.6; 0.5 from update 3 on; 0.25 from update 4 on"


def test_an_experiment_without_update_or_loss_is_worked_too() -> None:
    problem = replace(open_problem("biswas-thin"), loss="none", y=None, learning_rate=None)
    document = solve(problem)
    assert "Loss before and after" not in headings(document, 2)
    assert "gradient" in str(document.blocks[1])


def test_indices_of_symbols_in_words_are_raised_and_lowered() -> None:
    assert scripts("omit ∂L/∂X^[2] of w_new^(1).") == [("omit ∂L/∂X", 0), ("[2]", 1), (" of w", 0), ("new", -1), ("(1)", 1), (".", 0)]
    assert scripts("plain words") == [("plain words", 0)]


@pytest.mark.parametrize(("example", "notation"), EVERY)
def test_lines_of_latex_are_as_short_as_their_parts_allow(example: str, notation: str) -> None:
    document = solve(open_problem(example), SolutionOptions(notation=notation))
    for block in document.blocks:
        if isinstance(block, Formula):
            source = broken_latex(block.equation, document.fmt, 39.0)
            assert source.count("{") == source.count("}")
            assert source.count(r"\begin") == source.count(r"\end")
            whole = sum(width_of(aligned(side, document.fmt), document.fmt) + 1.3 for _, side in block.equation.sides)
            room = 39.0 - 3.5 * bool(block.equation.number) - 0.8 * block.equation.boxed
            assert ("aligned" in source) == (whole - 1.3 > room)
            assert source.endswith(block.equation.number)
            assert ("\\boxed" in source) == block.equation.boxed


def test_a_column_of_numbers_stands_point_under_point() -> None:
    document = solve(open_problem("dyda-sigmoid"))
    block = next(b for b in document.blocks if isinstance(b, Beside))
    source = broken_latex(block.equations[2], document.fmt, 99.0)
    assert r"\phantom{-}0.1 & -0.2 & \phantom{-}0.3 \\ -0.4" in source


# Variants.


@pytest.mark.parametrize("name", example_names())
def test_variants_are_valid_files_that_differ_and_repeat(name: str) -> None:
    problem = open_problem(name)
    drawn, again = variants(problem, 4, 7), variants(problem, 4, 7)
    assert all(same(p, q) for p, q in zip(drawn, again, strict=True))
    assert not any(same(p, q) for i, p in enumerate(drawn) for q in drawn[:i])
    assert not same(replace(drawn[0], title=""), replace(variants(problem, 1, 8)[0], title=""))
    for variant in drawn:
        assert same(loads(dumps(variant)), variant)
        assert (variant.layers, variant.activations, variant.loss, variant.expected) == (
            problem.layers,
            problem.activations,
            problem.loss,
            (),
        )


@pytest.mark.parametrize("name", ["dyda-sigmoid", "jacob", "biswas-figure-1", "soletskyi"])
def test_variants_have_nice_numbers_and_something_to_learn(name: str) -> None:
    for variant in variants(open_problem(name), 10, 3):
        for values in given_numbers(variant):
            assert np.array_equal(values, np.round(values, 2))
        record = Run(variant).record(1)
        assert all(np.abs(delta).max() >= 1e-3 for delta in record.delta)


def given_numbers(problem: Problem) -> list[np.ndarray]:
    assert problem.weights is not None
    assert problem.x is not None
    assert problem.y is not None
    return [*problem.weights, *(problem.biases or ()), problem.x, problem.y]


def test_a_one_hot_target_stays_one_hot_and_a_shared_bias_shared() -> None:
    problem = replace(open_problem("jacob"), bias_sharing="per_layer", y=open_problem("dyda-softmax").y, expected=())
    for variant in variants(problem, 10, 1):
        assert variant.biases is not None
        assert variant.y is not None
        assert all(len(set(b.tolist())) == 1 for b in variant.biases)
        assert sorted(variant.y[0].tolist()) == [0.0, 1.0]


def test_variant_i_does_not_depend_on_how_many_there_are() -> None:
    problem = open_problem("jacob")
    assert same(variants(problem, 2, 5)[1], variants(problem, 6, 5)[1])


@pytest.mark.parametrize("count", [0, 201])
def test_a_number_of_variants_that_is_not_allowed(count: int) -> None:
    with pytest.raises(ValueError, match=re.escape("allowed: 1 to 200")):
        variants(open_problem("jacob"), count, 1)


def test_the_files_remarks_are_printed() -> None:
    assert "½ · ½" in conventions()["Remarks"]
    blank = solve(open_problem("jacob"), SolutionOptions(blank=True))
    rows = {name: cell[0] for block in blank.blocks if isinstance(block, Items) for name, cell in block.rows}
    assert "numbers the layers of neurons from 1" in str(rows["Remarks"])
    assert "0.68" not in str(rows["Remarks"])  # which is to be found
    assert "Remarks" not in conventions(notes="")


def test_every_component_of_a_small_step_is_written_out() -> None:
    """All nine entries of a 3 by 3 gradient, each with its rule and numbers; of a large one its matrix at the end."""
    document = solve(open_problem("soletskyi"))
    texts = [equation_text(block.equation, document.fmt, 1000) for block in document.blocks if isinstance(block, Formula)]
    assert not any("more in the same way" in text for text in texts)
    entries = {f"∂ℒ/∂w{low}ᵇ" for low in ("₁₁", "₁₂", "₁₃", "₂₁", "₂₂", "₂₃", "₃₁", "₃₂", "₃₃")}
    assert entries <= {text.replace(" ", "").partition("=")[0] for text in texts}, texts
    large = solve(open_problem("theta-digits"))
    steps = [block for block in large.blocks if isinstance(block, Formula)]
    dots = [i for i, block in enumerate(steps) if "more in the same way" in equation_text(block.equation, large.fmt)]
    assert dots
    for i in dots:
        following = [block.equation.sides[-1][1] for block in steps[i + 1 : i + 4]]
        assert any(isinstance(side, Mat) and side.elided for side in following)
