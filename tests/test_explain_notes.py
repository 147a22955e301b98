"""The lecture notes, equation by equation: for its own network each notation shows the note's equations in the note's order."""

from dataclasses import replace

from explain_helpers import moment_at, record_of, shown, side_text, walk_of

from model.examples import open_problem
from model.explain.steps import explain

DYDA = [
    ("z:1", ["X^[1]", "net^[1]"], "[−0.1; 0.1]"),
    ("a:1", ["φ(x)", "a^[1]", "X^[2]"], "[1; 0.47502081; 0.52497919]"),
    ("z:2", ["net^[2]"], "[0.21498751; −0.52997502]"),
    ("a:2", ["φ(x)", "a^[2]"], "[0.55354082; 0.37052271]"),
    ("dLda:2", ["∂L/∂a^[2]"], "[−0.44645918; 0.37052271]"),
    ("delta:2", ["φ′(x)", "δ^[2]"], "[−0.11033497; 0.0864191]"),
    ("dW:2", ["∂L/∂W^[2]"], "[−0.11033497 −0.05241141 −0.05792356; 0.0864191 0.04105087 0.04536823]"),
    ("W_new:2", ["W̃^[2]"], "[0.1610335 −0.24475886 0.35579236; −0.45864191 0.54589491 −0.65453682]"),
    ("dLdX:2", ["∂L/∂X^[2]"], "[−0.05543884; 0.07511425; −0.09478965]"),
    ("dLda:1", ["∂L/∂a^[1]"], "[0.07511425; −0.09478965]"),
    ("delta:1", ["φ′(x)", "δ^[1]"], "[0.01873169; −0.02363827]"),
    ("dW:1", ["∂L/∂W^[1]"], "[0.01873169 0.01873169 0; −0.02363827 −0.02363827 0]"),
    ("W_new:1", ["W̃^[1]"], "[0.09812683 −0.20187317 0.3; −0.39763617 0.50236383 −0.6]"),
]


def test_dyda_reads_like_the_note():
    """Every equation of the page in its order, with its printed figures."""
    problem = open_problem("dyda-sigmoid")
    walk = walk_of(record_of(problem), "dyda")
    assert [stage.address for stage in walk.stages if stage.address != "loss"] == [address for address, _, _ in DYDA]
    for address, symbols, result in DYDA:
        equations = shown(problem, "dyda", address)
        assert [sides[0] for sides in equations] == symbols
        assert equations[-1][-1] == result


def test_dydas_delta_shows_the_error_times_the_slope_at_each_net():
    remark, sides = shown(open_problem("dyda-sigmoid"), "dyda", "delta:2")
    assert remark == ["φ′(x)", "φ(x)(1−φ(x))"]
    assert shown(open_problem("dyda-sigmoid"), "dyda", "a:1")[0] == ["φ(x)", "(1+e⁻ˣ)⁻¹"]
    assert sides[1] == "∂L/∂a^[2] ⊙ φ′(net^[2])"
    assert sides[2] == "[−0.44645918 · φ′(0.21498751); 0.37052271 · φ′(−0.52997502)]"


def test_dydas_update_is_the_old_matrix_minus_c_times_the_gradient():
    (sides,) = shown(open_problem("dyda-sigmoid"), "dyda", "W_new:2")
    gradient = "[−0.11033497 −0.05241141 −0.05792356; 0.0864191 0.04105087 0.04536823]"
    assert sides[1] == "W^[2] − c ∂L/∂W^[2]"
    assert sides[2] == f"W^[2] − c {gradient}"
    assert sides[3] == f"[0.15 −0.25 0.35; −0.45 0.55 −0.65] − 0.1 · {gradient}"


def test_dyda_says_which_coordinate_is_left_out():
    moment = moment_at(record_of(open_problem("dyda-sigmoid")), "dyda", "dLda:1")
    explanation = explain(moment)
    assert "redundant" in explanation.words
    assert "−0.05543884" in explanation.equations[0].note


def test_dydas_softmax_is_a_vector_of_fractions_and_its_delta_needs_no_slope():
    problem = open_problem("dyda-softmax")
    defined, sides = shown(problem, "dyda", "a:2", decimals=5)
    assert defined == ["aⱼ^[2]", "ψ(net^[2])ⱼ", "exp(netⱼ^[2])/(Σᵢ exp(netᵢ^[2]))"]
    assert sides[3].startswith("[exp(0.21499)/(exp(0.21499) + exp(−0.52998));")
    assert sides[4] == "[1.23985/1.82847; 0.58862/1.82847]"
    assert sides[5] == "[0.67808; 0.32192]"
    (sides,) = shown(problem, "dyda", "delta:2", decimals=5)
    assert sides[1:] == ["(Σ(j=1…2) yⱼ) a^[2] − y", "(1 + 0) [0.67808; 0.32192] − [1; 0]", "[−0.32192; 0.32192]"]
    assert shown(problem, "dyda", "W_new:2")[0][-1] == "[0.18219199 −0.23470813 0.36690013; −0.48219199 0.53470813 −0.66690013]"


JACOB = [
    ("z:1", "z⁽²⁾", "w⁽¹⁾ a⁽¹⁾ + b⁽¹⁾", "[0.41; 0.47]"),
    ("a:1", "a⁽²⁾", "σ(z⁽²⁾)", "[0.6; 0.62]"),
    ("z:2", "z⁽³⁾", "w⁽²⁾ a⁽²⁾ + b⁽²⁾", "[1.02; 1.26]"),
    ("a:2", "a⁽³⁾", "σ(z⁽³⁾)", "[0.73; 0.78]"),
    ("dadz:2", "σ′(z⁽³⁾)", None, "[0.19; 0.17]"),
    ("dadz:1", "σ′(z⁽²⁾)", None, "[0.24; 0.24]"),
    ("dLda:2", "δ⁽³⁾", "∂L/∂a⁽³⁾", "[0.68; −0.17]"),
    ("db:2", "∂L/∂b⁽²⁾", "δ⁽³⁾ ⊙ σ′(z⁽³⁾)", "[0.13; −0.03]"),
    ("dW:2", "∂L/∂w⁽²⁾", "∂L/∂b⁽²⁾ (a⁽²⁾)ᵀ", "[0.08 0.08; −0.02 −0.02]"),
    ("dLda:1", "δ⁽²⁾", "(w⁽²⁾)ᵀ ∂L/∂b⁽²⁾", "[0.05; 0.06]"),
    ("db:1", "∂L/∂b⁽¹⁾", "δ⁽²⁾ ⊙ σ′(z⁽²⁾)", "[0.01; 0.01]"),
    ("dW:1", "∂L/∂w⁽¹⁾", "∂L/∂b⁽¹⁾ (a⁽¹⁾)ᵀ", None),
    ("W_new:1", "w⁽¹⁾_new", "w⁽¹⁾ − α ∂L/∂w⁽¹⁾", "[0.1 0.3; 0.2 0.4]"),
    ("b_new:1", "b⁽¹⁾_new", "b⁽¹⁾ − α ∂L/∂b⁽¹⁾", "[0.24; 0.24]"),
    ("W_new:2", "w⁽²⁾_new", "w⁽²⁾ − α ∂L/∂w⁽²⁾", "[0.45 0.55; 0.71 0.81]"),
    ("b_new:2", "b⁽²⁾_new", "b⁽²⁾ − α ∂L/∂b⁽²⁾", "[0.27; 0.37]"),
]


def test_jacob_reads_like_the_note():
    problem = open_problem("jacob")
    walk = walk_of(record_of(problem), "jacob")
    assert [stage.address for stage in walk.stages if stage.address != "loss"] == [line[0] for line in JACOB]
    for address, symbol, rule, result in JACOB:
        *remarks, sides = shown(problem, "jacob", address, decimals=2)
        assert remarks == ([["σ′(x)", "σ(x)(1−σ(x))"]] if address == "dadz:2" else [])
        assert sides[0] == symbol
        assert rule is None or sides[1] == rule
        assert result is None or sides[-1] == result


def test_jacob_says_what_is_given_and_what_the_error_is():
    """The note writes a⁽¹⁾ = x = … and δ⁽³⁾ = ∂L/∂a⁽³⁾ = […]."""
    problem = open_problem("jacob")
    given = shown(problem, "jacob", "start", decimals=2)
    assert given[0] == ["a⁽¹⁾", "x", "[0.1; 0.5]"]
    (sides,) = shown(problem, "jacob", "dLda:2", decimals=2)
    assert sides[:3] == ["δ⁽³⁾", "∂L/∂a⁽³⁾", "[a₁⁽³⁾ − y₁; a₂⁽³⁾ − y₂]"]
    assert shown(problem, "jacob", "dLda:2", form="index")[0] == ["δⱼ⁽³⁾", "∂L/∂aⱼ⁽³⁾", "aⱼ⁽³⁾ − yⱼ"]
    assert shown(problem, "dyda", "start")[0][:1] == ["x"]


def test_jacob_writes_the_products_with_both_vectors_and_a_cross():
    (sides,) = shown(open_problem("jacob"), "jacob", "db:2", decimals=2)
    assert sides[2:] == ["[0.68; −0.17] ⊙ [0.19; 0.17]", "[0.68 × 0.19; −0.17 × 0.17]", "[0.13; −0.03]"]
    _, sides = shown(open_problem("jacob"), "jacob", "dadz:2", decimals=2)
    assert sides[0] == "σ′(z⁽³⁾)"
    assert sides[2] == "[σ(1.02) (1 − σ(1.02)); σ(1.26) (1 − σ(1.26))]"


def test_biswas_summary_for_one_data_point():
    problem = replace(open_problem("biswas-figure-1"), x=open_problem("biswas-figure-1").x[:1], y=open_problem("biswas-figure-1").y[:1])
    lines = {address: [sides[:2] for sides in shown(problem, "biswas", address, decimals=4)][-1] for address in
             ("z:1", "a:1", "dLda:3", "delta:3", "dLda:2", "delta:2", "dW:3", "db:3")}  # fmt: skip
    assert lines == {
        "z:1": ["a₁", "W₁ · x + b₁"],
        "a:1": ["h₁", "g(a₁)"],
        "dLda:3": ["∇ŷ ℒ(θ)", "− 1/ŷ₁ e_ℓ"],
        "delta:3": ["∇a₃ ℒ(θ)", "− (e_ℓ − ŷ)"],
        "dLda:2": ["∇h₂ ℒ(θ)", "W₃ᵀ · ∇a₃ ℒ(θ)"],
        "delta:2": ["∇a₂ ℒ(θ)", "∇h₂ ℒ(θ) ⊙ g′(a₂)"],
        "dW:3": ["∇W₃ ℒ(θ)", "∇a₃ ℒ(θ) · h₂ᵀ"],
        "db:3": ["∇b₃ ℒ(θ)", "∇a₃ ℒ(θ)"],
    }


def test_biswas_summary_for_the_whole_matrix_of_samples():
    problem = open_problem("biswas-figure-1")
    found = {address: shown(problem, "biswas", address, decimals=4)[-1][:2] for address in
             ("z:1", "z:2", "a:2", "a:3", "delta:3", "dLda:2", "delta:2", "dW:2", "db:2")}  # fmt: skip
    assert found == {
        "z:1": ["A₁", "W₁ · X + b₁ · 1₃ᵀ"],
        "z:2": ["A₂", "W₂ · H₁ + b₂ · 1₃ᵀ"],
        "a:2": ["H₂", "g(A₂)"],
        "a:3": ["Ŷ", "softmax(A₃)"],
        "delta:3": ["∇A₃", "1/3 · (Ŷ − E)"],
        "dLda:2": ["∇H₂", "W₃ᵀ · ∇A₃"],
        "delta:2": ["∇A₂", "∇H₂ ⊙ g′(A₂)"],
        "dW:2": ["∇W₂", "∇A₂ · H₁ᵀ"],
        "db:2": ["∇b₂", "∇A₂ · 1₃"],
    }


def test_the_theta_note_in_its_own_lines():
    problem = open_problem("theta-digits")
    found = {address: shown(problem, "theta", address, decimals=4)[:2] for address in ("z:1", "a:1", "delta:2", "dW:2", "dW:1", "dadz:2")}
    assert found["z:1"][0][:2] == ["A⁽¹⁾", "(Θ⁽¹⁾)ᵀ · [1; X]"]
    assert found["a:1"][0][:2] == ["Z", "σ(A⁽¹⁾)"]
    assert found["delta:2"][0] == ["δₖ,ₘ⁽³⁾", "Yₖ,ₘ − Lₖ,ₘ"]
    assert found["dadz:2"][1] == ["σ′(Aₖ,ₘ⁽²⁾)", "Yₖ,ₘ · (1 − Yₖ,ₘ)"]
    assert found["dW:2"][0][-1] == "−Σ(m=1…M) (Lₖ,ₘ−Yₖ,ₘ) · Zⱼ,ₘ"
    assert found["dW:2"][1] == ["∂E(Θ)/∂Θⱼ,ₖ⁽²⁾", "Σ(m=1…10) δₖ,ₘ⁽³⁾ · Zⱼ,ₘ"]
    assert found["dW:1"][0][1] == "Σ(m=1…M) Θⱼ⁽²⁾ · δₘ⁽³⁾ · σ′(Aⱼ,ₘ⁽¹⁾) · Xᵢ,ₘ"


SOLETSKYI = [  # stage, then what the note writes there, with the number of its equation where it has one
    ("z:1", [["sⱼ", "Σᵢ xᵢ · wᵢⱼᵃ"]]),  # after (6)
    ("a:1", [["σ(x)", "1/(1+e⁻ˣ)"], ["yⱼ", "σ(sⱼ)"]]),  # (1)
    ("z:2", [["sₖ", "Σⱼ yⱼ · wⱼₖᵇ"]]),  # after (4)
    ("a:2", [["zₖ", "σ(sₖ)"]]),  # after (4)
    ("loss", [["ℒ", "1/2 · Σ(k=1…2) (zₖ − ẑₖ)²"]]),  # (2)
    ("dLda:2", [["∂ℒ/∂wⱼₖᵇ", "∂ℒ/∂zₖ · ∂zₖ/∂sₖ · ∂sₖ/∂wⱼₖᵇ"], ["∂ℒ/∂zₖ", "zₖ − ẑₖ"]]),  # (4)
    ("dadz:2", [["σ′(x)", "σ(x)(1−σ(x))"], ["∂zₖ/∂sₖ", "zₖ · (1 − zₖ)"]]),  # (1)
    ("delta:2", [["δₖ", "(zₖ − ẑₖ) · zₖ · (1 − zₖ)"]]),
    ("dW:2", [["∂sₖ/∂wⱼₖᵇ", "yⱼ"], ["∂ℒ/∂wⱼₖᵇ", "(zₖ−ẑₖ) zₖ (1−zₖ) yⱼ"], ["∂ℒ/∂wⱼₖᵇ", "δₖ · yⱼ"]]),  # (5)
    ("dLda:1", [
        ["∂ℒ/∂wᵢⱼᵃ", "∂ℒ/∂yⱼ · ∂yⱼ/∂sⱼ · ∂sⱼ/∂wᵢⱼᵃ"],  # (6)
        ["∂ℒ/∂yⱼ", "1/2 ∂/∂yⱼ (Σₖ (zₖ−ẑₖ)²)", "1/2 Σₖ ∂/∂yⱼ ((zₖ−ẑₖ)²)", "Σₖ ∂zₖ/∂yⱼ (zₖ−ẑₖ)"],
        ["∂zₖ/∂yⱼ", "∂zₖ/∂sₖ · ∂sₖ/∂yⱼ", "zₖ (1−zₖ) wⱼₖᵇ"],
        ["∂ℒ/∂yⱼ", "Σₖ δₖ · wⱼₖᵇ"],
    ]),
    ("dadz:1", [["∂yⱼ/∂sⱼ · ∂sⱼ/∂wᵢⱼᵃ", "yⱼ (1−yⱼ) xᵢ"], ["∂yⱼ/∂sⱼ", "yⱼ · (1 − yⱼ)"]]),
    ("delta:1", [["δⱼ", "(Σₖ δₖ · wⱼₖᵇ) · yⱼ · (1 − yⱼ)"]]),
    ("dW:1", [["∂ℒ/∂wᵢⱼᵃ", "(Σₖ (zₖ−ẑₖ) zₖ (1−zₖ) wⱼₖᵇ) yⱼ (1−yⱼ) xᵢ"], ["∂ℒ/∂wᵢⱼᵃ", "δⱼ · xᵢ"]]),  # (7)
    ("W_new:2", [["w⁽ᵗ⁺¹⁾", "wᵗ − η ∂ℒ/∂wᵗ"], ["wⱼₖ^(b,t+1)", "wⱼₖ^(b,t) − η ∂ℒ/∂wⱼₖᵇ"]]),  # (3)
    ("W_new:1", [["wᵢⱼ^(a,t+1)", "wᵢⱼ^(a,t) − η ∂ℒ/∂wᵢⱼᵃ"]]),
]  # fmt: skip


def test_soletskyi_reads_like_the_note():
    """His single hidden layer: every line of his with letters, in his order, and then the same with numbers."""
    problem = open_problem("soletskyi-one-hidden")
    assert [stage.address for stage in walk_of(record_of(problem), "soletskyi").stages] == [address for address, _ in SOLETSKYI]
    for address, lines in SOLETSKYI:
        assert [sides for sides in in_letters(problem, address) if "if j is" not in sides[1]] == lines
    assert any("if j is an output neuron" in sides[1] for sides in in_letters(problem, "delta:2"))  # (8)


def in_letters(problem, address):
    """The lines without numbers, and the rule of the loss, which has both in one line."""
    moment = moment_at(record_of(problem), "soletskyi", address)
    equations = explain(moment).equations
    chosen = equations if address != "loss" else [replace(equations[0], sides=equations[0].sides[:2])]
    return [[side_text(e, moment.fmt) for _, e in equation.sides] for equation in chosen if equation.sides[-1][0] != "result"]


def test_soletskyi_with_two_hidden_layers_has_delta_by_cases_and_the_same_names_in_every_layer():
    problem = open_problem("soletskyi")
    for layer in (3, 2, 1):
        cases = shown(problem, "soletskyi", f"delta:{layer}")[0]
        assert "if j is an output neuron" in cases[1]
        assert "if j is a hidden neuron" in cases[1]
        assert shown(problem, "soletskyi", f"dW:{layer}")[0] == ["∂ℒ/∂wᵢⱼ", "δⱼ xᵢ"]
    assert shown(problem, "soletskyi", "delta:2")[1] == ["δⱼᵇ", "(Σₖ δₖᶜ · wⱼₖᶜ) · yⱼᵇ · (1 − yⱼᵇ)"]
