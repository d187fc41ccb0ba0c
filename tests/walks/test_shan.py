"""Shan County: two bases, four comparisons in one round; the data bureau encodes for everybody (SX-0-2, SX-S-7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.demo.consortium import REQUESTING
from tests.walks.small_county import CROWD, SmallCounty, Someone
from tests.walks.walking import start_walk

pytestmark = pytest.mark.slow
DATASETS = (
    *("dibao", "tekun", "dibian", "card", "monitor", "child", "disabled", "women", "chunlei", "worker", "medaid"),
    *("veteran", "youfu", "vulnerable", "eduaid"),
)
POOR = Someone("单玉梅", "1968-09-01", "126", "石桥镇李坝村7组49号")
CHILD = Someone("贾小满", "2014-06-07", "128", "石桥镇李坝村7组51号")
DISABLED = Someone("尤长海", "1955-11-12", "137", "柳湾镇钟桥村1组1号")
VETERAN = Someone("滕建军", "1972-08-01", "139", "柳湾镇钟桥村1组9号")
RICH = Someone("蒲德海", "1980-01-15", "141", "柳湾镇钟桥村1组8号")


def county(folder: Path) -> SmallCounty:
    """Make five cases of four kinds; one person stands in no register."""
    made = SmallCounty(folder)
    made.injured(CROWD)
    stories = (
        ("单检刑诉受〔2026〕1号", POOR, "被害人", "刑事", "故意伤害", ""),
        ("单检未诉受〔2026〕2号", CHILD, "被害人", "未检", "猥亵儿童", ""),
        ("单检民监〔2026〕3号", DISABLED, "申请人", "民事", "提供劳务者受害责任纠纷", "支持起诉"),
        ("单检行监〔2026〕4号", VETERAN, "申请人", "行政", "工伤认定纠纷", "行政裁判结果监督"),
        ("单检刑诉受〔2026〕5号", RICH, "被害人", "刑事", "故意伤害", ""),
    )
    for number, who, role, category, cause, business in stories:
        made.case(number, cause, category=category, 业务类型=business, 诉讼阶段="审查起诉")
        made.party(number, who, role, 伤情="轻伤一级" if role == "被害人" else "", 赔偿情况="尚未赔偿")
    given: dict[str, list[tuple[Someone, dict[str, str]]]] = {
        "dibao": [(POOR, {"户主姓名": POOR.name, "与户主关系": "户主", "起始年月": "202001"})],
        "card": [(POOR, {"致贫原因": "因病", "脱贫年度": "2019"})],
        "child": [(CHILD, {"儿童类别": "事实无人抚养儿童", "监护人姓名": "贾某", "起始日期": "2023-05-14"})],
        "disabled": [(DISABLED, {"残疾类别": "肢体", "残疾等级": "一级", "发证日期": "2019-02-03"})],
        "veteran": [(VETERAN, {"入伍年份": "1990", "退役年份": "1993"})],
    }
    for dataset in DATASETS:
        made.register("big_data", dataset, given.get(dataset, []))
    return made


def test_one_round_gives_one_list_per_class_and_each_is_worked_off(tmp_path: Path) -> None:
    made = county(tmp_path / "county")
    bureau = made.office("big_data", "大数据局", *DATASETS)
    with start_walk(made, tmp_path / "out", by_hand="big_data", offices=[bureau]) as walk:
        assert f"来源 sources 1，类别 classes {len(DATASETS)}" in walk.officer("inventory")
        first = walk.screen("SX-1", "SX-2", "SX-3", "SX-4")

        found = {(c.model, c.case) for c in walk.clues()}
        assert found == {
            ("SX-1", "单检刑诉受〔2026〕1号"),
            ("SX-2", "单检未诉受〔2026〕2号"),
            ("SX-3", "单检民监〔2026〕3号"),
            ("SX-4", "单检行监〔2026〕4号"),
        }
        lists = walk.officer("lists", "classes")
        assert all(tag in lists for tag in ("DIBAO", "CARD", "CHILD_F", "DIS12", "VET")) and "== " in lists

        # The child's case is not sent to anybody who goes to the home; the poor woman's is checked and rejected.
        child = walk.clue("SX-2", "单检未诉受〔2026〕2号")
        assert "不得" in walk.officer("referral", "suggest", child.id)
        poor = walk.clue("SX-1", "单检刑诉受〔2026〕1号")
        walk.second("clues", "reject", poor.id, "--reason", "已获其他渠道全额救助")

        # The federation has no node here: its letter goes by hand, and what it answers is noted.
        disabled = walk.clue("SX-3", "单检民监〔2026〕3号")
        assert DISABLED.name in walk.confirm_and_open(disabled.id, "符合司法救助条件")
        referral = walk.first("referral", "draft", disabled.id, "--service", "rehabilitation", "--without", "harm")
        walk.second("referral", "approve", referral)
        letter = walk.out / "letter.docx"
        walk.officer("referral", "send", referral, "--letter", str(letter), "--by", REQUESTING)
        assert letter.read_bytes()[:2] == b"PK"
        walk.officer("referral", "record", referral, "ACCEPTED", "--by", REQUESTING)
        done = ("--item", "辅具适配", "--date", "2026-11-20")
        walk.officer("referral", "record", referral, "DONE", *done, "--by", REQUESTING)
        walk.officer("referral", "verify", referral, "--evidence", "上门核实，轮椅已到位", "--by", REQUESTING)
        assert referral[:12] in walk.officer("referral", "list", "--state", "VERIFIED")

        walk.close(first)
        walk.review_logs()
        assert walk.kept_by_the_unit(POOR.name, POOR.number, DISABLED.name, DISABLED.number, CHILD.number) == []
