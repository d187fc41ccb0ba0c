"""Check register files before anything is encoded: what was found, how good it is, what would be encoded.

A report holds counts and names of columns only, never a cell. The rows left out are listed by number in a reject
report beside the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from agency_node.datasets import office_presets
from agency_node.mapping import PERSON_FIELDS, Preset
from agency_node.registers import RegisterRow
from agency_node.scan import FileEntry, Problem, RegisterFile, Shelf, identify_file, scan_folder
from linkage.errors import LinkageError
from linkage.normalise import Person, normalise
from linkage.normalise.person import is_known
from linkage.sources.rejects import report_path, write_rejects
from linkage.sources.table import INFORMATIVE, Reject, RejectReason
from linkage.words import FIELDS

BAD_SHARE = 0.1  # From here on the file itself is probably wrong, not single rows.


@dataclass(slots=True)
class DatasetCount:
    """Count one dataset's rows of a file. `filled` is by person field, `classes` by tag ("" = no tag)."""

    rows: int = 0
    active: int = 0
    encodable: int = 0
    unknown_status: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    id_states: Counter[str] = field(default_factory=Counter)
    name_states: Counter[str] = field(default_factory=Counter)

    def add(self, row: RegisterRow, person: Person) -> bool:
        """Count a row; return whether it would be encoded. Rows whose status ended are not counted further."""
        self.rows += 1
        self.unknown_status += not row.status_known
        if not row.active:
            return True
        self.active += 1
        self.filled.update(f for f in PERSON_FIELDS if getattr(row.person, f))
        self.classes.update(row.classes or ("",))
        self.id_states[person.id_state.value] += 1
        self.name_states[person.name_state.value] += 1
        usable = is_known(person)
        self.encodable += usable
        return usable


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Hold what a check found. `rejects_file` is None when nothing was left out or nothing could be written."""

    file: str
    preset: Preset
    as_of: date
    datasets: dict[str, DatasetCount]
    rejects: Counter[RejectReason]
    rejects_file: Path | None

    @property
    def bad_rows(self) -> int:
        return sum(n for reason, n in self.rejects.items() if reason not in INFORMATIVE)

    @property
    def bad_share(self) -> float:
        # An unusable row was counted among the rows as well; the other bad ones never became one.
        others = self.bad_rows - self.rejects[RejectReason.UNUSABLE]
        total = others + max((c.rows for c in self.datasets.values()), default=0)
        return min(1.0, self.bad_rows / total) if total else 0.0

    def warnings(self) -> list[tuple[str, str]]:
        """Return what a person should look at, (Chinese, English)."""
        return list(_warnings(self))

    def lines(self) -> list[str]:
        """Return the report as text, Chinese first."""
        return list(_lines(self))


def check_source(source: RegisterFile, *, rejects_folder: Path | None = None) -> CheckReport:
    """Read a register file to its end and count. Writes the reject report if a row was left out.

    The report goes beside the file, or into `rejects_folder`. Raises InputError when the file cannot be read.
    """
    counts = {r.dataset: DatasetCount() for r in source.preset.roles}
    rejects: list[Reject] = []
    for row in source.rows():
        if isinstance(row, Reject):
            rejects.append(row)
        elif not counts[row.dataset].add(row, normalise(row.person, as_of=source.period.as_of)):
            rejects.append(Reject(row.file, row.sheet, row.line, RejectReason.UNUSABLE))
    written = _write(source, rejects, rejects_folder) if rejects else None
    reasons = Counter(r.reason for r in rejects)
    return CheckReport(source.file, source.preset, source.period.as_of, counts, reasons, written)


def check_file(
    path: Path, *, today: date, entry: FileEntry | None = None, config: Path | None = None, rejects: Path | None = None
) -> list[CheckReport]:
    """Check one file; several reports when its sheets are several registers. `entry` says what is known about it.

    `config` is the folder of mapping.toml and presets/; `rejects` the folder of reject reports. Raises InputError,
    ConfigError.
    """
    shelf = Shelf.split(office_presets(config or path.parent), None)
    sources = identify_file(entry or FileEntry(path), shelf, folder=path.parent, today=today)
    return [check_source(s, rejects_folder=rejects) for s in sources]


def check_folder(
    folder: Path, shelf: Shelf, *, today: date, entries: tuple[FileEntry, ...] = (), rejects: Path | None = None
) -> Iterator[CheckReport | Problem]:
    """Check every file of a folder; a Problem stands for a file that could not be taken or read."""
    sources, problems = scan_folder(folder, shelf, today=today, entries=entries)
    yield from problems
    for source in sources:
        try:
            yield check_source(source, rejects_folder=rejects)
        except LinkageError as exc:
            yield Problem(source.file, exc)


def _write(source: RegisterFile, rejects: Iterable[Reject], folder: Path | None) -> Path | None:
    if folder is None and not isinstance(source.source, Path):
        return None
    path = report_path(source.source if isinstance(source.source, Path) else Path(source.file), folder)
    try:
        write_rejects(path, rejects)
    except OSError:
        return None  # The folder is read-only and no other was named: the counts are in the report all the same.
    return path


def _warnings(report: CheckReport) -> Iterator[tuple[str, str]]:
    if not any(c.rows for c in report.datasets.values()):
        yield "没有读到任何人", "not one person was read"
    if report.bad_share >= BAD_SHARE:
        yield (
            f"{report.bad_share:.0%} 的行无法使用，请先检查文件",
            f"{report.bad_share:.0%} of the rows cannot be used: look at the file first",
        )
    for role in report.preset.roles:
        count = report.datasets[role.dataset]
        if count.unknown_status:
            yield (
                f"{role.title}：{count.unknown_status} 行的状态取值不认识，按有效处理",
                f"{role.title}: {count.unknown_status} rows have a status word that is not known; taken as active",
            )
        if count.classes[""] and role.choose_first:  # Every row of such a register has one of the classes.
            yield (
                f"{role.title}：{count.classes['']} 行没有认出类别",
                f"{role.title}: {count.classes['']} rows have no class that is known",
            )


def _lines(report: CheckReport) -> Iterator[str]:
    yield f"文件 file：{report.file}"
    yield f"登记表 preset：{report.preset.title}（{report.preset.id}）  快照 as of：{report.as_of}"
    for role in report.preset.roles:
        count = report.datasets[role.dataset]
        yield f"  数据集 dataset {role.dataset}（{role.title}）"
        yield f"    行 rows {count.rows}  有效 active {count.active}  可编码 would be encoded {count.encodable}"
        shares = (f"{FIELDS[f][0]} {f} {count.filled[f] / count.active:.1%}" for f in PERSON_FIELDS if count.active)
        yield f"    填写率 filled：{'  '.join(shares)}"
        yield f"    证件号码 numbers：{_counts(count.id_states)}"
        yield f"    姓名 names：{_counts(count.name_states)}"
        yield f"    类别 classes：{_counts(count.classes)}"
    for reason, number in sorted(report.rejects.items()):
        yield f"  未采用 left out {reason.value}：{number}  {reason.zh} | {reason.en}"
    if report.rejects_file is not None:
        yield f"  明细 details：{report.rejects_file.name}"
    for zh, en in report.warnings():
        yield f"  注意 note：{zh} | {en}"


def _counts(counts: Counter[str]) -> str:
    return "  ".join(f"{k or '（无 none）'} {n}" for k, n in sorted(counts.items(), key=lambda i: (-i[1], i[0]))) or "-"
