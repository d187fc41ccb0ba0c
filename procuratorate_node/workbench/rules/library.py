"""Models and tables in force: the list, and one of them in words with its text."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from linkage.errors import NotFoundError
from linkage.web.page import Page
from linkage.web.texts import Text
from procuratorate_node.colour_table import CHARGE_MODELS, LEXICON, TREE
from procuratorate_node.node import Node
from procuratorate_node.rounds.asking import steps_of_model
from procuratorate_node.rule_book import PROPOSED
from procuratorate_node.rule_files import MODEL, RuleFile, kind_named, read_rule_file
from procuratorate_node.rule_testing import run_examples
from procuratorate_node.workbench.screening.choosing import own_people
from procuratorate_node.workbench.screening.diagram import draw_steps

TITLE = Text("模型和表", "Models and tables")
KINDS = {
    MODEL: Text("筛查模型", "screening model"),
    LEXICON: Text("词库", "lexicon"),
    TREE: Text("颜色判定树", "colour tree"),
    CHARGE_MODELS: Text("案由模型", "charge models"),
}


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of the list. `waiting` is the id of a change that waits for approval."""

    kind: str
    key: str
    version: int
    digest: str
    title: Text
    waiting: str


def show_all(page: Page) -> Response:
    node = page.node(Node)
    waiting = {(c.kind, c.rule_key): c.change_id for c in node.rule_book.history() if c.state == PROPOSED}
    models, table = node.library().models, node.library().table
    lines = [
        FileLine(MODEL, m.id, m.version, m.digest, Text(m.title, m.title_en), waiting.get((MODEL, m.id), ""))
        for m in models
    ]
    for kind, version, digest in (
        (LEXICON, table.lexicon.head.version, table.lexicon.digest),
        (TREE, table.tree.head.version, table.tree.digest),
        (CHARGE_MODELS, table.charges.head.version, table.charges.digest),
    ):
        lines.append(FileLine(kind, kind, version, digest, KINDS[kind], waiting.get((kind, kind), "")))
    return page.render("rules/list.html", title=TITLE, lines=lines, kinds=KINDS)


def show(page: Page) -> Response:
    """Show one model or table: in words, and as its text."""
    node, key = page.node(Node), page.parameters["key"]
    file = _in_force(node, kind_named(key), key)
    model = next((m for m in node.models if m.id == key), None)
    return page.render(
        "rules/show.html",
        title=Text(f"{key} v{file.version}", f"{key} v{file.version}"),
        file=file,
        model=model,
        kinds=KINDS,
        steps=draw_steps(steps_of_model(model), page.language) if model else "",
        own=own_people([model])[key][1] if model else (),
        changes=[c for c in reversed(node.rule_book.history()) if c.rule_key == key],
    )


def examples(page: Page) -> Response:
    """Return the test report of a file as it is in force."""
    node, key = page.node(Node), page.parameters["key"]
    file = _in_force(node, kind_named(key), key)
    return page.part("rules/examples.html", tested=run_examples(file, node.rule_book.rules()))


def _in_force(node: Node, kind: str, key: str) -> RuleFile:
    rules = node.rule_book.rules()
    content = rules.content(kind, key)
    if content is None:
        raise NotFoundError("没有这个模型或表", "there is no such model or table")
    return read_rule_file(content, name=key, bases=rules.library().models)
