"""The lecture notes, equation by equation: for its own network each notation shows the note's equations in the note's order."""

from dataclasses import replace

from explain_helpers import moment_at, network, record_of, shown, walk_of

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
        "dW:2": ["∇W₂ ℒ(θ)", "∇A₂ · H₁ᵀ"],
        "db:2": ["∇b₂ ℒ(θ)", "∇A₂ · 1₃"],
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


def test_soletskyi_in_index_notation_with_delta_by_cases():
    problem = network((2, 2, 2), biases=None)
    assert shown(problem, "soletskyi", "z:2")[0] == ["sₖᵇ", "Σⱼ yⱼ · wⱼₖᵇ"]
    assert shown(problem, "soletskyi", "dLda:2")[1] == ["∂ℒ/∂zₖ", "zₖ − ẑₖ"]
    cases, output = shown(problem, "soletskyi", "delta:2")[:2]
    assert "if j is an output neuron" in cases[1]
    assert output == ["δₖᵇ", "(zₖ − ẑₖ) · zₖ · (1 − zₖ)"]
    assert shown(problem, "soletskyi", "delta:1")[1] == ["δⱼᵃ", "(Σₖ δₖᵇ · wⱼₖᵇ) · yⱼ · (1 − yⱼ)"]
    chain, general = shown(problem, "soletskyi", "dW:2")[:2]
    assert chain[1] == "(zₖ−ẑₖ) zₖ (1−zₖ) yⱼ"
    assert general == ["∂ℒ/∂wⱼₖᵇ", "δₖᵇ · yⱼ"]
    assert shown(problem, "soletskyi", "W_new:2")[0] == ["wⱼₖ^(b,t+1)", "wⱼₖᵇ − η ∂ℒ/∂wⱼₖᵇ"]
