"""Pan'an: from the papers of a criminal case to a colour, a graded proposal and a referral (PA-M-*, PA-G-*, PA-P-*)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.walks.small_county import CROWD, SmallCounty, Someone
from tests.walks.walking import start_walk

pytestmark = pytest.mark.slow
GRAVE, PAID, FRAUD = "磐检刑诉受〔2026〕21号", "磐检刑诉受〔2026〕22号", "磐检刑诉受〔2026〕23号"
WOMAN = Someone("喻春花", "1984-01-21", "158", "青塘镇吴寨村3组7号")
SETTLED = Someone("苏老根", "1961-07-17", "157", "青塘镇吴寨村3组9号")
OLD = Someone("潘阿公", "1949-02-12", "159", "青塘镇吴寨村4组1号")
MIDDLE = Someone("范中年", "1982-02-12", "161", "青塘镇吴寨村4组3号")
GROUPS = (
    *("dibao", "dibian", "tekun", "child", "disabled", "monitor", "worker", "medaid", "women", "chunlei"),
    *("youfu", "vulnerable", "card"),
)
AIDED = ("aided_court", "aided_police", "aided_justice")
INTERVIEW = """询问笔录

询问时间：2026年9月3日  询问地点：青塘镇卫生院
被询问人：喻春花，女，1984年1月21日出生，住青塘镇吴寨村3组7号
问：你的伤情如何？
答：医院说是重伤二级，还在住院，急需救治，手术费借了外债。
问：对方有没有赔偿？
答：没有，一分钱没赔。
问：家里情况怎样？
答：我是低保户，家庭困难，两个孩子在读。
以上笔录我看过，与我说的相符。
"""


def county(folder: Path) -> SmallCounty:
    """Make a badly hurt poor woman, a man who was paid, and a fraud of two victims of whom one is old."""
    made = SmallCounty(folder)
    made.injured(CROWD)
    made.case(GRAVE, "故意伤害", 诉讼阶段="审查逮捕", 案情摘要="被害人急需救治，家庭困难")
    made.party(GRAVE, WOMAN, "被害人", 伤情="重伤二级", 赔偿情况="尚未赔偿")
    made.case(PAID, "故意伤害", 诉讼阶段="审查起诉")
    made.party(PAID, SETTLED, "被害人", 伤情="轻伤一级", 赔偿情况="已一次性赔偿并履行完毕")
    made.case(FRAUD, "诈骗", 诉讼阶段="已起诉", 案情摘要="以保健品为名骗取养老钱")
    for who in (OLD, MIDDLE):
        made.party(FRAUD, who, "被害人", 损失金额="80000", 赔偿情况="未退赃")
    home = {"与户主关系": "户主", "起始年月": "202103"}
    poor = [(who, home | {"户主姓名": who.name}) for who in (WOMAN, SETTLED, OLD, MIDDLE)]
    for dataset in GROUPS:
        ill = [(WOMAN, {"类别": "低收入妇女", "建档年度": "2025"})] if dataset == "women" else []
        made.register("data_bureau", dataset, poor if dataset == "dibao" else ill)
    for dataset in ("enforcement_creditor", *AIDED):
        made.register("court", dataset, [])
    paper = made.folder / "procuratorate" / "documents" / GRAVE / "01_询问笔录.txt"
    paper.parent.mkdir(parents=True)
    paper.write_text(INTERVIEW, encoding="utf-8")
    return made


def test_papers_lead_to_a_red_warning_and_campaigns_narrow_it(tmp_path: Path) -> None:
    made = county(tmp_path / "county")
    offices = [
        made.office("data_bureau", "大数据局", *GROUPS),
        made.office("court", "人民法院", "enforcement_creditor", "enforcement_debtor", *AIDED),
    ]
    with start_walk(made, tmp_path / "out", by_hand="data_bureau", offices=offices) as walk:
        first = walk.screen("PA", "ZX-WOMEN", "ZX-ELDER")

        # Red for the badly hurt and unpaid; the tree says which step, and which words stand where.
        grave = walk.clue("PA", GRAVE)
        assert " red " in grave.line and "DIBAO;WOMAN" in grave.line
        shown = walk.officer("clues", "show", grave.id)
        assert "急需救治" in shown and WOMAN.name not in shown
        assert {c.case for c in walk.clues() if c.model == "ZX-WOMEN"} == {GRAVE}
        assert {c.case for c in walk.clues() if c.model == "ZX-ELDER"} == {FRAUD}
        assert f"{FRAUD} 诈骗 人数 people 1" in walk.officer("lists", "cases", "--model", "ZX-ELDER")
        assert f"{FRAUD} 诈骗 人数 people 2" in walk.officer("lists", "cases", "--model", "PA")
        assert PAID not in {c.case for c in walk.clues()}

        assert WOMAN.name in walk.confirm_and_open(grave.id, "审查逮捕阶段启动救助")
        assert "medical-aid" in walk.officer("referral", "suggest", grave.id)
        walk.close(first)
        walk.review_logs()
        assert walk.kept_by_the_unit(WOMAN.name, WOMAN.number, OLD.name, OLD.number) == []
