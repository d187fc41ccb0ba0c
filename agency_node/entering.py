"""Single records typed in by hand (GY-I-1, YQ-P-3): what a grid worker reports today is asked about in the next round.

They are kept in the state folder, one CSV per register, and read as part of its newest list; the office's own files
stay as they are. A record the register's reader would not take is refused, and nothing of it is kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from agency_node.mapping import PERSON_FIELDS, Preset
from agency_node.registers import RegisterRow, read_register
from agency_node.scan import FileEntry
from linkage.errors import InputError
from linkage.keys.files import make_folder, write_file

FOLDER: Final = "entered"
PRIVATE: Final = 0o600


def entered_files(state: Path) -> tuple[FileEntry, ...]:
    """Return the files of records typed in so far, each named after its preset."""
    return tuple(FileEntry(file, preset=file.stem) for file in sorted((state / FOLDER).glob("*.csv")))


def titles_of(preset: Preset) -> tuple[str, ...]:
    """Return the headings of a record: of every person the register is about, then the register's own columns."""
    persons = [role.person[f][0] for role in preset.roles for f in PERSON_FIELDS if role.person.get(f)]
    return tuple(dict.fromkeys([*persons, *(titles[0] for titles in preset.columns.values() if titles)]))


def parse_cells(lines: Sequence[str], titles: Sequence[str]) -> dict[str, str]:
    """Return the cells of lines such as 姓名=… or 姓名：…. Raises InputError naming the line, never what it says."""
    cells: dict[str, str] = {}
    for at, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        title, mark, value = line.replace("：", "=", 1).partition("=")
        if not mark or title.strip() not in titles:
            raise InputError(
                f"第 {at} 行不是“栏目=内容”，或栏目不对",
                f"line {at} is not COLUMN=VALUE, or there is no such column",
                hint_zh=f"栏目：{'、'.join(titles)}",
                hint_en="the columns are listed in Chinese above",
            )
        cells[title.strip()] = value.strip()
    return cells


def enter_record(state: Path, preset: Preset, cells: Mapping[str, str], *, today: date) -> int:
    """Keep one record and return how many the register has by now. Raises InputError when it names nobody.

    The file is replaced whole, so that a record is there completely or not at all.
    """
    titles = titles_of(preset)
    make_folder(state / FOLDER)
    file = state / FOLDER / f"{preset.id}.csv"
    trial = file.with_name(f".{preset.id}.trial.csv")
    write_file(trial, _text([titles, _line(cells, titles)]), mode=PRIVATE)
    try:
        _require_person(trial, preset, today)
    finally:
        trial.unlink()
    before = list(csv.reader(io.StringIO(file.read_text("utf-8")))) if file.exists() else [list(titles)]
    # Headings may have grown with a new version of the preset: lines are laid out anew by their own headings.
    kept = [_line(dict(zip(before[0], line, strict=False)), titles) for line in before[1:]]
    write_file(file, _text([titles, *kept, _line(cells, titles)]), mode=PRIVATE)
    return len(kept) + 1


def _require_person(file: Path, preset: Preset, today: date) -> None:
    read = list(read_register(file, preset, as_of=today))
    if any(isinstance(row, RegisterRow) for row in read):
        return
    reasons = "、".join(sorted({f"{r.column} {r.reason.zh}".strip() for r in read if not isinstance(r, RegisterRow)}))
    raise InputError(
        f"这条记录认不出人员，没有保存：{reasons or '缺少姓名'}",
        "this record names nobody the register's reader would take; nothing was kept",
        hint_zh="至少要有姓名，以及证件号码或出生日期",
        hint_en="give the name, and a number or a date of birth",
    )


def _line(cells: Mapping[str, str], titles: Sequence[str]) -> list[str]:
    return [cells.get(title, "") for title in titles]


def _text(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()
