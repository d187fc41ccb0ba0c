"""Yueqing: four models on one upload: before judgment, after it, aided socially, aided by courts only (YQ-M1 to M4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.demo.consortium import REQUESTING
from tests.walks.small_county import CROWD, NOVEMBER, SmallCounty, Someone
from tests.walks.walking import start_walk

pytestmark = pytest.mark.slow
BEFORE, AFTER, JUDGMENT = "乐检刑诉受〔2026〕11号", "乐检刑诉受〔2026〕12号", "（2026）江7425刑初12号"
BEATEN = Someone("柏志强", "1979-03-09", "149", "石桥镇李坝村2组1号")
RUN_OVER = Someone("水云芳", "1966-10-11", "148", "石桥镇李坝村2组5号")
PAID = Someone("窦光明", "1981-12-01", "151", "石桥镇李坝村2组7号")
DRIVER = Someone("章有田", "1990-02-02", "153")
AIDED_ONLY = Someone("云水生", "1963-05-05", "155", "柳湾镇钟桥村9组1号")
AIDED_BOTH = Someone("葛秀珍", "1958-06-16", "156", "柳湾镇钟桥村9组3号")


def county(folder: Path) -> SmallCounty:
    """Make a victim before and one after judgment, one who was paid, and two persons aided before."""
    made = SmallCounty(folder)
    made.injured(CROWD)
    made.case(BEFORE, "故意伤害", 诉讼阶段="审查起诉", 案情摘要="被害人务农，家庭困难")
    made.party(BEFORE, BEATEN, "被害人", 伤情="重伤二级", 赔偿情况="未达成调解协议，尚未赔偿")
    made.party(BEFORE, PAID, "被害人", 伤情="轻伤二级", 赔偿情况="已全部赔偿并取得谅解")
    made.case(AFTER, "交通肇事", 诉讼阶段="已判决", 判决文号=JUDGMENT)
    made.judgment(AFTER, JUDGMENT, "212000")
    made.party(AFTER, RUN_OVER, "被害人", 伤情="重伤一级", 赔偿情况="判决后未履行")
    made.party(AFTER, DRIVER, "犯罪嫌疑人")
    made.aided(AIDED_ONLY, 救助对象身份="被害人", 原案罪名="故意伤害", 备注="户籍地云桥县", **{"救助金额(元)": "12000"})
    made.aided(AIDED_BOTH, 救助对象身份="近亲属", 原案罪名="交通肇事", **{"救助金额(元)": "15000"})
    made.register("civil_affairs", "dibao", [])
    poor = {"户主姓名": BEATEN.name, "与户主关系": "户主", "起始年月": "202203"}
    made.register("civil_affairs", "dibian", [(BEATEN, poor), (PAID, poor)])
    debt = {"执行依据文号": JUDGMENT, "被执行人": DRIVER.name, "被执行人类型": "自然人", "结案方式": "终结本次执行"}
    debt |= {"申请执行标的(元)": "212000", "到位金额(元)": "12000", "结案日期": "2026-06-06"}
    made.register("court", "enforcement_creditor", [(RUN_OVER, debt)])
    # The township knows her by name, sex and house only: no number.
    seen = {"身份证号(如有)": "", "困难类别": "因案致困", "网格员": "某", "出生日期": RUN_OVER.birth}
    made.register("township_grid", "vulnerable", [(RUN_OVER, seen)])
    helped = {"救助项目": "临时救助", "救助日期": "2026-07-01", "经办人": "某"}
    made.register("social_assistance_centre", "social_aided", [(RUN_OVER, helped), (AIDED_BOTH, helped)])
    return made


def test_one_upload_finds_who_is_owed_judicial_and_who_social_aid(tmp_path: Path) -> None:
    with start_walk(county(tmp_path / "county"), tmp_path / "out", by_hand="township_grid") as walk:
        assert "交通肇事 1" in walk.officer("statistics")
        first = walk.screen("YQ-M1", "YQ-M2", "YQ-M3", "YQ-M4")

        before, after = walk.clue("YQ-M1", BEFORE), walk.clue("YQ-M2", AFTER)
        assert "DIBIAN" in before.line and "ENF_UNPAID" in after.line and "VULN" in after.line
        assert "SOCIAL_AIDED" in walk.clue("YQ-M3", AFTER).line
        (unaided,) = [c for c in walk.clues() if c.model == "YQ-M4"]
        assert {(c.model, c.case) for c in walk.clues()} - {("YQ-M4", unaided.case)} == {
            ("YQ-M1", BEFORE),
            ("YQ-M2", AFTER),
            ("YQ-M3", AFTER),
        }, "who was paid in full is asked about by nobody, whoever else is in a register"
        assert "户籍：本地" in walk.officer("clues", "show", unaided.id)

        assert BEATEN.name in walk.confirm_and_open(before.id, "诉讼中急需救助")
        assert AIDED_ONLY.name in walk.confirm_and_open(unaided.id, "救助后生活仍困难")
        referral = walk.refer(unaided.id, "social-aid")
        walk.answer("social_assistance_centre", "社会救助综合受理", "已救助", day="2026-11-18", band="1000至5000元")
        walk.wait_for_referral(referral, "DONE")
        walk.close(first)

        # The centre's next list has him: the referral is verified, and the clue of the difference is gone.
        helped = {"救助项目": "社会救助", "救助日期": "2026-11-18", "经办人": "某"}
        everybody = [(who, helped) for who in (RUN_OVER, AIDED_BOTH, AIDED_ONLY)]
        walk.county.register("social_assistance_centre", "social_aided", everybody, month=NOVEMBER)
        second = walk.screen("YQ-M4", "YQ-M3")
        assert "gone" in walk.clue("YQ-M4", unaided.case).line
        walk.officer("referral", "verify", referral, "--evidence", "救助中心台账已有记录", "--by", REQUESTING)
        walk.wait_for_referral(referral, "VERIFIED")

        walk.close(second)
        walk.review_logs()
        assert walk.kept_by_the_unit(BEATEN.name, BEATEN.number, RUN_OVER.name, AIDED_ONLY.number) == []
