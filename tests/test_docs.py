"""Hold the documents to the programs: every command line they show is one that parses, every link leads somewhere."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

import agency_node.rights
import procuratorate_node.rights
from linkage.accounts.gate import OPEN

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "keys").glob("*.md")])
PARSERS = {
    "linkage keys": "linkage.keys.arguments:parser",
    "linkage audit": "linkage.audit.command:_parser",
    "linkage coordinator": "linkage.coordinator.command:parser",
    "linkage demo": "linkage.demo.options:parser",
    "agency-node": "agency_node.command:parser",
    "procuratorate-node": "procuratorate_node.command:parser",
}
OURS = {name.split()[0] for name in PARSERS}
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:linkage|agency-node|procuratorate-node) [a-z][^`\n]*)`")
MAKE = re.compile(r"\bmake ([a-z]+)\b")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def block_commands(text: str) -> list[list[str]]:
    """Return the words of every command in the sh blocks."""
    lines = [line for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def shown(find: Callable[[str], list[list[str]]]) -> list[tuple[str, str]]:
    """Return (document, command) of every document, each once."""
    return sorted(
        {
            (path.relative_to(ROOT).as_posix(), shlex.join(words))
            for path in DOCUMENTS
            for words in find(path.read_text(encoding="utf-8"))
        }
    )


def inline_commands(text: str) -> list[list[str]]:
    return [shlex.split(command) for command in INLINE.findall(text)]


# Who acts in the guides, with the role of each; the actions of a command line are what its parser names.
CAST = {
    "agency-node": (agency_node.rights.RIGHTS, "action", {"值班员甲": "operator", "科长乙": "approver"}),
    "procuratorate-node": (
        procuratorate_node.rights.RIGHTS,
        "does",
        {"检察官甲": "case-officer", "检察官乙": "approver", "检察长": "approver"},
    ),
}
ADMINISTRATORS = {"系统管理员": "system-administrator", "安全管理员": "security-administrator"}


def not_theirs(words: list[str]) -> str:
    """Return who acts in a command line without the right to; "" where nobody does."""
    rights, named, people = CAST[words[0]]
    asked = made_by(words[0]).parse_args(words[1:])
    by = getattr(asked, "by", None)
    if not by:
        return ""
    role = (people | ADMINISTRATORS).get(by, "")
    return "" if rights[str(getattr(asked, named))] & {role, OPEN} else f"{by} ({role or 'nobody the guides know'})"


def made_by(name: str) -> argparse.ArgumentParser:
    module, function = PARSERS[name].split(":")
    return cast("argparse.ArgumentParser", getattr(importlib.import_module(module), function)())


def parse(words: list[str]) -> str:
    """Return "" when the program's own parser takes this command line, else what it says."""
    name = " ".join(words[:2]) if words[0] == "linkage" else words[0]
    if name not in PARSERS:
        return f"no such program: {name}"
    made, said = made_by(name), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            made.parse_args(words[len(name.split()) :])
        except SystemExit as stop:
            return "" if stop.code in (0, None) else said.getvalue()
    return ""


@pytest.mark.parametrize(("document", "command"), shown(block_commands))
def test_every_command_line_a_document_shows_is_one_that_can_be_typed(document: str, command: str) -> None:
    words = shlex.split(command)
    if words[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(words[2]) is not None
    elif words[0] in OURS:
        assert parse(words) == ""


def test_whoever_acts_in_a_guide_has_the_role_for_it() -> None:
    acting = [(doc, line) for doc, line in shown(block_commands) if line.split()[0] in CAST and " --by " in line]
    refused = {(doc, line): who for doc, line in acting if (who := not_theirs(shlex.split(line)))}

    assert len(acting) > 40 and refused == {}


@pytest.mark.parametrize(("document", "command"), shown(inline_commands))
def test_every_command_a_text_names_exists(document: str, command: str) -> None:
    words = shlex.split(command)
    named = [words[0]]
    for word in words[1:]:
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        named.append(word)

    assert any(parse([*named[:size], "--help"]) == "" for size in range(len(named), 1, -1)) or named == words[:1]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_goal_of_make_that_a_document_names_exists(document: Path) -> None:
    goals = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = re.findall(r"`[^`\n]+`|^```.*?^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    assert {goal for part in code for goal in MAKE.findall(part)} <= goals


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_commands_are_found_in_blocks() -> None:
    text = "Use `linkage audit verify LOG`.\n```sh\n# first\nlinkage keys \\\n  show FOLDER  # then\n```\n"

    assert block_commands(text) == [["linkage", "keys", "show", "FOLDER"]]
    assert inline_commands(text) == [["linkage", "audit", "verify", "LOG"]]


@pytest.mark.parametrize(
    "command",
    [
        "linkage keys no-such-step",
        "linkage keys show",
        "linkage weather",
        "agency-node approve",
        "procuratorate-node screen request --models all --by A --no-such-option",
    ],
)
def test_a_command_line_that_cannot_be_typed_is_noticed(command: str) -> None:
    assert parse(command.split()) != ""


@pytest.mark.parametrize(("one", "other"), [("README.md", "README.zh-CN.md")])
def test_both_languages_show_the_same_commands(one: str, other: str) -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in (one, other)]

    assert block_commands(texts[0]) == block_commands(texts[1])


@pytest.mark.parametrize("guide", ["guide-agency", "guide-operations"])
def test_both_languages_of_a_guide_show_the_same_commands(guide: str) -> None:
    texts = [(ROOT / "docs" / f"{guide}{end}.md").read_text(encoding="utf-8") for end in ("", ".zh-CN")]

    assert block_commands(texts[0]) == block_commands(texts[1])
