"""A film as one self-contained HTML page: a player that needs neither network nor program, only a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any, BinaryIO

import resources
from gui.diagram.motion import FADE_MS, TRAIL, TRAVEL_MS, Course, Travel, over_dots, widened
from gui.diagram.primitives import Diagram
from gui.film.frames import PAD, WIDTH, Scene, Scenes
from gui.film.overlay import Drawing
from gui.film.svg import SharedSvg, short
from gui.formula.glyphs import GlyphMetrics
from gui.formula.lines import layout_equation
from gui.formula.page import heading, style_for
from gui.formula.paint import formula_colours
from gui.theme import Theme, css
from model.expr.small_scripts import small_scripts
from model.expr.text import equation_text
from model.film import FilmError, FilmPlan
from model.solution.html import words_html
from model.stages import PHASES

STEPS_AT_MOST = 3000
BOARD = 0.385 * WIDTH - 2 * PAD  # width of the formulas in logical pixels
TRAVEL_AT_MOST = 120  # dots, so that a page stays small
TRAVEL = 900  # milliseconds
APART = 0.8  # between what is given side by side, in the size of formulas
ROLES = ("window", "panel", "canvas", "raised", "text", "muted", "rule", "accent")


def check_pages(plan: FilmPlan, kind: str) -> None:
    """Raise FilmError if there are more steps than a document can sensibly hold."""
    if len(plan.shots) > STEPS_AT_MOST:
        allowed = f"allowed: up to {STEPS_AT_MOST:,}, with fewer updates or coarser steps"
        raise FilmError(f"{kind} with {len(plan.shots):,} steps would be too large; {allowed}")


def write_player(file: BinaryIO, plan: FilmPlan, drawing: Drawing | None = None) -> Iterator[int]:
    """Write the page and yield how many steps are done. Raises FilmError if there are too many."""
    check_pages(plan, "a page")
    scenes, svg = Scenes(plan, drawing=drawing), SharedSvg()
    steps = []
    for number, shot in enumerate(plan.shots, 1):
        steps.append(_step(scenes, svg, scenes.scene(shot.stop, motion=plan.settings.motion)))
        yield number
    film = {
        "pieces": svg.pieces,
        "steps": steps,
        "seconds": plan.settings.step_seconds,
        "travel": TRAVEL,
        "fade": TRAVEL * FADE_MS / TRAVEL_MS,
        "trail": TRAIL,
        "board": BOARD,
    }
    title = plan.problem.title or "Backpropagation step by step"
    text = resources.path("player/player.html").read_text(encoding="utf-8")
    values = {
        "title": escape(title),
        "colours": _colours(scenes.theme),
        "defs": svg.defs,
        "view": f"0 0 {short(scenes.canvas.width())} {short(scenes.canvas.height())}",
        "track": _track(scenes),
        "last": str(len(steps) - 1),
        "film": json.dumps(film, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/"),
    }
    file.write(_filled(text, values).encode("utf-8"))


def _filled(text: str, values: dict[str, str]) -> str:
    """Put each value in place of its name between at signs; what a value contains is left alone."""
    return re.sub(r"@([a-z]+)@", lambda match: values[match[1]], text)


def _step(scenes: Scenes, svg: SharedSvg, scene: Scene) -> dict[str, Any]:
    plan, said = scenes.plan, scene.explanation
    result: dict[str, Any] = {
        "caption": small_scripts(said.caption),
        "head": words_html(heading(scene.board) or said.caption),
        "phase": scene.phase,
        "words": words_html(said.words),
        "said": "\n".join(equation_text(equation, plan.fmt) for equation in said.equations) if plan.settings.formulas else "",
        "canvas": svg.diagram(scene.diagram),
        "formulas": _formulas(scenes, svg, scene) if plan.settings.formulas else [],
    }
    if scene.way is not None:
        result |= _motion(svg, scene.way, scene.diagram, result["canvas"])
    return result


def _motion(svg: SharedSvg, way: Course, after: Diagram, canvas: list[int]) -> dict[str, Any]:
    """Return the picture before anything has moved, the ways of the dots, and which edges grow from which width."""
    before = svg.diagram(widened(after, way.widths, 0.0))
    widths = zip(_widths(svg, before), _widths(svg, canvas), strict=True)
    return {
        "waiting": svg.diagram(widened(way.waiting, way.widths, 0.0)),
        "ways": [] if way.travel is None else _ways(way.travel),
        "over": svg.diagram(replace(way.waiting, items=over_dots(way.waiting))) if way.travel is not None else [],
        "grow": [(place, was) for place, (was, now) in enumerate(widths) if was != now],
    }


def _widths(svg: SharedSvg, pieces: list[int]) -> list[str]:
    """Return how thick the line of each piece of a picture is."""
    found = (re.search(r'stroke-width="([^"]+)"', svg.pieces[piece]) for piece in pieces)
    return [match[1] if match else "" for match in found]


def _formulas(scenes: Scenes, svg: SharedSvg, scene: Scene) -> list[tuple[float, float, list[int]]]:
    """Return for each equation its width, its height and its pieces; it has a line of its own unless it is given."""
    result = []
    least = BOARD if scene.phase else 0.0
    style = style_for(scenes.theme)
    colours = formula_colours(scenes.theme, scene.phase)
    for equation in scene.explanation.equations:
        page = layout_equation(equation, scenes.plan.fmt, style, BOARD, GlyphMetrics())
        pieces = svg.equation(page, 2.0, 2.0, colours, scene.explanation.focus)
        result.append((round(max(least, page.width + APART * style.size), 1), round(page.height + 0.6 * style.size, 1), pieces))
    return result


def _ways(travel: Travel) -> list[list[float]]:
    every = -(-len(travel.xy) // TRAVEL_AT_MOST)
    rows = zip(travel.xy[::every].tolist(), travel.radius[::every].tolist(), strict=True)
    return [[*(round(value, 1) for value in xy), round(radius, 1)] for xy, radius in rows]


def _colours(theme: Theme) -> str:
    names = {role: getattr(theme, role) for role in ROLES}
    for phase in dict.fromkeys(PHASES.values()):
        names |= {phase: theme.phase(phase).text, f"{phase}-mark": theme.phase(phase).mark}
    scheme, size = "dark" if theme.dark else "light", 24 if theme.smallest_share else 17
    return (
        f":root {{ color-scheme: {scheme}; --size: {size}px; {' '.join(f'--{name}: {css(colour)};' for name, colour in names.items())} }}"
    )


def _track(scenes: Scenes) -> str:
    """Return the strip of phases below the slider; the clip grows with the steps that have been shown."""
    count = len(scenes.plan.shots)
    grounds, fulls = [], []
    for phase, first, last in scenes.phase_runs():
        place = f'x="{first}" width="{last + 1 - first}" height="1"'
        grounds.append(f'<rect {place} fill="{css(scenes.theme.phase(phase).wash if phase else scenes.theme.raised)}"/>')
        fulls.append(f'<rect {place} fill="{css(scenes.theme.phase(phase).mark if phase else scenes.theme.muted)}"/>')
    clip = '<clipPath id="clip"><rect id="seen" width="1" height="1"/></clipPath>'
    full = f'<g clip-path="url(#clip)">{"".join(fulls)}</g>'
    return f'<svg viewBox="0 0 {count} 1" preserveAspectRatio="none" aria-hidden="true">{clip}{"".join(grounds)}{full}</svg>'
