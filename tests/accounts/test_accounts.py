"""Passwords, codes, locks, sessions and the gate: two factors, one role, and every refusal in the log."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from linkage.accounts.book import FAILURES, FILE, LOCKED_SECONDS, Account
from linkage.accounts.proofs import (
    check_password,
    code_at,
    enrolment_uri,
    hash_password,
    is_password,
    step_of_code,
    typed_secret,
)
from linkage.accounts.sessions import IDLE_SECONDS, LONGEST_SECONDS
from linkage.errors import ConfigError, InputError, KeyMaterialError, PermissionRefused
from tests.accounts.conftest import HASHED, PASSWORD, SECRET

# RFC 6238, appendix B, SHA-1: seconds → eight digits; ours are the last six of them.
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize("seconds", VECTORS)
def test_codes_are_those_of_rfc_6238(seconds: int) -> None:
    secret = b"12345678901234567890"

    assert TOTP(secret, 8, hashes.SHA1(), 30).generate(seconds).decode() == VECTORS[seconds]
    assert code_at(secret, datetime.fromtimestamp(seconds, UTC)) == VECTORS[seconds][-6:]


@pytest.mark.parametrize(("ahead", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_may_be_one_step_off(ahead: int, taken: bool) -> None:
    now = datetime.fromtimestamp(1_800_000_000, UTC)
    shown = code_at(SECRET, datetime.fromtimestamp(1_800_000_000 + ahead, UTC))

    assert (step_of_code(SECRET, shown, now) is not None) is taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000 "])
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of_code(SECRET, code, datetime.fromtimestamp(1_800_000_000, UTC)) is None


def test_a_password_is_kept_as_argon2id_with_its_own_salt() -> None:
    assert HASHED.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password(PASSWORD, HASHED) and not is_password(PASSWORD + "x", HASHED)
    assert hash_password(PASSWORD, os.urandom) != HASHED


@pytest.mark.parametrize("password", ["", "short-1", "aaaaaaaaaaaaaaaa", "甲的密码是甲自己知道", "x" * 129])
def test_a_weak_password_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(InputError) as caught:
        check_password(password, name="甲")

    assert not password or password not in str(caught.value)


def test_the_second_factor_is_shown_as_devices_take_it() -> None:
    assert enrolment_uri(b"12345678901234567890", issuer="node", name="甲").startswith(
        "otpauth://totp/node%3A%E7%94%B2?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=node"
    )
    assert typed_secret(b"12345678901234567890") == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_both_factors_sign_in_and_the_session_file_is_private(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")

    assert office.sessions.current().name == "甲"
    assert (office.state / "session").stat().st_mode & 0o777 == 0o600
    assert (office.state / FILE).stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in (office.state / FILE).read_text("utf-8")
    token = (office.state / "session").read_text().split()[0]
    assert token not in (office.state / FILE).read_text("utf-8"), "the book holds the token's hash only"
    assert office.kinds() == ["account.signed-in"]


@pytest.mark.parametrize(
    ("name", "password", "shift"), [("乙", PASSWORD, 0), ("甲", "wrong", 0), ("甲", PASSWORD, 3600)]
)
def test_every_wrong_attempt_gets_the_same_answer_and_an_entry(
    office: Any, name: str, password: str, shift: int
) -> None:
    office.add("甲", "clerk")
    code = office.code()
    office.later(seconds=shift)

    with pytest.raises(PermissionRefused) as caught:
        office.sessions.sign_in(name, password=password, code=code)

    assert caught.value.en.startswith("signing in was refused: account, password or code is wrong")
    assert office.kinds() == ["account.refused"] and office.sessions.current() is None
    assert "乙" not in str(office.entries), "a name that is no account may be a password typed in the wrong place"


def test_a_code_is_taken_once(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")

    with pytest.raises(PermissionRefused):
        office.sessions.sign_in("甲", password=PASSWORD, code=office.code())


def test_five_failures_lock_for_a_quarter_of_an_hour_even_with_what_is_right(office: Any) -> None:
    office.add("甲", "clerk")
    for _ in range(FAILURES):
        with pytest.raises(PermissionRefused):
            office.sessions.sign_in("甲", password="wrong", code="000000")
    with pytest.raises(PermissionRefused):
        office.enter("甲")
    office.later(seconds=LOCKED_SECONDS)
    office.enter("甲")

    reasons = [facts["reason"] for kind, facts in office.entries if kind == "account.refused"]
    assert reasons == ["wrong password or code"] * (FAILURES - 1) + ["locked by failures", "locked"]


def test_a_session_ends_when_it_is_idle(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    office.later(seconds=IDLE_SECONDS)
    assert office.sessions.current() is not None
    office.later(seconds=IDLE_SECONDS + 1)

    assert office.sessions.current() is None and not (office.state / "session").exists()


def test_a_session_ends_after_eight_hours_however_busy(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    for _ in range(LONGEST_SECONDS // 600):
        office.later(seconds=600)
        assert office.sessions.current() is not None
    office.later(seconds=600)

    assert office.sessions.current() is None


def test_a_second_session_a_sign_out_and_a_disabled_account_end_the_first(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    first = (office.state / "session").read_bytes()
    office.enter("甲")
    second = (office.state / "session").read_bytes()

    office.session_file.write_bytes(first)
    assert office.sessions.current() is None
    office.session_file.write_bytes(second)
    office.book.change("甲", lambda account: replace(account, enabled=False))
    assert office.sessions.current() is None


def test_what_no_person_does_does_not_keep_a_session_alive(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    watching = replace(office.sessions, counts=False)
    office.later(seconds=IDLE_SECONDS)
    assert watching.current() is not None
    office.later(seconds=1)

    assert watching.current() is None and office.sessions.current() is None


def test_a_use_in_flight_does_not_enable_an_account_again(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    office.later(seconds=5)

    def disabled_while_read() -> Account | None:
        found: Account = office.book.get("甲")
        office.book.change("甲", lambda account: replace(account.ended(), enabled=False))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(office.sessions), "_holder", lambda _: disabled_while_read())
        office.sessions.current()

    assert not office.book.get("甲").enabled and not office.book.get("甲").session


def test_a_session_file_others_may_read_is_nobodys(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    office.session_file.chmod(0o644)

    assert office.sessions.current() is None


@pytest.mark.parametrize("content", [b"", b"xx 1", b"\xff\xfe", b"00 \xe7\x94\xb2", b"0" * 64 + " 甲".encode()])
def test_a_forged_session_file_is_nobodys(office: Any, content: bytes) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    office.session_file.write_bytes(content)

    assert office.sessions.current() is None


def test_the_gate_admits_by_role_and_names_who_is_signed_in(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")

    assert office.gate().admit("look") == "甲"
    assert office.gate().admit("look", by="甲") == "甲"


@pytest.mark.parametrize(("action", "by"), [("sign", ""), ("unheard-of", ""), ("look", "乙")])
def test_the_gate_refuses_other_roles_unknown_actions_and_other_names_in_the_log_first(
    office: Any, action: str, by: str
) -> None:
    office.add("甲", "clerk")
    office.enter("甲")

    with pytest.raises(PermissionRefused):
        office.gate().admit(action, by=by)

    kind, facts = office.entries[-1]
    assert (kind, facts["action"], facts["account"]) == ("action.refused", action, "甲")


def test_a_refusal_says_in_words_whose_role_may_not_and_which_may_and_the_log_by_id(office: Any) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    gate = replace(office.gate(), titles={"clerk": ("科员", "junior clerk"), "chief": ("科长", "head of section")})

    with pytest.raises(PermissionRefused) as caught:
        gate.admit("sign")

    told = caught.value
    assert (told.zh, told.en) == (
        "无权执行 sign：科员没有这项权限",
        "not allowed: sign: the role of junior clerk may not do this",
    )
    assert (told.hint_zh, told.hint_en) == ("可以做的角色：科长", "roles that may: head of section")
    assert office.entries[-1][1]["reason"] == "role clerk may not do this"


def test_nothing_is_refused_without_its_entry(office: Any) -> None:
    def full(kind: str, facts: Any) -> None:
        raise ConfigError("满", "full")

    gate = replace(office.gate(), record=full)

    with pytest.raises(ConfigError):
        gate.admit("sign")


def test_without_accounts_nothing_runs_but_what_is_open(office: Any) -> None:
    assert office.gate().admit("begin") == ""
    for action in ("look", "sign"):
        with pytest.raises(PermissionRefused, match="no accounts"):
            office.gate().admit(action, by="甲")


def test_an_exercise_may_run_without_accounts_but_not_what_nobody_may(office: Any) -> None:
    assert office.gate(single_user=True).admit("look", by="甲") == "甲"
    with pytest.raises(PermissionRefused):
        office.gate(single_user=True).admit("unheard-of", by="甲")


def test_an_exercise_is_over_once_there_is_an_account(office: Any) -> None:
    office.add("甲", "clerk")

    with pytest.raises(PermissionRefused, match="signed in"):
        office.gate(single_user=True).admit("look", by="甲")


@pytest.mark.parametrize(("name", "role"), [("甲", "king"), ("", "clerk"), ("a\nb", "clerk"), ("x" * 65, "clerk")])
def test_an_account_has_a_known_role_and_a_proper_name(office: Any, name: str, role: str) -> None:
    with pytest.raises(ConfigError):
        office.book.add(Account(name, role, "", ""))


def test_a_name_is_given_once(office: Any) -> None:
    office.add("甲", "clerk")

    with pytest.raises(ConfigError):
        office.add("甲", "chief")


@pytest.mark.parametrize("content", ["", "{}", '{"accounts":[{}],"format":"linkage/v1/accounts"}', "not json"])
def test_a_damaged_book_lets_nobody_in(office: Any, content: str) -> None:
    office.add("甲", "clerk")
    office.enter("甲")
    (office.state / FILE).write_text(content)

    with pytest.raises((ConfigError, InputError, KeyMaterialError)):
        office.gate(single_user=True).admit("look")
