"""A small office of the procuratorate, and a whole consortium around it on loopback. All people are made up."""

from __future__ import annotations

import csv
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from linkage.audit.log import AuditLog
from linkage.coordinator.config import Config as CoordinatorConfig
from linkage.coordinator.config import Quotas, Times
from linkage.coordinator.running import Coordinator
from linkage.encode.payload import Payload
from linkage.encode.secret import load_party_secret
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.normalise.checkdigit import check_character
from linkage.normalise.person import RawPerson
from linkage.normalise.record import normalise
from linkage.normalise.references import fold_reference
from linkage.owner.choice import Approve, Choice, OwnerRow, OwnerRows
from linkage.owner.contents import ReleaseAnswer
from linkage.owner.database import open_database
from linkage.owner.office import Office
from linkage.owner.participation import Participation
from linkage.owner.relays import OpenedRelay, RelayHead, make_relay
from linkage.owner.session import OwnerSession
from linkage.owner.trail import AuditTrail
from linkage.owner.verifying import VerifiedWarrant
from linkage.rpc.client import connect
from linkage.schema import load_schema
from linkage.warrant import PopulationSpec, RoundWarrant
from procuratorate_node.config import Config, Officer, Screening
from procuratorate_node.locality import Locality, Prefix

COUNTY = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "county-a"
TODAY = date(2026, 10, 31)
NOW = datetime(2026, 10, 31, 8, 0, tzinfo=UTC)
PARTIES = [
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "检察院", "procuratorate", ("parties",)),
    PartySpec("civil", "民政局", "agency", ("dibao", "dibian", "tekun", "child", "card", "monitor", "social_aided")),
    PartySpec("court", "法院", "agency", ("enforcement_creditor", "enforcement_debtor")),
]
OFFICERS = (
    Officer("甲", ("request", "confirm", "reidentify", "refer")),
    Officer("乙", ("approve", "confirm", "release")),
)


@pytest.fixture(scope="session")
def county() -> Path:
    """Return the synthetic county; tests that need it are skipped where it is not there."""
    found = Path(os.environ.get("LINKAGE_COUNTY", COUNTY))
    if not (found / "truth").is_dir():
        pytest.skip("the synthetic county is not here (LINKAGE_COUNTY)")
    return found


def number_of(region: str, birth: str, order: str) -> str:
    """Return a valid 18-digit number of a county that does not exist."""
    first = region + birth + order
    return first + check_character(first)


def write_table(path: Path, heading: str, rows: Sequence[str]) -> None:
    """Write a CSV from comma-separated lines."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerows([heading.split(","), *(row.split(",") for row in rows)])


LI, ZHOU, WU = (number_of("327425", b, o) for b, o in (("19800512", "124"), ("19751120", "241"), ("19660301", "311")))
CASE_HEADING = "案号,案件类别,案由,业务类型,受理日期,案发日期,诉讼阶段,判决文号,案情摘要"
PARTY_HEADING = (
    "当事人编号,案号,角色,姓名,性别,证件号码,出生日期,年龄,住址,联系电话,"
    "与被害人关系,关联被害人编号,是否死亡,伤情,损失金额,赔偿情况"
)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return write_cases(tmp_path / "cases")


def write_cases(folder: Path) -> Path:
    """Write a small cases folder.

    李晓梅 is a victim in c1 (with number) and in c2 (without); c3 has a dead victim and a mother; 吴大海 is the judged
    suspect of c2; 周志强 was aided before.
    """
    folder.mkdir()
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
            "D2,c1,犯罪嫌疑人,钱多多,男,,1990-01-01,,柳湾镇钟桥村3组7号,,,,,,,",
            "D3,c2,被害人,李晓梅,女,,1980-05-12,,柳湾镇钟桥村3组6号,14100000001,,,否,,60000,已全部赔偿",
            f"D4,c2,犯罪嫌疑人,吴大海,男,{WU},,,青塘镇姜寨村1组,,,,,,,",
            "D5,c3,被害人,周小宝,男,,2001-04-05,,石桥镇李坝村7组49号,,,,是,死亡,,",
            f"D6,c3,近亲属,周志强,男,{ZHOU},1975-11-20,,石桥镇李坝村7组49号,14100000003,父亲,D5,,,,",
            "D7,c3,信访人,张某某,男,,,,,,,,,,,",
        ],
    )
    write_table(
        folder / "aided.csv",
        "序号,救助案号,姓名,性别,证件号码,救助对象身份,原案罪名,备注",
        [
            f"J1,救助〔2025〕1号,周志强,男,{ZHOU},近亲属,交通肇事,户籍地云桥县",
            f"J2,救助〔2025〕2号,郑思远,男,{number_of('327926', '20010607', '131')},被害人,盗窃,",
        ],
    )
    return folder


@pytest.fixture
def config(cases: Path, tmp_path: Path) -> Config:
    return office_config(tmp_path / "state", cases)


def office_config(state: Path, cases: Path) -> Config:
    """Return the small office's configuration and make its state folder."""
    state.mkdir(exist_ok=True)
    return Config(
        state=state,
        coordinator="localhost:1",
        cases=cases,
        as_of=TODAY,
        screening=Screening(min_anchor_rows=1, min_register_rows=1, opened_per_day=3, min_asked=1),
        locality=Locality(("云桥",), (Prefix("327024", 1993), Prefix("327425"), Prefix("327926", 1981))),
        officers=OFFICERS,
    )


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one state folder of keys per party."""
    out = tmp_path_factory.mktemp("consortium")
    digests = [load_schema("person-v1").digest]
    now = datetime.now(UTC)
    quickstart(out, consortium="county-test", parties=PARTIES, now=now, random_bytes=os.urandom, schema_digests=digests)
    return out


Register = Mapping[str, Sequence[tuple[RawPerson, str, frozenset[str]]]]  # dataset → (person, reference, tags)


@dataclass(slots=True)
class StandInAgency:
    """An owner that approves everything and answers every release with a made-up value."""

    keys: PartyKeys
    register: Register
    book: Participation
    closed: list[str] = field(default_factory=list)

    def decide(self, verified: VerifiedWarrant) -> Choice:
        return Approve("policy")

    def rows(self, warrant: RoundWarrant, spec: PopulationSpec) -> OwnerRows:
        found = [
            OwnerRow(
                str(at).encode(),
                normalise(raw, as_of=TODAY),
                context=fold_reference(reference) if spec.context else "",
                payload=Payload(tags, "", 0) if spec.payload else None,
            )
            for at, (raw, reference, tags) in enumerate(self.register.get(spec.dataset, ()))
            if not spec.classes or tags & set(spec.classes)
        ]
        return OwnerRows(iter(found), len(found))

    def relay_arrived(self, relay: OpenedRelay) -> None:
        head = relay.head
        if head.kind == "release_request":
            answer = ReleaseAnswer(True, "可以提供", "policy", {"残疾等级": "二级"}).to_content()
            back = RelayHead(
                os.urandom(16).hex(),
                "release_answer",
                head.receiver,
                head.sender,
                round_id=head.round_id,
                in_reply_to=head.relay_id,
            )
            message = make_relay(back, answer, manifest=self.keys.manifest, signing=self.keys.signing)
            self.book.post("release_answer", message.SerializeToString())

    def round_changed(self, round_id: str, state: str, reason: str) -> None:
        self.closed.append(state)

    def work(self) -> None:
        pass


@dataclass(slots=True)
class Days:
    """The clock that every party of a street shares: the real one, so many days ahead as a test says."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class Street:
    """A running coordinator and stand-in agencies; stops everything in the end."""

    consortium: Path
    coordinator: Coordinator
    folder: Path
    days: Days
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"localhost:{self.coordinator.port}"

    def open_agency(self, party: str, register: Register) -> StandInAgency:
        state = self.folder / party
        state.mkdir()
        (state / "keys").symlink_to(self.consortium / party / "keys")
        keys = load_party_keys(state)
        book = Participation(open_database(state / "node.db"))
        log = AuditLog.open(state / "audit", origin=f"test/{party}", signer=keys.signing, clock=lambda: NOW)
        trail = AuditTrail(log, peer="coordinator")
        agency = StandInAgency(keys, register, book)
        office = Office(
            keys=keys,
            secret=load_party_secret(keys),
            book=book,
            trail=trail,
            policy=agency,
            state=state,
            clock=self.days.now,
            monotonic=time.monotonic,
            random_bytes=os.urandom,
        )
        client = connect(self.endpoint, keys, last_leaf=trail.last_leaf, seen=trail.seen)
        self.run(lambda: OwnerSession(office, client, poll_seconds=0.1).run(self.stop))
        return agency

    def run(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        self.threads.append(thread)


@pytest.fixture
def street(consortium: Path, tmp_path: Path) -> Iterator[Street]:
    state = tmp_path / "coordinator"
    state.mkdir()
    (state / "keys").symlink_to(consortium / "coordinator" / "keys")
    times = Times(tick_seconds=1, watch_seconds=60, drain_seconds=2)
    config = CoordinatorConfig(state=state, listen="127.0.0.1:0", quotas=Quotas(free_bytes=0), times=times)
    worker = (sys.executable, str(Path(__file__).with_name("plain_worker.py")))
    days = Days()
    made = Street(consortium, Coordinator(config, clock=days.now, worker=worker), tmp_path, days)
    made.coordinator.start()
    yield made
    made.stop.set()
    for thread in made.threads:
        thread.join(15.0)
    made.coordinator.stop()
