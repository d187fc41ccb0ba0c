"""Say in words which of our own people a model asks about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from procuratorate_node.model import AnchorRule

LISTS: Final = {
    "roles": ("角色", "role"),
    "categories": ("案件类别", "kind of case"),
    "causes": ("案由", "charge"),
    "business": ("业务类型", "business"),
    "stages": ("诉讼阶段", "stage"),
    "stages_not": ("不含阶段", "stage not"),
    "harm_in": ("伤情", "harm"),
    "sexes": ("性别", "sex"),
}
FLAGS: Final = {
    "probe": ("在世的刑事案件被害人，或已死亡被害人的近亲属", "a living crime victim, or a dead one's near relative"),
    "not_own_aided": ("本院未救助过", "not aided by us before"),
    "unaided_probe": ("案件中还有人未获救助", "somebody in the case is not aided yet"),
    "victim_dead": ("被害人已死亡", "the victim is dead"),
    "petitioner": ("也在信访人之列", "petitioned too"),
}
NUMBERS: Final = {
    "loss_at_least": ("损失不低于（元）", "loss of at least (yuan)"),
    "age_from": ("年龄满", "age from"),
    "age_below": ("年龄不满", "age below"),
}
STATES: Final = {
    "FULL": ("已全部赔偿", "paid in full"),
    "PARTIAL": ("已部分赔偿", "paid in part"),
    "NOT": ("未赔偿", "not paid"),
    "UNKNOWN": ("赔偿不明", "payment unknown"),
    "CONFLICT": ("赔偿记载矛盾", "contradictory about payment"),
}
DAYS: Final = {"accepted_from": ("受理日期自", "accepted from"), "accepted_until": ("受理日期至", "accepted until")}


def rule_words(rule: AnchorRule) -> tuple[str, str]:
    """Return one rule in Chinese and English: all its conditions must hold."""
    who = ("案件当事人", "parties of cases") if rule.source == "parties" else ("已救助人员", "people aided before")
    zh, en = zip(who, *_conditions(rule), strict=True)
    return "；".join(zh), "; ".join(en)


def _conditions(rule: AnchorRule) -> Iterator[tuple[str, str]]:
    for name, (zh, en) in LISTS.items():
        if values := getattr(rule, name):
            yield f"{zh} {'、'.join(values)}", f"{en} {', '.join(values)}"
    for state in rule.compensation_not:
        yield f"不含{STATES[state][0]}的", f"but not {STATES[state][1]}"
    for name, words in FLAGS.items():
        if getattr(rule, name):
            yield words
    for name, (zh, en) in (NUMBERS | DAYS).items():
        if value := getattr(rule, name):
            yield f"{zh} {value}", f"{en} {value}"
    if rule.context:
        yield "按判决文号逐案比对", "compared by the number of the judgment"
