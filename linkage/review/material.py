"""What every page works on: the logs as read once and reconciled, the story they tell, and where each entry belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from linkage.audit.choosing import Choice
from linkage.audit.findings import Finding
from linkage.audit.report import Reporter
from linkage.audit.steps.reconcile import Reading
from linkage.audit.story import Referral, Round, Story, tell
from linkage.audit.terms import Record
from linkage.errors import NotFoundError
from linkage.web.texts import CHINESE, ENGLISH
from linkage.words import Language


@dataclass(frozen=True, slots=True)
class Material:
    """`records` and `findings` are by round, oldest first; `relays` names the round that a carried message is of."""

    reading: Reading = field(repr=False)
    story: Story = field(repr=False)
    records: Mapping[str, tuple[Record, ...]] = field(repr=False)
    findings: Mapping[str, tuple[Finding, ...]] = field(repr=False)
    relays: Mapping[str, str] = field(repr=False)
    officers: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()

    @classmethod
    def of(cls, reading: Reading) -> Material:
        story = tell(reading.contents, reading.manifest)
        found = [r for content in reading.contents for kind in content.records.values() for r in kind]
        relays = {r.text("relay"): r.text("round") for r in found if r.kind == "relay.sent"}
        records: dict[str, list[Record]] = {}
        for record in sorted(found, key=lambda r: (r.time, r.party, r.index)):
            records.setdefault(record.text("round") or relays.get(record.text("relay"), ""), []).append(record)
        return cls(
            reading,
            story,
            {name: tuple(rows) for name, rows in records.items()},
            _by_round(reading.checked.findings, records),
            relays,
            tuple(sorted({deed.officer for deed in story.deeds})),
            tuple(sorted({r.purpose for r in story.rounds if r.purpose})),
        )

    def reporter(self, story: Story, choice: Choice, language: str = "") -> Reporter:
        """Return what writes the tables of a part of the story, in one language or, for a file, in both."""
        wanted: Language = "en" if language == ENGLISH else "zh" if language == CHINESE else ""
        reading = self.reading
        return Reporter(story, choice, manifest=reading.manifest, rules=reading.rules, language=wanted)

    def round(self, name: str) -> Round:
        """Return one round. Raises NotFoundError."""
        for found in self.story.rounds:
            if found.id == name:
                return found
        raise NotFoundError("日志里没有这一轮", "the logs tell of no such round")

    def about(self, found: Round) -> Story:
        """Return the story of one round."""
        s = self.story
        return Story(
            rounds=(found,),
            openings=tuple(o for o in s.openings if o.round == found.id),
            releases=tuple(r for r in s.releases if r.round == found.id),
            referrals=tuple(r for r in s.referrals if self._round_of(r) == found.id),
            refusals=tuple(r for r in s.refusals if r.round == found.id),
            deeds=tuple(d for d in s.deeds if d.round == found.id),
        )

    def log_of(self, party: str) -> Path:
        """Return the folder of a party's log. Raises NotFoundError."""
        for content in self.reading.contents:
            if content.party.id == party:
                return content.folder
        raise NotFoundError("没有这个单位的日志", "there is no log of that party here")

    def _round_of(self, referral: Referral) -> str:
        return self.relays.get(referral.relay, "")


def _by_round(findings: Iterable[Finding], records: Mapping[str, list[Record]]) -> dict[str, tuple[Finding, ...]]:
    """Put every finding that names an entry with the round of that entry."""
    places = {(record.party, record.index): name for name, rows in records.items() for record in rows}
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        name = places.get((finding.party, finding.index), "") if finding.index is not None else ""
        if name:
            found.setdefault(name, []).append(finding)
    return {name: tuple(rows) for name, rows in found.items()}
