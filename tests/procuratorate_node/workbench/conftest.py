"""The workbench of a small office with real accounts, and visitors without a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx import Response as Answer
from starlette.testclient import TestClient

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.gate import SINGLE_USER
from linkage.accounts.proofs import code_at, hash_password
from linkage.web.site import Site
from procuratorate_node.node import Node
from procuratorate_node.rights import ROLES
from procuratorate_node.workbench.governance import figures
from procuratorate_node.workbench.rounds import acting
from procuratorate_node.workbench.screening import estimating
from procuratorate_node.workbench.serving import open_workbench
from tests.procuratorate_node.test_command import TOML

PASSWORD = "正确的马电池订书钉-42"
HASHED = hash_password(PASSWORD, os.urandom)  # Once: it is slow on purpose.
SECRET = bytes(range(20))
PEOPLE = {"甲": "case-officer", "乙": "approver", "审计": "auditor", "系统": "system-administrator"}
ORDER = """
[[standing]]
id = "monthly"
models = ["SX-1"]
reference = "月度筛查"
every = "month"
expires = 2099-12-31
max_rounds = 12
"""


@dataclass(slots=True)
class Visitor:
    """Somebody signed in: keeps cookies, sends forms with the page's own token."""

    client: TestClient
    site: Site

    @property
    def node(self) -> Node:
        assert isinstance(self.site.node, Node)
        return self.site.node

    def get(self, path: str) -> Answer:
        answer: Answer = self.client.get(path)
        return answer

    def post(self, path: str, **fields: str) -> Answer:
        answer: Answer = self.client.post(path, data={"csrf": self.token(), **fields})
        return answer

    def token(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.client.get("/").text or "")
        found = found or re.search(r'name="csrf" value="([0-9a-f]{64})"', self.client.get("/sign-in").text)
        assert found
        return found[1]


Arrive = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages wait for their jobs on a slow machine too; who tries what takes long says so."""
    for pages in (acting, estimating, figures):
        monkeypatch.setattr(pages, "PATIENCE_SECONDS", 60)


@pytest.fixture
def arrive(cases: Path, consortium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arrive:
    """Return what brings somebody with an account to the workbench, signed in."""
    monkeypatch.delenv(SINGLE_USER, raising=False)
    state = tmp_path / "state"
    state.mkdir(exist_ok=True)
    (state / "keys").symlink_to(consortium / "procuratorate" / "keys")
    file = tmp_path / "procuratorate.toml"
    file.write_text(TOML.replace('"reidentify"]', '"reidentify", "search"]') + ORDER, "utf-8")
    book = AccountBook(state, ROLES)
    for name, role in PEOPLE.items():
        book.add(Account(name, role, HASHED, SECRET.hex()))
    site = open_workbench(file)

    def arrived(name: str) -> Visitor:
        client = TestClient(site.application(), base_url="https://127.0.0.1", follow_redirects=False)
        visitor = Visitor(client, site)
        code = code_at(SECRET, site.gate.sessions.clock())
        answer = visitor.post("/sign-in", name=name, password=PASSWORD, code=code)
        assert answer.status_code == 303, answer.text
        return visitor

    return arrived
