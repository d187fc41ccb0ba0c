"""An office with real keys, case files with a paper as PDF, clues, and accounts. All people are made up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.proofs import hash_password
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.plan import Verdict
from linkage.schema import load_schema
from linkage.warrant import utc_text
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.clues import Clue, make_clue
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node
from procuratorate_node.outcome import ClueRow, Link
from procuratorate_node.rights import APPROVER, OFFICER, ROLES
from tests.procuratorate_node.conftest import CASE_HEADING, LI, PARTY_HEADING, WU, ZHOU, write_table

PASSWORD = "正确的马电池订书钉-42"
HASHED = hash_password(PASSWORD, os.urandom)  # Once: it is slow on purpose.
SECRET = bytes(range(20))
ASKS, SIGNS, OTHER = "officer-a", "officer-b", "officer-c"
PEOPLE = {ASKS: OFFICER, SIGNS: APPROVER, OTHER: OFFICER}
PARTIES = [
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "云桥县检察院", "procuratorate", ("parties",)),
    PartySpec("civil_affairs", "云桥县民政局", "agency", ("dibao",)),
]
# Every text of a person that no page may hold before an opening.
MARKED = (
    "李晓梅",
    "周小宝",
    "周志强",
    "吴大海",
    "郑思远",
    LI,
    ZHOU,
    WU,
    "钟桥村",
    "李坝村",
    "14100000001",
    "14100000003",
)
CONFIG = """[node]
state = "."
coordinator = "localhost:1"
[cases]
folder = "cases"
[office]
name = "云桥县人民检察院"
mark = "云检"
[work]
region = "example"
[[officers]]
name = "officer-a"
may = ["request", "assign", "confirm", "reidentify", "release", "refer", "supervise", "search", "award"]
[[officers]]
name = "officer-b"
may = ["approve", "confirm"]
roles = ["chief_prosecutor"]
[[officers]]
name = "officer-c"
may = ["confirm", "reidentify", "refer"]
"""
PAPER = (
    "起诉书",
    "云检刑诉〔2026〕1号",
    f"被害人李晓梅，女，1980年5月12日出生，公民身份号码{LI}，住柳湾镇钟桥村3组6号。",
    "经依法审查查明：2025年12月30日，被告人钱多多殴打被害人李晓梅。",
    "经鉴定，被害人李晓梅的损伤程度为轻伤二级。",
    "被告人至今未赔偿被害人李晓梅的经济损失。",
)


@dataclass(frozen=True, slots=True)
class SmallOffice:
    """One office on disk and opened."""

    file: Path
    node: Node
    clues: tuple[Clue, ...]

    def fresh(self, number: int = 0) -> str:
        """Put one more clue about the same person into the store; return its id."""
        clue = replace(self.clues[number], clue_id=os.urandom(6).hex())
        self.node.book.add(clue, "r1", at=utc_text(self.node.clock()))
        return clue.clue_id

    def log(self) -> str:
        return (self.file.parent / "audit" / "entries.jsonl").read_text("utf-8")


def make_office(folder: Path) -> SmallOffice:
    """Write keys, cases, configuration and accounts below a folder, and take one round's clues."""
    digests, now = [load_schema("person-v1").digest], datetime.now(UTC)
    quickstart(folder, consortium="c", parties=PARTIES, now=now, random_bytes=os.urandom, schema_digests=digests)
    home = folder / "procuratorate"
    file = home / "procuratorate.toml"
    file.write_text(CONFIG, "utf-8")
    _write_cases(home / "cases")
    book = AccountBook(home, ROLES)
    for name in sorted(ROLES - {OFFICER, APPROVER}):
        book.add(Account(name, name, HASHED, SECRET.hex()))
    for name, role in PEOPLE.items():
        book.add(Account(name, role, HASHED, SECRET.hex()))
    node = open_node(load_config(file))
    clues = tuple(_clues(node))
    node.book.take_round("0123456789abcdef" * 2, ["SX-1", "PA"], clues, at=utc_text(node.clock()))
    return SmallOffice(file, node, clues)


def _clues(node: Node) -> Sequence[Clue]:
    work = node.casework_kept()
    rows = [("SX-1", "c1", "D1", ("DIBAO",)), ("PA", "c3", "D6", ("DIS12",)), ("SX-1", "c2", "D4", ())]
    colours: tuple[dict[str, object], ...] = (
        {"colour": "red", "weak": True, "reasons": ["伤情达到标准"]},
        {"colour": "yellow"},
        {},
    )
    made = []
    for (model, case, row, tags), colouring in zip(rows, colours, strict=True):
        ref = RowRef(Source.PARTIES, case, row)
        links = tuple(Link("dibao", 4, "A") for _ in tags)
        found = ClueRow(model, case, row, (ref,), Verdict.YES if tags else Verdict.CANNOT_TELL, "A", tags, links)
        made.append(replace(make_clue(found, work.facts, locality=None), colouring=colouring))
    return made


def _write_cases(folder: Path) -> None:
    (folder / "documents" / "c1").mkdir(parents=True)
    write_table(
        folder / "cases.csv",
        CASE_HEADING,
        [
            "c1,刑事,故意伤害罪,,2026-01-05,2025-12-30,审查起诉,,",
            "c2,刑事,盗窃,,2026-02-05,2026-01-02,已判决,（2026）江7425刑初9号,",
            "c3,刑事,交通肇事,,2026-03-05,2026-03-01,审查起诉,,",
        ],
    )
    write_table(
        folder / "parties.csv",
        PARTY_HEADING,
        [
            f"D1,c1,被害人,李晓梅,女,{LI},1980-05-12,,柳湾镇钟桥村3组6号,14100000001,,,否,轻伤二级,,尚未赔偿",
            f"D4,c2,犯罪嫌疑人,吴大海,男,{WU},,,青塘镇姜寨村1组,,,,,,,",
            "D5,c3,被害人,周小宝,男,,2001-04-05,,石桥镇李坝村7组49号,,,,是,死亡,,",
            f"D6,c3,近亲属,周志强,男,{ZHOU},1975-11-20,,石桥镇李坝村7组49号,14100000003,父亲,D5,,,,",
        ],
    )
    write_table(
        folder / "aided.csv",
        "序号,救助案号,姓名,性别,证件号码,救助对象身份,原案罪名,救助金额,决定日期,备注",
        [f"J{n},救助〔2026〕{n}号,郑思远,男,,被害人,故意伤害,{8000 + 1000 * n},2026-0{n}-15," for n in range(1, 8)],
    )
    (folder / "documents" / "c1" / "1.pdf").write_bytes(pdf(PAPER))


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page with Chinese text, in a font that readers bring themselves."""
    shown = "".join(
        f"BT /F 14 Tf 50 {780 - 30 * at} Td <{line.encode('utf-16-be').hex()}> Tj ET\n" for at, line in enumerate(lines)
    )
    descendant = (
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo"
        " << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /FontDescriptor 7 0 R >>"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 900 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(shown)} >>\nstream\n{shown}endstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        descendant,
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        " /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + (head + tail).encode()
