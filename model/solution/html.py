"""A worked solution as one self-contained HTML page, for the screen and for paper. Formulas and pictures are brought by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Protocol

from model.expr.tree import Equation, Expr
from model.in_parts import Work
from model.solution.document import Document
from model.solution.parts import Beside, Block, Cell, Figure, Formula, Heading, Items, PageBreak, Paragraph, Table, scripts

ROLES = ("text", "muted", "ground", "rule", "raised", "positive", "negative", "accent", "forward", "loss", "backward", "update")


class Formulas(Protocol):
    """Writes formulas as elements of the page."""

    def equation(self, equation: Equation) -> str:
        """Return a displayed equation without its note."""
        ...

    def inline(self, expr: Expr) -> str:
        """Return a formula that stands in a line of words."""
        ...

    def definitions(self) -> str:
        """Return what the formulas need once in the page; asked for last."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """screen, paper: a colour, as style sheets write it, for each of ROLES. figure, figure_on_paper: SVG elements; the second is
    empty where one picture serves both. size: of the text, in pixels."""

    screen: Mapping[str, str]
    paper: Mapping[str, str]
    figure: str
    figure_on_paper: str = ""
    size: int = 16


def html_page(document: Document, formulas: Formulas, look: Look) -> Work[str]:
    """Make the whole page, block by block."""
    blocks = []
    for block in document.blocks:
        blocks.append(_block(block, formulas, look))
        yield len(blocks) / len(document.blocks)
    body = "\n".join(blocks)
    source = f'<p class="source">{escape(document.source)}</p>' if document.source else ""
    title = escape(document.title)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Deltastep">
<title>{title}</title>
<style>
{_style(look)}
</style>
</head>
<body>
{formulas.definitions()}
<main>
<header>
<p class="kind">{"Exercise" if document.blank else "Worked solution"}</p>
<h1>{title}</h1>
{source}
</header>
{body}
</main>
</body>
</html>
"""


def _block(block: Block, formulas: Formulas, look: Look) -> str:
    if isinstance(block, Heading):
        return _heading(block)
    if isinstance(block, Paragraph):
        return f'<p class="{block.kind}">{_paragraph(block.parts, formulas)}</p>'
    if isinstance(block, Formula):
        note = f'<p class="note">{words_html(block.equation.note)}</p>' if block.equation.note else ""
        return f'<div class="formula">{formulas.equation(block.equation)}{note}</div>'
    if isinstance(block, Beside):
        return f'<div class="beside">{"".join(formulas.equation(equation) for equation in block.equations)}</div>'
    if isinstance(block, Table):
        return _table(block, formulas)
    if isinstance(block, Items):
        rows = "".join(f"<dt>{escape(name)}</dt><dd>{_paragraph(cell, formulas)}</dd>" for name, cell in block.rows)
        return f"<dl>{rows}</dl>"
    if isinstance(block, Figure):
        return _figure(block, look)
    if isinstance(block, PageBreak):
        return '<div class="break"></div>'
    raise TypeError(f"no way to write a {type(block).__name__}")


def _heading(heading: Heading) -> str:
    text = words_html(heading.text)
    if heading.level < 3:
        return f"<h{heading.level + 1}>{text}</h{heading.level + 1}>"
    return f'<h4><span class="step {heading.phase}" title="{heading.phase}">{heading.number}</span>{text}</h4>'


def _cell(cell: Cell, formulas: Formulas) -> str:
    return "".join(escape(part) if isinstance(part, str) else formulas.inline(part) for part in cell)


def _paragraph(cell: Cell, formulas: Formulas) -> str:
    return "".join(words_html(part) if isinstance(part, str) else formulas.inline(part) for part in cell)


def words_html(text: str) -> str:
    """Return words with the indices of the symbols in them raised and lowered."""
    tags = {0: "{}", 1: "<sup>{}</sup>", -1: "<sub>{}</sub>"}
    return "".join(tags[level].format(escape(run)) for run, level in scripts(text))


def _table(table: Table, formulas: Formulas) -> str:
    def row(cells: tuple[Cell, ...], tag: str) -> str:
        classes = ['class="number"' if i in table.numbers else "" for i in range(len(cells))]
        return "<tr>" + "".join(f"<{tag} {c}>{_cell(cell, formulas)}</{tag}>" for c, cell in zip(classes, cells, strict=True)) + "</tr>"

    head, rows = row(table.head, "th"), "\n".join(row(cells, "td") for cells in table.rows)
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    kind = "wide" if table.wide else "plain" if table.numbers else "words"
    return f'<div class="scroll"><table class="{kind}">{caption}<thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _figure(figure: Figure, look: Look) -> str:
    caption = f"<figcaption>{escape(figure.caption)}</figcaption>"
    if not look.figure_on_paper:
        return f"<figure>{look.figure}{caption}</figure>"
    pictures = f'<div class="on-screen">{look.figure}</div><div class="on-paper">{look.figure_on_paper}</div>'
    return f"<figure>{pictures}{caption}</figure>"


def _variables(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{role}: {colours[role]};" for role in ROLES)


def _style(look: Look) -> str:
    return _STYLE.replace("%SCREEN%", _variables(look.screen)).replace("%PAPER%", _variables(look.paper)).replace("%SIZE%", str(look.size))


_STYLE = """
:root { %SCREEN% }
* { box-sizing: border-box; }
html { font: %SIZE%px/1.55 Inter, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
html { color: var(--text); background: var(--ground); }
sup, sub { font-size: .72em; line-height: 0; }
body { margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.5rem 5rem; }
header { border-bottom: 2px solid var(--text); padding-bottom: 1rem; margin-bottom: 1rem; }
.kind { margin: 0; color: var(--accent); font-size: .8rem; font-weight: 600; letter-spacing: .08em; text-transform: uppercase; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em; margin: .2rem 0 0; }
.source { margin: .4rem 0 0; color: var(--muted); }
h2 { font-size: 1.45rem; line-height: 1.25; letter-spacing: -.01em; }
h2 { margin: 2.8rem 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1.08rem; margin: 2.2rem 0 .4rem; }
h4 { display: flex; align-items: center; gap: .6rem; font-size: 1rem; margin: 1.7rem 0 .1rem; }
h2, h3, h4, h4 + p { break-after: avoid; }
dl { break-inside: avoid; }
p { margin: .3rem 0 .7rem; }
h4 + p { color: var(--muted); }
.step { flex: none; min-width: 1.55rem; padding: .12rem .3rem; border: 1.5px solid; border-radius: .8rem; }
.step { text-align: center; font-size: .75rem; line-height: 1.1rem; font-variant-numeric: tabular-nums; }
.step.forward { color: var(--forward); } .step.loss { color: var(--loss); }
.step.backward { color: var(--backward); } .step.update { color: var(--update); }
.beside { display: flex; flex-wrap: wrap; align-items: center; gap: .9rem 2.4rem; margin: .9rem 0; }
.formula { margin: .6rem 0 .9rem; padding: .25rem 0; overflow-x: auto; overflow-y: hidden; break-inside: avoid; }
svg.f { display: inline-block; overflow: visible; }
.formula svg.f { display: block; max-width: none; }
svg.f { fill: var(--text); } svg.f .dim { fill: var(--muted); } svg.f .phase { fill: var(--accent); }
svg.f .positive { fill: var(--positive); } svg.f .negative { fill: var(--negative); }
.note { color: var(--muted); font-size: .82rem; line-height: 1.4; margin: .5rem 0 0; }
figure { margin: 1.4rem 0; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; }
figcaption, caption { color: var(--muted); font-size: .85rem; text-align: left; }
figcaption { margin-top: .5rem; }
caption { caption-side: bottom; padding-top: .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.4rem; margin: 1rem 0; }
dt { color: var(--muted); } dd { margin: 0; }
.scroll { overflow-x: auto; margin: 1rem 0; break-inside: avoid; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .94rem; }
th { text-align: left; color: var(--muted); font-weight: 500; border-bottom: 1px solid var(--rule); }
th, td { padding: .32rem 1.4rem .32rem 0; vertical-align: baseline; }
td { border-bottom: 1px solid var(--rule); }
tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; }
table.plain .number { white-space: nowrap; }
table.wide, table.words { width: 100%; } table.words td:nth-child(even) { min-width: 9rem; }
table.wide td { vertical-align: top; } table.wide td:last-child { min-width: 16rem; padding-right: 0; }
.on-paper { display: none; }
@media print {
  :root { %PAPER% }
  @page { size: A4; margin: 18mm 17mm 20mm; }
  html { font-size: 10.5pt; background: none; }
  main { max-width: none; padding: 0; }
  .formula { overflow: visible; } .formula svg.f { max-width: 100%; height: auto; }
  .break { break-before: page; }
  .on-screen { display: none; } .on-paper { display: block; }
}
""".strip()
