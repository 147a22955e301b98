"""Symbols in plain text have small indices where Unicode has them, and columns stay in line."""

import pytest
from explain_helpers import NOTATIONS

from gui.formula.plain_symbols import plain_symbol
from gui.formula.step_writers import step_text
from model.examples import example_names, open_problem
from model.expr.small_scripts import small_scripts
from model.expr.tree import Explanation, NumberFormat
from model.problem import replace
from model.solution.parts import scripts
from model.walkthrough import print_walkthrough


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("W_1ᵀ", "W₁ᵀ"),
        ("δ_1,10^(3)", "δ₁,₁₀⁽³⁾"),
        ("∇_(a_3) ℒ(θ)", "∇a₃ ℒ(θ)"),
        ("∇_(a_1^(1)) ℒ^(1)(θ)", "∇a₁⁽¹⁾ ℒ⁽¹⁾(θ)"),
        ("Σ_(j=1)^10 y_j", "Σ(j=1…10) yⱼ"),
        ("Σ_(j=0)^(D_H) Z_j,m", "Σ(j=0…D_H) Zⱼ,ₘ"),
        ("‖y − a^[2]‖_2^2", "‖y − a^[2]‖₂²"),
        ("a^[2]_1", "a₁^[2]"),
        ("w^a_11", "w₁₁ᵃ"),
        ("s^(a(1))_1", "s₁ᵃ⁽¹⁾"),
        ("v_(w^(1))^⟨1⟩", "v_(w⁽¹⁾)^⟨1⟩"),
        ("Y_10,1", "Y₁₀,₁"),
        ("∇_(a_3) ℒ(θ): output minus target", "∇a₃ ℒ(θ): output minus target"),
        ("Θ_(l_1,l_2)^(r)", "Θ⁽ʳ⁾_(l₁,l₂)"),
        ("1/(1+e^(−x))", "1/(1+e⁻ˣ)"),
        ("w_new^(1)", "w⁽¹⁾_new"),
        ("Error of x_1, x_2: 3 · 0.5", "Error of x₁, x₂: 3 · 0.5"),
    ],
)
def test_indices_are_small(text, small):
    assert small_scripts(text) == small
    assert small_scripts(small) == small


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        ("W^{[2]}_{12}", "W₁₂^[2]"),
        (r"\frac{\partial L}{\partial a^{[2]}_{1}}", "∂L/∂a₁^[2]"),
        ("Y_{10,1}", "Y₁₀,₁"),
        (r"\nabla_{\underline{a}_{3}}\mathcal{L}(\theta)", "∇a₃ ℒ(θ)"),
        ("w^{a}_{12}", "w₁₂ᵃ"),
        ("s^{a(1)}_{1}", "s₁ᵃ⁽¹⁾"),
        (r"w_{\mathrm{new},12}^{(1)}", "w⁽¹⁾_new,12"),
        (r"\lambda_{w}", "λ_w"),
    ],
)
def test_labels_keep_every_index(latex, plain):
    assert plain_symbol(latex) == plain


def test_headings_of_a_worked_solution_have_indices_of_indices():
    assert scripts("∇_(a_3) ℒ(θ)") == [("∇", 0), ("a₃", -1), (" ℒ(θ)", 0)]
    assert scripts("Y_10,1 and w^(b,t+1)_jk") == [("Y", 0), ("10,1", -1), (" and w", 0), ("b,t+1", 1), ("jk", -1)]


def test_a_copied_step_has_small_indices_in_its_words():
    explanation = Explanation("Update 1 · ∇_(a_3) ℒ(θ)", "The first coordinate of x_1.", ())
    assert step_text(explanation, NumberFormat(2)) == "Update 1 · ∇a₃ ℒ(θ)\n\nThe first coordinate of x₁."


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_walkthrough_has_no_index_of_digits_behind_a_mark(notation, tmp_path):
    for name in example_names():
        with (tmp_path / "walk").open("w+", encoding="utf-8") as out:
            print_walkthrough(replace(open_problem(name), notation=notation), out)
            out.seek(0)
            text = out.read().split("\n\n", 1)[1]
        for mark in ("_(a", "_(j=", "_0", "_1", "_2", "_3", "^(1)", "^(2)", "_2^2", "\\", "{"):
            assert mark not in text, (name, mark, text[text.find(mark) - 40 :][:80])
