"""A worked solution as LaTeX, for pdflatex and the packages of any TeX distribution. Formulas that are still too wide are scaled."""

from __future__ import annotations

from collections.abc import Mapping

from model.expr.latex import latex_of
from model.expr.tex_text import tex_text
from model.expr.tree import NumberFormat
from model.solution.document import Document
from model.solution.lines import broken_latex
from model.solution.parts import Beside, Block, Cell, Figure, Formula, Heading, Items, PageBreak, Paragraph, Table, scripts

LINE = 39.0  # em of the text's font between the margins, beside the formulas' indent
COLOURS = ("muted", "rule", "accent", "forward", "loss", "backward", "update")
_PREAMBLE = r"""% Compile with pdflatex.
\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage{textcomp}
\usepackage{amsmath,amssymb}
\usepackage{array,booktabs}
\usepackage{graphicx}
\usepackage{tikz}
\usepackage{microtype}
\usepackage[a4paper,margin=24mm,top=19mm,bottom=24mm,footskip=11mm]{geometry}
\setcounter{MaxMatrixCols}{30}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.45em plus 0.2em}
\setlength{\emergencystretch}{4em}
\raggedbottom
\setlength{\jot}{6pt}
\renewcommand{\arraystretch}{1.15}
\newsavebox{\fitted}
% Whatever is wider than the line is made to fit it.
\newcommand{\fit}[2]{\sbox{\fitted}{#2}\ifdim\wd\fitted>#1\resizebox{#1}{!}{\usebox{\fitted}}\else\usebox{\fitted}\fi}
\newcommand{\formula}[1]{\par\nopagebreak\medskip\nopagebreak\hspace*{1.5em}\fit{\dimexpr\linewidth-1.5em}{$\displaystyle #1$}\par\medskip}
\newcommand{\beside}[1]{\mbox{\fit{\linewidth}{$\displaystyle #1$}}\hspace{1.4em plus 0.5em}\allowbreak}
\newcommand{\note}[1]{\par\nopagebreak
  {\footnotesize\color{muted}\hspace*{1.5em}\parbox[t]{\dimexpr\linewidth-1.5em}{\raggedright #1}\par}\medskip}
\newcommand{\step}[3]{\par\pagebreak[1]\bigskip
  {\tikz[baseline=(n.base)]\node[draw=#2,text=#2,circle,line width=0.8pt,inner sep=1.2pt,minimum size=1.5em,
    font=\sffamily\footnotesize\bfseries](n) {#1};\enspace\textbf{#3}}\par\nopagebreak}
\renewcommand{\part}[1]{\section*{#1}\vspace{-0.55em}{\color{rule}\hrule height 0.6pt}\vspace{0.5em}}
"""


def latex(document: Document, tikz: str, colours: Mapping[str, str]) -> str:
    """Return the source. tikz: the figure as a tikzpicture; colours: six hexadecimal digits for each of COLOURS."""
    fmt = document.fmt
    colour_lines = "".join(f"\\definecolor{{{role}}}{{HTML}}{{{colours[role].lstrip('#').upper()}}}\n" for role in COLOURS)
    body = "\n\n".join(_block(block, fmt, tikz) for block in document.blocks)
    kind = "Exercise" if document.blank else "Worked solution"
    source = f"\\par{{\\color{{muted}}{tex_text(document.source)}\\par}}" if document.source else ""
    title = (
        f"{{\\sffamily\\footnotesize\\bfseries\\color{{accent}}{kind}\\par}}\n"
        f"{{\\raggedright\\LARGE\\bfseries {tex_text(document.title)}\\par}}\n{source}\n\\medskip\\hrule height 1.2pt\\medskip"
    )
    return f"{_PREAMBLE}{colour_lines}\\begin{{document}}\n{title}\n\n{body}\n\n\\end{{document}}\n"


def _block(block: Block, fmt: NumberFormat, tikz: str) -> str:
    if isinstance(block, Heading):
        return _heading(block)
    if isinstance(block, Paragraph):
        text = _paragraph(block.parts, fmt)
        return f"\\note{{{text}}}" if block.kind == "note" else text
    if isinstance(block, Formula):
        note = f"\n\\note{{{_words(block.equation.note)}}}" if block.equation.note else ""
        return f"\\formula{{{broken_latex(block.equation, fmt, LINE)}}}{note}"
    if isinstance(block, Beside):
        lines = (f"\\beside{{{broken_latex(equation, fmt, float('inf'))}}}%\n" for equation in block.equations)
        return f"{{\\raggedright\\lineskip=0.9em\\lineskiplimit=0.5em\n{''.join(lines)}\\par}}"
    if isinstance(block, Table):
        return _table(block, fmt)
    if isinstance(block, Items):
        rows = "\n".join(f"{tex_text(name)} & {_paragraph(cell, fmt)} \\\\[0.25em]" for name, cell in block.rows)
        columns = "@{}>{\\color{muted}}l>{\\raggedright\\arraybackslash}p{0.78\\linewidth}@{}"
        return f"\\small\\begin{{tabular}}{{{columns}}}\n{rows}\n\\end{{tabular}}\\par\\normalsize"
    if isinstance(block, Figure):
        caption = f"\\par{{\\small\\color{{muted}}{tex_text(block.caption)}\\par}}"
        return f"\\begin{{center}}\n\\resizebox{{0.9\\linewidth}}{{!}}{{%\n{tikz}%\n}}\n{caption}\n\\end{{center}}"
    if isinstance(block, PageBreak):
        return "\\par\\ifdim\\pagetotal>0.4\\textheight\\clearpage\\fi"  # what has hardly begun goes on
    raise TypeError(f"no way to write a {type(block).__name__}")


def _heading(heading: Heading) -> str:
    text = _words(heading.text)
    if heading.level == 1:
        return f"\\part{{{text}}}"
    if heading.level == 2:
        return f"\\subsection*{{{text}}}"
    return f"\\step{{{heading.number}}}{{{heading.phase}}}{{{text}}}"


def _words(text: str) -> str:
    """Return words with the indices of the symbols in them raised and lowered."""
    marks = {0: "{}", 1: "\\textsuperscript{{{}}}", -1: "\\textsubscript{{{}}}"}
    return "".join(marks[level].format(tex_text(run)) for run, level in scripts(text))


def _paragraph(cell: Cell, fmt: NumberFormat) -> str:
    return "".join(_words(part) if isinstance(part, str) else f"${latex_of(part, fmt)}$" for part in cell)


def _cell(cell: Cell, fmt: NumberFormat) -> str:
    return "".join(tex_text(part) if isinstance(part, str) else f"${latex_of(part, fmt)}$" for part in cell)


def _table(table: Table, fmt: NumberFormat) -> str:
    head, *rows = (" & ".join(_cell(cell, fmt) for cell in row) + r" \\" for row in (table.head, *table.rows))
    body = "\n".join(f"{row}[0.1em]" for row in rows)
    inner = f"\\begin{{tabular}}{{@{{}}{_columns(table)}@{{}}}}\n\\toprule\n{head}\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}"
    caption = f"\n\\note{{{tex_text(table.caption)}}}" if table.caption else ""
    return f"\\par\\smallskip\\fit{{\\linewidth}}{{\\small {inner}}}\\par{caption}"


def _columns(table: Table) -> str:
    """Return the columns: numbers flush right, sentences in the space that is left."""
    if not table.wide:
        return "".join("r" if i in table.numbers else "l" for i in range(len(table.head)))
    narrow = ">{\\raggedright\\arraybackslash}p{0.2\\linewidth}" * (len(table.head) - 2)
    return f"l{narrow}>{{\\raggedright\\arraybackslash}}p{{0.38\\linewidth}}"
