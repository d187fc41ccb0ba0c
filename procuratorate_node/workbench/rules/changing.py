"""Change a model or table: check a file, ask for it to take effect, approve it, take it back."""

from __future__ import annotations

import base64
from typing import Final

from starlette.responses import Response

from linkage.errors import InputError, LinkageError
from linkage.keys.times import utc_text
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text
from procuratorate_node.effects import APPEARS, RECOLOURED, SAME, UNSURE, VANISHES, counts_of, lines_of
from procuratorate_node.node import Node
from procuratorate_node.rule_book import ACTIVE, PROPOSED, RETIRED
from procuratorate_node.rule_files import RuleFile, kind_named, read_rule_file
from procuratorate_node.rule_testing import asked_rows, run_examples, text_diff
from procuratorate_node.workbench.rules import library

MOST_BYTES: Final = 1 << 20
MOST_LINES: Final = 200
CONTENT = Text("文件内容", "Content of the file")
STATES: Final = {
    PROPOSED: (Text("待批准", "waiting for approval"), "warn"),
    ACTIVE: (Text("现行", "in force"), "good"),
    RETIRED: (Text("已替换", "replaced"), "quiet"),
}
EFFECTS: Final = {
    RECOLOURED: Text("变色", "recoloured"),
    VANISHES: Text("消失", "vanish"),
    APPEARS: Text("新出现", "appear"),
    SAME: Text("不变", "same"),
    UNSURE: Text("须待轮次", "only a round can tell"),
}


def history(page: Page) -> Response:
    changes = list(reversed(page.node(Node).rule_book.history()))
    listing = Listing.of(page.query, total=len(changes))
    return page.render(
        "rules/history.html",
        title=Text("变更记录", "History of changes"),
        changes=listing.part(changes),
        listing=listing,
        states=STATES,
        kinds=library.KINDS,
        effects=EFFECTS,
    )


def check(page: Page) -> Response:
    """Check a file that was chosen, and show what it would do; nothing is stored."""
    node, upload = page.node(Node), page.upload("file")
    file = _read(node, upload.file.read(), name="file.toml")
    changes = node.rule_changes()
    found = changes.effects(file)
    return page.render(
        "rules/check.html",
        title=Text(f"试验 {file.key} v{file.version}", f"Trial of {file.key} v{file.version}"),
        file=file,
        content=base64.b64encode(file.content).decode(),
        diff=text_diff(changes.rules.content(file.kind, file.key) or b"", file.content),
        tested=run_examples(file, changes.rules),
        asked=asked_rows(file, changes.rules, changes.facts),
        counts=counts_of(found),
        lines=list(lines_of(found))[:MOST_LINES],
        kinds=library.KINDS,
        effects=EFFECTS,
    )


def activate(page: Page) -> Response:
    """Ask for the file that was checked to take effect, byte for byte; another officer approves."""
    node = page.node(Node)
    file = _read(node, _bytes_of(page.needed("content", CONTENT)), name="file.toml")
    effect = dict(counts_of(node.rule_changes().effects(file)))
    change = node.rule_book.propose(file, by=page.officer, now=node.clock(), effect=effect)
    return page.redirect(f"/rules/changes/{change}", said=Text("已申请生效", "Asked for"))


def show_change(page: Page) -> Response:
    node = page.node(Node)
    change = node.rule_book.change(page.parameters["change"])
    return page.render(
        "rules/change.html",
        title=Text(f"变更 {change.rule_key} v{change.version}", f"Change of {change.rule_key} v{change.version}"),
        change=change,
        diff=text_diff(change.replaced, change.content),
        states=STATES,
        kinds=library.KINDS,
        effects=EFFECTS,
    )


def tested(page: Page) -> Response:
    """Return the test report of a change, against what is in force now."""
    node = page.node(Node)
    try:
        file = node.rule_book.file_of(node.rule_book.change(page.parameters["change"]))
        return page.part("rules/examples.html", tested=run_examples(file, node.rule_book.rules()))
    except LinkageError as error:
        return page.part("rules/problem.html", error=error)


def approve(page: Page) -> Response:
    node, change, now = page.node(Node), page.parameters["change"], page.node(Node).clock()
    node.rule_book.approve(
        change, by=page.officer, now=now, apply=lambda f: node.rule_changes().apply(f, at=utc_text(now))
    )
    return page.redirect(f"/rules/changes/{change}", said=Text("已生效", "In force"))


def revert(page: Page) -> Response:
    """Ask for the version before the one in force."""
    node, key = page.node(Node), page.parameters["key"]
    change = node.rule_book.revert(kind_named(key), key, by=page.officer, now=node.clock())
    return page.redirect(f"/rules/changes/{change}", said=Text("已申请撤回", "Asked to take it back"))


def _bytes_of(text: str) -> bytes:
    """Return what the form carries in base64, because browsers change the ends of lines. Raises InputError."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise InputError("表单里的文件内容已损坏", "the file in the form is damaged") from None


def _read(node: Node, content: bytes, *, name: str) -> RuleFile:
    return read_rule_file(content, name=name, bases=node.models)


SECTION = Section(
    library.TITLE,
    get("/rules", "rules.history", library.show_all),
    get("/rules/changes", "rules.history", history),
    get("/rules/changes/{change}", "rules.history", show_change),
    get("/rules/changes/{change}/examples", "rules.diff", tested, live=True),
    get("/rules/model/{key}", "rules.export", library.show),
    get("/rules/model/{key}/examples", "rules.diff", library.examples, live=True),
    post("/rules/check", "rules.diff", check, body=MOST_BYTES),
    post("/rules/activate", "rules.activate", activate, body=2 * MOST_BYTES),
    post("/rules/changes/{change}/approve", "rules.approve", approve),
    post("/rules/model/{key}/revert", "rules.revert", revert),
)
