"""The inventory of sources × classes (GY-S-8): which office holds which class of people, and which models ask for it.

It is made of the signed manifest, the models and the warrants of delivered rounds; no register is asked for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from linkage.keys.manifest import Party
from linkage.warrant import RoundWarrant
from procuratorate_node.model import ScreeningModel

HEADINGS = ("来源", "单位编号", "数据集", "类别", "模型", "最近一轮")


@dataclass(frozen=True, slots=True)
class Holding:
    """One dataset: who owns it ("" = nobody), how models call it, which ask for it, when a round last used it."""

    owner: str
    party: str
    dataset: str
    title: str
    models: tuple[str, ...]
    last_used: date | None

    def cells(self) -> tuple[str, ...]:
        """Return the line as texts, in the order of HEADINGS."""
        used = str(self.last_used) if self.last_used else ""
        return (self.owner, self.party, self.dataset, self.title, "、".join(self.models), used)


def take_inventory(
    parties: Iterable[Party], models: Sequence[ScreeningModel], delivered: Iterable[tuple[date, RoundWarrant]]
) -> tuple[Holding, ...]:
    """Return every dataset of the manifest's agencies in its order, then those that models want and nobody owns."""
    wanted: dict[str, list[str]] = defaultdict(list)
    titles: dict[str, str] = {}
    for model in models:
        for use in model.populations.values():
            wanted[use.dataset] += [model.id] * (model.id not in wanted[use.dataset])
            titles[use.dataset] = _shorter(titles.get(use.dataset, ""), use.title)
    last = _last_used(delivered)
    owned = [(p, dataset) for p in parties if p.role == "agency" for dataset in p.datasets]
    missing = sorted(set(wanted) - {dataset for _, dataset in owned})
    found = [(p.name, p.id, d) for p, d in owned] + [("", "", d) for d in missing]
    return tuple(
        Holding(name, party, d, titles.get(d, ""), tuple(sorted(wanted.get(d, ()))), last.get(d))
        for name, party, d in found
    )


def _shorter(known: str, title: str) -> str:
    """Return the plainer of two titles: some models ask for a part of a dataset and say so at length."""
    return min((t for t in (known, title) if t), key=len, default="")


def _last_used(delivered: Iterable[tuple[date, RoundWarrant]]) -> Mapping[str, date]:
    last: dict[str, date] = {}
    for day, warrant in delivered:
        for spec in warrant.populations:
            last[spec.dataset] = max(day, last.get(spec.dataset, day))
    return last
