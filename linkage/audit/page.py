"""A report as data: sections of sentences and tables, in Chinese with English beside it; rendered as text or HTML."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STYLE = """
body{font:16px/1.6 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif;margin:2rem auto;
max-width:70rem;padding:0 1rem;color:#1a1a1a}
h1{font-size:1.6rem}h2{font-size:1.2rem;border-bottom:1px solid #888;margin-top:2rem}
table{border-collapse:collapse;width:100%;margin:.8rem 0}
th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#eee}
td.n{text-align:right}p.ok{color:#0a5c2b;font-weight:bold}p.bad{color:#a00000;font-weight:bold}small{color:#555}
@media print{
:root{font-size:11pt;--running:attr(data-running)}body{font-size:11pt;margin:0;padding:0;max-width:none}
table{font-size:.8em;width:calc(100% - 1px)}th,td{overflow-wrap:break-word}th{word-break:keep-all}
tr,p,table:not(:has(tr:nth-child(12))){break-inside:avoid}h1,h2{break-after:avoid}
}
@page{margin:15mm;font-size:8.5pt;@bottom-left{content:var(--running);width:85%}
@bottom-right{content:counter(page) " / " counter(pages)}}
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Headings in both languages, and rows of equal width; a number is set to the right."""

    headings: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page. A line may begin with ✓ or ✗, which HTML colours."""

    zh: str
    en: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report."""

    zh: str
    en: str
    sections: tuple[Section, ...]


def to_text(page: Page) -> str:
    """Return the page as plain text; tables are aligned for terminals, where a Chinese character takes two columns."""
    lines = [f"{page.zh} | {page.en}", "=" * 72]
    for section in page.sections:
        lines += ["", f"■ {section.zh} | {section.en}", *section.lines]
        for table in section.tables:
            lines += ["", *_aligned(table)]
    return "\n".join(lines) + "\n"


def to_html(page: Page) -> str:
    """Return the page as one self-contained HTML file: no script, no outside resource, everything escaped."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = [
        f'<!DOCTYPE html><html lang="zh-CN" data-running="{_escape(page.zh)}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f"<title>{_escape(page.zh)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{_escape(page.zh)} <small>{_escape(page.en)}</small></h1>",
    ]
    body = [part for section in page.sections for part in _section(section)]
    return "\n".join([*head, *body, "</body></html>", ""])


def _section(section: Section) -> Iterable[str]:
    yield f"<h2>{_escape(section.zh)} <small>{_escape(section.en)}</small></h2>"
    for line in section.lines:
        mark = {"✓": ' class="ok"', "✗": ' class="bad"'}.get(line[:1], "")
        yield f"<p{mark}>{_escape(line)}</p>"
    for table in section.tables:
        cells = "".join(f"<th>{_escape(zh)}<br><small>{_escape(en)}</small></th>" for zh, en in table.headings)
        yield f"<table><thead><tr>{cells}</tr></thead><tbody>"
        yield from (f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in table.rows)
        yield "</tbody></table>"


def _cell(cell: str | int) -> str:
    return f'<td class="n">{cell:,}</td>' if isinstance(cell, int) else f"<td>{_escape(cell)}</td>"


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _aligned(table: Table) -> list[str]:
    rows = [[f"{zh} {en}" for zh, en in table.headings]]
    rows += [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in table.rows]
    widths = [max(_width(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  " + _row(row, widths) for row in rows]


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
    return " │ ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
