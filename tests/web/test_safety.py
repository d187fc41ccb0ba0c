"""Forged forms, foreign hosts, large bodies, headers, errors, logs: what an office's network may throw at a page."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from starlette.testclient import TestClient

from linkage.web.guards import HEADERS
from linkage.web.rates import Rate


def test_a_form_without_its_sessions_token_does_nothing(visitor: Any, acts: Any) -> None:
    before = visitor.token()
    visitor.sign_in("甲")

    for token in ("", "0" * 64, before):
        assert visitor.client.post("/look", data={"csrf": token, "word": "x"}).status_code == 403
    assert acts == []


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1"},
        {"origin": "https://127.0.0.1:444"},
    ],
)
def test_a_form_from_another_site_does_nothing(visitor: Any, acts: Any, headers: dict[str, str]) -> None:
    visitor.sign_in("甲")

    assert visitor.post("/look", headers=headers, word="x").status_code == 403 and acts == []


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "same-origin", "origin": "null"}, {"origin": "https://127.0.0.1"}]
)
def test_the_sites_own_form_works(visitor: Any, acts: Any, headers: dict[str, str]) -> None:
    visitor.sign_in("甲")

    assert visitor.post("/look", headers=headers, word="x").status_code == 303 and len(acts) == 1


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:443", "", "[::2]"])
def test_a_name_that_is_not_ours_gets_nothing(visitor: Any, host: str) -> None:
    answer = visitor.get("/sign-in", host=host)

    assert answer.status_code == 400 and "csrf" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:7451", "[::1]:7451", "LOCALHOST"])
def test_the_names_of_this_machine_are_ours(visitor: Any, host: str) -> None:
    assert visitor.get("/sign-in", host=host).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/look", "/nowhere", "/static/style.css", "/session"])
def test_every_answer_carries_the_headers(visitor: Any, path: str) -> None:
    headers = visitor.get(path).headers

    expected = dict(HEADERS)
    if path.startswith("/static/"):
        expected.pop("Cache-Control")
    assert {name: headers[name] for name in expected} == expected
    assert "unsafe" not in headers["content-security-policy"] and "server" not in headers


@pytest.mark.parametrize("path", ["/sign-in", "/"])
def test_no_page_holds_a_script_or_a_style_of_its_own(visitor: Any, path: str) -> None:
    visitor.sign_in("甲")
    page = visitor.get(path).text

    assert "<style" not in page and " style=" not in page and " onclick=" not in page
    assert page.count("<script") == page.count("<script src=")


def test_a_body_beyond_its_bound_is_not_read(visitor: Any, acts: Any) -> None:
    visitor.sign_in("甲")
    answer = visitor.post("/look", word="x" * (64 * 1024))

    assert answer.status_code == 429 and acts == [] and "64 KiB" in answer.text


def test_a_body_that_hides_its_length_is_cut_off_too(visitor: Any, acts: Any) -> None:
    visitor.sign_in("甲")
    parts = iter([b"csrf=" + visitor.token().encode() + b"&word=", *[b"x" * 1024] * 100])
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = visitor.client.post("/look", content=parts, headers=kind)

    assert answer.status_code == 429 and acts == []


@pytest.mark.parametrize(("name", "path"), [("", "/large"), ("甲", "/sign")])
def test_nothing_is_read_of_a_form_whose_sender_is_not_admitted(visitor: Any, name: str, path: str) -> None:
    if name:
        visitor.sign_in(name)
    kind = {"content-type": "multipart/form-data; boundary=x"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linkage.web.endpoint.read_form", lambda *_: pytest.fail("the form was read"))
        answer = visitor.client.post(path, content=b"x" * 1024, headers=kind)

    assert answer.status_code == (403 if name else 303)


def test_a_route_may_take_a_larger_file(visitor: Any, acts: Any) -> None:
    visitor.sign_in("甲")
    fields, files = {"csrf": visitor.token()}, {"file": ("a.csv", b"x" * 200_000)}

    assert visitor.client.post("/large", data=fields, files=files).status_code == 303
    assert visitor.client.post("/large", data=fields, files={"file": ("a", b"x" * (2 << 20))}).status_code == 429
    assert acts == [("甲", "", True)]


def test_requests_of_one_address_are_bounded(visitor: Any) -> None:
    visitor.site.requests = Rate(2, 60, monotonic=lambda: 0.0)
    client = TestClient(visitor.site.application(), base_url="https://127.0.0.1")

    assert [client.get("/csp-report").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/static/style.css").status_code == 200


def test_a_failure_says_nothing_of_what_it_met(visitor: Any, caplog: pytest.LogCaptureFixture) -> None:
    visitor.sign_in("甲")
    with caplog.at_level(logging.INFO, logger="linkage"):
        answer = visitor.get("/crash?q=secret-word")

    assert answer.status_code == 500 and "张三" not in answer.text
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("linkage"))
    assert "张三" not in said and "secret-word" not in said and "ValueError" in said
    assert "GET /crash 500" in said


def test_a_page_without_its_database_says_so_and_to_try_again(visitor: Any) -> None:
    visitor.sign_in("甲")
    answer = visitor.get("/without-database")

    assert answer.status_code == 503 and "张三" not in answer.text
    assert "数据库暂时没有应答" in answer.text and "稍后再试" in answer.text


def test_an_address_that_somebody_typed_is_not_logged(visitor: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="linkage"):
        assert visitor.get("/clues/11010519491231002X").status_code == 404

    ours = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("linkage"))
    assert "GET - 404" in ours and "11010519491231002X" not in ours  # The tests' own browser may log what it asks.


@pytest.mark.parametrize("path", ["/nowhere", "/sign-out"])
def test_an_unknown_page_says_so_as_a_page(visitor: Any, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 404 and "没有这个页面" in answer.text


def test_what_browsers_blocked_is_counted_and_not_read(visitor: Any) -> None:
    visitor.client.post("/csp-report", content=b'{"csp-report": {"blocked-uri": "https://evil.example"}}')

    assert visitor.get("/csp-report").json() == {"violations": 1}


def test_texts_are_escaped_and_come_in_the_chosen_language(visitor: Any) -> None:
    visitor.sign_in("甲")
    assert "中文&lt;b&gt;" in visitor.get("/").text
    answer = visitor.post("/language", language="en", back="/look?page=2")

    assert answer.headers["location"] == "/look?page=2"
    assert "English &lt;b&gt;" in visitor.get("/").text and 'lang="en"' in visitor.get("/").text


@pytest.mark.parametrize("back", ["https://evil.example/x", "//evil.example", "javascript:alert(1)", ""])
def test_no_form_sends_a_browser_to_another_site(visitor: Any, back: str) -> None:
    location = visitor.post("/language", language="en", back=back).headers["location"]

    assert location.startswith("/") and not location.startswith("//") and "evil.example/" not in location


def test_what_a_form_said_is_shown_once_on_the_next_page(visitor: Any) -> None:
    visitor.sign_in("甲")
    visitor.post("/look", word="x")

    assert "办好了" in visitor.get("/").text and "办好了" not in visitor.get("/").text
