"""The shipped presets: every dataset of the contract once, every title in one place, rules that can hold."""

from __future__ import annotations

import pytest

from agency_node.columns import lay_out, rank_presets
from agency_node.mapping import PERSON_FIELDS, load_presets
from linkage.audit.words import DATASETS
from linkage.sources.table import fold_title

PRESETS = load_presets()
CONTRACT = {
    "dibao": {"DIBAO"},
    "dibian": {"DIBIAN"},
    "tekun": {"TEKUN"},
    "child": {"CHILD_O", "CHILD_F", "CHILD_D"},
    "social_aided": {"SOCIAL_AIDED"},
    "disabled": {"DIS12", "DIS34"},
    "monitor": {"MONITOR_1", "MONITOR_2", "MONITOR_3"},
    "card": {"CARD"},
    "women": {"WOMAN"},
    "chunlei": {"CHUNLEI"},
    "worker": {"WORKER"},
    "medaid": {"MEDAID"},
    "veteran": {"VET"},
    "youfu": {"YOUFU"},
    "vulnerable": {"VULN"},
    "eduaid": {"EDUAID"},
    "enforcement_creditor": {"ENF_UNPAID"},
    "enforcement_debtor": {"ENF_UNPAID"},
    "bereaved": {"BEREAVED"},
    "aided_court": {"JUD_AIDED"},
    "aided_police": {"JUD_AIDED"},
    "aided_justice": {"JUD_AIDED"},
}
OTHER_PEOPLE = ("户主", "监护", "家长", "配偶", "父亲", "母亲姓名#")


def test_datasets_and_tags_are_those_of_the_contract() -> None:
    found = {r.dataset: {c.tag for c in r.classes} for p in PRESETS.values() for r in p.roles}
    assert found == CONTRACT


@pytest.mark.parametrize("preset_id", sorted(PRESETS))
def test_no_title_of_another_person_makes_a_person(preset_id: str) -> None:
    for role in PRESETS[preset_id].roles:
        for field in ("name", "id_number", "birth", "sex"):
            assert not [t for t in role.person.get(field, ()) if any(w in t for w in OTHER_PEOPLE)]


@pytest.mark.parametrize("preset_id", sorted(PRESETS))
def test_no_title_stands_for_two_person_fields(preset_id: str) -> None:
    for role in PRESETS[preset_id].roles:
        titles = [
            fold_title(t) for field in PERSON_FIELDS for t in dict.fromkeys(map(fold_title, role.person.get(field, ())))
        ]
        assert len(titles) == len(set(titles))


@pytest.mark.parametrize("preset_id", sorted(PRESETS))
def test_no_amount_can_be_released(preset_id: str) -> None:
    preset = PRESETS[preset_id]
    titles = [t for f in preset.release for t in preset.columns.get(f, ())]
    assert not [t for t in titles if "金额" in t or "标的" in t or "账号" in t or "保障金" in t]


def test_enforcement_roles_share_no_title() -> None:
    creditor, debtor = (set().union(*map(set, r.person.values())) for r in PRESETS["enforcement"].roles)
    assert creditor.isdisjoint(debtor)


HEADERS = [
    (
        "dibao",
        "低保对象名册",
        "户主姓名 户主身份证号 低保证号 成员姓名 成员身份证号 与户主关系 性别 出生日期 城乡类别 状态",
    ),
    ("dibao", "2026年10月城市最低生活保障", "姓名 公民身份号码 与户主关系 保障类别 享受状态 家庭住址"),
    ("dibian", "低保边缘家庭", "户主姓名 户主身份证号 证件编号 成员姓名 成员身份证号 与户主关系 状态"),
    ("dibian", "民政局-低收入家庭", "家庭成员姓名 家庭成员身份证号 与申请人关系 健康状况 审批时间"),
    ("tekun", "特困", "姓名 身份证号码 性别 出生年月日 供养证号 供养方式 乡镇 村 状态"),
    ("tekun", "五保供养对象", "供养对象 证件号 供养形式 敬老院"),
    ("child", "困境儿童台账", "儿童姓名 身份证号 类别 监护人 监护人身份证号 就读学校"),
    ("child", "导出1", "姓名 证件号码 儿童类型 监护人姓名 养育方式"),
    ("social_aided", "已开展社会救助台账", "救助对象 身份证号 救助项目 救助日期 经办人"),
    ("disabled", "残疾人", "姓名 身份证号码 残疾证号 残疾类别 残疾等级 监护人 持证状态"),
    ("disabled", "Sheet1", "残疾人姓名 残疾人证号 残疾类型 残疾级别"),
    ("monitor", "防返贫", "户编号 人编号 姓名 证件类型 证件号码 与户主关系 监测对象类型 风险类型 是否消除风险"),
    ("card", "建档立卡", "户编号 姓名 证件号码 与户主关系 致贫原因 脱贫年度 行政村"),
    ("women", "两癌妇女", "姓名 身份证号 年龄 类别 村社区 建档年度"),
    ("chunlei", "春蕾计划女童", "女童姓名 身份证号码 出生年月 就读学校 家长电话"),
    ("worker", "困难职工", "困难类别 姓名 性别 身份证号 手机 单位 建档日期 档案状态"),
    ("medaid", "医疗救助", "姓名 证件号码 人员类别 参保地 认定日期 有效标志"),
    ("veteran", "退役军人", "姓名 性别 身份证号 入伍年份 退役年份"),
    ("youfu", "优抚", "姓名 身份证号 优抚对象类别 优抚证号 户籍地 状态"),
    ("vulnerable", "摸排表", "姓名 性别 年龄 身份证号(如有) 现住址 困难类别 网格员"),
    ("eduaid", "学生资助", "学生姓名 身份证号 学校 认定原因"),
    (
        "enforcement",
        "终本案件",
        "案号 执行依据文号 申请执行人 申请执行人身份证号 被执行人 被执行人身份证号 结案方式 恢复执行案号",
    ),
    ("aided_court", "法院司法救助案件台账", "姓名 身份证号码 救助金额(元) 救助时间"),
    ("aided_police", "刑事被害人救助名单", "被救助人 身份证号 救助日期"),
    ("aided_justice", "司法救助与法律援助", "受援人 身份证号码 办理时间"),
    ("bereaved", "失独家庭扶助名册", "扶助对象姓名 扶助对象身份证号 扶助类别 独生子女死亡时间 扶助起始年月 状态"),
    ("bereaved", "Sheet1", "姓名 身份证号 特别扶助类别 子女死亡日期"),
]


@pytest.mark.parametrize(("preset_id", "name", "header"), HEADERS)
def test_register_is_told_from_all_others(preset_id: str, name: str, header: str) -> None:
    assert [p.id for p in rank_presets(PRESETS.values(), header.split(), name=name)] == [preset_id]


@pytest.mark.parametrize(
    "header", ["姓名 电话", "姓名 身份证号 性别", "产品 单价 数量", "姓名 身份证号 家庭住址 联系电话"]
)
def test_list_without_any_sign_is_no_register(header: str) -> None:
    assert rank_presets(PRESETS.values(), header.split(), name="通讯录") == []


def test_released_fields_have_titles() -> None:
    for preset in PRESETS.values():
        assert all(f in preset.columns or f in PERSON_FIELDS for f in preset.release)


def test_every_rule_column_can_be_found() -> None:
    layout = lay_out(PRESETS["enforcement"], HEADERS[21][2].split())
    assert {"closing", "resumed", "basis"} <= set(layout.columns) and not layout.missing


def test_the_reviewers_words_for_datasets_are_the_registers_own() -> None:
    titles = {role.dataset: role.title for preset in PRESETS.values() for role in preset.roles}

    assert {name: DATASETS[name][0] for name in titles} == titles
