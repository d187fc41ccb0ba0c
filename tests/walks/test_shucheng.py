"""Shucheng: a man dies on the road, the award stays unpaid; both parents stand in three registers (SC-0-1, SC-0-2)."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from tests.walks.small_county import CROWD, SmallCounty, Someone
from tests.walks.walking import start_walk

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.slow]
CASE = "云检刑诉受〔2026〕31号"
SON = Someone("周远航", "1992-05-06", "111")
FATHER = Someone("周守田", "1958-03-04", "113", "青塘镇吴寨村13组93号")
MOTHER = Someone("汪秀英", "1960-07-08", "124", "青塘镇吴寨村13组93号")
DRIVER = Someone("段有福", "1985-01-02", "135")


def county(folder: Path) -> SmallCounty:
    made = SmallCounty(folder)
    made.injured(CROWD)
    made.case(
        CASE,
        "交通肇事",
        诉讼阶段="已判决",
        判决文号="（2026）江7425刑初31号",
        案情摘要="家庭困难，父亲患帕金森，无劳动能力",
    )
    made.judgment(CASE, "（2026）江7425刑初31号", "830000")
    dead = made.party(CASE, SON, "被害人", 是否死亡="是", 伤情="死亡", 赔偿情况="判赔83万余元，分文未赔")
    made.party(CASE, DRIVER, "犯罪嫌疑人")
    for parent, relation in ((FATHER, "父亲"), (MOTHER, "母亲")):
        made.party(CASE, parent, "近亲属", 与被害人关系=relation, 关联被害人编号=dead)
    home = {"户主姓名": FATHER.name, "起始年月": "201809"}
    made.register(
        "civil_affairs", "dibao", [(FATHER, home | {"与户主关系": "户主"}), (MOTHER, home | {"与户主关系": "配偶"})]
    )
    for dataset in ("dibian", "tekun", "child"):
        made.register("civil_affairs", dataset, [])
    made.register("womens_federation", "women", [(MOTHER, {"类别": "单亲困难母亲", "建档年度": "2024"})])
    made.register("womens_federation", "chunlei", [])
    made.register(
        "disabled_federation",
        "disabled",
        [(FATHER, {"残疾类别": "肢体", "残疾等级": "二级", "发证日期": "2020-05-06"})],
    )
    made.register("rural_revitalisation", "monitor", [])
    made.register("rural_revitalisation", "card", [])
    made.register("veterans", "veteran", [])
    made.register("veterans", "youfu", [])
    return made


def own_models(folder: Path) -> Path:
    """Return the office's own model: the shipped one, asking for disabled persons as well."""
    text = resources.files("procuratorate_node").joinpath("models", "sc.toml").read_text(encoding="utf-8")
    text = text.replace('id = "SC"', 'id = "SC-KIN"').replace('"youfu"]', '"youfu", "disabled"]')
    added = '[populations.disabled]\ndataset = "disabled"\ntitle = "持证残疾人"\npayload = true\n\n[plan]'
    models = folder / "models"
    models.mkdir()
    (models / "sc-kin.toml").write_text(text.replace("[plan]", added), encoding="utf-8")
    return models


def test_parents_of_a_man_killed_on_the_road_are_found_helped_and_looked_after(tmp_path: Path) -> None:
    with start_walk(
        county(tmp_path / "county"), tmp_path / "out", by_hand="disabled_federation", models=own_models(tmp_path)
    ) as walk:
        import time

        t0 = time.monotonic()
        print("started")
        first = walk.screen("SC-KIN")
        print(time.monotonic() - t0)
        print(walk.officer("clues", "list"))
        for line in walk.officer("clues", "list").splitlines():
            print(walk.officer("clues", "show", line.split()[0]))
        print(time.monotonic() - t0)
        walk.close(first)
        walk.verify_logs()
        print(walk.view._console.file.getvalue())
