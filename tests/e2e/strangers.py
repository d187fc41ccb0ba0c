"""Invented people in any number, none like the other, and the tables that list them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from linkage.normalise.checkdigit import check_character

REGION = "367523"
PLACE = "湖东省棠州市澄溪县东关街道新苑社区"
CHARACTERS = [chr(code) for code in range(0x4E00, 0x9FA6)]
DISABLED_HEADINGS = ("姓名", "身份证号", "残疾证号", "性别", "出生日期", "残疾类别", "残疾等级", "户籍地址", "联系电话")


@dataclass(frozen=True, slots=True, repr=False)
class Stranger:
    """One invented person; every value occurs once in the world."""

    name: str
    number: str
    birth: date
    sex: str
    phone: str
    address: str


def strangers(count: int, *, seed: int, first_year: int = 1940, last_year: int = 2004) -> Iterator[Stranger]:
    """Yield people with four-character names and numbers that carry their check character."""
    rng = random.Random(f"strangers/{seed}")
    begin, days = date(first_year, 1, 1), (date(last_year, 12, 31) - date(first_year, 1, 1)).days
    for at in range(count):
        birth = begin + timedelta(at * 7919 % days)
        order = 2 * (at % 450 + 50) + rng.randrange(2)
        digits = f"{REGION}{birth:%Y%m%d}{order:03d}"
        yield Stranger(
            name="欧阳" + CHARACTERS[(seed * 31 + at) % len(CHARACTERS)] + rng.choice(CHARACTERS),
            number=digits + check_character(digits),
            birth=birth,
            sex="男" if order % 2 else "女",
            phone=f"199{seed % 10}{at:07d}",
            address=f"{PLACE}{''.join(rng.sample(CHARACTERS, 3))}巷{at + 1}号",
        )


def disabled_row(person: Stranger) -> dict[str, str]:
    """Return a person as the disabled persons' federation lists him."""
    cells = (
        person.name,
        person.number,
        f"{person.number}42",
        person.sex,
        f"{person.birth:%Y%m%d}",
        "肢体",
        "二级",
        person.address,
        person.phone,
    )
    return dict(zip(DISABLED_HEADINGS, cells, strict=True))


def case_of(at: int) -> str:
    """Return the number of the case of stranger number `at`."""
    return f"澄检刑诉受〔2025〕{80000 + at}号"


def victim_row(at: int, person: Stranger) -> dict[str, str]:
    """Return a person as the victim of a case of his own."""
    return {
        "当事人编号": f"MK{at:06d}",
        "案号": case_of(at),
        "角色": "被害人",
        "姓名": person.name,
        "性别": person.sex,
        "证件类型": "居民身份证",
        "证件号码": person.number,
        "住址": person.address,
        "联系电话": person.phone,
        "是否死亡": "否",
        "伤情": "轻伤二级",
    }


def add_disabled(county: Path, people: Iterable[Stranger]) -> Path:
    """Add a second list of the newest month to the federation's register."""
    file = county / "agencies" / "disabled_federation" / "持证残疾人补录_202610.csv"
    return write_table(file, map(disabled_row, people))


def write_table(file: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write a CSV file in the encoding that offices use; the first row's keys are the headings."""
    with file.open("w", encoding="gb18030", newline="") as target:
        writer = None
        for row in rows:
            writer = writer or _begun(csv.DictWriter(target, list(row)))
            writer.writerow(row)
    return file


def _begun(writer: csv.DictWriter[str]) -> csv.DictWriter[str]:
    writer.writeheader()
    return writer


def append_rows(file: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Add rows to a CSV file in UTF-8; headings a row does not name stay empty."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        headings = next(csv.reader(source))
    with file.open("a", encoding="utf-8", newline="") as target:
        csv.DictWriter(target, headings, restval="").writerows(rows)
