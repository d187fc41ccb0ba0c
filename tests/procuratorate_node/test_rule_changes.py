"""Changing a rule file: tested, its effect shown, asked for, approved by another, kept in every version, taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.errors import ConfigError, NotFoundError, PermissionRefused, RoundStateError
from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.clues import CONFIRMED, REJECTED, Clue, make_clue
from procuratorate_node.cluework.records import CLUE_STEPS
from procuratorate_node.command import main
from procuratorate_node.config import Config
from procuratorate_node.node import Node, open_node
from procuratorate_node.outcome import ClueRow, Link
from procuratorate_node.painting import colour_rows, has_colour
from procuratorate_node.rule_files import MODEL, RuleFile, read_rule_file
from procuratorate_node.warning.file import shipped
from tests.procuratorate_node.conftest import NOW
from tests.procuratorate_node.test_command import TOML

TREE, LEXICON = shipped("tree.toml").decode(), shipped("lexicon.toml").decode()
VICTIM, MOTHER = RowRef(Source.PARTIES, "c1", "D1"), RowRef(Source.PARTIES, "c3", "D6")


@pytest.fixture
def node(config: Config, consortium: Path, cases: Path) -> Node:
    """Open a node of an office that has aided nobody yet."""
    aided = (cases / "aided.csv").read_text("utf-8").splitlines()
    (cases / "aided.csv").write_text(aided[0] + "\n", "utf-8")
    (cases / "aided-before.csv").write_text("\n".join(aided) + "\n", "utf-8")
    (config.state / "keys").symlink_to(consortium / "procuratorate" / "keys")
    return open_node(config)


def row(ref: RowRef, *tags: str, model: str = "PA", person: str = "nobody") -> ClueRow:
    return ClueRow(model, ref.case, person, (ref,), Verdict.YES, "A", tags, (Link("dibao", 1, "A"),))


def seeded(node: Node, rows: Sequence[ClueRow]) -> list[Clue]:
    """Store rows as a round of PA would, and return the clues."""
    facts = node.casework().facts
    coloured = list(colour_rows(rows, facts, node.library().table, coloured=frozenset({"PA"})))
    clues = [make_clue(r, facts, locality=None) for r in coloured]
    kept = [c for c, r in zip(clues, coloured, strict=True) if r.model != "PA" or has_colour(r)]
    node.book.take_round("r1", sorted({r.model for r in rows}), kept)
    node.set_aside.take_round("r1", ["PA"], [c for c in clues if c not in kept])
    return node.book.list()


def changed(text: str, old: str, new: str, node: Node) -> RuleFile:
    assert old in text
    raised = text.replace("version = 1", "version = 2", 1).replace(old, new, 1)
    return read_rule_file(raised.encode(), name="t.toml", bases=node.models)


def activated(node: Node, file: RuleFile) -> str:
    change = node.rule_book.propose(file, by="甲", now=NOW, effect={})
    node.rule_book.approve(change, by="乙", now=NOW, apply=lambda f: node.rule_changes().apply(f))
    return change


def test_a_change_takes_effect_with_the_second_officer_and_not_before(node: Node) -> None:
    file = changed(TREE, 'lowered_grades = ["B", "D", "E"]', 'lowered_grades = ["D", "E"]', node)
    change = node.rule_book.propose(file, by="甲", now=NOW, effect={"recoloured": 3})

    assert node.library().table.tree.head.version == 1
    with pytest.raises(PermissionRefused):
        node.rule_book.approve(change, by="甲", now=NOW, apply=lambda _: None)
    node.rule_book.approve(change, by="乙", now=NOW, apply=lambda _: None)
    assert node.library().table.tree.digest == file.digest
    with pytest.raises(RoundStateError, match="approved already"):
        node.rule_book.approve(change, by="乙", now=NOW, apply=lambda _: None)

    log = (node.config.state / "audit" / "entries.jsonl").read_text("utf-8")
    entries = [json.loads(line) for line in log.splitlines() if "rules." in line]
    assert len(entries) == 2 and all(file.digest in json.dumps(e) for e in entries)


def test_the_version_must_be_raised_and_the_file_must_differ(node: Node) -> None:
    same = read_rule_file(TREE.encode(), name="t", bases=node.models)
    lower = read_rule_file(TREE.encode() + b"# x\n", name="t", bases=node.models)
    with pytest.raises(RoundStateError, match="in force already"):
        node.rule_book.propose(same, by="甲", now=NOW, effect={})
    with pytest.raises(RoundStateError, match="greater than 1"):
        node.rule_book.propose(lower, by="甲", now=NOW, effect={})


def test_of_two_proposals_the_second_cannot_undo_the_first_unseen(node: Node) -> None:
    one = changed(TREE, '"B", "D", "E"', '"D", "E"', node)
    two = changed(TREE, '"B", "D", "E"', '"E"', node)
    first, second = (node.rule_book.propose(f, by="甲", now=NOW, effect={}) for f in (one, two))
    node.rule_book.approve(first, by="乙", now=NOW, apply=lambda _: None)

    with pytest.raises(RoundStateError, match="changed since"):
        node.rule_book.approve(second, by="乙", now=NOW, apply=lambda _: None)


def test_a_change_can_be_taken_back_by_two_officers_and_nothing_is_lost(node: Node) -> None:
    file = changed(TREE, '"B", "D", "E"', '"E"', node)
    activated(node, file)

    back = node.rule_book.revert("tree", "tree", by="甲", now=NOW)
    assert node.library().table.tree.digest == file.digest
    node.rule_book.approve(back, by="乙", now=NOW, apply=lambda _: None)
    assert node.library().table.tree.head.version == 1
    assert [c.state for c in node.rule_book.history()].count("ACTIVE") == 1
    assert {c.content for c in node.rule_book.history()} == {file.content, TREE.encode()}
    with pytest.raises(NotFoundError):
        node.rule_book.revert("lexicon", "lexicon", by="甲", now=NOW)


def test_the_effect_is_told_before_and_is_what_happens(node: Node) -> None:
    """A tier moved down recolours, a stricter step lets vanish, a wider one brings in who was set aside."""
    clues = seeded(node, [row(MOTHER, "DIBAO"), row(VICTIM, "CARD")])
    assert sorted(c.colour for c in clues) == ["red", "yellow"]

    lower = changed(TREE, '"DIBAO", ', "", node)
    lower = changed(lower.content.decode().replace("version = 2", "version = 1"), "low = [", 'low = ["DIBAO", ', node)
    effects = node.rule_changes().effects(lower)
    assert {(e.what, e.before.colour, e.after.colour) for e in effects} == {
        ("recoloured", "red", "orange"),
        ("same", "yellow", "yellow"),
    }
    assert sorted(c.colour for c in node.book.list()) == ["red", "yellow"], "a look changes nothing"
    activated(node, lower)

    after = {c.case_number: (c.colour, c.change) for c in node.book.list()}
    assert after == {"c3": ("orange", "changed"), "c1": ("yellow", "new")}
    assert all(f"PA v2 {lower.digest[:12]}" in c.colouring["files"] for c in node.book.list())  # type: ignore[operator]


def test_a_remark_in_a_file_changes_no_clue(node: Node) -> None:
    seeded(node, [row(MOTHER, "DIBAO"), row(VICTIM, "CARD"), row(RowRef(Source.PARTIES, "c2", "D3"), "DIBAO")])
    remark = changed(TREE, "# G: 2 with", "# G is 2 with", node)

    assert {e.what for e in node.rule_changes().effects(remark)} == {"same"}
    before = [(c.clue_id, c.colour, c.change) for c in node.book.list()]
    activated(node, remark)
    assert [(c.clue_id, c.colour, c.change) for c in node.book.list()] == before


def test_a_clue_that_loses_its_colour_is_set_aside_and_comes_back_with_a_revert(node: Node) -> None:
    seeded(node, [row(VICTIM, "CARD")])
    activated(node, changed(TREE, '"VULN", "CARD"]', '"VULN"]', node))

    assert [(c.change, c.colour) for c in node.book.list()] == [("gone", "none")]
    assert len(node.set_aside.list()) == 1
    back = node.rule_book.revert("tree", "tree", by="甲", now=NOW)
    node.rule_book.approve(back, by="乙", now=NOW, apply=lambda f: node.rule_changes().apply(f))
    assert [(c.change, c.colour) for c in node.book.list()] == [("new", "yellow")]
    assert node.set_aside.list() == []


def test_decisions_of_people_stay_and_rejected_clues_are_left_alone(node: Node) -> None:
    clues = seeded(node, [row(MOTHER, "DIBAO"), row(VICTIM, "CARD")])
    mother, victim = (next(c for c in clues if c.rows[0] == ref) for ref in (MOTHER, VICTIM))
    node.book.decide(mother.clue_id, status=CONFIRMED, by="甲", reason="", at="2026-11-01T00:00:00Z")
    node.book.decide(victim.clue_id, status=REJECTED, by="甲", reason="不符", at="2026-11-01T00:00:00Z")
    old = 'colour = "red"\ntitle = "伤害严重、在册特别困难"'
    activated(node, changed(TREE, old, old.replace("red", "orange"), node))

    with node.store.engine.begin() as connection:
        steps = [
            r.action for r in connection.execute(sa.select(CLUE_STEPS).where(CLUE_STEPS.c.clue_id == mother.clue_id))
        ]
    assert steps == ["found", "confirm", "changed"], "the clue's history tells of it"
    assert node.book.get(mother.clue_id).status == CONFIRMED and node.book.get(mother.clue_id).colour == "orange"
    assert node.book.get(victim.clue_id).colouring == victim.colouring


def test_a_wider_lexicon_brings_in_who_was_set_aside(node: Node, cases: Path) -> None:
    """K from near-synonyms: the effect names whom it brings in, before anything happens."""
    text = (cases / "cases.csv").read_text("utf-8")
    (cases / "cases.csv").write_text(text.replace("03-01,审查起诉,,", "03-01,审查起诉,,无业且借款度日"), "utf-8")
    parties = (cases / "parties.csv").read_text("utf-8").replace("是,死亡,,", "是,轻伤一级,,")
    (cases / "parties.csv").write_text(parties, "utf-8")
    assert seeded(node, [row(MOTHER)]) == []

    (effect,) = node.rule_changes().effects(changed(LEXICON, "near = false", "near = true", node))
    assert (effect.what, effect.after.colour, effect.after.colouring["step"]) == ("appears", "yellow", 14)


def test_people_without_a_colour_are_listed_for_other_help(node: Node, cases: Path) -> None:
    """Domain C3 steps 1 to 3: a follow-up list and a list to refer for social aid."""
    (cases / "aided-before.csv").replace(cases / "aided.csv")
    aided = node.casework().facts.person_of[MOTHER]
    seeded(
        node, [row(MOTHER, "DIBAO", person=aided), row(RowRef(Source.PARTIES, "c2", "D3"), "DIBAO", person="somebody")]
    )

    assert [c.rows[0].row for c in node.set_aside.list(lane="follow-up")] == ["D6"]
    assert [c.rows[0].row for c in node.set_aside.list(lane="social")] == ["D3"]


def test_a_models_change_says_which_clues_it_no_longer_asks_about(node: Node) -> None:
    seeded(node, [row(VICTIM, "DIBAO", model="SX-1")])
    text = node.base["sx-1.toml"].decode()
    file = changed(text, 'roles = ["被害人"', 'roles = ["申请人"', node)

    assert [e.what for e in node.rule_changes().effects(file)] == ["vanishes"]
    change = node.rule_book.propose(file, by="甲", now=NOW, effect={})
    node.rule_book.approve(change, by="乙", now=NOW, apply=lambda f: node.rule_changes().apply(f))
    assert next(m for m in node.models if m.id == "SX-1").digest == file.digest
    assert [c.change for c in node.book.list()] == ["new"], "a model's clues wait for its next round"


def test_a_changed_base_changes_its_campaigns_and_must_still_fit_them(node: Node) -> None:
    text = node.base["sc.toml"].decode()
    before = {m.id: m.digest for m in node.models}
    activated(node, read_rule_file(text.replace("version = 1", "version = 2").encode(), name="t", bases=node.models))

    after = {m.id: m.digest for m in node.models}
    assert {i for i in after if after[i] != before[i]} == {"SC", "ZX-VETERAN"}
    start, end = text.index("[populations.veteran]"), text.index("[populations.youfu]")
    gone = (text[:start] + text[end:]).replace('"veteran", ', "").replace("version = 1", "version = 3")
    file = read_rule_file(gone.encode(), name="t", bases=node.models)
    change = node.rule_book.propose(file, by="甲", now=NOW, effect={})
    with pytest.raises(ConfigError, match="populations are some of"):
        node.rule_book.approve(change, by="乙", now=NOW, apply=lambda _: None)


def test_a_model_is_not_changed_under_a_round(node: Node) -> None:
    node.requests.ask(["SX-1"], reference="专项", by="甲", round_id="a" * 32, now=NOW)
    node.requests.approve("a" * 32, by="乙", now=NOW)
    text = node.base["sx-1.toml"].decode().replace("version = 1", "version = 2")
    file = read_rule_file(text.encode(), name="t", bases=node.models)
    change = node.rule_book.propose(file, by="甲", now=NOW, effect={})

    with pytest.raises(RoundStateError, match="under way"):
        node.rule_book.approve(change, by="乙", now=NOW, apply=lambda _: None)


def test_a_file_of_no_kind_and_an_officer_without_the_duty_are_refused(node: Node) -> None:
    with pytest.raises(ConfigError, match="exactly one of the heads"):
        read_rule_file(b"[something]\nx = 1\n", name="t.toml", bases=node.models)
    with pytest.raises(PermissionRefused):
        node.rule_book.propose(changed(TREE, '"B", "D", "E"', '"E"', node), by="乙", now=NOW, effect={})


def test_the_commands_lead_a_change_from_test_to_history(
    cases: Path, consortium: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").mkdir(exist_ok=True)
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    config, file = tmp_path / "procuratorate.toml", tmp_path / "tree.toml"
    config.write_text(TOML, "utf-8")

    def run(*words: str) -> int:
        return main(["--config", str(config), "models", *words])

    assert run("export", "tree", str(file)) == 0 and file.read_text("utf-8") == TREE
    file.write_text(TREE.replace("version = 1", "version = 2").replace('high = ["TEKUN", "DIBAO",', 'high = ["TEKUN",'))
    capsys.readouterr()
    assert run("check", str(file)) == 0
    assert run("test", str(file)) == 1, "fewer examples are right than with the tree in force"
    said = capsys.readouterr().out
    assert "colours.tsv: 应有 expected 91" in said and "现行 in force 91" in said
    assert run("diff", str(file)) == 0
    assert "合计 total" in capsys.readouterr().out
    assert run("activate", str(file), "--by", "甲") == 0
    change = capsys.readouterr().out.splitlines()[-1]
    assert run("approve", change, "--by", "甲") == 1
    assert run("approve", change, "--by", "乙") == 0
    assert run("revert", "tree", "--by", "甲") == 0
    assert run("history") == 0
    assert "ACTIVE 甲 / 乙" in capsys.readouterr().out


def test_model_files_say_what_they_are(node: Node) -> None:
    found = read_rule_file(node.base["zx-women.toml"], name="zx-women.toml", bases=node.models)

    assert (found.kind, found.key, found.version) == (MODEL, "ZX-WOMEN", 1) and replace(found, version=2) != found
