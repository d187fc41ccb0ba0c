from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.audit.entry import MAX_ENTRY_BYTES, check_facts, make_entry, parse_entry, reject_personal
from linkage.errors import AuditError
from linkage.keys.canonical import JSON

NOW = datetime(2026, 10, 31, 8, tzinfo=UTC)
# Numbers are put together here so that no text of ours holds one that could be somebody's.
CITIZEN = "110101" + "19900307" + "123X"
CITIZEN_OLD = "110101" + "900307" + "123"
MOBILE = "138" + "0013" + "8000"

IMPERSONAL: list[JSON] = [
    "ab" * 32,
    "0" * 64,
    "1" * 32,
    "110101199003071234" + "ab" * 7,
    "2026-10-31T08:00:00Z",
    "13812345-1381-4234-8123-138123456789",
    "linkage://county/agency/mz",
    "DIS12",
    "民政局",
    13_800_138_000,
    2**62,
    202610,
    True,
    ["a", 1, {"nested": "ok"}],
    "1234567890123456",
    "999999999999999999",
]

PERSONAL: list[JSON] = [
    CITIZEN,
    CITIZEN.lower(),
    CITIZEN[:-1] + "4",
    f"号码{CITIZEN}。",
    f"id={CITIZEN}",
    f"id_{CITIZEN}_x",
    f"{CITIZEN[:6]} {CITIZEN[6:14]} {CITIZEN[14:]}",
    "".join(chr(ord(c) + 0xFEE0) for c in CITIZEN),
    CITIZEN_OLD,
    MOBILE,
    f"tel{MOBILE}",
    f"+86 {MOBILE}",
    f"86{MOBILE}",
    f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}",
    int(CITIZEN[:-1] + "4"),
    int(CITIZEN_OLD),
    ["x", {"deep": [MOBILE]}],
]


@pytest.mark.parametrize("value", IMPERSONAL)
def test_digests_ids_and_counts_pass(value: JSON) -> None:
    check_facts("round.proposed", {"fact": value})


@pytest.mark.parametrize("value", PERSONAL)
def test_personal_numbers_are_refused_and_not_quoted(value: JSON) -> None:
    with pytest.raises(AuditError) as caught:
        reject_personal({"fact": value})
    assert "facts.fact" in caught.value.en
    assert not any(n in str(caught.value) for n in (CITIZEN, CITIZEN_OLD, MOBILE))


@given(st.binary(min_size=32, max_size=32))
def test_no_digest_is_taken_for_a_person(digest: bytes) -> None:
    reject_personal({"digest": digest.hex()})


@given(st.integers(0, 2**128 - 1))
def test_no_round_id_is_taken_for_a_person(value: int) -> None:
    reject_personal({"round": f"{value:032x}"})


BAD_FACTS = [
    {"Upper": 1},
    {"with space": 1},
    {"": 1},
    {"1a": 1},
    {MOBILE: 1},
    {"a": 0.5},
    {"a": None},
    {"a": b"x"},
    {"a": {"B": 1}},
    {"a": {1, 2}},
    {"a": 2**63},
    {"a": "\ud800"},
    {"a": [[[[[[["deep"]]]]]]]},
    {"a": "x" * MAX_ENTRY_BYTES},
]


@pytest.mark.parametrize("facts", BAD_FACTS)
def test_malformed_facts_are_refused(facts: dict[str, JSON]) -> None:
    with pytest.raises(AuditError):
        make_entry(0, NOW, "round.proposed", facts)


@pytest.mark.parametrize("kind", ["", "Round", "round.", ".a", "a b", "a..b", "1a", "人"])
def test_malformed_kinds_are_refused(kind: str) -> None:
    with pytest.raises(AuditError):
        make_entry(0, NOW, kind, {})


def test_entry_comes_back() -> None:
    body = make_entry(3, NOW, "round.proposed", {"who": "张", "n": 1})
    assert body.decode() == (
        '{"facts":{"n":1,"who":"张"},"format":"linkage/v1/audit-entry","index":3,'
        '"kind":"round.proposed","time":"2026-10-31T08:00:00Z"}'
    )
    assert parse_entry(body).facts == {"n": 1, "who": "张"}


GOOD = make_entry(3, NOW, "a", {"n": 1}).decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"n":1', '"n":1.0'),
        ('"n":1', '"n": 1'),
        ('"index":3', '"index":"3"'),
        ('"index":3', '"index":true'),
        ("entry", "entry2"),
        ('"kind":"a"', '"kind":"A"'),
        ("08:00:00Z", "08:00:00"),
        ("2026-10", "2026-13"),
        ('"time"', '"when"'),
        ('{"n":1}', "[]"),
        ("}", '},"x":1'),
        ("{", "{{"),
    ],
)
def test_malformed_lines_are_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(AuditError):
        parse_entry(GOOD.replace(old, new, 1).encode())
