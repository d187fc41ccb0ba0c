"""One office for the tests of a file, and its people at pages without a browser, signed in with both factors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from httpx import Response as Answer
from starlette.testclient import TestClient

from linkage.accounts.proofs import code_at
from linkage.web.guards import Guards
from procuratorate_node.workbench.serving import open_workbench
from tests.procuratorate_node.workbench.clues.office import PASSWORD, SECRET, SmallOffice, make_office


@dataclass(slots=True)
class Visitor:
    """One person at the site; sends forms with the page's own token, follows the redirect after them."""

    client: TestClient
    name: str
    csrf: str = field(default="", repr=False)

    def get(self, path: str) -> Answer:
        answer: Answer = self.client.get(path)
        return answer

    def post(self, path: str, data: Mapping[str, str] | None = None, **fields: str) -> Answer:
        sent = {"csrf": self.csrf, **(data or {}), **fields}
        answer: Answer = self.client.post(path, data=sent, follow_redirects=True)
        return answer

    def sign_in(self) -> None:
        self.csrf = self._token()
        code = code_at(SECRET, datetime.now(UTC))
        answer = self.post("/sign-in", name=self.name, password=PASSWORD, code=code)
        assert answer.status_code == 200 and self.name in answer.text, answer.text
        self.csrf = self._token()

    def _token(self) -> str:
        page = self.client.get("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
        assert found
        return found[1]


@dataclass(slots=True)
class Site:
    """The office's pages and who is signed in there."""

    office: SmallOffice
    application: Guards
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, name: str) -> Visitor:
        """Return a person signed in; everybody signs in once."""
        if name not in self.visitors:
            client = TestClient(self.application, base_url="https://127.0.0.1", follow_redirects=False)
            self.visitors[name] = Visitor(client, name)
            self.visitors[name].sign_in()
        return self.visitors[name]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    office = make_office(tmp_path_factory.mktemp("office"))
    return Site(office, open_workbench(office.file).application())
