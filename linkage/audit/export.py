"""Processing records and impact-assessment facts as tables: for XLSX, a folder of CSV files, or JSON.

What is recorded follows articles 54 to 56 of the Personal Information Protection Law: purpose, basis, kinds, numbers,
recipients, people deciding, erasure. Records are to be kept at least three years from the processing (article 56).
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from linkage.audit.choosing import local, shown
from linkage.audit.story import Round, Story, Upload
from linkage.errors import AuditError, InputError
from linkage.keys.manifest import Manifest

RETENTION_YEARS = 3
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MANNER = "本单位加密编码后比对；明文不出本单位 | encoded by its owner before matching; no plain row leaves"
RESULT_MANNER = "结果只交委托单位 | only the requester gets the result"
Cell = str | int


@dataclass(frozen=True, slots=True)
class RecordTable:
    """One table: its name for a file, its title, headings (for people, for programs) and rows."""

    name: str
    zh: str
    headings: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]


def record_tables(story: Story, manifest: Manifest) -> list[RecordTable]:
    """Return the tables of a story, oldest row first."""
    names = {party.id: party.name for party in manifest.parties()}
    return [_processing(story, names), _impact(story, names), _openings(story), _releases(story), _refusals(story)]


def keep_until(time: str) -> str:
    """Return the day until which a record must be kept: three years on, 1 March for 29 February."""
    day = local(time).date()
    try:
        return day.replace(year=day.year + RETENTION_YEARS).isoformat()
    except ValueError:
        return day.replace(year=day.year + RETENTION_YEARS, month=3, day=1).isoformat()


def _processing(story: Story, names: dict[str, str]) -> RecordTable:
    headings = (
        ("处理者", "processor"),
        ("处理者名称", "processor_name"),
        ("时间", "time"),
        ("轮次", "round"),
        ("数据集", "dataset"),
        ("行数", "rows"),
        ("其中虚设", "dummies"),
        ("未能编码", "left_out"),
        ("附带标签", "payload"),
        ("处理目的", "purpose"),
        ("法律依据", "legal_basis"),
        ("案由或文号", "reference"),
        ("处理方式", "manner"),
        ("接收方", "recipient"),
        ("本单位决定", "decided_by"),
        ("委托单位申请人", "requested_by"),
        ("委托单位批准人", "approved_by"),
        ("销毁时间", "erased_at"),
        ("记录保存至", "keep_until"),
    )
    rows = [_processed(found, upload, names) for found in story.rounds for upload in found.uploads]
    return RecordTable("processing", "处理记录", headings, tuple(rows))


def _processed(found: Round, upload: Upload, names: dict[str, str]) -> tuple[Cell, ...]:
    decided = next((c.by for c in found.consents if c.party == upload.party), "")
    return (
        upload.party,
        names.get(upload.party, ""),
        shown(upload.time),
        found.id,
        upload.dataset or upload.population,
        upload.rows,
        upload.dummies,
        upload.left_out,
        int(upload.payload),
        found.purpose,
        "；".join(found.legal_basis),
        found.reference,
        MANNER,
        found.requester,
        decided,
        found.requested_by,
        found.approved_by,
        shown(found.deleted.get(upload.party, "")),
        keep_until(upload.time),
    )


def _impact(story: Story, names: dict[str, str]) -> RecordTable:
    headings = (
        ("轮次", "round"),
        ("委托单位", "requester"),
        ("目的", "purpose"),
        ("法律依据", "legal_basis"),
        ("参与单位", "owners"),
        ("拒绝的单位", "refused_by"),
        ("个人信息种类", "datasets"),
        ("涉及行数", "rows"),
        ("含敏感信息", "sensitive"),
        ("结果去向", "result_manner"),
        ("结果字节", "result_bytes"),
        ("线索数", "clues"),
        ("还原人数", "persons_opened"),
        ("调取次数", "releases"),
        ("已销毁单位数", "parties_erased"),
        ("状态", "state"),
        ("记录保存至", "keep_until"),
    )
    opened = _by_round((o.round, o.persons) for o in story.openings)
    released = _by_round((r.round, 1) for r in story.releases if r.is_given)
    rows: list[tuple[Cell, ...]] = []
    for found in story.rounds:
        last = max(found.times(), default=found.asked)
        rows.append(
            (
                found.id,
                names.get(found.requester, found.requester),
                found.purpose,
                "；".join(found.legal_basis),
                "、".join(sorted({u.party for u in found.uploads})),
                "、".join(sorted({c.party for c in found.consents if c.decision == "refuse"})),
                "、".join(sorted({u.dataset or u.population for u in found.uploads})),
                sum(u.rows for u in found.uploads),
                "身份证号等，已编码 | citizen numbers among others, encoded",
                RESULT_MANNER,
                found.result_bytes,
                -1 if found.clues is None else found.clues,
                opened[found.id],
                released[found.id],
                len(found.deleted),
                found.state,
                keep_until(last) if last else "",
            )
        )
    return RecordTable("impact", "影响评估事实", headings, tuple(rows))


def _by_round(counts: Iterable[tuple[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for round_id, count in counts:
        total[round_id] += count
    return total


def _openings(story: Story) -> RecordTable:
    headings = (
        ("时间", "time"),
        ("单位", "party"),
        ("轮次", "round"),
        ("线索", "clue"),
        ("人数", "persons"),
        ("申请人", "requested_by"),
        ("批准人", "approved_by"),
        ("理由", "reason"),
        ("记录保存至", "keep_until"),
    )
    rows = tuple(
        (
            shown(o.time),
            o.party,
            o.round,
            o.clue,
            o.persons,
            o.requested_by,
            o.approved_by,
            o.reason,
            keep_until(o.time),
        )
        for o in story.openings
    )
    return RecordTable("openings", "还原身份", headings, rows)


def _releases(story: Story) -> RecordTable:
    headings = (
        ("时间", "time"),
        ("数据单位", "owner"),
        ("申请单位", "requester"),
        ("轮次", "round"),
        ("线索", "clue"),
        ("申请的字段", "asked"),
        ("给出的字段", "given"),
        ("申请人", "asked_by"),
        ("决定", "decided_by"),
        ("记录保存至", "keep_until"),
    )
    rows = tuple(
        (
            shown(r.time),
            r.party,
            r.requester,
            r.round,
            r.clue,
            "、".join(r.asked),
            "、".join(r.given),
            r.asked_by,
            r.decided_by,
            keep_until(r.time),
        )
        for r in story.releases
    )
    return RecordTable("releases", "调取字段", headings, rows)


def _refusals(story: Story) -> RecordTable:
    headings = (
        ("时间", "time"),
        ("日志", "party"),
        ("事项", "kind"),
        ("对谁", "whom"),
        ("轮次", "round"),
        ("理由", "reason"),
    )
    rows = tuple((shown(r.time), r.party, r.kind, r.whom, r.round, r.reason) for r in story.refusals)
    return RecordTable("refusals", "拒绝与失败", headings, rows)


def write_tables(out: Path, tables: Sequence[RecordTable]) -> None:
    """Write FILE.xlsx, FILE.json, or a new folder of CSV files. Raises InputError, AuditError."""
    suffix = out.suffix.lower()
    try:
        if suffix == ".xlsx":
            _write_workbook(out, tables)
        elif suffix == ".json":
            out.write_text(_json(tables), encoding="utf-8")
        elif not suffix:
            out.mkdir(parents=True)
            for table in tables:
                _write_csv(out / f"{table.name}.csv", table)
        else:
            raise InputError(
                "只能导出 .xlsx、.json，或一个新文件夹（CSV）",
                "records are written as .xlsx, .json, or to a new folder (CSV)",
            )
    except OSError as error:
        raise AuditError("导出文件无法写入", f"the export cannot be written: {error.strerror}") from None


def _json(tables: Sequence[RecordTable]) -> str:
    found = {t.name: [dict(zip([en for _, en in t.headings], row, strict=True)) for row in t.rows] for t in tables}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _write_csv(path: Path, table: RecordTable) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([f"{zh} {en}" for zh, en in table.headings])
        writer.writerows([_safe(cell) for cell in row] for row in table.rows)


def _write_workbook(path: Path, tables: Sequence[RecordTable]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.zh)
        sheet.append([f"{zh} {en}" for zh, en in table.headings])
        for row in table.rows:
            sheet.append([_safe(cell) for cell in row])
    book.save(path)


def _safe(cell: Cell) -> Cell:
    """Keep a spreadsheet from taking a text that others wrote for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
