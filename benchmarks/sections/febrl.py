"""FEBRL, hardened at the default cut, beside clkhash with anonlink, Splink and recordlinkage's ECM; no soc_sec_id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from statistics import mean
from typing import Any

from benchmarks.figures import Figure, missing
from benchmarks.running import NotMeasured, Run

TARGETS = {
    "febrl4p one-to-one": 0.9975, "febrl3 pairs": 0.988, "febrl3 components": 0.991, "febrl1 pairs": 0.99,
    "febrl1 components": 0.99, "febrl2 pairs": 0.99, "febrl2 components": 0.99,
}  # fmt: skip
COST, MOST_FOUND, CONTROL = 0.01, {0.01: 0.01, 0.1: 0.1}, 0.95
# Name → its environment, its program, at which cut we want to be above it, whether that is a stretch.
PEERS = {
    "clkhash+anonlink": ("anonlink", "febrl_clk.py", "best", False),
    "Splink in clear text": ("splink", "febrl_splink.py", "default", False),
    "recordlinkage ECM in clear text": ("own", "febrl_ecm.py", "default", True),
}
COMPARED = ("febrl4p", "febrl3")  # The files on which the peers' figures are known to tell methods apart.
Quality = dict[str, dict[str, list[dict[str, Any]]]]


def figures(run: Run) -> Iterator[Figure]:
    """Yield our F1 per file and mode, what hardening costs, every peer's F1 and our lead, and the attack."""
    words = ["--files", *run.size.febrl_files, "--secrets", str(run.size.febrl_secrets)]
    attack = ["--people", str(run.size.febrl_people), "--seeds", str(run.size.attack_seeds)]
    try:
        found = run.module("febrl_quality", *words, *(attack if run.size.febrl_people else ["--no-attack"]))
    except NotMeasured as why:
        yield from (missing(f"{what}: F1 at the default cut", str(why), target=t) for what, t in TARGETS.items())
        found = {"quality": [], "attack": {}}
    defaults = {row["what"]: mean(row["default"]) for row in found["quality"] if row["encoding"] == "hardened"}
    for row in found["quality"]:
        if row["encoding"] == "hardened":
            yield from _quality(row, next(r for r in found["quality"] if r["what"] == row["what"] and r is not row))
    for name in run.size.febrl_files:
        yield from _peers(run, name, defaults)
    yield from _attack(found["attack"])


def _quality(hardened: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[Figure]:
    what, values = hardened["what"], hardened["default"]
    note = f"{min(values):.4f}–{max(values):.4f} over {len(values)} secrets; best cut {mean(hardened['best']):.4f}"
    yield Figure(f"{what}: F1 at the default cut", mean(values), "", TARGETS.get(what), note=note)
    # Plain filters of unrelated people are not spread as the chance rule has it, so its own default would flatter us.
    cost = round(mean(plain["best"]) - mean(values), 5)
    note = f"plain at its best cut {mean(plain['best']):.4f}"
    yield Figure(f"{what}: what hardening costs", cost, "", COST, at_least=False, note=note)


def _peers(run: Run, name: str, defaults: Mapping[str, float]) -> Iterator[Figure]:
    if find_spec("benchmarks.febrl") is None:
        return
    from benchmarks.febrl_files import write_task

    folder = run.work / "febrl"
    write_task(folder, name)
    for peer, (environment, program, cut, stretch) in PEERS.items():
        try:
            modes = run.peer(environment, program, str(folder), name)["modes"]
        except NotMeasured as why:
            yield missing(f"{name}: {peer}", str(why))
            continue
        for mode, at in modes.items():
            what = f"{name} {mode.replace('_', '-')}"
            note = f"default cut {at['default']['f1']:.4f}, best cut {at['best']['f1']:.4f}"
            yield Figure(f"{what}: {peer}, F1 at the {cut} cut", at[cut]["f1"], note=note)
            if what in defaults:
                target = 0.0 if what in TARGETS and name in COMPARED else None
                yield Figure(
                    f"{what}: ours at the default cut less {peer} at its {cut} cut",
                    round(defaults[what] - at[cut]["f1"], 5), "", target, stretch=stretch and target is not None,
                )  # fmt: skip


def _attack(attack: Mapping[str, Mapping[str, list[float]]]) -> Iterator[Figure]:
    for share, most in MOST_FOUND.items():
        if not attack:
            yield missing(f"attack with {share:.0%} known", "no attack at this size", target=most, at_least=False)
            continue
        found = attack["hardened"][str(share)]
        note = f"{min(found):.3f}–{max(found):.3f}"
        yield Figure(f"attack with {share:.0%} known: found", mean(found), "", most, at_least=False, note=note)
        plain = attack["plain"][str(share)]
        yield Figure(f"attack with {share:.0%} known: found without hardening", mean(plain), "", CONTROL)
