"""report: a page for people, as text or HTML. export: processing records and facts for an impact assessment."""

from __future__ import annotations

import argparse

from linkage.audit.choosing import Choice, parse_day
from linkage.audit.export import record_tables, write_tables
from linkage.audit.findings import is_sound
from linkage.audit.page import to_html, to_text
from linkage.audit.report import Reporter
from linkage.audit.steps.reconcile import Reading, read
from linkage.audit.story import tell
from linkage.errors import AuditError


def run(args: argparse.Namespace) -> int:
    """Write the report; 1 when the logs it rests on do not agree."""
    found = read(args)
    story = tell(found.contents, found.manifest)
    page = Reporter(story, _choice(args), manifest=found.manifest, rules=found.rules).page(found.checked)
    if args.out is None:
        print(to_text(page), end="")
        return _status(found)
    content = to_html(page) if args.out.suffix.lower() in (".html", ".htm") else to_text(page)
    try:
        args.out.write_text(content, encoding="utf-8")
    except OSError as error:
        raise AuditError("报告无法写入", f"the report cannot be written: {error.strerror}") from None
    print(f"报告 → {args.out.name} | report written")
    return _status(found)


def run_export(args: argparse.Namespace) -> int:
    """Write the records; 1 when the logs they rest on do not agree."""
    found = read(args)
    story = _choice(args).apply(tell(found.contents, found.manifest))
    tables = record_tables(story, found.manifest)
    write_tables(args.out, tables)
    rows = "、".join(f"{table.zh} {len(table.rows)}" for table in tables)
    print(f"已导出 exported → {args.out.name}：{rows}")
    return _status(found)


def _choice(args: argparse.Namespace) -> Choice:
    return Choice(
        party=args.party,
        agency=args.agency,
        officer=args.officer,
        purpose=args.purpose,
        since=parse_day(args.since, last=False),
        until=parse_day(args.until, last=True),
    )


def _status(found: Reading) -> int:
    if is_sound(found.checked.findings):
        return 0
    print("✗ 日志不吻合，先看 linkage audit reconcile | the logs do not agree; see `linkage audit reconcile`")
    return 1
