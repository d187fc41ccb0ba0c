"""Guanyun: one person searched and not found, visited, aided, suggested for 低保, taken in a month later (GY-P-3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.demo.consortium import REQUESTING
from tests.walks.small_county import CROWD, NOVEMBER, SmallCounty, Someone
from tests.walks.walking import start_walk

pytestmark = pytest.mark.slow
CASE, KNOWN_CASE = "灌检刑诉受〔2026〕41号", "灌检刑诉受〔2026〕42号"
UNKNOWN = Someone("孟庆和", "1969-04-14", "163", "双沟镇孙家庙村5组2号")
KNOWN = Someone("秦素贞", "1957-08-18", "164", "双沟镇孙家庙村5组8号")
BUREAU = ("monitor", "card", "disabled", "worker", "medaid", "women", "chunlei", "youfu", "vulnerable")
AIDED = ("aided_court", "aided_police", "aided_justice")


def county(folder: Path) -> SmallCounty:
    """Make a victim no register knows, and one who is disabled and old."""
    made = SmallCounty(folder)
    made.injured(CROWD)
    made.case(CASE, "故意伤害", 诉讼阶段="审查起诉", 案情摘要="被害人重伤，丧失劳动能力，家庭困难，无收入来源")
    made.party(CASE, UNKNOWN, "被害人", 伤情="重伤一级", 赔偿情况="被告人无赔偿能力，分文未赔")
    made.case(KNOWN_CASE, "交通肇事", 诉讼阶段="审查起诉")
    made.party(KNOWN_CASE, KNOWN, "被害人", 伤情="重伤二级", 赔偿情况="尚未赔偿")
    for dataset in ("dibao", "dibian", "tekun", "child"):
        made.register("civil_affairs", dataset, [])
    for dataset in BUREAU:
        lame = [(KNOWN, {"残疾类别": "肢体", "残疾等级": "二级", "发证日期": "2015-05-05"})]
        made.register("rural_revitalisation", dataset, lame if dataset == "disabled" else [])
    for dataset in AIDED:
        made.register("court", dataset, [])
    return made


def test_who_no_register_knew_is_visited_aided_and_taken_in(tmp_path: Path) -> None:
    made = county(tmp_path / "county")
    offices = [
        made.office("civil_affairs", "民政局", "dibao", "dibian", "tekun", "child"),
        made.office("rural_revitalisation", "乡村振兴局（实体化工作平台）", *BUREAU),
        made.office("court", "人民法院", *AIDED),
    ]
    with start_walk(made, tmp_path / "out", by_hand="civil_affairs", offices=offices) as walk:
        # A department hands a case over; the complaints department searches the one person, hidden in a batch.
        row = f"D{CROWD + 1:04}"
        handed = ("--department", "刑事检察部", "--reason", "low-income")
        clue = walk.first("handover", "add", CASE, row, *handed)
        assert "GY-M1-2" in walk.officer("clues", "list") and "疑似低收入" in walk.officer("handover", "list")
        searched = walk.first("search", CASE, row, "--reason", "业务部门移送，核实困难情况")
        walk.second("screen", "approve", searched)
        walk.run(searched)
        assert "nothing found" in walk.officer("searches")
        walk.close(searched)

        first = walk.screen("GY-M1")
        assert {(c.model, c.case) for c in walk.clues()} == {("GY-M1-2", CASE), ("GY-M1", KNOWN_CASE)}
        assert "DIS12" in walk.clue("GY-M1", KNOWN_CASE).line

        # Not found is not the end: the visit makes the clue, the aid comes before the letter of suggestion.
        assert f"{CASE} {row}" in walk.officer("worklist", "list", "--state", "OPEN")
        walk.second("clues", "reject", clue, "--reason", "以走访线索办理")
        clue = walk.second("worklist", "visited", CASE, row, "--note", "家庭困难属实").split()[0]
        assert UNKNOWN.name in walk.confirm_and_open(clue, "走访属实")
        # 1,000 × (5 for a grave injury + 12 for extreme hardship); no register, so no add-on.
        assert walk.award(clue, tier="extreme") == "17,000"
        walk.second("worklist", "aided", CASE, row, "--note", "已决定救助")
        referral = walk.refer(clue, "dibao")
        walk.answer("civil_affairs", "最低生活保障", "纳入低保", day="2026-11-15")
        walk.wait_for_referral(referral, "DONE")
        walk.close(first)

        # The next month's register has him, and the same model now finds him there.
        taken_in = {"户主姓名": UNKNOWN.name, "与户主关系": "户主", "起始年月": "202611"}
        walk.county.register("civil_affairs", "dibao", [(UNKNOWN, taken_in)], month=NOVEMBER)
        second = walk.screen("GY-M1")
        assert "DIBAO" in walk.clue("GY-M1", CASE).line and "new" in walk.clue("GY-M1", CASE).line
        walk.wait_for_referral(referral, "VERIFIED")
        walk.officer("referral", "close", referral, "--by", REQUESTING)

        walk.close(second)
        walk.review_logs()
        assert walk.kept_by_the_unit(UNKNOWN.name, UNKNOWN.number, KNOWN.name, KNOWN.number) == []
