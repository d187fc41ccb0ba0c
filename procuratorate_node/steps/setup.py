"""init, import, check."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from linkage.errors import ConfigError, LinkageError
from linkage.keys.files import make_folder
from procuratorate_node.casework import Casework
from procuratorate_node.config import FILE, example_config, load_config
from procuratorate_node.steps import papers


def init(asked: argparse.Namespace) -> int:
    folder: Path = asked.folder
    file = folder / FILE
    if file.exists():
        raise ConfigError(f"{FILE} 已经存在，不覆盖", f"{FILE} is there already and is not overwritten")
    make_folder(folder / "state")  # Where the configuration says.
    file.write_text(example_config(), encoding="utf-8")
    print(f"已生成 {file}；请写明链接单元、案件文件夹和经办人员 | written; name coordinator, cases and officers in it")
    return 0


def read(asked: argparse.Namespace) -> int:
    """Read the cases folder, resolve persons, and say what was found and what was refused; counts only."""
    work = papers.casework(asked)
    for name, rows in work.read.rows.items():
        print(f"{name:<10} {rows:>8} 行 rows")
    print(f"人员 persons {len(work.people)}")
    papers.print_summary(work)
    for file, column, reason, number in work.read.summary():
        print(f"退回 reject  {file} {column} {reason}: {number}")
    if asked.rejects is not None:
        _write_rejects(asked.rejects, work)
    return 0


def _write_rejects(path: Path, work: Casework) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("file", "row", "column", "reason", "row_used"))
        writer.writerows((r.file, r.row, r.column, r.reason, "yes" if r.kept else "no") for r in work.read.rejects)
        writer.writerows((a.name, "", "", a.fault.words, "no") for a in work.papers.aside)


def check(asked: argparse.Namespace) -> int:
    """Check configuration, keys, models and the coordinator; tell every fault, not the first only."""
    from linkage.rpc.client import connect
    from procuratorate_node.node import open_node
    from procuratorate_node.rounds.asking import lacking_registers
    from procuratorate_node.rounds.requests import compile_for

    config = load_config(asked.config)
    node = open_node(config)
    print(f"单位 party {node.keys.party.id}，模型 models {len(node.models)}")
    faults = 0
    for model in node.models:
        lacking = "、".join(dict.fromkeys(use.dataset for use in lacking_registers(model, node.keys.manifest)))
        if lacking:
            print(
                f"{model.id}: 不能查询，联合体里没有单位提供 | cannot be asked, nobody in the consortium has {lacking}"
            )
            continue
        try:
            compile_for(node.keys, (model,))
        except LinkageError as error:
            faults += 1
            print(f"{model.id}: {error}")
    try:
        with connect(config.coordinator, node.keys, last_leaf=node.trail.last_leaf, seen=node.trail.seen) as client:
            reply = client.check()
        print(f"链接单元 coordinator {reply.status} {reply.version}")
    except LinkageError as error:
        faults += 1
        print(f"链接单元 coordinator: {error}")
    return 1 if faults else 0
