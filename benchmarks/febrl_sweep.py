"""Sweep the parameters of febrl-v1: budget factor, filter length, diffusion degree, cut and token bonus.

    python -m benchmarks.febrl_sweep [--out FILE.json] [--document docs/febrl.md] [--settings 1.3,2048,5 ...]

The factor multiplies field budgets that sum to 480 hashes; the schema has 1.3. Every line is the mean F1 over the
secrets at the default cut, on the files the parameters were chosen on, not on FEBRL1 and FEBRL2. The attack is
that of febrl_quality with one seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.document import replace_part
from benchmarks.febrl import Task, task
from benchmarks.febrl_quality import SECRETS, attacked, by_mode, key_of, linked
from linkage.schema import ChanceRule, EncodingSchema, load_schema

SCHEMA = "febrl-v1"
SHIPPED_FACTOR = 1.3
FILES = ("febrl4p", "febrl3")
MODES = ("febrl4p one-to-one", "febrl3 pairs", "febrl3 components")
SETTINGS = (
    "1,2048,5", "1.15,2048,5", "1.3,2048,5", "1.5,2048,5", "0.5,1024,5", "0.65,1024,5", "0.8,2048,8", "2.5,4096,5",
)  # fmt: skip
RULES = ((1e-6, 0.05), (1e-5, 0.05), (1e-4, 0.05), (1e-3, 0.05), (1e-5, 0.0), (1e-5, 0.025), (1e-5, 0.08))
PEOPLE = 2000
Line = dict[str, float]


@dataclass(frozen=True, slots=True)
class Setting:
    factor: float
    bits: int
    degree: int

    def of(self, schema: EncodingSchema) -> EncodingSchema:
        """Return the schema with these parameters."""
        share = self.factor / SHIPPED_FACTOR
        fields = tuple(replace(field, hashes=round(field.hashes * share)) for field in schema.fields)
        return replace(schema, filter_bits=self.bits, diffusion=self.degree, fields=fields)


def f1_of(schema: EncodingSchema, tasks: Mapping[str, Task], secrets: Sequence[str]) -> Line:
    """Return the mean F1 of every mode."""
    found: dict[str, list[float]] = {}
    for name, given in tasks.items():
        for secret in secrets:
            links, cut = linked(given, schema, key_of(secret))
            for mode, value in by_mode(links, given, cut).items():
                found.setdefault(f"{name} {mode}", []).append(value)
    return {mode: float(np.mean(found[mode])) for mode in MODES}


def swept(settings: Sequence[Setting], secrets: Sequence[str], people: int) -> Iterator[Line]:
    """Yield one line per setting, with the attack."""
    schema, tasks, rows = load_schema(SCHEMA), {name: task(name) for name in FILES}, task("febrl4").left[:people]
    for setting in settings:
        used = setting.of(schema)
        found = {f"found, {share:.0%} known": shares[0] for share, shares in attacked(rows, used, 1).items()}
        yield {"factor": setting.factor, "l": setting.bits, "t": setting.degree} | f1_of(used, tasks, secrets) | found


def ruled(secrets: Sequence[str]) -> Iterator[Line]:
    """Yield one line per rule; the encoding is the schema's own."""
    schema, tasks = load_schema(SCHEMA), {name: task(name) for name in FILES}
    for false_links, bonus in RULES:
        used = replace(schema, chance=ChanceRule(false_links, bonus))
        yield {"false links": false_links, "token bonus": bonus} | f1_of(used, tasks, secrets)


def table(lines: Sequence[Line], whole: int) -> str:
    """Return the lines as Markdown; the first `whole` columns are parameters."""
    names = list(lines[0])
    rows = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    for line in lines:
        cells = [f"{v:g}" if i < whole else f"{v:.4f}" for i, v in enumerate(line.values())]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--settings", nargs="+", default=SETTINGS, metavar="FACTOR,L,T")
    parser.add_argument("--secrets", type=int, default=len(SECRETS))
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--document", type=Path, help="put the tables into this document")
    a = parser.parse_args(arguments)
    given = [Setting(float(f), int(bits), int(t)) for f, bits, t in (text.split(",") for text in a.settings)]
    lines, rules = list(swept(given, SECRETS[: a.secrets], a.people)), list(ruled(SECRETS[: a.secrets]))
    text = f"{table(lines, 3)}\n\n{table(rules, 2)}"
    print(text)
    if a.document:
        replace_part(a.document, "sweep", text)
    if a.out:
        a.out.write_text(json.dumps({"settings": lines, "rules": rules}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
