"""Every page is in both languages: a template holds no Chinese word but as the first half of `t("中文", "English")`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path for package in ("linkage", "agency_node", "procuratorate_node") for path in (ROOT / package).rglob("*.html")
)
CHINESE = re.compile("[\u4e00-\u9fff]")
SWITCH = "中文"  # The switch is in the language it leads to.


def untranslated(node: nodes.Node) -> Iterator[str]:
    """Yield every text with Chinese in it that has no English half."""
    text = getattr(node, "value", getattr(node, "data", None))
    if isinstance(text, str) and CHINESE.search(text) and text != SWITCH:
        yield text
    is_pair = isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "t"
    skipped = node.args[0] if is_pair and len(node.args) == 2 else None  # type: ignore[attr-defined]  # A Call.
    for child in node.iter_child_nodes():
        if child is not skipped:
            yield from untranslated(child)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_says_everything_in_both_languages(path: Path) -> None:
    assert list(untranslated(Environment().parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize("text", ["<p>姓名</p>", '{{ t("a", "姓名") }}', '{{ field("姓名") }}', '{{ t("姓名") }}'])
def test_a_word_without_its_other_half_is_found(text: str) -> None:
    assert list(untranslated(Environment().parse(text))) != []
