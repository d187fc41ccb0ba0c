"""A coloured model over real gRPC: the creditor link comes back, colours nothing but the clue, and is stored."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from linkage.normalise.person import RawPerson
from procuratorate_node.config import Config
from procuratorate_node.node import serve
from procuratorate_node.rule_files import read_rule_file
from procuratorate_node.warning.file import shipped
from tests.procuratorate_node.conftest import LI, NOW, ZHOU, Street
from tests.procuratorate_node.test_whole_round import opened, screened

MODEL = """
[model]
id = "PA-T"
version = 1
title = "试验"
title_en = "trial"
purpose = "司法救助线索筛查"
legal_basis = ["细则"]
expiry_days = 30
[[anchors.probes]]
source = "parties"
probe = true
compensation_not = ["FULL"]
[populations.dibao]
dataset = "dibao"
tag = "DIBAO"
[populations.creditor]
dataset = "enforcement_creditor"
classes = ["ENF_UNPAID"]
tag = "ENF_UNPAID"
[plan]
any = ["dibao", { all = ["creditor", { any = ["dibao"] }] }]
[result]
asked = "probes"
level = "person"
coloured = true
"""
LISTED = [RawPerson(name="李晓梅", id_number=LI), RawPerson(name="周志强", id_number=ZHOU)]


def test_a_round_brings_the_colours_inputs_and_drops_what_has_none(
    config: Config, street: Street, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "pa.toml").write_text(MODEL, "utf-8")
    street.open_agency("civil", {"dibao": [(person, "", frozenset({"DIBAO"})) for person in LISTED]})
    street.open_agency("court", {"enforcement_creditor": [(LISTED[0], "", frozenset({"ENF_UNPAID"}))]})
    node = opened(replace(config, models=models), street)
    text = shipped("tree.toml").decode().replace("version = 1", "version = 7", 1)
    tree = read_rule_file(text.encode(), name="tree.toml", bases=node.models)
    change = node.rule_book.propose(tree, by="甲", now=NOW, effect={})
    node.rule_book.approve(change, by="乙", now=NOW, apply=lambda _: None)
    stop = threading.Event()
    street.run(lambda: serve(node, stop))
    try:
        assert screened(node, ["PA-T"], "c" * 32) == "DELIVERED", node.rounds.part(size=1)[0].reason
    finally:
        stop.set()

    (clue,) = node.book.list()
    assert (clue.case_number, clue.rows[0].row, clue.tags, clue.colour) == ("c1", "D1", ("DIBAO",), "orange")
    (model,) = node.models
    assert clue.facts["model"] == f"PA-T v1 {model.digest}"
    files = clue.colouring["files"]
    assert clue.colouring["step"] == 11 and isinstance(files, list) and f"PA v7 {tree.digest[:12]}" in files
    assert {link.population for link in clue.links} == {"dibao", "creditor"}
