"""Change one party's log at random, ten thousand times, and count what the others' material and `reconcile` notice.

    python -m benchmarks.audit_mutations [--mutations 10000] [--seed 1] [--state DIR]

Without --state a small consortium is made; with it the logs and keys of `linkage demo --keep` are used (their copy).
Kinds: bit flip, deletion, reordering, truncation, rollback to an earlier checkpoint, and a rewrite whose checkpoints
are all signed anew with the party's own key. For each mutation two questions are asked apart:

* foreign: does what other parties hold (kept checkpoints, roots and leaves in their entries) contradict the log?
  Nothing the party signs itself is asked.
* reconcile: does reconciling all logs end with a fault or an error?
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.audit_town import make_town
from linkage.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint, verify_checkpoint
from linkage.audit.findings import is_sound
from linkage.audit.log import ENTRIES
from linkage.audit.merkle import CompactRange, leaf_hash
from linkage.audit.notes import PeerNotes, note_path, note_sizes
from linkage.audit.reading import LogContent, read_log, read_logs
from linkage.audit.reconcile import reconcile
from linkage.audit.rules import load_rules
from linkage.errors import AuditError, LinkageError
from linkage.keys.canonical import canonical_json
from linkage.keys.manifest import Manifest
from linkage.keys.signing import SigningKey
from linkage.keys.store import load_party_keys

Lines = list[bytes]
Mutation = Callable[["Victim", random.Random], None]


@dataclass(frozen=True, slots=True)
class Victim:
    """One party's log on disk, its origin and its own signing key."""

    folder: Path
    origin: str
    key: SigningKey

    def content(self) -> bytes:
        return (self.folder / ENTRIES).read_bytes()

    def lines(self) -> Lines:
        return self.content().split(b"\n")[:-1]

    def write(self, lines: Iterable[bytes]) -> None:
        (self.folder / ENTRIES).write_bytes(b"".join(line + b"\n" for line in lines))


def flip_bit(victim: Victim, chance: random.Random) -> None:
    content = bytearray(victim.content())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    (victim.folder / ENTRIES).write_bytes(content)


def delete(victim: Victim, chance: random.Random) -> None:
    lines = victim.lines()
    del lines[chance.randrange(len(lines))]
    victim.write(lines)


def reorder(victim: Victim, chance: random.Random) -> None:
    lines = victim.lines()
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    victim.write(lines)


def truncate(victim: Victim, chance: random.Random) -> None:
    content = victim.content()
    (victim.folder / ENTRIES).write_bytes(content[: chance.randrange(len(content))])


def roll_back(victim: Victim, chance: random.Random) -> None:
    """Go back to an earlier state that the party once signed, and drop every later checkpoint."""
    sizes = note_sizes(victim.folder)
    kept = chance.choice([size for size in sizes if 0 < size < sizes[-1]] or [sizes[0]])
    victim.write(victim.lines()[:kept])
    for size in sizes:
        if size > kept:
            note_path(victim.folder, size).unlink()


def rewrite(victim: Victim, chance: random.Random) -> None:
    """Change, drop, exchange or invent entries, number them anew, and sign all checkpoints again."""
    entries = [json.loads(line) for line in victim.lines()]
    at = chance.randrange(len(entries))
    how = chance.choice(("change", "drop", "swap", "insert"))
    if how == "change":
        entries[at]["facts"] = {**entries[at]["facts"], "rewritten": chance.randrange(10**6)}
    elif how == "drop":
        del entries[at]
    elif how == "swap":
        other = chance.randrange(len(entries) - 1)
        other += other >= at
        entries[at]["facts"], entries[other]["facts"] = entries[other]["facts"], entries[at]["facts"]
        entries[at]["kind"], entries[other]["kind"] = entries[other]["kind"], entries[at]["kind"]
    else:
        entries.insert(at, json.loads(json.dumps(entries[at])))
    for index, entry in enumerate(entries):
        entry["index"] = index
    victim.write(canonical_json(entry) for entry in entries)
    sign_anew(victim)


def sign_anew(victim: Victim) -> None:
    """Replace every checkpoint by one over the log as it now is, signed with the party's own key."""
    wanted = note_sizes(victim.folder)
    for size in wanted:
        note_path(victim.folder, size).unlink()
    tree = CompactRange()
    lines = victim.lines()
    for line in lines:
        tree.append(leaf_hash(line))
        if tree.size in wanted or tree.size == len(lines):
            note = sign_checkpoint(Checkpoint(victim.origin, tree.size, tree.root()), victim.key)
            note_path(victim.folder, tree.size).write_bytes(note.to_text().encode("utf-8"))


MUTATIONS: dict[str, Mutation] = {
    "bit flip": flip_bit,
    "deletion": delete,
    "reordering": reorder,
    "truncation": truncate,
    "rollback": roll_back,
    "re-signed rewrite": rewrite,
}


class Foreign:
    """What others hold of each log: checkpoints they kept, roots and leaves in their entries. Read once, unchanged."""

    def __init__(self, contents: Sequence[LogContent], manifest: Manifest) -> None:
        self._roots: dict[str, dict[int, set[bytes]]] = {}
        self._leaves: dict[str, set[bytes]] = {}
        for content in contents:
            me = content.party.id
            for claim in content.claims:
                self._roots.setdefault(claim.party, {}).setdefault(claim.size, set()).add(claim.root)
            for reference in content.references:
                self._leaves.setdefault(reference.party, set()).add(reference.leaf)
            for party in (p for p in manifest.parties() if p.id != me):
                text = PeerNotes(content.folder).newest(party.id)
                if text is not None:
                    origin = origin_of(manifest.consortium, party.id)
                    kept, _ = verify_checkpoint(text, origin=origin, key=party.signing_key)
                    self._roots.setdefault(party.id, {}).setdefault(kept.size, set()).add(kept.root)

    def contradicts(self, party: str, lines: Lines) -> bool:
        """Tell whether anything held contradicts a log with these lines."""
        roots, tree, leaves = self._roots.get(party, {}), CompactRange(), set()
        for line in lines:
            leaf = leaf_hash(line)
            leaves.add(leaf)
            tree.append(leaf)
            if tree.size in roots and roots[tree.size] != {tree.root()}:
                return True
        return max(roots, default=0) > tree.size or not self._leaves.get(party, set()) <= leaves


@dataclass(frozen=True, slots=True)
class Tried:
    """One mutation: its kind, whose log, and what noticed it."""

    kind: str
    party: str
    foreign: bool
    reconciled: bool


def try_mutations(root: Path, parties: Sequence[str], *, count: int, seed: int) -> list[Tried]:
    """Mutate logs under `root` one at a time, restoring each; return what came of every one. Changes are real files."""
    chance, rules = random.Random(seed), load_rules()
    keys = {party: load_party_keys(root / party) for party in parties}
    manifest = keys[parties[0]].manifest
    folders = [root / party / "audit" for party in parties]
    untouched = read_logs(folders, manifest, traffic=rules.traffic)
    if not is_sound(reconcile(untouched, manifest, rules).findings):
        raise AuditError("改动之前日志就不吻合", "the logs do not agree before any mutation")
    foreign, saved = Foreign(untouched, manifest), root.parent / f"{root.name}.saved"
    victims = {
        content.party.id: Victim(
            content.folder, origin_of(manifest.consortium, content.party.id), keys[content.party.id].signing
        )
        for content in untouched
        if content.size >= 2
    }
    found: list[Tried] = []
    for number in range(count):
        kind = list(MUTATIONS)[number % len(MUTATIONS)]
        party = chance.choice(sorted(victims))
        victim = victims[party]
        shutil.rmtree(saved, ignore_errors=True)
        shutil.copytree(victim.folder, saved)
        before = victim.content()
        while victim.content().startswith(before):  # Not changed yet, or only appended to, as any log may be.
            MUTATIONS[kind](victim, chance)
        noticed = foreign.contradicts(party, victim.lines())
        found.append(Tried(kind, party, noticed, _is_refused(victim.folder, untouched, manifest)))
        shutil.rmtree(victim.folder)
        saved.rename(victim.folder)
    return found


def _is_refused(folder: Path, untouched: Sequence[LogContent], manifest: Manifest) -> bool:
    """Read the changed log again, and reconcile it with the others as they were read: their files have not changed."""
    rules, folders = load_rules(), [content.folder for content in untouched]
    try:
        changed = read_log(folder, folders, manifest, traffic=rules.traffic)
        contents = [changed if content.folder == folder else content for content in untouched]
        return not is_sound(reconcile(contents, manifest, rules).findings)
    except LinkageError:
        return True


def parties_of(state: Path) -> list[str]:
    """Return the parties under a demonstration's state folder."""
    return sorted(folder.name for folder in state.iterdir() if (folder / "audit" / ENTRIES).exists())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "town"
        if asked.state:
            shutil.copytree(asked.state, root)
        else:
            make_town(root)
        begun = time.monotonic()
        tried: list[Tried] = []
        step = 500
        for done in range(0, asked.mutations, step):
            count = min(step, asked.mutations - done)
            tried += try_mutations(root, parties_of(root), count=count, seed=asked.seed + done)
            left = (time.monotonic() - begun) / len(tried) * (asked.mutations - len(tried))
            print(f"{len(tried)}/{asked.mutations}, {left:.0f} s left", file=sys.stderr)
    return report(tried, seconds=time.monotonic() - begun)


def report(tried: Sequence[Tried], *, seconds: float) -> int:
    """Print a line for each kind; 0 when everything was noticed by both."""
    counts: Counter[str] = Counter(t.kind for t in tried)
    print("| mutation | tried | found by others' material | found by reconcile |\n|---|---|---|---|")
    for kind in counts:
        mine = [t for t in tried if t.kind == kind]
        print(f"| {kind} | {len(mine)} | {sum(t.foreign for t in mine)} | {sum(t.reconciled for t in mine)} |")
    foreign, reconciled = sum(t.foreign for t in tried), sum(t.reconciled for t in tried)
    print(f"| all | {len(tried)} | {foreign} | {reconciled} |\n{seconds:.0f} s")
    return 0 if foreign == reconciled == len(tried) else 1


if __name__ == "__main__":
    raise SystemExit(main())
