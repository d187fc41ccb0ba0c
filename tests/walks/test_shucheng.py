"""Shucheng: a man dies on the road, the award stays unpaid; both parents stand in several registers (SC-0-1, -2)."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from linkage.demo.consortium import APPROVING, REQUESTING
from tests.walks.small_county import CROWD, NOVEMBER, SmallCounty, Someone
from tests.walks.walking import Walk, start_walk

pytestmark = pytest.mark.slow
CASE = "云检刑诉受〔2026〕31号"
SON = Someone("周远航", "1992-05-06", "111")
FATHER = Someone("周守田", "1958-03-04", "113", "青塘镇吴寨村13组93号")
MOTHER = Someone("汪秀英", "1960-07-08", "124", "青塘镇吴寨村13组93号")
DRIVER = Someone("段有福", "1985-01-02", "135")
DPF = {"残疾类别": "肢体", "残疾等级": "二级", "发证日期": "2020-05-06"}


def county(folder: Path) -> SmallCounty:
    made = SmallCounty(folder)
    made.injured(CROWD)
    summary = "被害人当场死亡。其父患帕金森，丧失劳动能力，家庭困难"
    made.case(CASE, "交通肇事", 诉讼阶段="已判决", 判决文号="（2026）江7425刑初31号", 案情摘要=summary)
    made.judgment(CASE, "（2026）江7425刑初31号", "830000")
    dead = made.party(CASE, SON, "被害人", 是否死亡="是", 伤情="死亡", 赔偿情况="判赔83万余元，分文未赔")
    made.party(CASE, DRIVER, "犯罪嫌疑人")
    for parent, relation in ((FATHER, "父亲"), (MOTHER, "母亲")):
        made.party(CASE, parent, "近亲属", 与被害人关系=relation, 关联被害人编号=dead)
    home = {"户主姓名": FATHER.name, "起始年月": "201809"}
    household = [(FATHER, home | {"与户主关系": "户主"}), (MOTHER, home | {"与户主关系": "配偶"})]
    made.register("civil_affairs", "dibao", household)
    made.register("womens_federation", "women", [(MOTHER, {"类别": "单亲困难母亲", "建档年度": "2024"})])
    made.register("disabled_federation", "disabled", [(FATHER, DPF)])
    empty = {"civil_affairs": ("dibian", "tekun", "child"), "womens_federation": ("chunlei",)}
    empty |= {"rural_revitalisation": ("monitor", "card"), "veterans": ("veteran", "youfu")}
    for office, datasets in empty.items():
        for dataset in datasets:
            made.register(office, dataset, [])
    return made


def bring_in_own_model(walk: Walk) -> None:
    """The office widens the shipped model by the disabled persons' register; a second officer puts it in force."""
    text = resources.files("procuratorate_node").joinpath("models", "sc.toml").read_text(encoding="utf-8")
    added = '[populations.disabled]\ndataset = "disabled"\ntitle = "持证残疾人"\npayload = true\n\n[plan]'
    file = walk.out / "sc-kin.toml"
    text = text.replace('id = "SC"', 'id = "SC-KIN"').replace('"youfu"]', '"youfu", "disabled"]')
    file.write_text(text.replace("[plan]", added), encoding="utf-8")
    walk.officer("models", "check", str(file))
    change = walk.officer("models", "activate", str(file), "--by", REQUESTING).split()[-1]
    walk.officer("models", "approve", change, "--by", APPROVING)


def test_parents_of_a_man_killed_on_the_road_are_found_helped_and_looked_after(tmp_path: Path) -> None:
    with start_walk(county(tmp_path / "county"), tmp_path / "out", by_hand="disabled_federation") as walk:
        bring_in_own_model(walk)
        first = walk.screen("SC-KIN")

        # Three registers, one household: each parent is a clue of the son's case, and no stranger is.
        assert {(c.model, c.case) for c in walk.clues()} == {("SC-KIN", CASE)}
        father, mother = walk.clue("SC-KIN", CASE, "DIBAO;DIS12"), walk.clue("SC-KIN", CASE, "DIBAO;WOMAN")
        shown = walk.officer("clues", "show", father.id)
        assert "交通肇事" in shown and "死亡" in shown and FATHER.name not in shown

        told = ("--person", "yes", "--link", "yes", "--facts", "yes", "--helped", "no")
        walk.officer("clues", "check", father.id, *told, "--by", REQUESTING)
        assert FATHER.name in walk.confirm_and_open(father.id, "镇政府、村委会已证实")
        assert MOTHER.name in walk.confirm_and_open(mother.id, "镇政府、村委会已证实")
        assert "二级" in walk.ask_fields(father.id, "disabled", "grade")

        # 1,000 × (5 for a death + 7 for serious hardship) + 1,000 × 5 for the family's gravest group, DIS12.
        assert walk.award(father.id, tier="serious") == "17,000"

        assert "rural_revitalisation" in walk.officer("referral", "catalogue", "rural_revitalisation")
        referral = walk.refer(father.id, "monitor", "--without", "household_head")
        walk.answer("rural_revitalisation", "防止返贫监测帮扶", "突发严重困难户", day="2026-11-20")
        walk.wait_for_referral(referral, "DONE")
        walk.close(first)

        # A month later the register itself shows what the office said.
        monitored = {"监测对象类别": "突发严重困难户", "识别时间": "2026-11-20"}
        walk.county.register("rural_revitalisation", "monitor", [(FATHER, monitored)], month=NOVEMBER)
        second = walk.screen("SC-KIN")
        assert (
            "MONITOR_3" in walk.clue("SC-KIN", CASE, "DIS12").line
            and "changed" in walk.clue("SC-KIN", CASE, "DIS12").line
        )
        walk.wait_for_referral(referral, "VERIFIED")
        walk.officer("referral", "close", referral, "--by", REQUESTING)
        walk.officer("clues", "follow", father.id, "--reason", "已回访，纳入监测", "--by", REQUESTING)
        walk.officer("clues", "close", father.id, "--reason", "办结", "--by", REQUESTING)
        assert "award-paid" not in walk.officer("clues", "todo") and "close" in walk.officer(
            "clues", "history", father.id
        )

        walk.close(second)
        walk.review_logs()
        assert walk.kept_by_the_unit(FATHER.name, FATHER.number, MOTHER.name, MOTHER.number) == []
