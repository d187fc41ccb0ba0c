"""A procuratorate's referrals over real keys, a real database and a small folder of cases. All people are made up."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linkage.audit.log import AuditLog
from linkage.keys.store import load_party_keys
from linkage.owner.database import open_database
from linkage.owner.participation import Participation
from linkage.owner.referrals import Answer, Referral, ReferralState, ReferralStatus
from linkage.owner.relays import OpenedRelay, RelayHead, make_relay, open_relay
from linkage.owner.trail import AuditTrail
from linkage.plan import Verdict
from linkage.rpc.v1 import linkage_pb2 as pb
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.clues import CONFIRMED, ClueBook, make_clue
from procuratorate_node.colour_table import shipped_colour_table
from procuratorate_node.config import Config, OfficeFacts, Officer
from procuratorate_node.letters.templates import shipped_templates
from procuratorate_node.outcome import ClueRow
from procuratorate_node.referrals import desk
from procuratorate_node.referrals.catalogue import parse_catalogue, shipped_text
from procuratorate_node.referrals.states import State
from procuratorate_node.referrals.table import ReferralTable, StoredReferral
from procuratorate_node.referrals.worklist import UnmatchedTable
from procuratorate_node.referrals.workplace import Workplace
from procuratorate_node.store import Store
from procuratorate_node.working_days import shipped_calendar
from tests.procuratorate_node.conftest import CASE_HEADING, LI, PARTY_HEADING, TODAY, WU, number_of, write_table

MONDAY = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
YAN, HE = number_of("327425", "20100303", "226"), number_of("327425", "19700707", "248")
OFFICERS = (
    Officer("甲", ("refer", "confirm", "reidentify", "supervise")),
    Officer("乙", ("approve",)),
    Officer("丙", ("confirm",)),
)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """李晓梅 is gravely hurt (c1), 郑小燕 is 16 (c4, sexual), 何秀兰 ill-treated at home (c5), 孙一凡 ageless (c7)."""
    folder = tmp_path / "cases"
    folder.mkdir()
    summary = "被害人住院手术，医疗费无着，无收入来源。"
    write_table(
        folder / "cases.csv",
        CASE_HEADING,
        [
            f"c1,刑事,故意伤害罪,,2026-01-05,2025-12-30,审查起诉,,{summary}",
            "c4,未检,强奸罪,,2026-02-05,2026-01-02,审查起诉,,",
            "c5,刑事,虐待罪,,2026-02-05,2026-01-02,审查起诉,,",
            "c6,刑事,盗窃罪,,2026-02-05,2026-01-02,已判决,（2026）江7425刑初9号,",
            "c7,刑事,故意伤害罪,,2026-02-05,2026-01-02,审查起诉,,",
        ],
    )
    write_table(
        folder / "parties.csv",
        PARTY_HEADING,
        [
            f"D1,c1,被害人,李晓梅,女,{LI},1980-05-12,,柳湾镇钟桥村3组6号,14100000001,,,否,重伤二级,,尚未赔偿",
            f"D2,c4,被害人,郑小燕,女,{YAN},,,柳湾镇钟桥村4组1号,14100000002,,,否,,,尚未赔偿",
            f"D3,c5,被害人,何秀兰,女,{HE},,,石桥镇李坝村2组8号,14100000003,,,否,轻伤一级,,",
            f"D4,c6,犯罪嫌疑人,吴大海,男,{WU},,,青塘镇姜寨村1组,,,,,,,",
            "D5,c6,被害人,冯小满,男,,1990-01-01,,青塘镇姜寨村2组,,,,否,,60000,",
            "D6,c7,被害人,孙一凡,男,,,,青塘镇姜寨村3组,14100000005,,,否,重伤一级,,尚未赔偿",
        ],
    )
    return folder


@dataclass(slots=True)
class Bureau:
    """The workplace, its case files, and the unit on the other side."""

    place: Workplace
    work: Casework
    config: Config
    civil: Any
    opened: set[str]

    def clue(self, case: str = "c1", row: str = "D1", *, tags: tuple[str, ...] = (), model: str = "SX-1") -> str:
        """Put a confirmed and opened clue into the book; return its id."""
        ref = RowRef(Source.PARTIES, case, row)
        person = "" if model == "WD-3" else "p"
        found = ClueRow(model, case, person, (ref,), Verdict.YES, "A", tags)
        clue = replace(make_clue(found, self.work.facts, locality=None), status=CONFIRMED, decided_by="甲")
        self.place.book.add(clue, "r1")
        self.opened.add(clue.clue_id)
        return clue.clue_id

    def drafted(self, service: str = "temporary", clue: str = "", **wish: Any) -> StoredReferral:
        wished = desk.Wish(clue or self.clue(), service, **wish)
        return desk.draft(self.place, wished, self.work, by="甲", now=MONDAY)

    def sent(self, service: str = "temporary", **wish: Any) -> StoredReferral:
        found = self.drafted(service, **wish)
        desk.approve(self.place, found.referral_id, by="乙", now=MONDAY)
        return desk.send(self.place, found.referral_id, by="甲", now=MONDAY)[0]

    def outbox(self) -> list[pb.Relay]:
        return [pb.Relay.FromString(w.message) for w in Participation(self.place.table.engine).outbox()]

    def at_the_unit(self) -> list[Referral]:
        """Return what the unit reads of everything in our outbox."""
        keys = self.civil
        opened = [open_relay(m, manifest=keys.manifest, recipient=keys.recipient) for m in self.outbox()]
        return [Referral.from_content(found.content) for found in opened]

    def status(
        self,
        relay_id: str,
        state: ReferralState,
        *,
        sender: str = "civil",
        reason: str = "",
        answer: Answer | None = None,
    ) -> OpenedRelay:
        """Return a status as it arrives from the unit."""
        told = ReferralStatus(state, reason, "值班员", "2026-11-03T00:00:00Z", answer or Answer())
        head = RelayHead(os.urandom(16).hex(), "referral_status", sender, "procuratorate", in_reply_to=relay_id)
        message = make_relay(head, told.to_content(), manifest=self.civil.manifest, signing=self.civil.signing)
        keys = self.place.keys
        if sender != "civil":
            return OpenedRelay(head, told.to_content(), b"")
        return open_relay(message, manifest=keys.manifest, recipient=keys.recipient)

    def state(self, found: StoredReferral) -> State:
        return self.place.table.named(found.referral_id).state

    def log(self) -> str:
        return (self.config.state / "audit" / "entries.jsonl").read_text("utf-8")


@pytest.fixture
def bureau(config: Config, consortium: Path, database: str) -> Bureau:
    keys = config.state / "keys"
    keys.symlink_to(consortium / "procuratorate" / "keys")
    own = load_party_keys(config.state)
    config = replace(
        config, database=database, officers=OFFICERS, office=OfficeFacts(name="示例县人民检察院", mark="示检")
    )
    log = AuditLog.open(config.state / "audit", origin="test/p", signer=own.signing, clock=lambda: MONDAY)
    store, opened = Store(open_database(config.place)), set[str]()
    Participation(store.engine)  # The outbox.
    catalogue = shipped_text().replace(b'party = "civil_affairs"', b'party = "civil"')
    place = Workplace(
        table=ReferralTable(store.engine),
        worklist=UnmatchedTable(store.engine),
        book=ClueBook(store),
        was_opened=opened.__contains__,
        trail=AuditTrail(log, peer="coordinator"),
        keys=own,
        config=config,
        catalogue=parse_catalogue(catalogue, name="catalogue.toml"),
        templates=shipped_templates(),
        calendar=shipped_calendar(),
        colours=shipped_colour_table(),
        random_bytes=os.urandom,
    )
    return Bureau(place, load_casework(config, today=TODAY), config, load_party_keys(consortium / "civil"), opened)
