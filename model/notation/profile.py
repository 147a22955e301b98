"""Notation profiles: what a course calls every quantity and in which order it presents them. Data that changes no number.

A profile is a JSON object; the built-in ones are in `resources/notations/`. Its symbols are LaTeX with placeholders in angle
brackets: `<l>`, `<l+1>`, `<l-1>` layer; `<j>` unit; `<k>` sending unit; `<n>` sample; `<t>` letter of the weight table;
several at once such as `<jk>` (a comma is put between longer ones); `<s>` the sample mark, empty for a single sample; `<phi>`
the layer's activation (with `phi_mark` behind it where layers with different ones share a letter); and the name of another symbol,
such as `<a>`, for that symbol with the same layer and indices.
A key may say for which layer ("a@input", "a@hidden_only", "a@output"), for which activation ("phi@softmax"), for targets that each
name one class ("y@one_hot"), for the mean over a batch ("dLda.batch@mean") and for which kind ("z.unit", "z.batch"; "z.general" with a
letter for an index that belongs to its layer alone) it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

import resources
from model.evaluation import has_classes
from model.notation.checks import CONDITIONS, check_profile
from model.notation.letters import spare_letters
from model.problem import Problem
from model.stages import Block, Presentation, Ref

FORMAT = "deltastep-notation/1"
Kind = Literal["whole", "unit", "general", "batch"]
Indices = tuple[str | None, str | None, str | None]  # unit, sending unit, sample
_PLACEHOLDER = re.compile(r"<([A-Za-z_]+)([+-]1)?>")
_EMPTY = re.compile(r"[\^_]\{\}")


class Remark(NamedTuple):
    """A line that a course writes at a stage: its sides in LaTeX, its number in the course's notes, a frame, a short remark beside it.

    Without sides, number and frame belong to the stage's own rule.
    """

    sides: tuple[str, ...]
    number: str = ""
    boxed: bool = False
    note: str = ""


class Naming(NamedTuple):
    """What of an experiment decides how its quantities are written: experiments that are alike in it have the same symbols.

    one_hot: whether every target names one class.
    """

    activations: tuple[str, ...]
    has_biases: bool
    bias_sharing: str
    batch_reduction: str
    one_hot: bool

    @property
    def depth(self) -> int:
        """L, the number of weight layers."""
        return len(self.activations)


@dataclass(frozen=True, slots=True)
class Notation:
    """One profile.

    form: what is shown unless the user asks for the other. decimals: usual number of places. letters: index letters for "unit",
    "from", "next", "sample"; layer_letters: one per neuron layer of a net with one hidden layer, or empty. samples: whether a
    batch is shown as a matrix with samples as columns or rows, or one sample at a time. style: small choices of layout.
    remarks: symbolic lines the course writes at a stage, before its numbers. based_on: the built-in profile it was made from.
    spare: letters that courses do not have, such as "rms_decay" of an optimiser; each stands for nothing else in the notation.
    """

    name: str
    title: str
    presentation: Presentation
    decimals: int
    form: Literal["matrix", "index"]
    samples: Literal["columns", "rows", "apart"]
    letters: Mapping[str, str] = field(hash=False)
    layer_letters: tuple[str, ...]
    symbols: Mapping[str, str] = field(hash=False)
    style: Mapping[str, str] = field(hash=False)
    remarks: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    based_on: str = ""
    spare: Mapping[str, str] = field(default_factory=dict, hash=False)

    def symbol(self, ref: Ref, problem: Problem, samples: int = 1) -> str:
        """Return the LaTeX of a number (a unit given), or of a whole vector or matrix (unit None).

        samples: size of the batch; the sample is named only where there is more than one.
        """
        naming = naming_of(problem)
        if ref.unit is None:
            n = None if ref.sample is None else str(ref.sample + 1)
            return self._named(ref.quantity, ref.layer, naming, samples, "whole", (None, None, n))
        quantity, unit, source = self._displayed(ref)
        return self._named(quantity, ref.layer, naming, samples, "unit", (unit, source, str((ref.sample or 0) + 1)))

    def _displayed(self, ref: Ref) -> tuple[str, str, str | None]:
        """Return the name and indices under which the number is shown: a bias inside a matrix is an entry of column or row 0."""
        unit = ref.unit or 0
        inside = self.presentation.bias != "apart"
        if inside and ref.quantity in _HOLDER:
            return _HOLDER[ref.quantity], str(unit + 1), "0"
        if ref.quantity == "dLdX":
            return ref.quantity, str(unit), None
        return ref.quantity, str(unit + 1), None if ref.from_ is None else str(ref.from_ + 1)

    def name_of(
        self,
        quantity: str,
        layer: int,
        problem: Problem,
        samples: int = 1,
        *,
        unit: str | None = None,
        source: str | None = None,
        sample: str | None = None,
        batch: bool = False,
    ) -> str:
        """Return the LaTeX of a quantity with any indices, numbers or letters; whole or batch where `unit` is None."""
        kind: Kind = "batch" if batch else "whole"
        if unit is not None:
            kind = "general" if self.by_layer(problem) and not unit.isdigit() else "unit"
        return self._named(quantity, layer, naming_of(problem), samples, kind, (unit, source, sample))

    def letter(self, layer: int, role: str, problem: Problem) -> str:
        """Return the index letter of neuron layer `layer`, whose role in the formula is "unit", "from" or "next"."""
        return self.layer_letters[layer] if self.by_layer(problem) else self.letters[role]

    def by_layer(self, problem: Problem) -> bool:
        """Return whether every layer of neurons has an index letter of its own, so that a letter alone tells the layer."""
        return len(self.layer_letters) == problem.depth + 1

    def second_letter(self, layer: int, problem: Problem) -> str:
        """Return a letter for a sum over the units of a layer where the layer's own letter stands for one of them."""
        if self.by_layer(problem):
            return self.spare["second_index"]
        own = self.letter(layer, "unit", problem)
        return self.letters["next"] if self.letters["next"] != own else self.letters["from"]

    def remarks_for(self, quantity: str, layer: int, problem: Problem, samples: int) -> list[Remark]:
        """Return the symbolic lines that the course writes before a stage of this network.

        A remark may ask for a layer, a loss, the same activation in all layers, a function in the stage's own (or that it takes entry
        by entry: "elementwise"), a depth, biases, an optimiser, one-hot targets, which weights carry the error down, and for "one"
        sample, a "sum" or a "mean" over samples (no penalty). Its sides may have placeholders, which mean the stage's layer.
        """
        return [
            Remark(
                tuple(self._filled(side, layer, problem, samples) for side in remark.get("sides", ())),
                str(remark.get("number", "")),
                bool(remark.get("box", False)),
                str(remark.get("note", "")),
            )
            for remark in self.remarks
            if remark["stage"] == quantity and _fits(remark, layer, problem, samples)
        ]

    def _filled(self, latex: str, layer: int, problem: Problem, samples: int) -> str:
        """Return a remark with whole symbols of its layer, its number, spare letters and the sample's mark in place of placeholders."""

        def replace(found: re.Match[str]) -> str:
            name, at = found.group(1), layer + int(found.group(2) or 0)
            if name in self.symbols:
                return self.name_of(name, at, problem, samples)
            mark = self.style.get("sample_mark", "(#)").replace("#", self.letters["sample"]) if samples > 1 else ""
            return {"l": str(at), "s": mark, **self.spare}.get(name, found.group(0))

        return _EMPTY.sub("", _PLACEHOLDER.sub(replace, latex))

    def _template(self, quantity: str, layer: int, naming: Naming, samples: int, kind: Kind) -> str:
        kinds = {"whole": ("",), "general": (".general", ".unit", "")}.get(kind, (f".{kind}", ""))
        for role in (*_roles(layer, naming, samples), ""):
            for suffix in kinds:
                text = self.symbols.get(f"{quantity}{suffix}{role}")
                if text is not None:
                    return text
        raise KeyError(f'notation "{self.name}" has no symbol for "{quantity}"')

    @lru_cache(maxsize=16384)  # noqa: B019 - every step asks for the same symbols again; no experiment is kept in memory by that
    def _named(self, quantity: str, layer: int, naming: Naming, samples: int, kind: Kind, indices: Indices) -> str:
        return _EMPTY.sub("", self._fill(quantity, layer, naming, samples, kind, indices))

    def _fill(self, quantity: str, layer: int, naming: Naming, samples: int, kind: Kind, indices: Indices) -> str:
        unit, source, sample = indices
        values = {"j": unit or "", "k": source or "", "n": sample or ""}

        def replace(match: re.Match[str]) -> str:
            name, shift = match.group(1), int(match.group(2) or 0)
            if name == "l":
                return str(layer + shift)
            if name == "t":
                return _table(layer + shift)
            if name == "s":
                many = samples > 1 and sample is not None and kind != "batch"
                return self.style.get("sample_mark", "(#)").replace("#", sample or "") if many else ""
            if set(name) <= set("ljkn"):
                return _joined([str(layer + shift) if c == "l" else values[c] for c in name])
            return self._fill(name, layer + shift, naming, samples, kind, indices)

        text = _PLACEHOLDER.sub(replace, self._template(quantity, layer, naming, samples, kind))
        if quantity == "phi" and self._names_two_functions(layer, naming, samples):
            text += _PLACEHOLDER.sub(replace, self.symbols.get("phi_mark", "_{<l>}"))
        return text

    def _names_two_functions(self, layer: int, naming: Naming, samples: int) -> bool:
        """Say whether another layer has another activation under the same letter, so that the letter needs its layer's number."""
        names = naming.activations
        if layer < 1 or all(name == names[layer - 1] for name in names):
            return False
        letter = self._template("phi", layer, naming, samples, "whole")
        others = (k for k in range(1, naming.depth + 1) if names[k - 1] != names[layer - 1])
        return any(self._template("phi", k, naming, samples, "whole") == letter for k in others)


def _fits(remark: Mapping[str, Any], layer: int, problem: Problem, samples: int) -> bool:
    """Say whether a remark's conditions hold at a stage of this layer."""
    facts = _facts(layer, problem, samples)
    return all(remark[name] in facts[name] for name in CONDITIONS if name in remark)


def _facts(layer: int, problem: Problem, samples: int) -> dict[str, set[object]]:
    """Return for each condition of a remark which of its values hold at a stage of this layer."""
    function = problem.activations[layer - 1] if layer else ""
    alone = len(set(problem.activations)) == 1
    updated = problem.learning_rate is not None
    reduction: set[object] = {"any", problem.batch_reduction if samples > 1 else "sum", *(("one",) if samples == 1 else ())}
    return {
        "layer": {"any", "output" if layer == problem.depth else "hidden"},
        "samples": {"any"} if problem.l2 else reduction,
        "loss": {problem.loss},
        "depth": {problem.depth},
        "function": {function},
        "elementwise": {function != "softmax"},
        "activation": set(problem.activations) if alone else set(),
        "optimizer": {problem.optimizer.name},
        "biases": {problem.has_biases},
        "hidden_delta_uses": {problem.hidden_delta_uses if updated else "old"},
        "targets": {"any", *(("one_hot",) if has_one_hot_targets(problem) else ())},
    }


@lru_cache(maxsize=4)  # few, since it keeps their weights and samples in memory
def naming_of(problem: Problem) -> Naming:
    """Return what decides how the quantities of an experiment are written."""
    one_hot = has_one_hot_targets(problem)
    return Naming(problem.activations, problem.has_biases, problem.bias_sharing, problem.batch_reduction, one_hot)


@lru_cache(maxsize=4)
def has_one_hot_targets(problem: Problem) -> bool:
    """Say whether every target names one class: a single 1 among zeros, as those of the built-in data sets do with several outputs."""
    if problem.layers[-1] == 1:
        return False
    if problem.y is None:
        return problem.dataset is not None
    return has_classes(problem.y)


_HOLDER = {"b": "W", "db": "dW", "b_new": "W_new", "db_sample": "dW_sample", "step_b": "step_W"}


def _joined(parts: list[str]) -> str:
    present = [part for part in parts if part]
    return ("," if any(len(part) > 1 for part in present) else "").join(present)


def _table(layer: int) -> str:
    """Return the letter of the weight table of layer 1, 2, …: a, b, …, and a number where letters run out."""
    return chr(ord("a") + layer - 1) if 1 <= layer <= 26 else str(layer)


def _roles(layer: int, naming: Naming, samples: int) -> tuple[str, ...]:
    mean = ("@mean",) if samples > 1 and naming.batch_reduction == "mean" else ()
    if layer == 0:
        return (*(("@one_hot",) if naming.one_hot else ()), "@input", *mean)
    function = (f"@{naming.activations[layer - 1]}",) if layer <= naming.depth else ()
    if layer == naming.depth:
        return (*function, "@output", *mean, *_delta_role(naming, samples))
    return (*function, *(("@hidden_only",) if naming.depth == 2 else ()), "@hidden", *mean, *_delta_role(naming, samples))


def _delta_role(naming: Naming, samples: int) -> tuple[str, ...]:
    """Say whether ∂L/∂z and ∂L/∂b are the same numbers, which some notes use to name one after the other."""
    same = naming.has_biases and samples == 1 and naming.bias_sharing == "per_unit"
    return ("@is_db",) if same else ()


def parse_notation(data: object, *, name: str = "") -> Notation:
    """Return the profile that a JSON value describes. Raises ValueError with one sentence: what, where, what is allowed."""
    profile = check_profile(data, FORMAT)
    return Notation(
        name=name or str(profile["name"]),
        title=str(profile["title"]),
        presentation=Presentation(
            tuple(Block(layers, tuple(stages)) for layers, stages in profile["blocks"]), profile["bias"], profile["rows"]
        ),
        decimals=int(profile["decimals"]),
        form=profile["form"],
        samples=profile["samples"],
        letters=profile["letters"],
        layer_letters=tuple(profile.get("layer_letters", ())),
        symbols=profile["symbols"],
        style=profile.get("style", {}),
        remarks=tuple(profile.get("remarks", ())),
        based_on=str(profile.get("based_on", "")),
        spare=spare_letters(profile),
    )


def notation_names() -> tuple[str, ...]:
    """Return the names of the built-in profiles, in the order in which they are offered."""
    return ("dyda", "biswas", "jacob", "theta", "soletskyi")


@cache
def load_notation(name: str) -> Notation:
    """Return a built-in profile. Raises ValueError with one sentence for an unknown name."""
    if name not in notation_names():
        raise ValueError(f'there is no notation "{name}"; allowed: ' + ", ".join(notation_names()))
    with open(resources.path(f"notations/{name}.json"), encoding="utf-8") as file:
        return parse_notation(json.load(file), name=name)


def notation_of(chosen: str | Notation | None, problem: Problem) -> Notation:
    """Return the profile that is chosen, by its name or itself; without a choice the experiment's own. Raises as `load_notation`."""
    if isinstance(chosen, Notation):
        return chosen
    own = problem.notation_profile
    return own if own is not None and chosen in (None, own.name) else load_notation(chosen or problem.notation)
