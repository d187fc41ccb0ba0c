"""Over real gRPC: a referral is answered, the next round finds the person in the register, and it is verified."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from linkage.normalise.person import RawPerson
from linkage.owner.referrals import Answer, ReferralState, ReferralStatus
from linkage.owner.relays import RelayHead, make_relay
from linkage.warrant import utc_text
from procuratorate_node.clues import CONFIRMED
from procuratorate_node.config import Config, OfficeFacts, Officer
from procuratorate_node.node import Node, serve
from procuratorate_node.referrals import desk
from procuratorate_node.referrals.catalogue import shipped_text
from procuratorate_node.referrals.states import State
from procuratorate_node.referrals.worklist import Visit
from tests.procuratorate_node.conftest import LI, StandInAgency, Street
from tests.procuratorate_node.test_whole_round import CIVIL, opened, screened, wait_for

Row = tuple[RawPerson, str, frozenset[str]]
OTHER: Row = (RawPerson(name="赵无关", birth="1955-05-05", sex="男"), "", frozenset({"DIBAO"}))
SHE: Row = (RawPerson(name="李晓梅", id_number=LI), "", frozenset({"DIBAO"}))
OFFICERS = (Officer("甲", ("request", "confirm", "reidentify", "refer")), Officer("乙", ("approve",)))


def referred(node: Node, clue: str) -> str:
    now = datetime.now(UTC)
    opening = node.desk.request(clue, by="甲", reason="转介", now=now)
    work = node.casework()
    node.desk.approve(opening, by="乙", now=now, file=work.read.file, person_of=work.facts.person_of)
    found = desk.draft(node.workplace, desk.Wish(clue, "dibao"), work, by="甲", now=now)
    desk.approve(node.workplace, found.referral_id, by="乙", now=now)
    return desk.send(node.workplace, found.referral_id, by="甲", now=now)[0].referral_id


def answer_all(agency: StandInAgency, relay: str, states: Sequence[ReferralState]) -> None:
    for number, state in enumerate(states):
        given = Answer("纳入低保", "2026-11-20", "") if state == "DONE" else Answer()
        status = ReferralStatus(state, "", "值班员", utc_text(datetime.now(UTC)), given)
        head = RelayHead(f"{number:032x}", "referral_status", "civil", "procuratorate", in_reply_to=relay)
        keys = agency.keys
        message = make_relay(head, status.to_content(), manifest=keys.manifest, signing=keys.signing)
        agency.book.post("referral_status", message.SerializeToString())


def test_the_next_round_verifies_what_the_unit_said_and_lists_whom_no_register_knew(
    config: Config, street: Street, tmp_path: Path
) -> None:
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_bytes(shipped_text().replace(b'party = "civil_affairs"', b'party = "civil"'))
    config = replace(config, officers=OFFICERS, office=OfficeFacts(catalogue=catalogue))
    register = dict(CIVIL) | {"dibao": [OTHER]}
    agency = street.open_agency("civil", register)
    node, stop = opened(config, street), threading.Event()
    street.run(lambda: serve(node, stop))
    try:
        assert screened(node, ["SX-1"], "a" * 32) == "DELIVERED"
        (clue,) = node.book.list(model="SX-1")
        assert clue.tags == ("MONITOR_2",)
        assert {u.case_number for u in node.workplace.worklist.all(Visit.OPEN)} >= {"c7"}
        assert "c1" not in {u.case_number for u in node.workplace.worklist.all()}

        node.book.decide(clue.clue_id, status=CONFIRMED, by="甲", reason="", at="2026-11-01T00:00:00Z")
        referral = referred(node, clue.clue_id)
        table = node.workplace.table
        wait_for(lambda: not node.participation.outbox())
        answer_all(agency, table.named(referral).relay_id, ("RECEIVED", "ACCEPTED", "DONE"))
        wait_for(lambda: table.named(referral).state is State.DONE)

        register["dibao"] = [OTHER, SHE]
        assert screened(node, ["SX-1"], "b" * 32) == "DELIVERED"
        found = table.named(referral)
        assert (found.state, found.evidence) == (State.VERIFIED, f"round:{'b' * 32} DIBAO")
    finally:
        stop.set()
