"""Take in one exported register file: tried first with its columns and counts shown, then kept whole or refused whole.

<state>/imports/waiting/<token>/<name>       a file somebody sent, until it is kept or dropped
<state>/imports/<register>.<YYYYMMDD>.<kind> kept files: the node reads them beside the office's own, which stay as
                                             they are; a newer import of the same register and day takes its place
<configuration>/mapping.imports.toml         the titles that were chosen for columns, read after mapping.toml

Only titles of columns and counts are shown, never a cell.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Final

from agency_node.check import BAD_SHARE, CheckReport, check_source
from agency_node.columns import header_fit, lay_out
from agency_node.datasets import IMPORTED_MAPPING
from agency_node.mapping import PERSON_FIELDS, Preset, apply_mapping
from agency_node.scan import FileEntry, Shelf, identify_file
from linkage.errors import InputError, NotFoundError
from linkage.keys.files import PRIVATE, PUBLIC, make_folder, write_file
from linkage.sources.kinds import SUFFIXES
from linkage.sources.reading import read_tables
from linkage.sources.table import Table
from linkage.words import FIELDS

FOLDER: Final = "imports"
WAITING: Final = "waiting"
KEEP_WAITING: Final = timedelta(days=1)
TOKEN_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person said about a file: its register, its day as YYYYMMDD or YYYYMM, and titles by field.

    A field is a column of the preset, a person's field, or "role.field" where a register is about several persons.
    """

    preset: str = ""
    as_of: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a register and the title that stands for it in a file, "" for none."""

    field: str
    words: str
    title: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What would happen if the file were kept. `columns` are the fields with their titles, `titles` all of the file."""

    preset: Preset
    as_of: date
    titles: tuple[str, ...]
    columns: tuple[Column, ...]
    report: CheckReport

    @property
    def fault(self) -> InputError | None:
        """Return why the file is refused as a whole, None when it can be kept."""
        if not any(count.rows for count in self.report.datasets.values()):
            return InputError("没有读到任何人，不能采用", "not one person was read: the file is not taken")
        if self.report.bad_share >= BAD_SHARE:
            share = f"{self.report.bad_share:.0%}"
            return InputError(
                f"{share} 的行无法使用，整个文件不采用",
                f"{share} of the rows cannot be used: the file is not taken",
                hint_zh="下载未采用行的清单，改正后重新导出",
                hint_en="download the list of rows left out, correct them and export again",
            )
        return None


def imported_files(state: Path) -> tuple[FileEntry, ...]:
    """Return the files kept so far, each with the register and the day its name tells."""
    found = []
    for file in sorted((state / FOLDER).glob("*.*.*")):
        preset, day = file.name.split(".")[:2]
        found.append(FileEntry(file, preset=preset, as_of=day))
    return tuple(found)


def receive(state: Path, name: str, content: IO[bytes]) -> str:
    """Keep a file that was sent until it is looked at, and return its token. Raises InputError for another kind."""
    plain = Path(name.replace("\\", "/")).name
    if Path(plain).suffix.lower() not in SUFFIXES or plain.startswith("."):
        kinds = "、".join(sorted(SUFFIXES))
        raise InputError(f"只接受表格文件：{kinds}", f"only tables are taken: {', '.join(sorted(SUFFIXES))}")
    token = secrets.token_hex(TOKEN_BYTES)
    make_folder(state / FOLDER)
    make_folder(state / FOLDER / WAITING)
    folder = state / FOLDER / WAITING / token
    make_folder(folder)
    descriptor = os.open(folder / plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as target:
        shutil.copyfileobj(content, target)
    return token


def waiting_file(state: Path, token: str) -> Path:
    """Return a file that waits. Raises NotFoundError."""
    folder = state / FOLDER / WAITING / token
    files = list(folder.iterdir()) if len(token) == 2 * TOKEN_BYTES and token.isalnum() and folder.is_dir() else []
    if len(files) != 1:
        raise NotFoundError("没有这个待导入的文件", "no such file waits to be imported")
    return files[0]


def drop(state: Path, token: str) -> None:
    """Delete a file that waits."""
    shutil.rmtree(waiting_file(state, token).parent)


def drop_stale(state: Path, *, now: float) -> None:
    """Delete what was sent and forgotten; `now` is seconds since 1970."""
    for folder in (state / FOLDER / WAITING).glob("*"):
        if folder.stat().st_mtime < now - KEEP_WAITING.total_seconds():
            shutil.rmtree(folder)


def try_file(file: Path, choice: Choice, shelf: Shelf, *, today: date, rejects: Path) -> Trial:
    """Read a file to its end as the choice says. Raises InputError, ConfigError."""
    presets = _with_titles(shelf.owned, choice)
    chosen = Shelf(presets, shelf.foreign)
    entry = FileEntry(file, preset=choice.preset, as_of=choice.as_of)
    sources = identify_file(entry, chosen, folder=file.parent, today=today)
    if len(sources) != 1:
        raise InputError(
            "文件里有几种登记表，请分开导出再导入",
            "the file holds several registers: export and import them one by one",
        )
    titles = file_titles(file, [sources[0].preset])
    make_folder(rejects)
    report = check_source(sources[0], rejects_folder=rejects)
    preset = sources[0].preset
    return Trial(preset, sources[0].period.as_of, titles, columns_of(preset, titles), report)


def file_titles(file: Path, presets: Sequence[Preset]) -> tuple[str, ...]:
    """Return the titles of the first table whose header is known. Raises InputError when there is none."""
    for table in read_tables(file, header_fit(presets)):
        if isinstance(table, Table):
            return tuple(dict.fromkeys(title for title in table.header if title))
    raise InputError(
        "认不出表头：前二十行里没有这种登记表的列名",
        "no header was found: the first twenty rows hold no title of this register",
        hint_zh="核对是否选对登记表；表头要占一行，写着列名",
        hint_en="see that the register is the right one; the header is a row of column titles",
    )


def columns_of(preset: Preset, titles: Sequence[str]) -> tuple[Column, ...]:
    """Return every field of the preset with the title that stands for it among these."""
    layout = lay_out(preset, titles)
    several = len(preset.roles) > 1
    found = []
    for role, person in zip(preset.roles, layout.persons, strict=True):
        for name in (f for f in PERSON_FIELDS if role.person.get(f)):
            words = f"{role.title}：{FIELDS[name][0]}" if several else FIELDS[name][0]
            found.append(Column(f"{role.role}.{name}" if several else name, words, person.get(name, "")))
    for name, aliases in preset.columns.items():
        found.append(Column(name, aliases[0] if aliases else name, layout.columns.get(name, "")))
    return tuple(found)


def keep(state: Path, config: Path, token: str, *, trial: Trial, choice: Choice, shelf: Shelf) -> Path:
    """Keep a file that was tried, in the place of an earlier import of its register and day. Raises its fault."""
    if trial.fault is not None:
        raise trial.fault
    file = waiting_file(state, token)
    name = f"{trial.preset.id}.{trial.as_of:%Y%m%d}"
    before = list((state / FOLDER).glob(f"{name}.*"))
    target = state / FOLDER / f"{name}{file.suffix.lower()}"
    if choice.titles:
        _keep_titles(config, trial.preset.id, choice, shelf)
    os.replace(file, target)
    for earlier in before:
        if earlier != target:
            earlier.unlink()
    file.parent.rmdir()
    return target


def _keep_titles(config: Path, preset: str, choice: Choice, shelf: Shelf) -> None:
    """Add the chosen titles before those known already, so that older files stay readable."""
    file = config / IMPORTED_MAPPING
    known = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    fields = known.setdefault(preset, {})
    for name, titles in _title_lists(shelf.owned[preset], choice).items():
        fields[name] = titles
    lines = ["# 导入时选定的列名，由控制台写入 | titles chosen at imports, written by the console"]
    for register, chosen in known.items():
        lines.append(f"[{register}]")
        lines += [f"{json.dumps(name)} = {json.dumps(titles, ensure_ascii=False)}" for name, titles in chosen.items()]
    write_file(file, ("\n".join(lines) + "\n").encode(), mode=PUBLIC)


def _with_titles(presets: Mapping[str, Preset], choice: Choice) -> Mapping[str, Preset]:
    if not choice.titles or choice.preset not in presets:
        return presets
    lists = _title_lists(presets[choice.preset], choice)
    lines = [f"{json.dumps(name)} = {json.dumps(titles, ensure_ascii=False)}" for name, titles in lists.items()]
    return apply_mapping(presets, "\n".join([f"[{choice.preset}]", *lines]))


def _title_lists(preset: Preset, choice: Choice) -> dict[str, list[str]]:
    """Return, for every field chosen, its title and then those that the preset knows."""
    found = {}
    for name, title in choice.titles.items():
        role, _, person = name.rpartition(".")
        persons = [r.person.get(person, ()) for r in preset.roles if role in ("", r.role)]
        known = preset.columns.get(name) or (persons[0] if persons else ())
        if title:
            found[name] = list(dict.fromkeys([title, *known]))
    return found
