"""Every rule bites: with one entry gone, or one fact changed, the rule that speaks of it reports a fault."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from linkage.audit.findings import Finding, of_level
from linkage.audit.reading import LogContent
from linkage.audit.reconcile import Reconciliation, reconcile, records_of
from linkage.audit.rules import Link, load_rules
from linkage.audit.terms import NAME, Record, Term
from linkage.errors import AuditError
from linkage.keys.store import load_party_keys
from linkage.main import main

RULES = load_rules()


@pytest.fixture(scope="session")
def logs(told_town: Path) -> list[LogContent]:
    from linkage.audit.reading import read_logs

    manifest = load_party_keys(told_town / "hub").manifest
    folders = [told_town / party / "audit" for party in ("hub", "jcy", "mz", "cl")]
    return read_logs(folders, manifest, traffic=RULES.traffic)


@pytest.fixture
def check(logs: list[LogContent], told_town: Path) -> Any:
    manifest = load_party_keys(told_town / "hub").manifest

    def reconciled(contents: list[LogContent]) -> Reconciliation:
        return reconcile(contents, manifest, RULES)

    return reconciled


def faults(checked: Reconciliation) -> set[str]:
    return {finding.rule for finding in of_level(checked.findings, "fault")}


def with_records(logs: list[LogContent], victim: Record, *new: Record) -> list[LogContent]:
    """Return the logs with other records in the place of one."""
    found = []
    for content in logs:
        if content.party.id != victim.party:
            found.append(content)
            continue
        other = copy.copy(content)
        kept = content.of_kind(victim.kind)
        other.records = content.records | {
            victim.kind: [n for r in kept for n in (new if r.index == victim.index else (r,))]
        }
        found.append(other)
    return found


def side_of(link: Link, side: str) -> Any:
    return link.one if side == "one" else link.other


def records(link: Link, side: str, logs: list[LogContent]) -> list[Record]:
    return list(records_of(side_of(link, side), {content.party.id: content for content in logs}))


def opposite(side: str) -> str:
    return "other" if side == "one" else "one"


def test_an_honest_round_reconciles_without_a_word(check: Any, logs: list[LogContent]) -> None:
    checked = check(logs)
    assert checked.findings == () and checked.unknown == {} and checked.absent == ()
    assert {count.rule for count in checked.checked if not count.pairs} == set()
    assert all(held.leaves and held.covered and len(held.witnesses) == 3 for held in checked.held.values())


@pytest.mark.parametrize("link", RULES.links, ids=lambda link: link.name.id)
def test_a_missing_counterpart_is_reported(link: Link, check: Any, logs: list[LogContent]) -> None:
    for level, sides in (("fault", link.every), ("open", link.announced)):
        for side in sides:
            missing = records(link, opposite(side), logs)
            spoiled = logs
            for record in missing:
                spoiled = with_records(spoiled, record)
            found = [f for f in check(spoiled).findings if f.rule == link.name.id]
            assert level in {f.level for f in found} or "fault" in {f.level for f in found}, (link.name.id, side)


def changes(link: Link) -> Iterator[tuple[str, Term]]:
    for here, there in link.equal:
        yield from ((side, term) for side, term in (("one", here), ("other", there)) if NAME.fullmatch(term.text))


@pytest.mark.parametrize(
    ("link", "side", "term"),
    [(link, side, term) for link in RULES.links for side, term in changes(link) if term.text.islower()],
    ids=lambda value: getattr(value, "text", None) or getattr(getattr(value, "name", None), "id", value),
)
def test_a_changed_fact_is_reported(link: Link, side: str, term: Term, check: Any, logs: list[LogContent]) -> None:
    victim = records(link, side, logs)[0]
    if term.text == "@log":
        return
    facts = copy.deepcopy(dict(victim.facts))
    name = term.text.removeprefix("each.")
    if term.text.startswith("each."):
        listed: Any = facts[side_of(link, side).each]
        listed[0][name] = "changed"
    else:
        facts[name] = 999_983 if isinstance(facts.get(name), int) else "changed"
    assert link.name.id in faults(check(with_records(logs, victim, replace(victim, facts=facts, each=None))))


def of_kind(logs: list[LogContent], kind: str) -> list[Record]:
    return [record for content in logs for record in content.of_kind(kind)]


@pytest.mark.parametrize(
    ("kind", "facts", "rule"),
    [
        ("consents.verified", {"consents": "00"}, "consents-agree"),
        ("screening.approved", {"by": "检察官甲"}, "two-people-approve"),
        ("person.opened", {"approved_by": "检察官甲"}, "two-people-open"),
        ("award.decided", {"by": "检察官甲"}, "two-people-award"),
        ("award.paid", {"by": "检察官乙"}, "two-people-pay"),
        ("person.opened", {"person": 5}, "opening-series"),
        ("person.opened", {"person": 2}, "opening-once"),
    ],
)
def test_rules_within_a_kind_bite(kind: str, facts: Any, rule: str, check: Any, logs: list[LogContent]) -> None:
    victim = of_kind(logs, kind)[0]
    spoiled = with_records(logs, victim, replace(victim, facts={**victim.facts, **facts}))
    assert rule in faults(check(spoiled))


def test_a_person_opened_beyond_what_was_asked_for_is_a_fault(check: Any, logs: list[LogContent]) -> None:
    victim = of_kind(logs, "person.opened")[-1]
    extra = replace(victim, index=victim.index + 1, facts={**victim.facts, "opening": "0123456789ab"})
    assert "opening" in faults(check(with_records(logs, victim, victim, extra)))


def test_a_deed_told_twice_alike_is_a_note_and_otherwise_a_fault(check: Any, logs: list[LogContent]) -> None:
    victim = of_kind(logs, "round.proposed")[0]
    again = replace(victim, index=victim.index + 1)
    found = check(with_records(logs, victim, victim, again)).findings
    assert {f.level for f in found} == {"note"}
    other = replace(again, facts={**victim.facts, "reference": "other"})
    assert "warrant" in faults(check(with_records(logs, victim, victim, other)))


def test_an_upload_before_the_consents_is_a_fault(check: Any, logs: list[LogContent]) -> None:
    victim = next(r for r in of_kind(logs, "consents.verified") if r.party == "mz")
    late = replace(victim, index=10_000)
    assert "encoding-consent" in faults(check(with_records(logs, victim, late)))


def test_what_a_missing_log_would_tell_is_counted_as_unchecked(check: Any, logs: list[LogContent]) -> None:
    checked = check([content for content in logs if content.party.id not in ("mz", "cl")])
    assert faults(checked) == set() and checked.absent == ("mz", "cl")
    assert sum(count.unchecked for count in checked.checked) > 10


def test_an_unknown_kind_is_reported_and_no_fault(check: Any, logs: list[LogContent]) -> None:
    other = copy.copy(logs[1])
    other.counts = other.counts + type(other.counts)({"award.granted": 2})
    checked = check([logs[0], other, *logs[2:]])
    assert (checked.unknown, checked.findings) == ({"award.granted": 2}, ())


def test_two_logs_of_one_party_are_refused(place: Any) -> None:
    shutil.copytree(place.folder("mz"), place.root / "mz" / "again")
    with pytest.raises(AuditError, match="two logs"):
        from linkage.audit.reading import read_logs

        read_logs([place.folder("mz"), place.root / "mz" / "again"], place.manifest, traffic=RULES.traffic)


def test_kept_evidence_is_a_fault(place: Any) -> None:
    (place.folder("cl") / "peers" / "mz.evidence-1.txt").write_text("two notes", encoding="utf-8")
    found: list[Finding] = of_level(reconcile(place.read(), place.manifest, RULES).findings, "fault")
    assert [(f.rule, f.party) for f in found] == [("evidence", "mz")]


def test_a_folder_stands_for_all_logs_in_it(place: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for party in ("hub", "jcy", "mz", "cl"):
        shutil.copytree(place.folder(party), tmp_path / "logs" / party)
    told = place.words()[place.words().index("--manifest") :]

    assert main(["audit", "reconcile", str(tmp_path / "logs"), *told]) == 0
    assert "the logs agree: 4" in capsys.readouterr().out


def test_reconcile_says_so_on_the_command_line(place: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "reconcile", *place.words(), "--rules"]) == 0
    said = capsys.readouterr().out
    assert "the logs agree: 4" in said and "the warrant, at the procuratorate" in said
    entries = place.folder("mz") / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"rows":110', b'"rows":111', 1))
    assert main(["audit", "reconcile", *place.words()]) == 1
    assert "THE LOGS DO NOT AGREE" in capsys.readouterr().out
