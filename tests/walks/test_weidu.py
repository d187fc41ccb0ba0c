"""Weidu: Zhang dies on the road, 159,684.47 yuan stay unpaid, the wife is ill, the son studies (WD-0-1).

The wife is found as an unpaid creditor and in a register; the driver is found as the debtor of the same judgment, which
leads to the case and to a supervision clue of its own (WD-R-2 to WD-R-4, WD-K-3).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.demo.consortium import REQUESTING
from tests.walks.small_county import CROWD, SmallCounty, Someone
from tests.walks.walking import start_walk

pytestmark = pytest.mark.slow
CRIME, CIVIL, JUDGMENT = "魏检刑诉受〔2025〕7号", "魏检民监〔2026〕7号", "（2025）江7425刑初7号"
ZHANG = Someone("张国栋", "1970-02-03", "143")
WIFE = Someone("李桂香", "1972-04-05", "144", "河东街道花园社区8号楼3单元204室")
SON = Someone("张明远", "2005-06-07", "145", "河东街道花园社区8号楼3单元204室")
DRIVER = Someone("吕大河", "1988-08-09", "147")
GROUPS = ("dibao", "monitor", "disabled", "women", "child", "chunlei", "eduaid", "bereaved")


def county(folder: Path) -> SmallCounty:
    made = SmallCounty(folder)
    made.applicants(CROWD)
    made.judged(CROWD)
    summary = "被害人死亡，判决未执行到位；其妻患乳腺癌，其子在读，有助学贷款"
    made.case(CRIME, "交通肇事", 诉讼阶段="已判决", 判决文号=JUDGMENT, 案情摘要=summary)
    made.judgment(CRIME, JUDGMENT, "159684.47")
    dead = made.party(CRIME, ZHANG, "被害人", 是否死亡="是", 伤情="死亡", 赔偿情况="判决后分文未赔")
    made.party(CRIME, DRIVER, "犯罪嫌疑人")
    made.party(CRIME, WIFE, "近亲属", 与被害人关系="配偶", 关联被害人编号=dead)
    made.party(CRIME, SON, "近亲属", 与被害人关系="儿子", 关联被害人编号=dead)
    made.case(CIVIL, "机动车交通事故责任纠纷", category="民事", 业务类型="执行监督", 诉讼阶段="审查", 案情摘要=summary)
    made.party(CIVIL, WIFE, "申请人")
    debt = {"执行案号": "（2026）江7425执19号", "执行依据文号": JUDGMENT, "案由": "机动车交通事故责任纠纷"}
    debt |= {"被执行人": DRIVER.name, "被执行人类型": "自然人", "被执行人证件号码": DRIVER.number}
    debt |= {"申请执行标的(元)": "159684.47", "到位金额(元)": "0", "结案方式": "终结本次执行", "结案日期": "2026-05-06"}
    made.register("court", "enforcement_creditor", [(WIFE, debt)])
    for dataset in GROUPS:
        ill = [(WIFE, {"类别": "两癌困难妇女", "建档年度": "2025"})] if dataset == "women" else []
        made.register("data_bureau", dataset, ill)
    return made


def test_the_unpaid_widow_is_found_aided_and_her_enforcement_supervised(tmp_path: Path) -> None:
    made = county(tmp_path / "county")
    offices = [
        made.office("court", "人民法院", "enforcement_creditor", "enforcement_debtor"),
        made.office("data_bureau", "大数据局", *GROUPS),
    ]
    with start_walk(made, tmp_path / "out", by_hand="court", offices=offices) as walk:
        first = walk.screen("WD-1", "WD-2", "WD-3")

        assert {(c.model, c.case) for c in walk.clues()} == {("WD-1", CIVIL), ("WD-2", CIVIL), ("WD-3", CRIME)}
        kinds = walk.officer("lists", "kinds")
        assert "民事" in kinds and "刑事" in kinds
        unpaid, group, case = (walk.clue(m, c) for m, c in (("WD-1", CIVIL), ("WD-2", CIVIL), ("WD-3", CRIME)))
        assert "ENF_UNPAID" in unpaid.line and "WOMAN" in group.line
        assert CRIME in walk.officer("lists", "file", case.id)

        # The case leads from the debtor to those it would help: wife and son, not the driver.
        opened = walk.confirm_and_open(case.id, "判决未执行，家庭困难")
        assert WIFE.name in opened and SON.name in opened and DRIVER.name not in opened
        assert WIFE.name in walk.confirm_and_open(group.id, "患病，急需救治")

        # Health commission, women's federation and school have no node here: letters by hand.
        for clue, service, words in (
            (group.id, "women-care", ()),
            (group.id, "green-channel", ("--give", "hospital=县人民医院")),
            (case.id, "education-aid", ("--person", "2", "--give", "school=某大学")),
        ):
            referral = walk.first("referral", "draft", clue, "--service", service, *words)
            walk.second("referral", "approve", referral)
            letter = walk.out / f"{service}.docx"
            walk.officer("referral", "send", referral, "--letter", str(letter), "--by", REQUESTING)
            assert letter.exists()

        # The lane of its own: what the court did not search becomes advice, approved by another officer.
        walk.officer("supervision", "accept", case.id, "--exhausted", "no", "--helped", "no", "--by", REQUESTING)
        words = ("--finding", "未查询被执行人车辆登记", "--advice", "依法查询并恢复执行")
        walk.officer("supervision", "draft", case.id, *words, "--by", REQUESTING)
        walk.second("supervision", "approve", case.id)
        walk.officer("supervision", "letter", case.id, str(walk.out / "advice.docx"), "--by", REQUESTING)
        paid = ("--recovered", "60000", "--reason", "已恢复执行")
        walk.officer("supervision", "answer", case.id, *paid, "--by", REQUESTING)
        assert "60000" in walk.officer("supervision", "list")

        walk.close(first)
        walk.review_logs()
        assert walk.kept_by_the_unit(WIFE.name, WIFE.number, DRIVER.name, DRIVER.number) == []
