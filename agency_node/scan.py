"""Find which register each file of a folder is, and which month it shows; unknown files are named, never dropped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agency_node.columns import header_fit, longest_word, rank_presets
from agency_node.mapping import Preset
from agency_node.registers import RegisterRow, read_register
from agency_node.snapshots import Period, period_of
from linkage.errors import ConfigError, InputError, LinkageError
from linkage.sources.kinds import SUFFIXES
from linkage.sources.reading import read_tables
from linkage.sources.rejects import REPORT_SUFFIX
from linkage.sources.sql_source import SqlSource
from linkage.sources.table import Reject

ENTRY_KEYS = frozenset({"path", "preset", "as_of", "sheet", "name", "url", "table", "query_file", "password_file"})


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Hold one [[file]] of agency.toml: a file or a database source, and what is said about it ("" = find out)."""

    source: Path | SqlSource
    preset: str = ""
    as_of: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """Hold one source of one register: a whole file, some of its sheets, or a database table."""

    file: str
    source: Path | SqlSource
    sheets: tuple[str, ...]  # () = all.
    preset: Preset
    period: Period

    def rows(self) -> Iterator[RegisterRow | Reject]:
        """Read the rows; every call reads the file anew."""
        return read_register(self.source, self.preset, as_of=self.period.as_of, file=self.file, sheets=self.sheets)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Hold the presets of the registers an office owns, by id, and those of others that must not pass for them."""

    owned: Mapping[str, Preset]
    foreign: tuple[Preset, ...] = ()

    @classmethod
    def split(cls, presets: Mapping[str, Preset], datasets: Collection[str] | None) -> Shelf:
        """Split by the datasets an office owns (None = all). Raises ConfigError for a dataset without a preset.

        A register of others with the same class tag is the same kind of list; its words are no sign against ours.
        """
        if datasets is None:
            return cls(presets)
        owned = {i: p for i, p in presets.items() if not set(p.datasets).isdisjoint(datasets)}
        unknown = sorted(set(datasets) - {d for p in owned.values() for d in p.datasets})
        if unknown:
            raise ConfigError(f"没有这些数据集的预设：{'、'.join(unknown)}", f"no preset for datasets {unknown}")
        tags = {t for p in owned.values() for t in p.tags}
        return cls(owned, tuple(p for i, p in presets.items() if i not in owned and p.tags.isdisjoint(tags)))


@dataclass(frozen=True, slots=True)
class Problem:
    """Name a file that could not be taken, and why."""

    file: str
    error: LinkageError


@dataclass(frozen=True, slots=True)
class _Found:
    file: str
    source: Path | SqlSource
    sheets: tuple[str, ...]
    preset: Preset
    period: Period | None


def parse_entries(data: object, *, base: Path) -> tuple[FileEntry, ...]:
    """Read the [[file]] list of agency.toml; paths are relative to `base`. Raises ConfigError with every fault."""
    faults: list[str] = []
    entries: list[FileEntry] = []
    for index, item in enumerate(data if isinstance(data, list) else [data]):
        where = f"file[{index}]"
        if not isinstance(item, Mapping) or not all(isinstance(v, str) for v in item.values()):
            faults.append(f"{where}: a table of texts is needed")
            continue
        faults += [f"{where}: unknown key {k}" for k in sorted(set(item) - ENTRY_KEYS)]
        if ("path" in item) == ("url" in item):
            faults.append(f"{where}: exactly one of path and url is needed")
        elif "url" in item and not item.get("preset"):
            faults.append(f"{where}: a database source needs preset")
        elif not faults:
            source = base / item["path"] if "path" in item else _sql_source(item, base)
            entries.append(FileEntry(source, *(item.get(k, "") for k in ("preset", "as_of", "sheet"))))
    if faults:
        raise ConfigError(f"agency.toml 有错：{'；'.join(faults)}", f"faults in agency.toml: {'; '.join(faults)}")
    return tuple(entries)


def _sql_source(item: Mapping[str, str], base: Path) -> SqlSource:
    files = {k: base / item[k] if k in item else None for k in ("query_file", "password_file")}
    return SqlSource(item.get("name", item["preset"]), item["url"], item.get("table", ""), **files)


def scan_folder(
    folder: Path, shelf: Shelf, *, today: date, entries: Sequence[FileEntry] = ()
) -> tuple[tuple[RegisterFile, ...], tuple[Problem, ...]]:
    """Return the register files of a folder (and of `entries`), and the files that could not be taken."""
    found: list[_Found] = []
    problems: list[Problem] = []
    named = {e.source.resolve() for e in entries if isinstance(e.source, Path)}
    others = [FileEntry(p) for p in table_files(folder) if p.resolve() not in named]
    for entry in [*entries, *others]:
        file = _label(entry.source, folder)
        try:
            found += _identify(entry, file, shelf, today)
        except LinkageError as exc:
            problems.append(Problem(file, exc))
    return tuple(_dated(found, today)), tuple(problems)


def identify_file(entry: FileEntry, shelf: Shelf, *, folder: Path, today: date) -> tuple[RegisterFile, ...]:
    """Return the register (or registers, by sheet) of one file. Raises InputError, ConfigError."""
    return tuple(_dated(_identify(entry, _label(entry.source, folder), shelf, today), today))


def table_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may be tables, by name; lock files and our own reports are left out."""
    return sorted(
        p
        for p in (folder.iterdir() if folder.is_dir() else ())
        if p.suffix.lower() in SUFFIXES and not p.name.startswith(("~$", ".")) and not p.name.endswith(REPORT_SUFFIX)
    )


def _identify(entry: FileEntry, file: str, shelf: Shelf, today: date) -> list[_Found]:
    period = period_of(entry.as_of, today=today) if entry.as_of else None
    if entry.as_of and period is None:
        raise ConfigError(f"{file} 的 as_of 不是日期", f"as_of of {file} is not a date")
    sheets = (entry.sheet,) if entry.sheet else ()
    if entry.preset:
        if entry.preset not in shelf.owned:
            raise ConfigError(f"没有预设 {entry.preset}", f"there is no preset {entry.preset}")
        return [_Found(file, entry.source, sheets, shelf.owned[entry.preset], period or period_of(file, today=today))]
    assert isinstance(entry.source, Path)
    return _detect(entry.source, file, (sheets, period), shelf, today=today)


def _detect(
    path: Path, file: str, said: tuple[tuple[str, ...], Period | None], shelf: Shelf, *, today: date
) -> list[_Found]:
    """Tell every sheet's register; sheets of one register stay together."""
    sheets, period = said
    period = period or period_of(path.stem, today=today)
    by_preset: dict[str, tuple[list[str], Period | None]] = {}
    for table in read_tables(path, header_fit(shelf.owned.values())):
        if isinstance(table, Reject) or (sheets and table.sheet not in sheets):
            continue
        best = _best_presets(shelf, table.header, name=f"{path.stem} {table.sheet}")
        if len(best) > 1:
            raise _ambiguous(file, best)
        if not best:
            continue
        dated = period or period_of(" ".join((table.sheet, *table.titles)), today=today)
        names, first = by_preset.setdefault(best[0].id, ([], dated))
        names.append(table.sheet)
        by_preset[best[0].id] = (names, first or dated)
    if not by_preset:
        raise _unknown(file)
    single = len(by_preset) == 1 and not sheets
    return [_Found(file, path, () if single else tuple(n), shelf.owned[i], p) for i, (n, p) in by_preset.items()]


def _best_presets(shelf: Shelf, header: Sequence[str], *, name: str) -> list[Preset]:
    """Return the owned presets that fit best, none when the name says more clearly that it is another's register."""
    best = rank_presets(shelf.owned.values(), header, name=name)
    own_word = max((longest_word(p, name) for p in best), default=0)
    return [] if any(longest_word(p, name) > own_word for p in shelf.foreign) else best


def _dated(found: list[_Found], today: date) -> Iterator[RegisterFile]:
    """Give files without any date the newest date of their register's other files, or today."""
    newest: dict[str, Period] = {}
    for f in found:
        if f.period is not None and (f.preset.id not in newest or newest[f.preset.id].as_of < f.period.as_of):
            newest[f.preset.id] = f.period
    for f in found:
        period = f.period or newest.get(f.preset.id, Period(today, False))
        yield RegisterFile(f.file, f.source, f.sheets, f.preset, period)


def _label(source: Path | SqlSource, folder: Path) -> str:
    if isinstance(source, SqlSource):
        return source.name
    inside = source.resolve().is_relative_to(folder.resolve())
    return source.resolve().relative_to(folder.resolve()).as_posix() if inside else source.name


def _ambiguous(file: str, best: list[Preset]) -> InputError:
    ids = "、".join(p.id for p in best)
    return InputError(
        f"{file} 可能是几种登记表：{ids}",
        f"{file} fits several presets: {ids}",
        hint_zh="在 agency.toml 的 [[file]] 中用 preset 写明",
        hint_en="name the preset in [[file]] of agency.toml",
    )


def _unknown(file: str) -> InputError:
    return InputError(
        f"{file} 不像本单位的任何一种登记表",
        f"{file} looks like none of this office's registers",
        hint_zh="在 agency.toml 的 [[file]] 中写明 preset，并在 mapping.toml 中写明列名",
        hint_en="name its preset in [[file]] of agency.toml, and its titles in mapping.toml",
    )
