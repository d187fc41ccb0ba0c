from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from linkage.errors import ConfigError
from linkage.operations.doctor import show_report
from linkage.operations.finding import Finding, Mark, as_json, as_text, examine, fault, good, is_sound, warning

SECRET = "李晓梅 110105198001011234"


def breaks() -> Iterator[Finding]:
    yield good("disk", "好", "fine")
    raise ValueError(SECRET)


def refuses() -> Iterator[Finding]:
    raise ConfigError("配置有错", "a fault", hint_zh="改正", hint_en="mend it")


def test_one_fault_does_not_stop_the_other_checks() -> None:
    found = examine([("disk", breaks), ("config", refuses), ("keys", lambda: [good("keys", "好", "fine")])])

    assert [(f.check, f.mark) for f in found] == [
        ("config", Mark.FAULT),
        ("keys", Mark.GOOD),
        ("disk", Mark.GOOD),
        ("disk", Mark.FAULT),
    ]


def test_an_unforeseen_error_is_told_by_its_type_only() -> None:
    shown = as_text(examine([("disk", breaks)]))

    assert "ValueError" in shown
    assert not any(word in shown for word in SECRET.split())


def test_a_refusal_keeps_its_own_hint() -> None:
    assert "    → 改正 | mend it" in as_text(examine([("config", refuses)]))


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], 0),
        ([good("disk", "好", "fine"), warning("disk", "少", "little")], 0),
        ([good("disk", "好", "fine"), fault("disk", "满", "full")], 1),
    ],
)
def test_only_a_fault_makes_the_report_fail(
    findings: list[Finding], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert is_sound(findings) is (code == 0)
    assert show_report([], findings, as_json_text=False) == code


def test_the_json_says_what_the_text_says() -> None:
    finding = fault("disk", "满", "full", hint=("清理", "make room"))

    assert json.loads(as_json([finding])) == [
        {"check": "disk", "mark": "fault", "zh": "满", "en": "full", "hint_zh": "清理", "hint_en": "make room"}
    ]
