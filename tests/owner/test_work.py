"""The owner's part step by step, killed between any two calls and taken up again from its database and files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linkage.errors import AuditError, NotFoundError, PolicyRefusal, TransportError
from linkage.keys.signing import Signed
from linkage.owner.choice import Approve, OwnerRows, Refuse, Wait
from linkage.owner.events import take_event
from linkage.owner.participation import Step
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import LABEL_DELETION, Decision, DeletionStatement, PopulationSpec
from tests.owner.conftest import consents_event, run_to_upload, status_event, step_of, warrant_event, worker


def test_a_round_goes_from_warrant_to_deletion(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    run_to_upload(town, office, unit, warrant)
    assert (step_of(office, warrant), unit.sealed) == (Step.UPLOADED, {"dibao"})
    assert not office.place(warrant.round_id, "dibao").rows.exists()

    take_event(office, status_event(warrant, "DELIVERED"))
    worker(office, unit).work()
    assert not unit.statements and len(office.place(warrant.round_id, "dibao").open_map()) == 20

    take_event(office, status_event(warrant, "CLOSED"))
    worker(office, unit).work()
    body = Signed.parse(unit.statements[0]).verify(LABEL_DELETION, office.keys.party.signing_key)
    items = DeletionStatement.from_bytes(body).items
    assert step_of(office, warrant) is Step.ENDED
    assert [item.split(":")[:2] for item in items] == [["map", "dibao"], ["population", "dibao"]]
    assert not (office.state / "rounds" / warrant.round_id).exists()


def test_every_step_is_in_the_audit_log_before_it_is_taken(town: Any, kit: Any, unit: Any) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant()
    seen: dict[str, str] = {}
    unit.before = lambda call: seen.setdefault(call, log.kinds()[-1])
    run_to_upload(town, office, unit, warrant)
    take_event(office, status_event(warrant, "CANCELLED"))
    worker(office, unit).work()

    assert seen == {
        "decide": "decision.made",
        "begin": "upload.begun",
        "append": "upload.begun",
        "seal": "upload.begun",
        "delete": "data.deleted",
    }
    assert log.kinds() == [
        "warrant.seen",
        "decision.made",
        "consents.verified",
        "encoding.done",
        "upload.begun",
        "upload.sealed",
        "round.state",
        "data.deleted",
    ]


def test_nothing_is_sent_when_the_audit_log_takes_no_entry(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy(), log=(log := kit.Log())), town.warrant()
    take_event(office, warrant_event(town, warrant))
    log.full = True
    with pytest.raises(AuditError):
        worker(office, unit).work()

    assert (unit.calls, step_of(office, warrant)) == ([], Step.SEEN)


CALLS = ["decide", "begin", "append", "seal", "delete"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_a_kill_at_any_call_loses_nothing_and_repeats_nothing(
    town: Any, kit: Any, unit: Any, call: str, when: str
) -> None:
    warrant, killed = town.warrant(), [False]

    def kill(name: str) -> None:
        if name == call and not killed[0]:
            killed[0] = True
            raise kit.Killed

    setattr(unit, when, kill)

    def life(then: Any) -> None:
        """Live until killed, then once more over the same state, as a new process would."""
        for _ in range(2):
            office = town.office("civil", kit.Policy())
            try:
                then(office)
            except kit.Killed:
                continue
            finally:
                office.book.engine.dispose()
            return

    def decide(office: Any) -> None:
        take_event(office, warrant_event(town, warrant))
        worker(office, unit).work()

    def upload(office: Any) -> None:
        take_event(office, consents_event(town, office, warrant))
        worker(office, unit).work()

    def end(office: Any) -> None:
        take_event(office, status_event(warrant, "CLOSED"))
        worker(office, unit).work()

    for step in (decide, upload, end):
        life(step)

    office = town.office("civil", kit.Policy())
    assert killed[0] and step_of(office, warrant) is Step.ENDED
    assert len(set(unit.decisions)) == 1 and len(set(unit.statements)) == 1
    rows = office.book.uploads(warrant.round_id)["dibao"]
    assert len(unit.held["dibao"]) == rows.rows * rows.row_bytes and unit.sealed == {"dibao"}
    assert len({r.content_digest for r in [unit.begun["dibao"]]} | {rows.content_digest}) == 1


def test_a_kill_while_encoding_encodes_again(town: Any, kit: Any, unit: Any) -> None:
    warrant, lives = town.warrant(), [0]

    def source(spec: PopulationSpec) -> OwnerRows:
        lives[0] += 1

        def rows() -> Any:
            yield from kit.people(10)
            if lives[0] == 1:
                raise kit.Killed

        return OwnerRows(rows())

    office = town.office("civil", kit.Policy(source=source))
    with pytest.raises(kit.Killed):
        run_to_upload(town, office, unit, warrant)
    office = town.office("civil", kit.Policy(source=source))
    worker(office, unit).work()

    assert (lives[0], unit.sealed, step_of(office, warrant)) == (2, {"dibao"}, Step.UPLOADED)


def test_a_damaged_spool_file_is_made_again(town: Any, kit: Any, unit: Any) -> None:
    warrant = town.warrant()
    office = town.office("civil", kit.Policy())
    unit.before = lambda call: (_ for _ in ()).throw(kit.Killed()) if call == "begin" else None
    with pytest.raises(kit.Killed):
        run_to_upload(town, office, unit, warrant)
    file = office.place(warrant.round_id, "dibao").rows
    file.write_bytes(b"x" + file.read_bytes()[1:])

    unit.before = lambda call: None
    worker(town.office("civil", kit.Policy()), unit).work()

    assert unit.sealed == {"dibao"}


def test_a_refusal_goes_out_with_its_reason(town: Any, kit: Any, unit: Any) -> None:
    policy = kit.Policy(choice=Refuse("不同意 | no", "policy"))
    office, warrant = town.office("civil", policy), town.warrant()
    take_event(office, warrant_event(town, warrant))
    worker(office, unit).work()

    decision = Decision.from_bytes(Signed.parse(unit.decisions[0]).body)
    assert (decision.decision, decision.reason, decision.nonce) == ("refuse", "不同意 | no", "")


def test_a_round_waits_for_its_operator_and_then_goes_on(town: Any, kit: Any, unit: Any) -> None:
    policy = kit.Policy(choice=Wait("人工 | by hand"))
    office, warrant = town.office("civil", policy), town.warrant()
    take_event(office, warrant_event(town, warrant))
    worker(office, unit).work()
    assert unit.calls == []

    policy.choice = Approve("甲")
    worker(office, unit).work()
    assert Decision.from_bytes(Signed.parse(unit.decisions[0]).body).decided_by == "甲"


def test_a_round_nobody_decided_ends_at_its_expiry(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy(choice=Wait("人工"))), town.warrant()
    take_event(office, warrant_event(town, warrant))
    town.moment += timedelta(days=4)
    worker(office, unit).work()

    assert (unit.calls, step_of(office, warrant)) == ([], Step.ENDED)


def test_a_register_that_cannot_be_read_is_told_once_and_tried_again(town: Any, kit: Any, unit: Any) -> None:
    log, fail = kit.Log(), [True]

    def source(spec: PopulationSpec) -> OwnerRows:
        if fail[0]:
            raise NotFoundError("没有登记表", "there is no register")
        return OwnerRows(kit.people(5))

    office, warrant = town.office("civil", kit.Policy(source=source), log=log), town.warrant()
    run_to_upload(town, office, unit, warrant)
    worker(office, unit).work()
    assert log.kinds().count("round.fault") == 1
    assert "no register" in office.book.round(warrant.round_id).fault

    fail[0] = False
    worker(office, unit).work()
    assert (unit.sealed, office.book.round(warrant.round_id).fault) == ({"dibao"}, "")


def test_a_bug_met_by_one_round_pauses_that_round_alone_and_only_its_kind_is_told(
    town: Any, kit: Any, unit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, policy = kit.Log(), kit.Policy()
    office, broken, sound = town.office("civil", policy, log=log), town.warrant(), town.warrant()

    def decide(self: Any, verified: Any) -> Approve:
        if verified.round_id == broken.round_id:
            raise ValueError("张三 110101199003070011")
        return Approve("policy")

    monkeypatch.setattr(kit.Policy, "decide", decide)
    for warrant in (broken, sound):
        take_event(office, warrant_event(town, warrant))

    assert worker(office, unit).work() is False

    assert (step_of(office, broken), step_of(office, sound)) == (Step.SEEN, Step.APPROVED)
    fault = office.book.round(broken.round_id).fault
    assert fault == "程序内部错误（ValueError） | internal error (ValueError)"
    assert log.kinds().count("round.fault") == 1 and "张三" not in repr(log.entries)


@pytest.mark.parametrize("part", ["work", "outbox"])
def test_a_bug_beside_the_rounds_keeps_none_of_them_waiting(
    town: Any, kit: Any, unit: Any, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("王五")

    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    monkeypatch.setattr(kit.Policy if part == "work" else type(office.book), part, fail)
    take_event(office, warrant_event(town, warrant))

    assert worker(office, unit).work() is False
    assert step_of(office, warrant) is Step.APPROVED


def test_maps_that_outlive_delivery_are_erased(town: Any, kit: Any, unit: Any) -> None:
    office = town.office("civil", kit.Policy())
    object.__setattr__(office, "keep_maps", timedelta(days=14))
    warrant = town.warrant()
    run_to_upload(town, office, unit, warrant)
    take_event(office, status_event(warrant, "DELIVERED"))
    town.moment += timedelta(days=15)
    worker(office, unit).work()

    assert len(unit.statements) == 1 and step_of(office, warrant) is Step.ENDED


def test_the_requesters_deletion_statement_ends_the_round_here(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    run_to_upload(town, office, unit, warrant)
    for party, expected in (("disabled", 0), ("procuratorate", 1)):
        statement = DeletionStatement(1, warrant.round_id, warrant.digest.hex(), party, (), warrant.issued_at)
        envelope = town.sign(party, LABEL_DELETION, statement.to_bytes())
        event = pb.Event(sequence=4, round_id=warrant.round_id, deletion=pb.SignedDocument(envelope=envelope))
        take_event(office, event)
        worker(office, unit).work()
        assert len(unit.statements) == expected


def test_an_unreachable_coordinator_is_reported_and_tried_again(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    take_event(office, warrant_event(town, warrant))
    broken = TransportError("断", "broken")
    unit.before = lambda call: (_ for _ in ()).throw(broken)
    assert worker(office, unit).work() is True

    unit.before = lambda call: None
    assert worker(office, unit).work() is False
    assert len(unit.decisions) == 1


def test_a_policy_that_takes_back_its_word_stops_the_rows(town: Any, kit: Any, unit: Any) -> None:
    def source(spec: PopulationSpec) -> OwnerRows:
        raise PolicyRefusal("不同意", "not approved")

    office, warrant = town.office("civil", kit.Policy(source=source)), town.warrant()
    run_to_upload(town, office, unit, warrant)

    assert "begin" not in unit.calls
