"""Hold the documents to the programs: every command they name exists, every option too, every link leads somewhere."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "keys").glob("*.md")]
)
PROGRAMS = {
    "linkage": "linkage.main",
    "agency-node": "agency_node.command",
    "procuratorate-node": "procuratorate_node.command",
}
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:linkage|agency-node|procuratorate-node|make) [a-z][^`\n]*)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands_of(text: str) -> list[list[str]]:
    """Return the words of every command of ours in sh blocks and in inline code."""
    lines = [line for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    found = [shlex.split(line, comments=True) for line in [*lines, *INLINE.findall(text)]]
    return [words for words in found if words and (words[0] in PROGRAMS or words[0] == "make")]


def named_commands() -> list[tuple[str, str]]:
    seen = {
        (path.relative_to(ROOT).as_posix(), shlex.join(words))
        for path in DOCUMENTS
        for words in commands_of(path.read_text(encoding="utf-8"))
    }
    return sorted(seen)


def help_of(words: list[str]) -> str:
    """Return what a program prints when asked for help on these subcommands; "" when it refuses them."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = importlib.import_module(PROGRAMS[words[0]]).main([*words[1:], "--help"])
        except SystemExit as stop:
            code = stop.code
    return said.getvalue() if code in (0, None) else ""


def subcommands_of(words: list[str]) -> list[str]:
    """Return the program and the words before the first option, path or placeholder."""
    kept = [words[0]]
    for word in words[1:]:
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        kept.append(word)
    return kept


@pytest.mark.parametrize(("document", "command"), named_commands())
def test_every_command_a_document_names_exists(document: str, command: str) -> None:
    words = shlex.split(command)
    if words[0] == "make":
        goals = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert [goal for goal in words[1:] if "=" not in goal and goal not in goals] == []
        return
    named = subcommands_of(words)
    said = next((text for size in range(len(named), 1, -1) if (text := help_of(named[:size]))), "")

    assert said, f"{document}: {command}"
    options = [word.split("=")[0] for word in words if re.match(r"--[a-z]", word)]
    assert [option for option in options if option not in said] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_commands_are_found_in_blocks_and_in_running_text() -> None:
    text = "Use `linkage audit verify LOG`.\n```sh\n# first\nlinkage keys \\\n  show FOLDER  # then\nls\n```\n"

    assert commands_of(text) == [["linkage", "keys", "show", "FOLDER"], ["linkage", "audit", "verify", "LOG"]]


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert help_of(["linkage", "keys", "no-such-step"]) == ""


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_both_readmes_show_the_same_commands(name: str) -> None:
    blocks = [BLOCK.findall((ROOT / file).read_text(encoding="utf-8")) for file in ("README.md", name)]

    assert [re.sub(r"#.*", "", block) for block in blocks[0]] == [re.sub(r"#.*", "", block) for block in blocks[1]]
