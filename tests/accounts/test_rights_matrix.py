"""Every role against every command of both nodes, generated from their own parsers: what is not allowed is refused."""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import agency_node.command
import agency_node.console
import agency_node.rights
import procuratorate_node.command
import procuratorate_node.rights
import procuratorate_node.workbench
from linkage.accounts.book import Account, AccountBook
from linkage.accounts.carriers import FILE
from linkage.accounts.desk import ADMINISTRATION
from linkage.accounts.door import open_gate
from linkage.accounts.gate import OPEN, Rights, Titles
from linkage.keys.files import PRIVATE, write_file
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.web.routes import Section

PARTIES = [
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "检察院", "procuratorate", ("parties",)),
    PartySpec("civil", "民政局", "agency", ("dibao",)),
]


@dataclass(frozen=True)
class Node:
    """One kind of node: its parser, its table, its main, and what its parser calls an action."""

    party: str
    action: str
    parser: Callable[[], argparse.ArgumentParser]
    main: Callable[[list[str]], int]
    rights: Rights
    titles: Titles
    config: str
    sections: tuple[Section, ...]


NODES = {
    "agency": Node(
        "civil",
        "action",
        agency_node.command.parser,
        agency_node.command.main,
        agency_node.rights.RIGHTS,
        agency_node.rights.TITLES,
        '[agency]\nstate = "."\ncoordinator = "localhost:1"\ndata = "data"\n',
        agency_node.console.SECTIONS,
    ),
    "procuratorate": Node(
        "procuratorate",
        "does",
        procuratorate_node.command.parser,
        procuratorate_node.command.main,
        procuratorate_node.rights.RIGHTS,
        procuratorate_node.rights.TITLES,
        '[node]\nstate = "."\ncoordinator = "localhost:1"\n[cases]\nfolder = "cases"\n',
        procuratorate_node.workbench.SECTIONS,
    ),
}
EVERY = sorted((kind, role) for kind, node in NODES.items() for role in node.titles)


def commands(node: Node) -> dict[str, list[str]]:
    """Return action → a command line of it, with something in the place of every needed argument."""
    return dict(_walk(node.parser(), node.action, []))


def _walk(parser: argparse.ArgumentParser, named: str, words: list[str]) -> Iterator[tuple[str, list[str]]]:
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for group in inner:
        for name, step in group.choices.items():
            yield from _walk(step, named, [*words, name])
    if not inner and parser.get_default(named):
        yield str(parser.get_default(named)), [*words, *_needed(parser)]


def _needed(parser: argparse.ArgumentParser) -> Iterator[str]:
    for argument in parser._actions:
        word = str(next(iter(argument.choices))) if argument.choices else "1"
        if not argument.option_strings and argument.nargs not in ("?", "*"):
            yield word
        elif argument.required and argument.option_strings:
            yield from (argument.option_strings[0], word)


@pytest.fixture(scope="module", autouse=True)
def grammars() -> Iterator[None]:
    """Let each node build its parser once for the thousands of commands typed here."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (agency_node.command, procuratorate_node.command):
            patch.setattr(module, "parser", functools.cache(module.parser))
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("matrix")
    quickstart(out, consortium="c", parties=PARTIES, now=datetime.now(UTC), random_bytes=os.urandom)
    for kind, node in NODES.items():
        (out / node.party / f"{kind}.toml").write_text(node.config, "utf-8")
    return out


def signed_in(state: Path, node: Node, role: str) -> None:
    """Leave an account of this role and its session, as signing in would."""
    token, now = os.urandom(32), int(datetime.now(UTC).timestamp())
    digest = hashlib.sha256(b"linkage/v1/session\0" + token).hexdigest()
    account = Account(role, role, "-", "00", session=digest, signed_in_at=now, seen_at=now)
    book = AccountBook(state, frozenset(node.titles))
    if role in {a.name for a in book.all()}:
        book.change(role, lambda _: account)
    else:
        book.add(account)
    write_file(state / FILE, f"{token.hex()} {role}\n".encode(), mode=PRIVATE)


def refused_in(state: Path) -> list[tuple[str, str]]:
    """Return the refused actions of the audit log, each with its account."""
    file = state / "audit" / "entries.jsonl"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    entries = [json.loads(line) for line in lines]
    return [(e["facts"]["action"], e["facts"]["account"]) for e in entries if e["kind"] == "action.refused"]


@pytest.mark.parametrize("kind", NODES)
def test_every_command_has_a_row_and_every_row_a_command(kind: str) -> None:
    of_pages = {action for action in NODES[kind].rights if action.startswith("pages.")}

    assert set(commands(NODES[kind])) == set(NODES[kind].rights) - of_pages


@pytest.mark.parametrize("kind", NODES)
def test_every_page_has_a_row_and_every_row_of_pages_a_page(kind: str) -> None:
    actions = {route.action for section in NODES[kind].sections for route in section.routes}
    of_pages = {action for action in NODES[kind].rights if action.startswith("pages.")}

    assert actions <= set(NODES[kind].rights) and of_pages <= actions


@pytest.mark.parametrize("kind", NODES)
def test_every_row_names_known_roles_only(kind: str) -> None:
    assert set().union(*NODES[kind].rights.values()) <= {*NODES[kind].titles, OPEN}
    assert all(NODES[kind].rights.values())


@pytest.mark.parametrize(("kind", "role"), EVERY)
def test_a_forbidden_command_is_refused_by_the_program_and_noted(
    folders: Path, kind: str, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    node, state = NODES[kind], folders / NODES[kind].party
    signed_in(state, node, role)
    before = len(refused_in(state))
    forbidden = {action: words for action, words in commands(node).items() if not node.rights[action] & {role, OPEN}}
    assert forbidden

    for action, words in forbidden.items():
        code = node.main(["--config", str(state / f"{kind}.toml"), *words])
        assert (code, "not allowed" in capsys.readouterr().err) == (1, True), action

    assert refused_in(state)[before:] == [(action, role) for action in forbidden]


@pytest.mark.parametrize(("kind", "role"), EVERY)
def test_an_allowed_command_is_admitted_in_the_name_of_who_is_signed_in(folders: Path, kind: str, role: str) -> None:
    node, state = NODES[kind], folders / NODES[kind].party
    signed_in(state, node, role)
    gate = open_gate(state, node.rights, titles=node.titles)

    for action, allowed in node.rights.items():
        if role in allowed:
            assert gate.admit(action) == role


@pytest.mark.parametrize("kind", NODES)
def test_nobody_signed_in_may_do_nothing_but_what_is_open(
    folders: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    node, state = NODES[kind], folders / NODES[kind].party
    signed_in(state, node, "auditor")
    (state / FILE).unlink()

    for action, words in commands(node).items():
        if OPEN not in node.rights[action]:
            assert node.main(["--config", str(state / f"{kind}.toml"), *words]) == 1, action
            assert "nobody is signed in" in capsys.readouterr().err


def test_who_asks_never_approves_and_administrators_do_neither() -> None:
    for node in NODES.values():
        pairs = [(a, b) for a in node.rights for b in node.rights if a.split(".")[0] == b.split(".")[0] and a != b]
        for asking, approving in pairs:
            if "approve" in approving and asking.rpartition(".")[2] in ("request", "propose", "draft", "ask", "send"):
                assert not node.rights[asking] & node.rights[approving]
    changes = {"approve", "refuse", "release_approve", "enter", "screening.request", "screening.approve"}
    changes |= {"people.request", "people.approve", "relays.ask", "clues.export", "award.decide"}
    for node in NODES.values():
        for action in changes & set(node.rights):
            assert not node.rights[action] & ADMINISTRATION and len(node.rights[action]) == 1


@pytest.mark.parametrize("kind", NODES)
def test_outside_an_exercise_a_node_without_accounts_refuses_everything_but_the_first_account(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LINKAGE_SINGLE_USER")
    node = NODES[kind]
    quickstart(tmp_path, consortium="c", parties=PARTIES, now=datetime.now(UTC), random_bytes=os.urandom)
    state, config = tmp_path / node.party, tmp_path / node.party / f"{kind}.toml"
    config.write_text(node.config, "utf-8")
    password = tmp_path / "password"
    write_file(password, "正确的马电池订书钉-42\n".encode(), mode=PRIVATE)

    for action, words in commands(node).items():
        if OPEN not in node.rights[action] and action != "accounts.add":
            assert node.main(["--config", str(config), *words]) == 1
            assert "no accounts are configured" in capsys.readouterr().err
    add = ["--config", str(config), "accounts", "add", "--password-file", str(password)]
    assert node.main([*add, "丙", "--role", "auditor"]) == 1
    assert node.main([*add, "甲", "--role", "security-administrator"]) == 0
    shown = capsys.readouterr().out
    assert "otpauth://totp/" in shown and "▄▄▄▄▄" in shown
    assert node.main([*add, "丙", "--role", "auditor"]) == 1, "now somebody must be signed in"
    assert ("accounts.add", "") in refused_in(state)
