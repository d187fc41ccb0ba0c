"""A county of a few dozen made-up people, written as its offices would export it: every walk tells its own story.

Numbers begin with a prefix no county has. A dataset's file holds the persons given for it and a few strangers.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Final

from linkage.demo.parties import Office
from linkage.normalise.checkdigit import check_character

TODAY: Final = "2026-11-30"
OCTOBER, NOVEMBER = "202610", "202611"
REGION: Final = "327425"
SURNAMES, GIVEN = "褚蒋沈韩杨朱秦尤许何吕施", ("建平", "桂兰", "志远", "雪梅", "国庆", "秋菊", "长河", "玉珍")
CROWD: Final = 24  # More than the twenty persons below which no office answers.
STRANGERS: Final = 5

# dataset → file name without its month, headings. The first heading of each group below that is there takes the value.
REGISTERS: Final[Mapping[str, tuple[str, str]]] = {
    "dibao": (
        "低保对象家庭成员名册",
        "序号 户主姓名 户主身份证号 成员姓名 成员身份证号 与户主关系 性别 家庭住址 起始年月 状态",
    ),
    "dibian": ("低保边缘家庭", "序号 户主姓名 成员姓名 成员身份证号 证件编号 与户主关系 性别 家庭住址 起始年月 状态"),
    "tekun": ("特困人员供养名册", "序号 姓名 身份证号码 性别 供养证号 供养方式 住址 起始年月 状态"),
    "child": ("儿童福利信息", "儿童姓名 身份证号 性别 出生日期 儿童类别 监护人姓名 乡镇 村居 起始日期 状态"),
    "disabled": ("持证残疾人", "姓名 身份证号 残疾证号 性别 残疾类别 残疾等级 发证日期 证件状态 户籍地址 联系电话"),
    "monitor": (
        "防返贫监测对象",
        "户编号 姓名 证件号码 与户主关系 性别 监测对象类别 风险类型 识别时间 风险是否消除 详细地址",
    ),
    "card": ("原建档立卡人口", "户编号 人编号 姓名 证件号码 与户主关系 性别 致贫原因 脱贫年度 乡(镇) 行政村"),
    "women": ("困难妇女名册", "序号 姓名 身份证号 年龄 类别 所在乡镇 村社区 联系电话 建档年度 备注"),
    "chunlei": ("春蕾儿童资助名单", "序号 儿童姓名 身份证号码 出生年月 就读学校 家庭住址 家长电话"),
    "worker": ("困难职工档案", "困难类别 姓名 性别 身份证号 手机 住址 单位 建档日期 档案状态"),
    "medaid": ("医疗救助对象", "姓名 证件号码 性别 人员类别 参保地 认定日期 有效标志"),
    "veteran": ("退役军人信息采集", "姓名 性别 身份证号 入伍年份 退役年份 户籍地 联系方式"),
    "youfu": ("重点优抚对象", "序号 姓名 身份证号 性别 优抚对象类别 优抚证号 户籍地 状态"),
    "social_aided": ("已开展社会救助台账", "序号 救助对象 身份证号 性别 救助项目 救助日期 家庭住址 联系电话 经办人"),
    "eduaid": ("家庭经济困难学生资助", "序号 学生姓名 身份证号 性别 学校 认定原因 家庭住址"),
    "vulnerable": ("四平台困难弱势群体", "序号 姓名 性别 出生日期 身份证号(如有) 现住址 困难类别 网格员 电话"),
    "enforcement_creditor": (
        "执行案件信息",
        "执行案号 执行依据文号 案由 申请执行人 申请执行人证件号码 被执行人 被执行人类型 被执行人证件号码 "
        "申请执行标的(元) 到位金额(元) 结案方式 终结原因 结案日期 恢复执行案号",
    ),
    "bereaved": ("失独家庭扶助名册", "扶助对象姓名 扶助对象身份证号 性别 扶助类别 独生子女死亡时间 扶助起始年月 状态"),
    "aided_court": ("法院司法救助台账", "序号 姓名 身份证号 案号 救助金额 救助日期"),
    "aided_police": ("公安司法救助人员名单", "序号 姓名 身份证号 案件名称 救助日期"),
    "aided_justice": ("司法局司法救助与法律援助", "序号 姓名 身份证号 援助类型 救助日期"),
}
UNPAID = "终结本次执行"
# What the strangers of a register are, in turn: every class of it has somebody, or no office would answer for it.
STRANGERS_ARE: Final[Mapping[str, tuple[dict[str, str], ...]]] = {
    "monitor": tuple({"监测对象类别": kind} for kind in ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")),
    "disabled": ({"残疾等级": "一级"}, {"残疾等级": "三级"}),
    "child": tuple({"儿童类别": kind} for kind in ("孤儿", "事实无人抚养儿童", "困境儿童")),
    "enforcement_creditor": (
        {"执行依据文号": "（2024）江7425民初900号", "结案方式": UNPAID, "被执行人": "堵有富", "被执行人类型": "自然人"},
    ),
}
NAMES = ("成员姓名", "扶助对象姓名", "儿童姓名", "学生姓名", "救助对象", "申请执行人", "姓名")
NUMBERS = (
    "成员身份证号",
    "扶助对象身份证号",
    "身份证号码",
    "申请执行人证件号码",
    "身份证号(如有)",
    "证件号码",
    "身份证号",
)
ADDRESSES = ("家庭住址", "户籍地址", "详细地址", "现住址", "住址")
STATES: Final[Mapping[str, str]] = {
    "状态": "在享",
    "证件状态": "有效",
    "风险是否消除": "否",
    "有效标志": "1",
    "档案状态": "在档",
}
CASES = "案号 案件类别 案由 业务类型 办理部门 承办人 受理日期 案发日期 诉讼阶段 判决文号 关联案号 案情摘要"
PARTIES = (
    "当事人编号 案号 角色 姓名 性别 证件号码 住址 联系电话 与被害人关系 关联被害人编号 "
    "是否死亡 伤情 损失金额 责任过错 赔偿情况 备注"
)
AIDED = (
    "序号 救助案号 关联案号 联系电话 姓名 性别 证件号码 救助对象身份 原案罪名 救助金额(元) "
    "受理日期 决定日期 发放日期 住址 备注"
)
PETITIONS = "信访编号 来访日期 信访类别 信访人 性别 证件号码 电话 住址 信访事项 关联案号 内容摘要"
JUDGMENTS = "案号 判决文号 判决类型 判决日期 案由 判赔金额(元)"


@dataclass(frozen=True, slots=True)
class Someone:
    """A made-up person; `order` are the number's digits 15 to 17, odd for men."""

    name: str
    birth: str
    order: str
    address: str = "柳湾镇钟桥村3组6号"

    @property
    def sex(self) -> str:
        return "男" if int(self.order) % 2 else "女"

    @property
    def phone(self) -> str:
        """Return a number of a segment that nobody is given."""
        return f"141{self.birth[2:4]}{self.birth[5:7]}0{self.order}"

    @property
    def number(self) -> str:
        first = REGION + self.birth.replace("-", "") + self.order
        return first + check_character(first)


def crowd(size: int, *, begin: int = 0) -> list[Someone]:
    """Return people of different names, births and places, from the `begin`-th on."""
    names = [s + g for g, s in product(GIVEN, SURNAMES)][begin : begin + size]
    return [
        Someone(
            name,
            f"{1951 + 7 * at % 45}-{1 + at % 12:02}-{1 + at % 28:02}",
            f"{101 + 3 * at:03}",
            f"石桥镇李坝村{at}组{at}号",
        )
        for at, name in enumerate(names, start=begin)
    ]


@dataclass(slots=True)
class SmallCounty:
    """Collect cases and registers, then `write` them below `folder`; a register may be written again later."""

    folder: Path
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def case(self, number: str, cause: str, *, category: str = "刑事", **cells: str) -> None:
        base = {"案号": number, "案件类别": category, "案由": cause, "受理日期": "2026-09-01", "案发日期": "2026-08-20"}
        self._add("cases", base | cells)

    def party(self, case: str, who: Someone, role: str, **cells: str) -> str:
        """Add a party and return the id of its row."""
        row = f"D{len(self.tables.get('parties', ())) + 1:04}"
        self._add("parties", {"当事人编号": row, "案号": case, "角色": role} | _of(who) | cells)
        return row

    def aided(self, who: Someone, **cells: str) -> None:
        row = f"J{len(self.tables.get('aided', ())) + 1:04}"
        self._add("aided", {"序号": row, "救助案号": f"救助{row}号"} | _of(who) | cells)

    def petition(self, number: str, who: Someone, kind: str = "涉法涉诉信访") -> None:
        self._add("petitions", {"信访编号": number, "信访类别": kind, "信访人": who.name} | _of(who))

    def judgment(self, case: str, reference: str, awarded: str) -> None:
        self._add(
            "judgments", {"案号": case, "判决文号": reference, "判决类型": "刑事附带民事", "判赔金额(元)": awarded}
        )

    def injured(self, size: int, *, cause: str = "故意伤害", begin: int = 0, **cells: str) -> list[Someone]:
        """Add victims of light injuries, each in a case of its own: the many among whom the few are asked about."""
        people = crowd(size, begin=begin)
        for at, who in enumerate(people, start=begin):
            number = f"云检刑诉受〔2026〕{900 + at}号"
            self.case(number, cause, **({"诉讼阶段": "审查起诉"} | cells))
            self.party(number, who, "被害人", 伤情="轻伤二级", 赔偿情况="尚未赔偿")
        return people

    def judged(self, size: int, *, begin: int = CROWD) -> None:
        """Add judged suspects, each in a case of its own with a victim: no register is asked about a few people."""
        for at, (suspect, victim) in enumerate(zip(crowd(size, begin=begin), crowd(size), strict=True), start=begin):
            number = f"云检刑诉受〔2025〕{900 + at}号"
            self.case(number, "故意伤害", 诉讼阶段="已判决", 判决文号=f"（2025）江7425刑初{900 + at}号")
            self.party(number, suspect, "犯罪嫌疑人")
            self.party(number, victim, "被害人", 伤情="轻伤二级", 赔偿情况="尚未赔偿")

    def applicants(self, size: int, *, begin: int = 0) -> list[Someone]:
        """Add applicants for supervision of enforcement, each in a case of its own: the many of a civil walk."""
        people = crowd(size, begin=begin)
        for at, who in enumerate(people, start=begin):
            number = f"云检民监〔2026〕{900 + at}号"
            self.case(number, "民间借贷纠纷", category="民事", 业务类型="执行监督", 诉讼阶段="审查")
            self.party(number, who, "申请人")
        return people

    def office(self, party: str, name: str, *datasets: str) -> Office:
        """Return an office that holds these datasets: a data bureau may encode for many (PA-S-4, SX-S-7)."""
        return Office(party, name, datasets, self.folder / "agencies" / party)

    def register(
        self, office: str, dataset: str, people: Sequence[tuple[Someone, Mapping[str, str]]], *, month: str = OCTOBER
    ) -> Path:
        """Write one month of a register: strangers and these people with their cells."""
        stem, headings = REGISTERS[dataset]
        titles = headings.split()
        begin = 50 + 2 * sorted(REGISTERS).index(dataset)
        kinds = STRANGERS_ARE.get(dataset, ({},))
        strangers = [(who, kinds[at % len(kinds)]) for at, who in enumerate(crowd(STRANGERS, begin=begin))]
        rows = [*strangers, *((who, dict(cells)) for who, cells in people)]
        file = self.folder / "agencies" / office / f"{stem}_{month}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        return _write(file, titles, (_row(who, titles) | cells for who, cells in rows))

    def write(self) -> None:
        """Write the procuratorate's tables and the manifest."""
        folder = self.folder / "procuratorate"
        folder.mkdir(parents=True, exist_ok=True)
        for name, headings in (
            ("cases", CASES),
            ("parties", PARTIES),
            ("aided", AIDED),
            ("petitions", PETITIONS),
            ("judgments", JUDGMENTS),
        ):
            if name in self.tables:
                _write(folder / f"{name}.csv", headings.split(), self.tables[name])
        prefixes = {REGION: "1993-"}
        manifest = {"today": TODAY, "county": "江南省澜州市云桥县", "number_prefixes": prefixes}
        (self.folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")

    def _add(self, table: str, cells: dict[str, str]) -> None:
        self.tables.setdefault(table, []).append(cells)


def _of(who: Someone) -> dict[str, str]:
    known = {"姓名": who.name, "性别": who.sex, "证件号码": who.number, "住址": who.address}
    return known | {"联系电话": who.phone}


def _row(who: Someone, titles: Sequence[str]) -> dict[str, str]:
    """Return a register row's own cells: who it is, and a state that counts."""
    given = {NAMES: who.name, NUMBERS: who.number, ADDRESSES: who.address}
    found = {next(t for t in group if t in titles): value for group, value in given.items() if set(group) & set(titles)}
    return {t: STATES[t] for t in titles if t in STATES} | found | ({"性别": who.sex} if "性别" in titles else {})


def _write(file: Path, titles: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Path:
    """Write a table; a cell of no heading is kept out, as an export without that column would."""
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, titles, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file
