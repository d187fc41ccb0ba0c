"""Score clues against a county's truth, per model, grade and error operator.

A clue is one person in one case, or one case where the model is of case level; a person is the true person behind the
row that the clue names. Whatever the row shows, the truth is by real identity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.county import read_csv
from linkage.plan import Verdict
from procuratorate_node.model import shipped_models
from procuratorate_node.outcome import ClueRow

Key = tuple[str, str, str]  # Model, case, true person ("" at case level).
UNSLIPPED = "(none)"
CASE_LEVEL = frozenset(m.id for m in shipped_models() if m.level == "case")
SHIPPED = tuple(m.id for m in shipped_models())


@dataclass(frozen=True, slots=True, repr=False)
class Truth:
    """Expected clues with the error operators on either side, their colours; who is behind a row, its operators."""

    expected: Mapping[Key, frozenset[str]]
    person_of: Mapping[tuple[str, str], str]
    slips_of: Mapping[tuple[str, str], frozenset[str]]
    colour_of: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Predicted:
    """One clue of the product after rows of one true person are joined: its surest verdict and that one's grade."""

    key: Key
    sure: bool
    grade: str
    slips: frozenset[str]
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Count expected, found (of the expected) and wrong clues."""

    expected: int
    found: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else float("nan")

    @property
    def recall(self) -> float:
        return self.found / self.expected if self.expected else float("nan")


def _slips(text: str) -> frozenset[str]:
    return frozenset(t for t in text.split(";") if t) or frozenset({UNSLIPPED})


def read_truth(county: Path) -> Truth:
    """Read the expected clues of the shipped models and who is behind the procuratorate's rows."""
    expected: dict[Key, frozenset[str]] = {}
    colours: dict[Key, str] = {}
    for row in read_csv(county / "truth" / "expected_clues.csv"):
        if row["model"] in SHIPPED:
            key = _key(row["model"], row["case_no"], row["person"])
            expected.setdefault(key, _slips(f"{row['party_ops']};{row['link_ops']}"))
            if row["colour"]:
                colours.setdefault(key, row["colour"])
    own = [r for r in read_csv(county / "truth" / "rows.csv") if r["slot"] in ("party", "aided")]
    person_of = {(r["case_no"], r["row_id"]): r["person"] for r in own}
    return Truth(expected, person_of, {(r["case_no"], r["row_id"]): _slips(r["ops"]) for r in own}, colours)


def _key(model: str, case: str, person: str) -> Key:
    return model, case, "" if model in CASE_LEVEL else person


def predictions(clues: Iterable[ClueRow], truth: Truth) -> tuple[Predicted, ...]:
    """Return one prediction per (model, case, true person); a row the truth does not know is nobody's."""
    best: dict[Key, Predicted] = {}
    for clue in clues:
        row = (clue.case, clue.rows[0].row)
        key = _key(clue.model, clue.case, truth.person_of.get(row, f"?{row[1]}"))
        slips = truth.slips_of.get(row, frozenset({UNSLIPPED}))
        colour = clue.colouring.colour.value if clue.colouring else ""
        new = Predicted(key, clue.verdict is Verdict.YES, clue.grade, slips, colour)
        if key not in best or (new.sure, best[key].grade) > (best[key].sure, new.grade):
            best[key] = new
    return tuple(best.values())


def score(found: Iterable[Predicted], truth: Truth, *, models: Iterable[str] = SHIPPED) -> Score:
    """Score the predictions of some models."""
    wanted = set(models)
    keys = {p.key for p in found if p.key[0] in wanted}
    expected = {key for key in truth.expected if key[0] in wanted}
    return Score(len(expected), len(keys & expected), len(keys - expected))


def score_by_slip(found: Iterable[Predicted], truth: Truth) -> dict[str, Score]:
    """Score per error operator: recall over clues with it on either side, wrong clues by their own party row."""
    predicted = {p.key: p for p in found}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, slips in truth.expected.items():
        for slip in slips:
            counts[slip][0] += 1
            counts[slip][1] += key in predicted
    for key, one in predicted.items():
        for slip in one.slips if key not in truth.expected else ():
            counts[slip][2] += 1
    return {slip: Score(*c) for slip, c in counts.items()}


def by_grade(found: Iterable[Predicted], truth: Truth) -> dict[str, tuple[int, int]]:
    """Return grade → (right, all); "–" where a clue rests on no link."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in found:
        counts[one.grade or "–"][0] += one.key in truth.expected
        counts[one.grade or "–"][1] += 1
    return {grade: (c[0], c[1]) for grade, c in sorted(counts.items())}


def colours_right(found: Iterable[Predicted], truth: Truth) -> tuple[int, int]:
    """Return (right colour, all) over the right clues that ought to have a colour."""
    due = [p for p in found if p.key in truth.colour_of]
    return sum(p.colour == truth.colour_of[p.key] for p in due), len(due)
