"""Write the coverage page from rows and claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from docs.coverage.claims import DONE, STATUSES, Claim, Row

SYSTEMS: Final = {
    "GY": "灌云县 Guanyun",
    "YQ": "乐清市 Yueqing",
    "PA": "磐安县 Pan'an",
    "SX": "单县 Shan County",
    "WD": "魏都区 Weidu",
    "SC": "舒城县 Shucheng",
    "PR": "发布前言 Preface",
}
HEAD: Final = """\
# Coverage: what the six published systems do, and where it is here

Written by `python -m docs.coverage` from `docs/coverage/`; edit those files, never this page. A test holds every
line: the rows are exactly the 242 of the published systems, every file and every test named here exists.

- **done**: the code named does it and the tests named exercise it.
- **local practice**: something people do or agree on; a program has no part in it, or only records it.
- **out of reach**: a program could do it, this one does not; the reason says why.

Classes: L local work at the procuratorate · A local work at the agency · X needs linkage · R re-identification ·
H human check · P push to an agency · G rule, agreement, role · F figure."""


def render_page(rows: Sequence[Row], claims: Mapping[str, Claim]) -> str:
    """Return docs/coverage.md: counts first, then one table per system, rows in their published order."""
    parts = [HEAD, _counts(rows, claims)]
    for prefix, title in SYSTEMS.items():
        mine = [row for row in rows if row.id.startswith(f"{prefix}-")]
        lines = ["| row | term | status | how, or why not | code | tests |", "|---|---|---|---|---|---|"]
        lines += [_line(row, claims[row.id]) for row in mine]
        parts.append(f"## {title}\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _counts(rows: Sequence[Row], claims: Mapping[str, Claim]) -> str:
    lines = [f"| system | rows | {' | '.join(STATUSES)} |", "|---|--:|" + "--:|" * len(STATUSES)]
    for prefix, title in [*SYSTEMS.items(), ("", "**all**")]:
        states = Counter(claims[row.id].status for row in rows if row.id.startswith(prefix))
        cells = (str(states[status]) for status in STATUSES)
        lines.append(f"| {title} | {states.total()} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _line(row: Row, claim: Claim) -> str:
    classes = "".join(letter for letter in "LAXRHPGF" if letter in row.classes)
    what = claim.how if claim.status == DONE else claim.reason
    code = "<br>".join(f"[{path}](../{path})" for path in claim.code)
    tests = "<br>".join(map(_test, claim.tests))
    cells = (f"{row.id} {classes}", f"{row.term} / {row.english}", claim.status, what, code, tests)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _test(test: str) -> str:
    """Return a test id as a link to its file."""
    file, _, name = test.partition("::")
    return f"[{name}](../{file})"
