"""Say in words why a clue is one: the model's published rules, the tree's step, words with pages, what to mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from procuratorate_node.clues import Clue
from procuratorate_node.model import ScreeningModel
from procuratorate_node.warning.lexicon import EXCLUSION


def rules_shown(model: ScreeningModel, clue: Clue) -> str:
    """Return the model's rules with what this clue shows for each (GY-L-2, GY-M1-4..6)."""
    return "；".join(f"{rule.title}——{_shown(rule.rests_on, model, clue)}" for rule in model.rules)


def _shown(rests_on: str, model: ScreeningModel, clue: Clue) -> str:
    if rests_on == "compensation":
        return f"赔偿状态 {clue.facts.get('compensation') or 'UNKNOWN'}"
    if rests_on == "registers":
        return f"在册 {'、'.join(clue.tags)}（等级 {clue.grade or '-'}）；是否因案致困由人核实"
    titles = [
        model.populations[name].title or name for name in model.plan.negative_leaves() if name in model.populations
    ]
    sure = "均未发现" if clue.verdict == "yes" else "不能确定"
    return f"{'、'.join(dict.fromkeys(titles))}：{sure}"


def explained(clue: Clue) -> Iterator[str]:
    """Yield the lines below a clue: rules, cautions, registers to look at first, words with pages, deciding files."""
    if rules := clue.facts.get("rules"):
        yield from rules.split("；规则")[:1]
        yield from (f"规则{rest}" for rest in rules.split("；规则")[1:])
    colouring = clue.colouring
    for caution in _list(colouring, "cautions"):
        yield f"注意：{caution}"
    first = [tag for tag in _list(colouring, "registers") if tag in clue.tags]
    if first:
        yield f"优先核对：{'、'.join(map(str, first))}"
    for word in _list(colouring, "words"):
        if isinstance(word, Sequence) and len(word) == 4:
            yield _word_line(*map(str, word))
    for name in (*filter(None, [clue.facts.get("model")]), *_list(colouring, "files")):
        yield f"依据文件：{name}"


def _word_line(category: str, keyword: str, written: str, where: str) -> str:
    kind = "排除词（须看上下文）" if category == EXCLUSION else f"{category}类词"
    shown = keyword if keyword == written else f"{keyword}（写作“{written}”）"
    return f"{kind}：{shown} {where}"


def _list(colouring: Mapping[str, object], key: str) -> Sequence[object]:
    found = colouring.get(key)
    return found if isinstance(found, list | tuple) else ()
