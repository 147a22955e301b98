"""Measures against the budgets: collects the rows of every bench_*.py in this folder.

Each of them has `rows() -> Iterator[dict]`, a row being {"name", "value", "unit", "baseline", "baseline_value", "ratio", "budget",
"ok"}: value and baseline are measured in the same run; ratio says how many times better the value is than the baseline; budget is the
limit in words; null where there is none. `--json`: one object per line. `--only TEXT`: rows of the modules with TEXT in their name.
Exit 1 if a budget is missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
KEYS = ("name", "value", "unit", "baseline", "baseline_value", "ratio", "budget", "ok")


def _rows(only: str) -> Iterator[dict[str, object]]:
    for path in sorted(FOLDER.glob("bench_*.py")):
        if only in path.stem:
            yield from importlib.import_module(path.stem).rows()


def _number(value: object) -> str:
    return (
        f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:,.0f}" if isinstance(value, float) else str(value)
    )


def _line(row: dict[str, object]) -> str:
    verdict = {True: "ok", False: "MISSED", None: ""}[row["ok"]]  # type: ignore[index]
    times = "" if row["ratio"] is None else f"{_number(row['ratio'])}× "
    against = "" if row["baseline"] is None else f"{times}{row['baseline']} ({_number(row['baseline_value'])})"
    budget = "" if row["budget"] is None else f"budget {row['budget']}"
    return f"{row['name']:<52} {_number(row['value']):>10} {row['unit']:<10} {verdict:<7} {budget:<26} {against}".rstrip()


def main() -> int:
    """Print the rows as they are measured; return the exit code."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description="measure against the budgets")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the modules with TEXT in their name")
    args = parser.parse_args()
    sys.path.insert(0, str(FOLDER))
    sys.path.insert(0, str(FOLDER.parent.parent))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    missed = False
    for row in _rows(args.only):
        missed |= row["ok"] is False
        print(json.dumps({key: row[key] for key in KEYS}, ensure_ascii=False) if args.json else _line(row), flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
