"""Signing in on a page: the rules are the commands' own, the cookie keeps them, and asking by itself is no use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from linkage.accounts.proofs import code_at
from linkage.accounts.sessions import IDLE_SECONDS
from linkage.web.rates import Rate

PASSWORD = "正确的马电池订书钉-42"  # What every account of the trial site has.


def test_nobody_signed_in_is_sent_to_sign_in(visitor: Any) -> None:
    answer = visitor.get("/look")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_both_factors_sign_in_with_a_cookie_no_script_can_read(visitor: Any) -> None:
    answer = visitor.sign_in("甲")

    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303 and cookie.startswith("__Host-civil-session=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "max-age" not in cookie.lower() and "domain" not in cookie.lower()
    assert visitor.get("/look").text == "甲"
    assert visitor.desk.kinds() == ["account.signed-in"]


@pytest.mark.parametrize(("password", "code"), [("wrong", None), ("正确的马电池订书钉-42", "000000")])
def test_a_wrong_attempt_shows_the_form_again_and_is_in_the_log(visitor: Any, password: str, code: str | None) -> None:
    answer = visitor.sign_in("甲", password=password, code=code)

    assert answer.status_code == 422 and password not in answer.text
    assert visitor.desk.kinds() == ["account.refused"] and visitor.get("/look").status_code == 303


def test_signing_in_elsewhere_ends_the_first_session(arrive: Any, desk: Any) -> None:
    desk.add("甲", "clerk")
    first, second = arrive(), arrive()
    first.sign_in("甲")
    second.sign_in("甲")

    assert first.get("/look").status_code == 303 and second.get("/look").text == "甲"


def test_a_command_and_a_page_share_one_session_of_an_account(visitor: Any) -> None:
    visitor.sign_in("甲")
    visitor.desk.later(seconds=60)
    code = code_at(bytes.fromhex(visitor.desk.book.get("甲").secret), visitor.desk.moment)
    visitor.site.gate.sessions.sign_in("甲", password=PASSWORD, code=code)

    assert visitor.get("/look").status_code == 303


def test_an_idle_session_ends_and_says_so(visitor: Any) -> None:
    visitor.sign_in("甲")
    visitor.desk.later(seconds=IDLE_SECONDS + 1)

    assert visitor.get("/look").headers["location"] == "/sign-in"
    assert "登录已过期" in visitor.get("/sign-in").text
    assert "登录已过期" not in visitor.get("/sign-in").text, "it is said once"


def test_what_a_page_asks_by_itself_does_not_keep_a_session(visitor: Any) -> None:
    visitor.sign_in("甲")
    visitor.desk.later(seconds=IDLE_SECONDS)
    assert visitor.get("/watch").text == "seen" and visitor.get("/session").json() == {"left": 0}
    visitor.desk.later(seconds=1)

    answer = visitor.get("/watch")
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/sign-in")
    assert visitor.get("/session").json() == {"left": 0}


def test_the_page_knows_how_long_its_session_lasts(visitor: Any) -> None:
    visitor.sign_in("甲")
    visitor.desk.later(seconds=100)

    assert visitor.get("/session").json() == {"left": IDLE_SECONDS - 100}


def test_signing_out_ends_the_session_and_its_cookie(visitor: Any) -> None:
    visitor.sign_in("甲")
    kept = dict(visitor.client.cookies)
    visitor.post("/sign-out")
    visitor.client.cookies.update(kept)

    assert visitor.get("/look").status_code == 303, "a cookie that was copied is worth nothing"
    assert visitor.desk.kinds() == ["account.signed-in", "account.signed-out"]


def test_a_disabled_account_is_out_at_once(visitor: Any) -> None:
    visitor.sign_in("甲")
    visitor.desk.book.change("甲", lambda account: replace(account, enabled=False))

    assert visitor.get("/look").status_code == 303


@pytest.mark.parametrize(
    "cookie", ["", "x", "00.zz", "00." + "甲".encode().hex(), "0" * 64 + "." + "甲".encode().hex()]
)
def test_a_forged_cookie_is_nobodys(visitor: Any, cookie: str) -> None:
    visitor.client.cookies.set("__Host-civil-session", cookie)

    assert visitor.get("/look").status_code == 303


def test_sign_in_attempts_are_bounded(visitor: Any) -> None:
    visitor.site.sign_ins = Rate(2, 60, monotonic=lambda: 0.0)
    answers = [visitor.post("/sign-in", name="乙", password="x", code="1") for _ in range(3)]

    assert ["太频繁" in answer.text for answer in answers] == [False, False, True]
    assert len(visitor.desk.entries) == 2
