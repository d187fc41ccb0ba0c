"""An agency with real keys and a small fictitious register, over the owners' consortium."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agency_node.config import Config
from agency_node.datasets import Registers
from agency_node.decisions import Decisions
from agency_node.desk import AgencyDesk
from agency_node.referrals import Referrals, send_statuses
from agency_node.releases import ReleaseDesk, Releases
from linkage.encode.secret import load_party_secret
from linkage.owner.database import open_database
from linkage.owner.office import Office
from linkage.owner.participation import Participation
from linkage.owner.trail import AuditTrail
from tests.owner.conftest import FakeUnit, Log, Town, consortium, kit, town, unit

__all__ = ["consortium", "kit", "town", "unit"]

TITLES = ["成员姓名", "成员身份证号", "性别", "出生日期", "联系电话", "家庭住址", "低保类别", "起始年月", "状态"]
POLICY = """
[[allow]]
name = "司法救助"
requesters = ["procuratorate"]
purposes = ["司法救助线索筛查"]
models = ["M1", "M2"]
datasets = ["dibao"]
fields = ["name", "birth", "sex", "address"]
tags = ["DIBAO"]
min_rows = 10
min_anchor_rows = 1
per_day = 3
per_30_days = 5
overlap_days = 0
bucket = 0
mode = "auto"
valid_until = "2027-12-31"

[[release]]
name = "核实"
requesters = ["procuratorate"]
datasets = ["dibao"]
fields = ["kind", "start"]
per_day = 2
mode = "auto"
valid_until = "2027-12-31"
"""


def secret_name(i: int) -> str:
    """Return the name of person i of the register: no test output or file may show it."""
    return "赵钱孙李周"[i % 5] + chr(0x6000 + i) + "秘"


def write_register(folder: Path, count: int, *, month: str = "202610") -> None:
    """Write a fictitious register of `count` persons."""
    folder.mkdir(exist_ok=True)
    with (folder / f"低保对象_{month}.csv").open("w", encoding="utf-8", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(TITLES)
        for i in range(count):
            birth = f"{1950 + i % 50}-{1 + i % 12:02d}-{1 + i % 28:02d}"
            place = f"示例县青塘镇{chr(0x5000 + i % 30)}村{i}号"
            phone = f"199000{i:05d}"
            rows.writerow([secret_name(i), "", "男女"[i % 2], birth, phone, place, "农村", "202401", "在享"])


@dataclass(slots=True)
class Agency:
    """One agency node without its network: desk, office, stores, register folder."""

    town: Town
    folder: Path
    unit: FakeUnit
    log: Log = field(default_factory=Log)

    @property
    def config(self) -> Config:
        return Config(
            folder=self.folder,
            state=self.folder,
            coordinator="localhost:1",
            data=self.folder / "register",
            policy=self.folder / "policy.toml",
            operators=("值班员甲",),
            today="2026-10-31",
        )

    def write_policy(self, text: str) -> None:
        (self.folder / "policy.toml").write_text(text, "utf-8")

    def registers(self) -> Registers:
        day = self.config.day(self.town.moment.date())
        return Registers(self.config.data, today=day, datasets=("dibao", "tekun"), config=self.folder)

    def open(self) -> tuple[AgencyDesk, Office, Decisions]:
        """Return desk, office and decisions, as a new process would have them."""
        keys = self.town.keys("civil")
        book = Participation(open_database(self.folder / "node.db"))
        decisions, releases, referrals = Decisions(book.engine), Releases(book.engine), Referrals(book.engine)
        desk = AgencyDesk(
            "civil",
            decisions,
            releases=releases,
            referrals=referrals,
            policy_file=self.config.policy,
            open_registers=self.registers,
            clock=lambda: self.town.moment,
        )
        office = Office(
            keys=keys,
            secret=load_party_secret(keys),
            book=book,
            trail=AuditTrail(self.log, peer="coordinator"),
            policy=desk,
            state=self.folder,
            clock=lambda: self.town.moment,
            monotonic=time.monotonic,
            random_bytes=os.urandom,
            keep_maps=timedelta(days=30),
        )
        answers = ReleaseDesk(office, releases, policy=desk.policy, registers=desk.registers)

        def chores() -> None:
            answers.work()
            send_statuses(office, referrals)

        desk.chores = chores
        return desk, office, decisions


@pytest.fixture
def agency(town: Any, unit: Any, tmp_path: Path) -> Agency:
    folder = tmp_path / "agency"
    folder.mkdir()
    write_register(folder / "register", 30)
    made = Agency(town, folder, unit)
    made.write_policy(POLICY)
    return made


@pytest.fixture
def name_of() -> Callable[[int], str]:
    return secret_name


@pytest.fixture
def rewrite_register() -> Callable[..., None]:
    return write_register
