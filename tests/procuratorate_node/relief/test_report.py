"""What pages and commands show: both languages, every term and cap, nothing personal, one digest per set of inputs."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from linkage.errors import InputError
from linkage.keys.canonical import canonical_json
from procuratorate_node.command import main
from procuratorate_node.relief.facts import AmountFacts, Points
from procuratorate_node.relief.money import grouped, parse_yuan, plain, round_to
from procuratorate_node.relief.proposal import Proposal, propose
from procuratorate_node.relief.report import proposal_json
from procuratorate_node.relief.scoring import hardship_score
from procuratorate_node.relief.wording import explain
from tests.procuratorate_node.relief.conftest import DAY, FATAL, MET, decided, proposal, tables

FILE = Path(__file__).with_name("vectors") / "fatal-traffic.toml"
SECRET = "云检刑诉〔2026〕77号 王小明"
SHIPPED = tables().on(DAY, region="example")


def full() -> Proposal:
    facts = replace(
        FATAL, reference=SECRET, charge="不为人知罪", award=None, fault="main", tags=("DIS12", "SOCIAL_AIDED")
    )
    history = [decided(a, reference=SECRET + a, charge="不为人知") for a in ("9000", "9100", "9200", "9300", "9400")]
    return propose(facts, tables(local_cap="50000"), answers=MET, history=history)


def test_every_line_has_both_languages_and_the_account_is_complete() -> None:
    lines = explain(full())
    zh, en = "\n".join(t.zh for t in lines), "\n".join(t.en for t in lines)

    assert all(t.zh and t.en for t in lines)
    for word in (
        "基准金额",
        "案件类型系数",
        "生活困难系数",
        "追加系数",
        "过错系数",
        "救助基本金额",
        "建议金额",
        "中位数",
    ):
        assert word in zh
    for word in ("benchmark B = 1,000 yuan", "median 9,200 yuan", "band ±30%: 6,440–11,960 yuan", "written reason"):
        assert word in en or word == "written reason"
    assert "never exceeded" not in en  # The award is not known, so its line says that instead.
    assert "not known, not applied" in en
    assert "36 × 8,000, year 2025" in en
    assert "check art8-1" in en and "check art8-6" in en
    assert "draft" in en


def test_outside_the_band_the_account_asks_for_the_reason() -> None:
    made = propose(FATAL, tables(), answers=MET, history=[decided("5000")] * 5)

    assert "written reason" in "\n".join(t.en for t in explain(made))


def test_the_json_is_canonical_and_holds_no_reference_and_no_charge() -> None:
    body = canonical_json(proposal_json(full())).decode()

    assert "王小明" not in body and "云检" not in body and "不为人知" not in body
    assert json.loads(body)["amount"] == plain(full().amount)


def test_neither_text_shows_in_a_repr() -> None:
    assert "不为人知" not in repr(full()) and "王小明" not in repr(full())
    assert "不为人知" not in repr(decided("1", charge="不为人知"))


def test_the_json_names_terms_caps_checklist_and_tables() -> None:
    made = proposal_json(proposal())

    assert [t["code"] for t in made["terms"]][:5] == ["benchmark", "c_case", "c_hard", "add_on", "fault"]  # type: ignore[index,union-attr,call-overload]
    assert [c["code"] for c in made["caps"]] == ["award", "wage", "local", "budget"]  # type: ignore[index,union-attr,call-overload]
    assert len(made["checklist"]) == 15  # type: ignore[arg-type]
    assert made["tables"]["scale"]["digest"] == SHIPPED.scale.digest  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    "change",
    [
        {"hardship": Decimal("8.0001")},
        {"tags": ("DIBAO", "DIS12")},
        {"points": (Points("DIS12", Decimal(6)),)},
        {"award": None},
        {"reference": "x"},
        {"charge": ""},
        {"minor": True},
    ],
)
def test_any_other_fact_makes_another_digest(change: dict[str, object]) -> None:
    assert proposal().digest != proposal(replace(FATAL, **change)).digest  # type: ignore[arg-type]


def test_answers_history_and_tables_are_in_the_digest() -> None:
    digests = {
        proposal().digest,
        proposal(art8_1="yes").digest,
        propose(FATAL, tables(), answers=MET, history=[decided("1")]).digest,
        proposal(FATAL, tables("1001")).digest,
    }

    assert len(digests) == 4


def test_the_order_of_tags_and_cases_and_the_writing_of_numbers_do_not_matter() -> None:
    cases = [decided("1"), decided("2")]
    first = propose(FATAL, tables(), answers=MET, history=cases)
    turned = replace(FATAL, tags=FATAL.tags[::-1], hardship=Decimal("8.00"))

    assert propose(turned, tables(), answers=MET, history=cases[::-1]).digest == first.digest


@pytest.mark.parametrize(
    ("change", "total", "tier"),
    [
        ({"tags": ()}, "0", "ordinary"),
        ({"tags": ("DIBAO",)}, "4", "serious"),
        ({"tags": ("MEDAID",), "words": 3}, "3.5", "ordinary"),
        ({"tags": ("MEDAID",), "words": 99}, "4", "serious"),
        ({"tags": ("DIBAO",), "urgent": True}, "8", "extreme"),
    ],
)
def test_the_score_weighs_registers_urgency_and_words(change: dict[str, object], total: str, tier: str) -> None:
    facts: AmountFacts = replace(FATAL, **change)  # type: ignore[arg-type]
    score = hardship_score(facts, SHIPPED.scale)

    assert (score.total, score.tier.code) == (Decimal(total), tier)
    assert sum(points for _, points in score.parts) == score.total


def test_the_range_of_the_tier_is_shown() -> None:
    made = proposal()

    assert (made.range.low, made.range.high) == (Decimal(15_000), Decimal(20_000))
    assert not made.range.closed


def test_the_command_shows_the_worked_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amount", "show", str(FILE)]) == 0
    shown = capsys.readouterr().out
    assert "建议金额 18,000 元 | proposed amount 18,000 yuan" in shown
    assert "12,600–23,400" in shown
    assert "交通肇事" not in shown


def test_the_command_writes_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amount", "json", str(FILE)]) == 0
    assert json.loads(capsys.readouterr().out)["amount"] == "18000"


def test_the_command_refuses_a_benchmark_from_five_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amount", "benchmark", str(FILE)]) == 1
    assert "at least 20" in capsys.readouterr().err


def test_the_command_calibrates_from_enough_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = FILE.read_text("utf-8")
    head, *cases = text.split("[[history]]")
    file = tmp_path / "facts.toml"
    file.write_text(head + "".join("[[history]]" + c for c in cases * 4), "utf-8")

    assert main(["amount", "benchmark", str(file)]) == 0
    assert "采用 used 20" in capsys.readouterr().out


def test_the_command_reads_an_offices_own_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amount", "show", str(FILE), "--tables", str(tmp_path / "none")]) == 1
    assert main(["amount", "show", str(tmp_path / "none.toml")]) == 1
    assert "cannot read" in capsys.readouterr().err


def test_the_command_compares_with_the_offices_own_list(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "procuratorate.toml"
    config.write_text('[node]\nstate = "state"\ncoordinator = "localhost:1"\n[cases]\nfolder = "cases"\n', "utf-8")
    lines = ["序号,救助案号,关联案号,姓名,性别,救助对象身份,原案罪名,救助金额(元),受理日期,决定日期,备注"]
    lines += [f"J{n},救助{n}号,,李四,男,被害人,交通肇事罪,{n}0000,2025-01-02,2025-02-0{n}," for n in range(1, 7)]
    (cases / "aided.csv").write_text("\n".join(lines) + "\n", "utf-8")
    file = tmp_path / "facts.toml"
    file.write_text(FILE.read_text("utf-8").split("[[history]]")[0], "utf-8")

    assert main(["--config", str(config), "amount", "show", str(file), "--own-cases"]) == 0
    shown = capsys.readouterr().out
    assert "6 comparable cases (same charge or cause;" in shown
    assert "李四" not in shown


@pytest.mark.parametrize("value", ["", "abc", "-1", "1e13", "0.001", "NaN", True, 1.5, None, "1_0x"])
def test_what_is_no_sum_of_money_is_refused(value: object) -> None:
    with pytest.raises(InputError):
        parse_yuan(value, what="award")


@pytest.mark.parametrize(
    ("value", "digits", "shown"), [("18000", "18000", "18,000"), ("1E+5", "100000", "100,000"), ("0.50", "0.5", "0.5")]
)
def test_money_is_written_without_exponent(value: str, digits: str, shown: str) -> None:
    assert (plain(parse_yuan(value, what="x")), grouped(Decimal(value))) == (digits, shown)


@pytest.mark.parametrize(("mode", "rounded"), [("half_up", "200"), ("down", "100")])
def test_rounding_is_half_up_or_down(mode: str, rounded: str) -> None:
    assert round_to(Decimal(150), Decimal(100), rounding=mode) == Decimal(rounded)
