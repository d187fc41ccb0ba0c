"""Evaluate compiled models with perfect linkage, from a county's truth: proves the model definitions right."""

from __future__ import annotations

import csv
import functools
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from linkage.encoded import Grade
from linkage.plan import Verdict
from linkage.warrant import PopulationSpec
from procuratorate_node.anchors import Placed
from procuratorate_node.cases.records import VICTIM, CaseFile, Compensation, RowRef, Source
from procuratorate_node.compile import CompiledRound
from procuratorate_node.outcome import ClueRow, Finding, Hit

DATASETS = {
    "dibao": ("DIBAO",), "dibian": ("DIBIAN",), "tekun": ("TEKUN",), "child": ("CHILD",), "disabled": ("DPF",),
    "monitor": ("MONITOR",), "card": ("CARD",), "women": ("WOMEN",), "chunlei": ("CHUNLEI",), "worker": ("WORKER",),
    "medaid": ("MEDAID",), "veteran": ("VET",), "youfu": ("YOUFU",), "vulnerable": ("GRID",), "eduaid": ("EDU",),
    "social_aided": ("SAC",), "enforcement_creditor": ("ENF_CRED",), "enforcement_debtor": ("ENF_DEBT",),
    "aided_court": ("COURT_AID",), "aided_police": ("PSB_AID",), "aided_justice": ("JB_AID",),
}  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return list(csv.DictReader(io.StringIO(text)))


class Truth:
    """Hold a county's truth rows: who stands behind every row, and what every register row says."""

    def __init__(self, county: Path) -> None:
        self.county = county
        self.rows = read(county / "truth" / "rows.csv")

    def person_of(self, file: CaseFile) -> dict[RowRef, str]:
        """Return the true person of every own row."""
        truth = {(r["slot"], r["case_no"], r["row_id"]): r["person"] for r in self.rows if r["row_id"]}
        petitioner = {(r["case_no"], r["row"]): r["person"] for r in self.rows if r["slot"] == "petitioner"}
        slots = {Source.PARTIES: "party", Source.AIDED: "aided"}
        found: dict[RowRef, str] = {}
        for ref, _ in file.person_rows():
            person = petitioner.get((ref.case, ref.row)) if ref.source is Source.PETITIONS else None
            person = person or truth.get((slots.get(ref.source, ""), ref.case, ref.row))
            if person is not None:
                found[ref] = person
        return found

    def compensation(self, file: CaseFile) -> dict[RowRef, Compensation]:
        """Return the true state of every victim row; the truth names one row of a double entry."""
        rows = read(self.county / "truth" / "compensation.csv")
        states = {(r["case_no"], r["person"]): Compensation(r["compensation"]) for r in rows}
        people = self.person_of(file)
        keys = {p.ref: (p.ref.case, people[p.ref]) for p in file.parties if p.role == VICTIM and p.ref in people}
        return {ref: states[key] for ref, key in keys.items() if key in states}

    def findings(self, compiled: CompiledRound, placed: tuple[Placed, ...]) -> list[Finding]:
        """Return what a coordinator without any error would: every plan over true links, on a person's whole scope."""
        hits, sets = self._hits(compiled, placed), list(compiled.sets)
        found: list[Finding] = []
        for model in compiled.models:
            for position, anchor in enumerate(placed):
                value = functools.partial(_leaf, hits=hits[position], scope=anchor.scope, sets=sets)
                verdict = model.plan.evaluate(value)
                if verdict is not Verdict.NO and value(f"@{model.asked}") is Verdict.YES:
                    positive = set(model.plan.leaves()) - set(model.plan.negative_leaves())
                    shown = {name: hit for name, hit in hits[position].items() if name in positive}
                    found.append(Finding(model.model.id, position, verdict, shown))
        return found

    def _hits(self, compiled: CompiledRound, placed: tuple[Placed, ...]) -> dict[int, dict[str, Hit]]:
        """Return grade A hits for every true link."""
        references = self._references()
        by_population = {spec.id: self._members(spec, references) for spec in compiled.populations if not spec.anchor}
        specs = {spec.id: spec for spec in compiled.populations}
        found: dict[int, dict[str, Hit]] = defaultdict(dict)
        for position, anchor in enumerate(placed):
            for population, members in by_population.items():
                key = (anchor.person, anchor.context if specs[population].context else "")
                if key in members:
                    tags = frozenset(members[key]) if specs[population].payload else frozenset()
                    found[position][population] = Hit(population, Grade.A, tags)
        return found

    def _references(self) -> dict[tuple[str, str], str]:
        """Return (file, physical row) → 执行依据文号 of the enforcement files."""
        court = self.county / "agencies" / "court"
        return {
            (f"agencies/court/{p.name}", str(i)): r["执行依据文号"]
            for p in court.glob("执行案件信息_*.csv")
            for i, r in enumerate(read(p), 2)
        }

    def _register(self, registers: tuple[str, ...], snapshot: str) -> Iterator[Mapping[str, str]]:
        for r in self.rows:
            asked = r["current"] == "1" if snapshot == "current" else r["snapshot"] == snapshot
            if asked and r["register"] in registers and r["tags"] and r["active"] == "1":
                yield r

    def _members(self, spec: PopulationSpec, references: dict[tuple[str, str], str]) -> dict[tuple[str, str], set[str]]:
        registers = DATASETS[spec.dataset]
        members: dict[tuple[str, str], set[str]] = defaultdict(set)
        for r in self._register(registers, "current"):
            if not spec.classes or set(r["tags"].split(";")) & set(spec.classes):
                context = fold(references[(r["file"], r["row"])]) if spec.context else ""
                members[(r["person"], context)] |= set(r["tags"].split(";"))
        if not spec.change:
            return members
        before = {(r["person"], "") for r in self._register(registers, "202609")}
        changed = set(members) - before if spec.change == "gained" else before - set(members)
        return {key: members.get(key, set()) for key in changed}


def _leaf(leaf: str, *, hits: Mapping[str, Hit], scope: int, sets: list[str]) -> Verdict:
    is_set = leaf.startswith("@")
    return Verdict.YES if (scope >> sets.index(leaf[1:]) & 1 if is_set else leaf in hits) else Verdict.NO


def fold(reference: str) -> str:
    return reference.translate(str.maketrans("", "", "（）()〔〕[] "))


def score(rows: tuple[ClueRow, ...], truth: Truth) -> dict[str, tuple[int, int, int, int]]:
    """Return model → (expected, found right, found wrong, tags right)."""
    row_person = {(r["case_no"], r["row_id"]): r["person"] for r in truth.rows if r["slot"] in ("party", "aided")}
    expected: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for e in read(truth.county / "truth" / "expected_clues.csv"):
        expected[e["model"]][(e["case_no"], "" if e["level"] == "case" else e["person"])] = e["tags"]
    table: dict[str, tuple[int, int, int, int]] = {}
    for model in sorted({r.model for r in rows}):
        want = expected[model]
        got = {
            (r.case, r.person and row_person.get((r.case, r.rows[0].row), "?")): r.tags
            for r in rows
            if r.model == model
        }
        right = set(want) & set(got)
        tags = sum(";".join(got[k]) == want[k] for k in right)
        table[model] = (len(want), len(right), len(set(got) - set(want)), tags)
    return table
