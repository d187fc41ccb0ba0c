"""The page that shows a new account's second factor: once, as a picture too, and never kept by the browser."""

from __future__ import annotations

import html
import re
from typing import Any

from starlette.testclient import TestClient

from linkage.accounts.desk import SECURITY
from linkage.accounts.picture import page_picture
from linkage.web import accounts
from tests.web.conftest import PASSWORD, Visitor


def test_a_new_accounts_second_factor_is_shown_once_as_link_words_and_picture(desk: Any) -> None:
    desk.add("管理", SECURITY)
    site = desk.site()
    site.sections += (accounts.SECTION,)
    client = TestClient(site.application(), base_url="https://127.0.0.1", follow_redirects=False)
    keeper = Visitor(desk, client, site)
    keeper.sign_in("管理")

    answer = keeper.post("/accounts/add", name="新人", role="clerk", password=f"{PASSWORD}-新")
    (uri,) = {html.unescape(found) for found in re.findall(r"otpauth://[^<]+", answer.text)}

    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert page_picture(uri) in answer.text and 'aria-label="动态码密钥的二维码"' in answer.text
    listed = keeper.get("/accounts").text
    assert "新人" in listed and "otpauth" not in listed and "<figure" not in listed
