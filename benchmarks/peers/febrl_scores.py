"""What the FEBRL programs of the peers share: reading the files, one-to-one and components, the usual and the best cut.

    FOLDER/<task>-left.csv, FOLDER/<task>-right.csv (none: duplicates of the left file), FOLDER/<task>-truth.csv

Only the standard library: it runs in every peer's own environment. "best" is chosen with the truth in hand, so it is
an upper bound that no user reaches; "default" is what a user gets.
"""

import csv
import json
from pathlib import Path


def read(folder, task):
    """Return (left rows, right rows or None, true pairs); rows are dicts of text, pairs are row numbers."""
    left, right, truth = (Path(folder, f"{task}-{part}.csv") for part in ("left", "right", "truth"))
    pairs = {(int(r["left"]), int(r["right"])) for r in _rows(truth)}
    return _rows(left), _rows(right) if right.exists() else None, pairs


def _rows(file):
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def score(found, truth):
    """Return precision, recall and F1 of a set of pairs."""
    right = len(found & truth)
    precision, recall = right / len(found) if found else 0.0, right / len(truth)
    f1 = 2 * right / (len(found) + len(truth)) if found or truth else 0.0
    return {"precision": round(precision, 5), "recall": round(recall, 5), "f1": round(f1, 5)}


def one_to_one(scored):
    """Return the scored pairs (score, left, right) kept, best first."""
    lefts, rights, kept = set(), set(), []
    for s, i, j in sorted(scored, key=lambda t: (-t[0], t[1], t[2])):
        if i not in lefts and j not in rights:
            lefts.add(i)
            rights.add(j)
            kept.append((s, i, j))
    return kept


def connected(pairs):
    """Return all pairs that pairs connect, directly or through others."""
    parent = {}

    def root(x):
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in pairs:
        parent[root(a)] = root(b)
    groups = {}
    for x in list(parent):
        groups.setdefault(root(x), []).append(x)
    return {(min(u, v), max(u, v)) for group in groups.values() for k, u in enumerate(group) for v in group[k + 1 :]}


def judged(scored, truth, cuts, usual, *, link, lowest_joined=0.0):
    """Return {mode: {"default": …, "best": …}} over the cuts; the modes are those of linking or of one file.

    Below `lowest_joined` no components are tried: everybody becomes one group there, which takes minutes.
    """
    if link:
        modes = {"one_to_one": (one_to_one(scored), None), "pairs": (scored, None)}
    else:
        modes = {"pairs": (scored, None), "components": (scored, connected)}
    out, lowest = {}, min({*cuts, usual})
    for mode, (kept, after) in modes.items():
        kept = [pair for pair in kept if pair[0] >= lowest]
        tried = [_at(kept, truth, cut, after) for cut in {*cuts, usual} if not after or cut >= lowest_joined]
        best = max(tried, key=lambda row: (row["f1"], row["cut"]))
        out[mode] = {"default": _at(kept, truth, usual, after), "best": best}
    return out


def _at(scored, truth, cut, after):
    found = {(i, j) for s, i, j in scored if s >= cut}
    return {"cut": round(float(cut), 6), **score(after(found) if after else found, truth)}


def answer(**facts):
    print(json.dumps(facts))
