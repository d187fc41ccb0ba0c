"""The gate before every page and every form, and who acts in an exercise."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_forbidden_action_is_refused_in_the_log_and_on_the_page(visitor: Any, acts: Any) -> None:
    visitor.sign_in("甲")
    answer = visitor.post("/sign", word="x")

    kind, facts = visitor.desk.entries[-1]
    assert (answer.status_code, acts) == (403, [])
    assert (kind, facts["action"], facts["account"]) == ("action.refused", "sign", "甲")
    assert "无权执行" in answer.text and "经办人没有这项权限" in answer.text and "可以做的角色：科长" in answer.text
    assert "clerk" not in answer.text and "chief" not in answer.text, "people read titles; the log has the ids"


def test_what_has_no_row_nobody_may(visitor: Any, acts: Any) -> None:
    visitor.sign_in("甲")

    assert visitor.post("/unlisted").status_code == 403 and acts == []


def test_who_is_signed_in_acts_whatever_the_form_says(visitor: Any, acts: Any) -> None:
    visitor.sign_in("甲")
    answer = visitor.post("/look", by="乙", word="x")

    assert answer.status_code == 303 and acts == [("甲", "x", False)]


def test_without_accounts_nothing_is_shown(arrive: Any) -> None:
    visitor = arrive()

    assert visitor.get("/look").status_code == 403
    assert "accounts add" in visitor.get("/sign-in").text


def test_an_exercise_asks_who_acts(arrive: Any, desk: Any, acts: Any) -> None:
    desk.single_user = True
    visitor = arrive()
    visitor.site.gate = desk.site().gate

    assert visitor.get("/look").status_code == 200
    assert visitor.post("/look", word="x").status_code == 422
    assert visitor.post("/look", word="x", by="甲").status_code == 303
    assert acts == [("甲", "x", False)]


def test_an_exercise_is_over_once_there_is_an_account(arrive: Any, desk: Any) -> None:
    desk.single_user = True
    desk.add("甲", "clerk")
    visitor = arrive()
    visitor.site.gate = desk.site().gate

    assert visitor.get("/look").status_code == 303


@pytest.mark.parametrize(("role", "shown"), [("clerk", False), ("chief", True)])
def test_pages_know_what_the_visitor_may(visitor: Any, role: str, shown: bool) -> None:
    assert visitor.site.may("sign", role) is shown and visitor.site.may("unheard-of", role) is False
