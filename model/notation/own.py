"""A user's own notation profiles: JSON files in a folder of the user's, each made from a built-in profile."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import resources
from model.atomic import write_whole
from model.notation.checks import KEYS
from model.notation.profile import FORMAT, Notation, notation_names, parse_notation

LARGEST_FILE = 1_000_000  # bytes; a profile has a few thousand
OWN = "own-"  # begins the names of own profiles, so that they are never those of built-in ones


def built_in(name: str) -> dict[str, Any]:
    """Return the JSON of a built-in profile, to be changed freely."""
    data: dict[str, Any] = json.loads(resources.path(f"notations/{name}.json").read_text(encoding="utf-8"))
    return data


def own_name(title: str, taken: tuple[str, ...] = ()) -> str:
    """Return a name for files and settings, made from a title; another one where it is taken. Raises ValueError for an empty title."""
    if not title.strip():
        raise ValueError("a notation needs a name that is not empty")
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = OWN + (re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "notation")
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def derived(base: Mapping[str, Any], title: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return a profile like `base` with another title and name; `changes` replace whole keys such as "symbols"."""
    root = str(base.get("based_on") or base["name"])
    return {**base, **changes, "format": FORMAT, "name": name, "title": title.strip(), "based_on": root}


def parse_own(data: object) -> Notation:
    """Return an own profile. Raises ValueError with one sentence: what is wrong, what is allowed."""
    notation = parse_notation(data)
    if notation.based_on not in notation_names():
        raise ValueError('notation: "based_on" is one of ' + ", ".join(notation_names()) + "; it is what problem files will name")
    if not re.fullmatch(rf"{OWN}[a-z0-9-]{{1,60}}", notation.name):
        raise ValueError(f'notation: "name" begins with "{OWN}" and goes on with small letters, digits and hyphens')
    return notation


def profile_data(notation: Notation) -> dict[str, Any]:
    """Return the JSON of a profile; `parse_own` makes the same profile of it."""
    shown = notation.presentation
    optional = {
        "layer_letters": list(notation.layer_letters),
        "style": dict(notation.style),
        "remarks": [dict(remark) for remark in notation.remarks],
        "based_on": notation.based_on,
    }
    return {
        "format": FORMAT, "name": notation.name, "title": notation.title, "decimals": notation.decimals, "form": notation.form,
        "bias": shown.bias, "rows": shown.rows, "samples": notation.samples,
        "blocks": [[block.layers, list(block.stages)] for block in shown.blocks],
        "letters": dict(notation.letters), "symbols": dict(notation.symbols),
    } | {key: value for key, value in optional.items() if value}  # fmt: skip


def fault(message: str) -> tuple[str, str]:
    """Return from the sentence of a refusal where in the profile it is, as in `.symbols`, "" for no one place, and the rest of it."""
    plain = message.removeprefix("notation: ")
    found = re.match(r'"?(based_on|[a-z_]+)"?((?:\[[^\]]*\])?) ', plain)
    place = found.group(1) if found and found.group(1) in KEYS else ""
    return (f".{place}{found.group(2)}" if found and place else ""), plain


def read_profile(path: str | Path) -> dict[str, Any]:
    """Return the checked JSON of an own profile in a file. Raises ValueError with one sentence, OSError if it cannot be read."""
    file = Path(path)
    if file.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{file.name} is larger than a notation can be ({LARGEST_FILE:,} bytes)")
    try:
        data = json.loads(file.read_bytes().decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ValueError(f"{file.name} is no JSON text; a notation is a JSON object") from None
    parse_own(data)
    result: dict[str, Any] = data
    return result


def write_profile(path: str | Path, data: Mapping[str, Any]) -> None:
    """Write a profile, whole or not at all. Raises ValueError where it is none, OSError where it cannot be written."""
    parse_own(data)
    write_whole(path, (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode())


class OwnNotations:
    """The profiles in a folder, which need not exist yet. Files that are no profiles are left alone; `refused` says what is wrong."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.refused: list[str] = []

    def profiles(self) -> tuple[Notation, ...]:
        """Return all of them, by title."""
        return tuple(sorted((parse_own(data) for data in self._all()), key=lambda notation: notation.title.casefold()))

    def data(self, name: str) -> dict[str, Any]:
        """Return the JSON of an own or a built-in profile. Raises ValueError for a name that there is not."""
        if name in notation_names():
            return built_in(name)
        found = next((data for data in self._all() if data["name"] == name), None)
        if found is None:
            raise ValueError(f'there is no notation "{name}" among your own')
        return found

    def save(self, data: Mapping[str, Any]) -> Notation:
        """Write a profile, in place of one of the same name. Raises ValueError, OSError."""
        notation = parse_own(data)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_profile(self._path(notation.name), data)
        return notation

    def delete(self, name: str) -> None:
        """Delete a profile; one that is gone already is no error. Raises OSError."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _all(self) -> list[dict[str, Any]]:
        self.refused, found = [], []
        for path in sorted(self.folder.glob(f"{OWN}*.json")) if self.folder.is_dir() else []:
            try:
                data = read_profile(path)
                if path == self._path(str(data["name"])):
                    found.append(data)
            except (OSError, ValueError) as error:
                self.refused.append(f"{path.name}: {error}")
        return found
