"""Words as LaTeX for pdflatex: every character is either set or named, so that no title can stop the compilation."""

from __future__ import annotations

import unicodedata

_MATH = {
    "−": "-", "·": r"\cdot", "×": r"\times", "∂": r"\partial", "Σ": r"\Sigma", "Δ": r"\Delta", "Θ": r"\Theta", "Φ": r"\Phi", "Ω": r"\Omega",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "η": r"\eta", "θ": r"\theta", "λ": r"\lambda",
    "μ": r"\mu", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "φ": r"\varphi", "ψ": r"\psi", "ω": r"\omega", "∇": r"\nabla",
    "√": r"\surd", "∞": r"\infty", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "→": r"\to", "←": r"\leftarrow", "∈": r"\in",
    "⊙": r"\odot", "∘": r"\circ", "⋅": r"\cdot", "′": "'", "ℓ": r"\ell", "ℒ": r"\mathcal{L}", "‖": r"\|", "⋮": r"\vdots", "⋯": r"\cdots",
    "<": "<", ">": ">", "|": "|", "ŷ": r"\hat{y}", "±": r"\pm", "𝟙": r"\mathbf{1}", "Ψ": r"\Psi", "Γ": r"\Gamma", "Λ": r"\Lambda",
    "κ": r"\kappa", "ξ": r"\xi", "ν": r"\nu", "χ": r"\chi", "ζ": r"\zeta", "∖": r"\setminus", "⟨": r"\langle", "⟩": r"\rangle",
}  # fmt: skip
_PLAIN = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "#": r"\#", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "…": r"\dots{}", "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'",
    "½": r"$\frac12$", "\u2009": r"\,", "\u00a0": "~", "\u202f": r"\,", "•": r"\textbullet{}", "°": r"\textdegree{}", "€": r"\texteuro{}",
    '"': r"\textquotedbl{}",
}  # fmt: skip
_ACCENTS = {"\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar", "\u0305": r"\overline", "\u0307": r"\dot", "\u20d7": r"\vec"}


def tex_text(text: str) -> str:
    """Return words as LaTeX; a character that the usual fonts do not have is written as its number, such as [U+4E2D]."""
    result: list[str] = []
    for character in text:
        accent = _ACCENTS.get(character)
        if accent and result:
            result[-1] = f"${accent}{{{result[-1].strip('$')}}}$"
        else:
            result.append(_character(character))
    return "".join(result)


def _character(c: str) -> str:
    if c in _PLAIN:
        return _PLAIN[c]
    if c in _MATH:
        return f"${_MATH[c]}$"
    if c.isascii():
        return c if c.isprintable() else " "
    name = unicodedata.name(c, "")
    simple = unicodedata.normalize("NFKC", c)
    if name.startswith(("SUPERSCRIPT ", "SUBSCRIPT ")):
        return rf"\text{'super' if name.startswith('SUPER') else 'sub'}script{{{_character(simple)}}}"
    if "\u00c0" <= c <= "\u017f" and c not in "ĸŉſĿŀĦħŦŧĲĳ":
        return c
    if simple != c and len(simple) <= 4:
        return "".join(_character(part) for part in simple)
    return f"[U+{ord(c):04X}]"
