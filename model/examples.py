"""The built-in examples, and the rule that an example's name is accepted wherever a file is."""

from __future__ import annotations

from pathlib import Path

import resources
from model.format.file import ProblemError, load_document
from model.format.fitting import run_of
from model.format.session import Session
from model.problem import Problem
from model.run import Run

DEFAULT = "dyda-sigmoid"
# The order of the lecture notes; examples that are added later follow by name.
_ORDER = (
    "dyda-sigmoid", "dyda-softmax", "jacob", "biswas-figure-1", "biswas-thin", "theta-digits", "soletskyi-one-hidden", "soletskyi", "xor",
)  # fmt: skip


def example_names() -> list[str]:
    """Return the names of the built-in examples, in the order in which they are offered."""
    found = {path.stem for path in resources.path("examples").glob("*.json")}
    return [*(name for name in _ORDER if name in found), *sorted(found - set(_ORDER))]


def path_of(name: str) -> Path:
    """Return the path of the built-in example `name`, or `name` itself as a path; a file of that name is `./name`."""
    return resources.path(f"examples/{name}.json") if name in example_names() else Path(name)


def open_problem(name: str) -> Problem:
    """Read the experiment of a file or a built-in example. Raises ProblemError, which names what the caller wrote."""
    return open_document(name)[0]


def open_document(name: str) -> tuple[Problem, Session | None]:
    """Read a file or a built-in example: the experiment and the session, if one was saved. Raises as `open_problem`."""
    try:
        return load_document(path_of(name) if name else name)  # Path("") would be this folder
    except ProblemError as error:
        raise ProblemError(name or '""', error.position, error.message) from None


def open_run(name: str) -> Run:
    """Read a file or a built-in example: the run that the window has recorded in it, or else a new one. Raises as `open_problem`."""
    return run_of(*open_document(name))
