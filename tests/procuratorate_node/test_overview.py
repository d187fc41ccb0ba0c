"""The inventory of sources and classes, and the look back at the office's own list."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from linkage.keys.store import load_party_keys
from linkage.normalise.person import RawPerson
from procuratorate_node.aided_statistics import count_aided
from procuratorate_node.cases.records import Aided, RowRef, Source
from procuratorate_node.command import main
from procuratorate_node.inventory import HEADINGS, take_inventory
from procuratorate_node.model import choose_models, shipped_models
from procuratorate_node.relief.tables import shipped_tables
from tests.procuratorate_node.test_command import TOML
from tests.test_warrant import sample_warrant


def test_the_inventory_names_owner_class_models_and_last_use_of_every_dataset(consortium: Path) -> None:
    parties = load_party_keys(consortium / "procuratorate").manifest.parties()
    models = choose_models(shipped_models(), ["SX-1", "YQ-M2"])
    old, new = (date(2026, 9, 1), sample_warrant()), (date(2026, 10, 1), sample_warrant())

    found = {h.dataset: h for h in take_inventory(parties, models, [new, old])}

    dibao = found["dibao"]
    assert (dibao.owner, dibao.party, dibao.title, dibao.models) == ("民政局", "civil", "低保对象", ("SX-1", "YQ-M2"))
    assert dibao.last_used == date(2026, 10, 1)
    assert found["social_aided"].models == () and found["tekun"].last_used is None
    assert (found["vulnerable"].party, found["vulnerable"].models) == ("", ("YQ-M2",))
    assert "parties" not in found, "the procuratorate's own rows are no source of a class"


def test_every_kind_is_counted_by_year_with_its_money_and_share() -> None:
    def row(at: int, cause: str, day: date | None, amount: float | None = 1000.0) -> Aided:
        return Aided(RowRef(Source.AIDED, f"J{at}", f"{at}"), RawPerson(), cause=cause, decided=day, amount=amount)

    rows = [
        row(1, "故意伤害罪", date(2016, 5, 1)),
        row(2, "交通肇事", date(2016, 6, 1), 20000.5),
        row(3, "故意伤害", date(2021, 1, 1), None),
        row(4, "诈骗", date(2020, 1, 1)),
        row(5, "从未听说", date(2020, 1, 1)),
        row(6, "故意伤害", None),
    ]
    (scale,) = shipped_tables().scales

    found = count_aided(rows, scale, first=2016, last=2021)
    injury = found.kinds[0]

    assert (found.total, found.undated, injury.code, injury.persons) == (5, 1, "criminal_injury", 3)
    assert found.share(injury) == 0.6 and dict(injury.by_year) == {2016: 2, 2021: 1}
    assert injury.amount == Decimal("21000.5") and injury.causes == (("故意伤害", 2), ("交通肇事", 1))
    assert sum(kind.persons for kind in found.kinds) == found.total
    assert {kind.code for kind in found.kinds} == {"criminal_injury", "property_loss", "other"}
    assert count_aided(rows, scale).total == 6 and count_aided([], scale).kinds == ()


@pytest.fixture
def file(cases: Path, consortium: Path, tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    path = tmp_path / "procuratorate.toml"
    path.write_text(TOML, "utf-8")
    return path


def test_the_commands_print_both_and_write_the_inventory(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "inventory.csv"
    assert main(["--config", str(file), "inventory", str(target)]) == 0
    assert main(["--config", str(file), "statistics"]) == 0

    said = capsys.readouterr().out
    assert "来源 sources 2，类别 classes 9" in said and "无单位提供 no owner  disabled" in said
    assert "救助人次 persons 2" in said and "周志强" not in said
    with target.open(encoding="utf-8-sig", newline="") as source:
        lines = list(csv.reader(source))
    assert tuple(lines[0]) == HEADINGS and ["民政局", "civil", "dibao"] in [line[:3] for line in lines]
