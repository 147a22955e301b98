"""Checks a notation profile read from JSON and says in one sentence what is wrong with it."""

from __future__ import annotations

import re
from typing import Any

from model.notation.letters import SPARE_LETTERS, clash
from model.problem import ACTIVATION_NAMES

BLOCK_LAYERS = ("up", "down", "output", "hidden_down")
BLOCK_STAGES = ("z", "a", "loss", "dadz", "dLda", "delta", "dW", "db", "dLdX", "W_new", "b_new", "dLdX+1")
CHOICES = {
    "form": ("matrix", "index"),
    "bias": ("column", "row", "apart"),
    "rows": ("to", "from"),
    "samples": ("columns", "rows", "apart"),
}
LETTER_ROLES = ("unit", "from", "next", "sample")
# Symbols that every profile gives; those of `WITH_UNITS` also as "<name>.unit".
REQUIRED = (
    "x", "y", "X", "z", "a", "W", "b", "phi", "dadz", "loss", "loss_sample", "loss_output", "dLda", "delta", "dLdX", "dLdx",
    "dW", "db", "dW_sample", "db_sample", "W_new", "b_new", "learning_rate",
)  # fmt: skip
OPTIONAL = (
    "step_W", "step_b", "z_after", "a_after", "loss_after", "mean_abs_error", "path", "penalty", "one", "W_inner", "W_new_inner",
    "phi_mark", "W_old", "b_old",
    *SPARE_LETTERS,
)  # fmt: skip
KINDS = ("unit", "general", "batch")
ROLES = ("input", "hidden", "hidden_only", "output", "is_db", "mean", "one_hot", *ACTIVATION_NAMES)
KEYS = (
    "format", "name", "title", "decimals", "form", "bias", "rows", "samples", "blocks", "letters", "layer_letters", "symbols", "style",
    "remarks", "based_on",
)  # fmt: skip
STYLES = {
    "sample_mark": None,
    "update_mark": None,
    "product": ("·", "×"),
    "bracket": ("[", "("),
    "delta": ("product", "hadamard", "cases"),
    "update": ("numbers", "gradient"),
    "softmax_error": ("difference", "negated"),
    "mean_in": ("gradient", "delta"),
    "slope": ("value", "formula"),
    "error": ("difference", "quotient", "components"),
    "sum": ("weight_first", "value_first"),
    "back_sum": ("weight_first", "error_first"),
    "input": ("named", "stacked"),
    "norm": ("bars", "sum"),
    "log": ("log", "ln"),
    "cross_entropy": ("sum", "true_class"),
    "forward_form": ("matrix", "index"),
}
REMARK_EXTRAS = ("number", "box", "note")
CONDITIONS = (
    "layer", "loss", "activation", "function", "elementwise", "depth", "samples", "biases", "optimizer", "hidden_delta_uses", "targets",
)  # fmt: skip
_PLACEHOLDER = re.compile(r"<([^<>]*)>")
_INDEX = re.compile(r"l[+-]1|t[+-]1|[ljkn]+|t|s")


def check_profile(data: object, fmt: str) -> dict[str, Any]:
    """Return `data` as a checked profile. Raises ValueError with one sentence."""
    if not isinstance(data, dict):
        raise ValueError("a notation is a JSON object, allowed keys: " + ", ".join(KEYS))
    for key in data:
        if key not in KEYS:
            raise ValueError(f'notation: unknown key "{key}"; allowed: ' + ", ".join(KEYS))
    if data.get("format") != fmt:
        raise ValueError(f'notation: "format" is "{fmt}"')
    _strings(data, "name", "title")
    decimals = data.get("decimals")
    if not isinstance(decimals, int) or isinstance(decimals, bool) or not 0 <= decimals <= 15:
        raise ValueError('notation: "decimals" is a whole number from 0 to 15')
    for key, allowed in CHOICES.items():
        if data.get(key) not in allowed:
            raise ValueError(f'notation: "{key}" is one of ' + ", ".join(allowed))
    if not isinstance(data.get("based_on", ""), str):
        raise ValueError('notation: "based_on" is the name of a built-in notation')
    _check_blocks(data.get("blocks"))
    _check_letters(data)
    _check_symbols(data.get("symbols"))
    _check_style(data.get("style", {}))
    _check_remarks(data.get("remarks", []))
    found = clash(data)
    if found:
        raise ValueError(f"notation: {found}")
    return data


def _strings(data: dict[str, Any], *keys: str) -> None:
    for key in keys:
        if not isinstance(data.get(key), str) or not data[key]:
            raise ValueError(f'notation: "{key}" is a text that is not empty')


def _check_blocks(blocks: object) -> None:
    if not isinstance(blocks, list) or not blocks:
        raise ValueError('notation: "blocks" is a list of [layers, [stage, …]]')
    for i, block in enumerate(blocks):
        if not isinstance(block, list) or len(block) != 2 or block[0] not in BLOCK_LAYERS or not isinstance(block[1], list):
            raise ValueError(f"notation: blocks[{i}] is [layers, [stage, …]] with layers one of " + ", ".join(BLOCK_LAYERS))
        for stage in block[1]:
            if stage not in BLOCK_STAGES:
                raise ValueError(f'notation: blocks[{i}] has an unknown stage "{stage}"; allowed: ' + ", ".join(BLOCK_STAGES))
    named = {stage.removesuffix("+1") for _, stages in blocks for stage in stages}
    missing = [stage for stage in ("z", "a", "loss", "dLda", "delta", "dW", "W_new") if stage not in named]
    if missing:
        raise ValueError('notation: "blocks" leaves out the stage ' + ", ".join(missing))


def _check_letters(data: dict[str, Any]) -> None:
    letters = data.get("letters")
    if not isinstance(letters, dict) or sorted(letters) != sorted(LETTER_ROLES) or not all(isinstance(v, str) for v in letters.values()):
        raise ValueError('notation: "letters" has one index letter for each of ' + ", ".join(LETTER_ROLES))
    of_layers = data.get("layer_letters", [])
    if not isinstance(of_layers, list) or not all(isinstance(letter, str) and letter for letter in of_layers):
        raise ValueError('notation: "layer_letters" is a list of index letters, one per layer of neurons')


def _check_symbols(symbols: object) -> None:
    if not isinstance(symbols, dict):
        raise ValueError('notation: "symbols" is an object of symbol names and LaTeX')
    missing = [name for name in REQUIRED if name not in symbols]
    if missing:
        raise ValueError('notation: "symbols" has no ' + ", ".join(missing))
    for key, text in symbols.items():
        name, _, role = key.partition("@")
        base, _, kind = name.partition(".")
        if base not in REQUIRED + OPTIONAL or (kind and kind not in KINDS) or (role and role not in ROLES):
            raise ValueError(
                f'notation: symbols has an unknown key "{key}"; allowed: a quantity, then .unit, .general or .batch, then @ and a layer'
            )
        if not isinstance(text, str):
            raise ValueError(f'notation: symbols["{key}"] is a text in LaTeX')
        for found in _PLACEHOLDER.findall(text):
            if not _INDEX.fullmatch(found) and found.removesuffix("+1").removesuffix("-1") not in symbols:
                raise ValueError(
                    f'notation: symbols["{key}"] has an unknown placeholder "<{found}>"; allowed: l j k n s t or a symbol\'s name'
                )
    _check_circles(symbols)


def _check_circles(symbols: dict[str, str]) -> None:
    """Refuse symbols that are defined by each other."""
    uses: dict[str, set[str]] = {}
    for key, text in symbols.items():
        found = {p.removesuffix("+1").removesuffix("-1") for p in _PLACEHOLDER.findall(text) if not _INDEX.fullmatch(p)}
        uses.setdefault(re.split(r"[.@]", key)[0], set()).update(found)
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f'notation: the symbol "{name}" is defined by itself')
        if name not in done:
            for other in uses.get(name, ()):
                visit(other, (*above, name))
            done.add(name)

    for name in uses:
        visit(name, ())


def _check_style(style: object) -> None:
    if not isinstance(style, dict):
        raise ValueError('notation: "style" is an object')
    for key, value in style.items():
        allowed = STYLES.get(key, ())
        if key not in STYLES or not isinstance(value, str) or (allowed is not None and value not in allowed):
            choices = ", ".join(f"{k}: {' | '.join(v) if v else 'text'}" for k, v in STYLES.items())
            raise ValueError(f'notation: style["{key}"] is not known; allowed: {choices}')


def _check_remarks(remarks: object) -> None:
    if not isinstance(remarks, list):
        raise ValueError('notation: "remarks" is a list of objects with "stage" and "sides"')
    for i, remark in enumerate(remarks):
        if not isinstance(remark, dict) or not _is_remark(remark):
            raise ValueError(
                f'notation: remarks[{i}] has "stage", "sides" (LaTeX texts), and perhaps ' + ", ".join((*REMARK_EXTRAS, *CONDITIONS))
            )


def _is_remark(remark: dict[str, Any]) -> bool:
    sides = remark.get("sides", [])
    return (
        set(remark) <= {"stage", "sides", *REMARK_EXTRAS, *CONDITIONS}
        and all(isinstance(remark.get(name, True), bool) for name in ("biases", "elementwise", "box"))
        and all(isinstance(remark.get(name, ""), str) for name in ("number", "note"))
        and all(isinstance(remark[name], (str, int)) for name in CONDITIONS if name in remark)
        and remark.get("stage") in BLOCK_STAGES
        and isinstance(sides, list)
        and all(isinstance(side, str) for side in sides)
        and bool(sides or remark.get("number") or remark.get("box"))
    )
