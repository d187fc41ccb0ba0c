"""Hold the logs of several parties together, rule by rule: every deed told by everyone who took part, once, and alike.

Pure: what was read (`reading`) and the rules go in, findings come out. What cannot be checked because a log was not
handed in is counted as unchecked, never passed over in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from linkage.audit.findings import Finding
from linkage.audit.interlock import Held, check_interlock
from linkage.audit.reading import LogContent
from linkage.audit.rules import Link, Rules, Side, Within
from linkage.audit.terms import LOG, Record, Term
from linkage.audit.verify import MAX_BACKWARD
from linkage.errors import InputError
from linkage.keys.canonical import JSON
from linkage.keys.manifest import Manifest
from linkage.keys.times import parse_utc

SKEW: timedelta = MAX_BACKWARD  # How far two parties' clocks may be apart.
Key = tuple[bytes, ...]
Logs = Mapping[str, LogContent]


@dataclass(frozen=True, slots=True)
class Checked:
    """How often a rule was applied, held, and could not be applied for want of a log."""

    rule: str
    pairs: int
    unchecked: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All that reconciling found. `unknown` counts entries of kinds that no rule names."""

    findings: tuple[Finding, ...]
    checked: tuple[Checked, ...]
    held: Mapping[str, Held]
    unknown: Mapping[str, int]
    absent: tuple[str, ...]


def reconcile(contents: Sequence[LogContent], manifest: Manifest, rules: Rules) -> Reconciliation:
    """Apply every rule to the logs."""
    logs = {content.party.id: content for content in contents}
    findings, held = check_interlock(logs, manifest)
    checked: list[Checked] = []
    for link in rules.links:
        found, count = _Pairing(link, logs, manifest).run()
        findings += found
        checked.append(count)
    for rule in rules.same:
        findings += _same(rule, logs)
    for rule in rules.differ:
        findings += _differ(rule, logs)
    for rule in (*rules.once, *rules.series):
        findings += _counted(rule, logs)
    counts: dict[str, int] = {}
    for content in contents:
        for kind, count_of in content.counts.items():
            if kind not in rules.kinds:
                counts[kind] = counts.get(kind, 0) + count_of
    absent = tuple(p.id for p in manifest.parties() if p.role != "reviewer" and p.id not in logs)
    return Reconciliation(tuple(findings), tuple(checked), held, counts, absent)


class _Pairing:
    """Apply one link."""

    def __init__(self, link: Link, logs: Logs, manifest: Manifest) -> None:
        self._link, self._logs, self._manifest = link, logs, manifest
        self._one = _by_key(link.one, logs, [here for here, _ in link.key])
        self._other = _by_key(link.other, logs, [there for _, there in link.key])
        self._unchecked = 0

    def run(self) -> tuple[list[Finding], Checked]:
        found: list[Finding] = []
        pairs = 0
        for key, ones in self._one.items():
            others = self._other.get(key)
            if others is None:
                found += self._alone(ones, "one")
                continue
            pairs += 1
            found += self._agree(ones, others)
            found += [*self._repeated(ones, "one"), *self._repeated(others, "other")]
        for key, others in self._other.items():
            if key not in self._one:
                found += self._alone(others, "other")
        return found, Checked(self._link.name.id, pairs, self._unchecked)

    def _alone(self, records: Sequence[Record], side: str) -> Iterator[Finding]:
        """Report a record without a counterpart, unless the log the counterpart would stand in was not handed in."""
        if side not in self._link.every + self._link.announced:
            return
        record = records[0]
        wanted = self._wanted(record, side)
        if any(party not in self._logs for party in wanted):
            self._unchecked += len(records)
            return
        name = self._link.name
        told = "、".join(wanted) if len(wanted) == 1 else "另一方"
        zh = f"{name.zh}：{record.kind} 在 {told} 没有对应的条目{_about(record)}"
        en = f"{name.en}: {record.kind} has no counterpart{_about(record)}"
        if side in self._link.every:
            yield Finding("fault", name.id, record.party, record.index, zh, en)
        else:
            zh = f"{name.zh}：{record.kind} 已宣布，未见完成{_about(record)}"
            yield Finding("open", name.id, record.party, record.index, zh, f"{en}: announced, not carried out")

    def _wanted(self, record: Record, side: str) -> list[str]:
        """Return the parties in whose logs the counterpart may stand: one, where the key says which."""
        here, there = (0, 1) if side == "one" else (1, 0)
        roles = (self._link.other if side == "one" else self._link.one).roles
        for pair in self._link.key:
            if pair[there].text == LOG:
                value = pair[here].of(record)
                return [value] if isinstance(value, str) else []
        return [p.id for p in self._manifest.parties() if p.role in roles]

    def _agree(self, ones: Sequence[Record], others: Sequence[Record]) -> Iterator[Finding]:
        name, first = self._link.name, ones[0]
        for record in others:
            against = _nearest(ones, record, self._link)
            for here, there in self._link.equal:
                if here.key(against) != there.key(record):
                    zh = f"{name.zh}：{here.text} 与 {against.party} 第 {against.index} 条不一致{_about(record)}"
                    en = (
                        f"{name.en}: {there.text} differs from entry {against.index} of {against.party}{_about(record)}"
                    )
                    yield Finding("fault", name.id, record.party, record.index, zh, en)
            for here, there in self._link.unlike:
                if here.key(against) == there.key(record):
                    zh = f"{name.zh}：应为两个人{_about(record)}"
                    en = f"{name.en}: two different people are needed{_about(record)}"
                    yield Finding("fault", name.id, record.party, record.index, zh, en)
        if self._link.first:
            yield from self._in_order(first, others[0])

    def _in_order(self, one: Record, other: Record) -> Iterator[Finding]:
        earlier, later = (one, other) if self._link.first == "one" else (other, one)
        if earlier.party == later.party:
            wrong = earlier.index > later.index
        else:
            wrong = _moment(earlier) > _moment(later) + SKEW.total_seconds()
        if wrong:
            name = self._link.name
            zh = f"{name.zh}：{later.kind} 早于 {earlier.kind}{_about(later)}"
            en = f"{name.en}: {later.kind} came before {earlier.kind}{_about(later)}"
            yield Finding("fault", name.id, later.party, later.index, zh, en)

    def _repeated(self, records: Sequence[Record], side: str) -> Iterator[Finding]:
        """Show a record written twice, as happens after a break; two that say different things are a fault."""
        if len(records) == 1 or side in self._link.many:
            return
        name = self._link.name
        for record in records[1:]:
            alike = _plain(record) == _plain(records[0])
            zh = f"{name.zh}：{record.kind} 重复{'' if alike else '，内容不同'}{_about(record)}"
            en = f"{name.en}: {record.kind} is repeated{'' if alike else ' and says something else'}{_about(record)}"
            yield Finding("note" if alike else "fault", name.id, record.party, record.index, zh, en)


def _nearest(ones: Sequence[Record], record: Record, link: Link) -> Record:
    """Return the counterpart that agrees with a record, or the first one."""
    for one in ones:
        if all(here.key(one) == there.key(record) for here, there in link.equal):
            return one
    return ones[0]


def _plain(record: Record) -> Mapping[str, JSON]:
    """Return the facts without what differs between two tellings of one deed."""
    return {name: v for name, v in record.facts.items() if name not in ("peer", "peer_leaf", "peer_leaves", "clues")}


def _by_key(side: Side, logs: Logs, terms: Sequence[Term]) -> dict[Key, list[Record]]:
    found: dict[Key, list[Record]] = {}
    for record in records_of(side, logs):
        found.setdefault(tuple(term.key(record) for term in terms), []).append(record)
    return found


def records_of(side: Side, logs: Logs) -> Iterator[Record]:
    """Yield the records one side of a link speaks of, log by log, in order."""
    rounds = [_rounds_with(condition, logs) for condition in side.when]
    for content in logs.values():
        if content.party.role not in side.roles:
            continue
        for record in (record for kind in side.kinds for record in content.of_kind(kind)):
            if _fits(record, side) and all(record.text("round") in known for known in rounds):
                yield from _elements(record, side)


def _fits(record: Record, side: Side) -> bool:
    facts = record.facts
    return all(facts.get(n) == v for n, v in side.where.items()) and all(facts.get(n) for n in side.has)


def _rounds_with(condition: str, logs: Logs) -> set[str]:
    """Return the rounds about which the coordinator's log has an entry of this kind, and state."""
    kind, _, state = condition.partition("=")
    units = [content for content in logs.values() if content.party.role == "coordinator"]
    told = (record for content in units for record in content.of_kind(kind))
    return {record.text("round") for record in told if not state or record.text("state") == state}


def _elements(record: Record, side: Side) -> Iterator[Record]:
    if not side.each:
        yield record
        return
    listed = record.facts.get(side.each, [])
    for part in listed if isinstance(listed, list) else []:
        if isinstance(part, str) and not part.startswith(side.prefix):
            continue
        yield Record(record.party, record.index, record.time, record.kind, record.facts, part)


def _of_kind(rule: Within, logs: Logs) -> Iterator[Record]:
    return (record for content in logs.values() for record in content.of_kind(rule.kind))


def _groups(rule: Within, logs: Logs) -> dict[Key, list[Record]]:
    found: dict[Key, list[Record]] = {}
    for record in _of_kind(rule, logs):
        found.setdefault(tuple(term.key(record) for term in rule.key), []).append(record)
    return found


def _same(rule: Within, logs: Logs) -> Iterator[Finding]:
    for records in _groups(rule, logs).values():
        wanted = [term.key(records[0]) for term in rule.terms]
        for record in records[1:]:
            if [term.key(record) for term in rule.terms] != wanted:
                yield _broken(rule, record)


def _differ(rule: Within, logs: Logs) -> Iterator[Finding]:
    for record in _of_kind(rule, logs):
        values = [term.key(record) for term in rule.terms]
        if len(set(values)) != len(values):
            yield _broken(rule, record)


def _counted(rule: Within, logs: Logs) -> Iterator[Finding]:
    """Without terms: at most one record for a key. With one: its numbers are 1, 2, 3, …"""
    for records in _groups(rule, logs).values():
        if rule.terms:
            numbers = {rule.terms[0].key(record) for record in records}
            if numbers != {str(n).encode() for n in range(1, len(numbers) + 1)}:
                yield _broken(rule, records[-1])
        elif len(records) > 1:
            yield _broken(rule, records[1])


def _broken(rule: Within, record: Record) -> Finding:
    about = _about(record)
    return Finding("fault", rule.name.id, record.party, record.index, rule.name.zh + about, rule.name.en + about)


def _about(record: Record) -> str:
    """Return a few facts that say which deed is meant; none of them names a person acted on."""
    told = [record.text(name)[:16] for name in ("round", "population", "relay", "opening", "clue") if record.text(name)]
    return f" [{' '.join(told)}]" if told else ""


def _moment(record: Record) -> float:
    try:
        return parse_utc(record.time).timestamp()
    except InputError:
        return 0.0
