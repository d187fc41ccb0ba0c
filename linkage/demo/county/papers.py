"""Write papers of some criminal cases, as text and as Word files, and what each of them says.

Their wording is this county's own (data/papers.toml). Half of the victims who have papers lose the note in the tables:
what happened to them is only told by the papers.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from linkage.demo.county.casework import CRIMINAL, Case, Party
from linkage.demo.county.habits import written
from linkage.demo.county.people import TODAY, Person
from linkage.demo.county.words import lines, settings
from linkage.demo.county.world import World

_MOST_CASES = 20
_ONE_IN = 5
_MOST_VICTIMS = 4
_MOMENT = (2026, 11, 2, 9, 0, 0)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main'
    '+xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


@dataclass(slots=True)
class Clerkship:
    """Write the papers; `rng` is theirs alone, so that the tables stay as they are."""

    rng: random.Random
    world: World
    root: Path
    told: list[dict[str, Any]] = field(default_factory=list)
    index: list[tuple[str, str, str]] = field(default_factory=list)
    chosen: list[Case] = field(default_factory=list)

    def choose(self) -> None:
        """Choose the cases that have papers, and let papers alone speak for half of their victims."""
        fits = [c for c in self.world.cases if c.category in CRIMINAL and len(c.role("被害人")) <= _MOST_VICTIMS]
        self.chosen = fits[:: max(_ONE_IN, len(fits) // _MOST_CASES)]
        for case in self.chosen:
            for party in case.role("被害人"):
                if self.rng.random() < 0.5:
                    party.note = ""

    def write(self) -> None:
        """Write every chosen case's papers; party numbers must be given by then."""
        for case in self.chosen:
            day = case.received
            for number, (kind, victims) in enumerate(self._plan(case), 1):
                day = min(day + timedelta(days=self.rng.randrange(2, 20)), TODAY)
                self._paper(case, kind, victims, number=number, day=day)
        folder = self.root / "truth"
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.told, ensure_ascii=False, indent=1)
        (folder / "documents.json").write_text(text + "\n", encoding="utf-8")

    def _plan(self, case: Case) -> Iterator[tuple[str, list[Party]]]:
        """Yield each paper's kind and whom it is about, in the order of the procedure."""
        victims = case.role("被害人")
        living = [v for v in victims if not v.dead]
        if living and self._person(living[0]).age(case.event) >= 8:
            yield "询问笔录", living[:1]
        if case.cause == "交通肇事":
            yield "道路交通事故认定书", victims[:1]
        yield from (("鉴定意见", [v]) for v in living[:2] if v.harm)
        yield "起诉意见书", victims
        if case.stage in ("已起诉", "已判决"):
            yield "起诉书", victims
        if len(victims) == 1 and living and living[0].state == "FULL":
            yield "谅解书", living
        if case.stage == "已判决":
            yield "刑事判决书", victims

    def _person(self, party: Party) -> Person:
        return self.world.county.people[party.person]

    # -- one paper ---------------------------------------------------------------------------------------------

    def _paper(self, case: Case, kind: str, victims: list[Party], *, number: int, day: date) -> None:
        form = next(p for p in settings("papers.toml")["paper"] if p["kind"] == kind)
        told = [self._victim(case, victim, kind) for victim in victims]
        common = self._common(case, day)
        body: list[str] = []
        for line in form["lines"]:
            if line.startswith("*"):
                body += [self._filled(line[1:], common | values) for values, _ in told] if "{what}" in line else []
                continue
            if line.startswith("+"):
                body += [self._filled(line[1:], common | kin) for kin in self._kin(case)]
                continue
            body.append(self._filled(line, common | told[0][0]))
        body = self._with_said(body, form["lines"], common, [values for values, _ in told])
        name = f"documents/{case.number}/{number:02}_{kind}.{'docx' if self.rng.random() < 0.4 else 'txt'}"
        self._save(name, [line for line in body if line.strip("。")])
        self.index.append((case.number, name, written(day, "iso")))
        self.told.append(self._truth(case, kind, name, day=day, victims=[truth for _, truth in told]))

    def _with_said(
        self, body: list[str], form: list[str], common: dict[str, str], told: list[dict[str, str]]
    ) -> list[str]:
        """Put what is said of each victim's compensation right after the sentence about him."""
        if not any("{said}" in line for line in form):
            return body
        for values in told:
            said = self._filled("{said}。", common | values)
            place = next(i for i, line in enumerate(body) if f"被害人{values['{v}']}" in line)
            body.insert(place + 1, said)
        return body

    def _common(self, case: Case, day: date) -> dict[str, str]:
        suspect = self._person(case.role("犯罪嫌疑人")[0])
        return {
            "{s}": suspect.name,
            "{cause}": case.cause,
            "{d}": written(case.event, "han"),
            "{now}": written(day, "han"),
            "{staff}": self.rng.choice(lines("staff.txt")),
        }

    def _victim(self, case: Case, party: Party, kind: str) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the marks of one victim, and the truth of what the paper says of him."""
        person, wording = self._person(party), settings("papers.toml")
        age, sex = person.age(case.event), "男" if person.sex == "M" else "女"
        due = party.loss or 30000
        paid = max(500, round(due * 0.3, -2)) if party.state == "PARTIAL" else due
        speaks = kind in ("起诉意见书", "起诉书", "刑事判决书", "询问笔录", "谅解书")
        form = self.rng.choice(("age", "born", "none"))
        who = {
            "age": f"（{sex}，{'殁年' if party.dead else '现年'}{age}周岁）",
            "born": f"（{sex}，{written(person.born, 'han')}生）",
        }
        harm = party.harm if kind in ("鉴定意见", "起诉意见书", "起诉书", "刑事判决书") else ""
        values = {
            "{v}": person.name,
            "{sex}": sex,
            "{age}": str(age),
            "{born}": written(person.born, "han"),
            "{number}": person.number if person.kind == "CN18" else "未提供",
            "{home}": self.world.county.home(person).village,
            "{who}": who.get(form, ""),
            "{harm}": harm,
            "{hurt}": "我到现在心里都怕",
            "{fell}": "当场死亡" if party.dead else "受伤",
            "{share}": f"承担{party.fault}" if party.fault not in ("", "无责任") else "不承担责任",
            "{what}": "造成其当场死亡" if party.dead else f"经鉴定为{harm}" if harm else f"造成经济损失{int(due)}元",
            "{answer}": self.rng.choice(wording["answers"][party.state or "UNKNOWN"]),
            "{said}": self.rng.choice(wording["said"][party.state or "UNKNOWN"]),
            "{n}": str(int(paid)),
            "{m}": str(int(max(due - paid, 500))),
        }
        listed = kind in ("询问笔录", "道路交通事故认定书")
        truth = {
            "person": person.key,
            "victim_row": party.number,
            "name": person.name,
            "sex": sex if listed or kind == "鉴定意见" or (values["{who}"] and speaks and kind != "谅解书") else "",
            "birth": person.born.isoformat() if kind in ("询问笔录", "鉴定意见") else "",
            "age": age if listed else None,
            "id": person.number if listed and person.kind == "CN18" else "",
            "harm": "死亡" if party.dead and kind != "谅解书" else harm,
            "compensation": (party.state or "UNKNOWN") if speaks else "UNKNOWN",
            "dead": party.dead,
        }
        if kind == "道路交通事故认定书":
            truth["fault"] = party.fault or "无责任"
        return values, truth

    def _kin(self, case: Case) -> Iterator[dict[str, str]]:
        for party in case.role("近亲属"):
            if party.of is not None and party.of.dead:
                kin = self._person(party)
                yield {
                    "{k}": kin.name,
                    "{r}": party.relation,
                    "{v}": self._person(party.of).name,
                    "{kborn}": written(kin.born, "han"),
                }

    def _filled(self, line: str, values: dict[str, str]) -> str:
        for _ in range(2):  # What is said holds marks itself.
            for mark, value in values.items():
                line = line.replace(mark, value)
        return line

    def _truth(self, case: Case, kind: str, name: str, *, day: date, victims: list[dict[str, Any]]) -> dict[str, Any]:
        related = [
            {"person": p.person, "party_row": p.number, "name": self._person(p).name, "relation": p.relation,
             "birth": self._person(p).born.isoformat(), "id": ""}
            for p in case.role("近亲属") if kind == "刑事判决书" and p.of is not None and p.of.dead
        ]  # fmt: skip
        return {"file": f"procuratorate/{name}", "case_no": case.number, "doc_type": kind, "date": written(day, "iso"),
                "scanned": False, "victims": victims, "related": related}  # fmt: skip

    # -- files -------------------------------------------------------------------------------------------------

    def _save(self, name: str, body: list[str]) -> None:
        path = self.root / "procuratorate" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_bytes("\n".join(body).encode(self.rng.choice(("utf-8", "utf-8-sig", "gb18030"))))
        else:
            path.write_bytes(_word(body))


def _word(body: list[str]) -> bytes:
    """Return a Word file of plain paragraphs, the same bytes every time."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in body)
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}</w:body></w:document>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(member, _MOMENT), text)
    return packed.getvalue()
