"""The expected clues of the example county, on hand-made cases."""

from __future__ import annotations

from datetime import date

import pytest

from linkage.demo.county.casework import Case, Party
from linkage.demo.county.colours import Painter
from linkage.demo.county.enforcement import Ending, Enforcement, Matter
from linkage.demo.county.expected import Expected, Facts, plain
from linkage.demo.county.people import Person, Population
from linkage.demo.county.roll import Entry, Roll
from linkage.demo.county.world import World

DAY = date(2026, 8, 1)


def case(cause: str = "故意伤害", *, category: str = "刑事", kind: str = "", stage: str = "审查起诉") -> Case:
    return Case("C1", category, cause, kind, "", "", DAY, DAY, stage)


def world(one: Case, *entries: Entry, rows: tuple[Enforcement, ...] = ()) -> World:
    people = {key: Person(key, "王", "某", "M", date(1970, 1, 1), "") for key in ("V", "K", "S")}
    roll = Roll()
    for entry in entries:
        roll.add(entry)
    return World(3, Population(people), roll, [one], list(rows), [], [], {})


def models(made: World) -> set[str]:
    facts = Facts(made)
    return {clue.model for clue in (*Expected(facts).clues(), *Painter(facts).clues())}


def victim(one: Case, **said: object) -> Party:
    party = Party(one.number, "被害人", "V", harm="重伤二级", state="NOT")
    for name, value in said.items():
        setattr(party, name, value)
    one.parties.append(party)
    return party


DIBAO = Entry("DIBAO", "V", "DIBAO")


def test_an_unpaid_poor_victim_is_a_clue_of_the_models_before_trial() -> None:
    one = case()
    victim(one)
    assert models(world(one, DIBAO)) == {"SX-1", "YQ-M1", "GY-M1", "PA", "SC"}


def test_full_compensation_leaves_only_the_models_that_do_not_ask() -> None:
    one = case()
    victim(one, state="FULL")
    assert models(world(one, DIBAO)) == {"SX-1", "SC"}


@pytest.mark.parametrize("listed", [(True, False), (False, False)])
def test_who_is_no_longer_listed_has_no_tag(listed: tuple[bool, bool]) -> None:
    one = case()
    victim(one)
    assert models(world(one, Entry("DIBAO", "V", "DIBAO", listed=listed))) <= {"PA"}


def test_a_dead_victim_is_no_clue_but_his_relative_is() -> None:
    one = case()
    dead = victim(one, dead=True, harm="死亡")
    one.parties.append(Party(one.number, "近亲属", "K", relation="配偶", of=dead))
    assert models(world(one, DIBAO)) == set()
    assert models(world(one, Entry("DIBAO", "K", "DIBAO"))) == {"YQ-M1", "GY-M1", "PA", "SC"}


@pytest.mark.parametrize(
    ("ending", "counts"),
    [
        (Ending("终结本次执行", "", DAY), True),
        (Ending("终结本次执行", "", DAY, "（2026）湖7523执恢1号"), False),
        (Ending("终结执行", "被执行人死亡且无遗产可供执行", DAY), True),
        (Ending("终结执行", "申请执行人撤回申请", DAY), False),
        (Ending("执行完毕", "", DAY), False),
        (Ending(), False),
    ],
)
def test_only_some_endings_leave_a_creditor_unpaid(ending: Ending, counts: bool) -> None:
    one = case(stage="已判决")
    one.judgment = "（2026）湖7523刑初7号"
    victim(one)
    one.parties.append(Party(one.number, "犯罪嫌疑人", "S"))
    row = Enforcement("E", Matter("(2026)湖7523刑初7号", "", DAY, 1), ending, "V", "S", 0, 0, "")
    assert ({"YQ-M2", "WD-3"} <= models(world(one, DIBAO, rows=(row,)))) is counts


def test_a_debtor_in_another_matter_is_no_clue_of_the_case() -> None:
    one = case(stage="已判决")
    one.judgment = "（2026）湖7523刑初7号"
    one.parties.append(Party(one.number, "犯罪嫌疑人", "S"))
    other = Enforcement(
        "E", Matter("（2026）湖7523刑初70号", "", DAY, 1), Ending("终结本次执行", "", DAY), "V", "S", 0, 0, ""
    )
    assert "WD-3" not in models(world(one, rows=(other,)))


def test_other_petitions_count_for_shucheng_and_weidu_only() -> None:
    one = case("村务公开", category="信访", kind="其他信访", stage="其他信访")
    one.parties.append(Party(one.number, "信访人", "V"))
    assert models(world(one, DIBAO)) == {"WD-2", "SC"}


def test_brackets_do_not_matter_in_a_judgment_number() -> None:
    assert plain("（2026）湖7523刑初7号") == plain("2026湖7523刑初7号") == plain("〔2026〕湖7523刑初7号")
