"""models list, check, show."""

from __future__ import annotations

import argparse

from linkage.errors import LinkageError
from linkage.plan import describe_plan
from procuratorate_node.campaign import parse_models
from procuratorate_node.config import load_config
from procuratorate_node.model import ScreeningModel, choose_models, shipped_files
from procuratorate_node.rule_files import read_rule_file


def list_models(asked: argparse.Namespace) -> int:
    for model in _models(asked):
        print(f"{model.id:<10} v{model.version} {model.title} | {model.title_en}")
    return 0


def check(asked: argparse.Namespace) -> int:
    """Parse every named file, whatever its kind; print all faults of all files."""
    faults, bases = 0, _models(asked)
    for file in asked.files:
        try:
            found = read_rule_file(file.read_bytes(), name=file.name, bases=bases)
            print(f"{file.name}: {found.kind} {found.key} v{found.version} {found.digest}")
        except LinkageError as error:
            faults += 1
            print("\n".join(error.lines()))
        except OSError:
            faults += 1
            print(f"{file.name}: 读不到文件 | cannot be read")
    return 1 if faults else 0


def show(asked: argparse.Namespace) -> int:
    (model,) = choose_models(_models(asked), [asked.model])

    def title(leaf: str) -> str:
        return f"本院集合 {leaf}" if leaf.startswith("@") else model.populations[leaf].title or leaf

    print(f"{model.id} v{model.version} {model.title} | {model.title_en}")
    print(f"用途 purpose: {model.purpose}；依据 basis: {'；'.join(model.legal_basis)}")
    print(f"条件 plan: {describe_plan(model.plan, title_of=title)}")
    print(f"对象 asked: {model.asked}，{len(model.anchors[model.asked])} 条规则 rules，层级 level {model.level}")
    print(f"摘要 digest: {model.digest}")
    return 0


def _models(asked: argparse.Namespace) -> tuple[ScreeningModel, ...]:
    """Return the models in force; without a configuration those of the program."""
    if not asked.config.exists():
        return parse_models(shipped_files("campaigns", "search"))
    from procuratorate_node.node import rules_in_force

    return rules_in_force(load_config(asked.config)).library().models
