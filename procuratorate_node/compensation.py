"""What a sentence says about payment to a victim: FULL, PARTIAL, NOT or UNKNOWN (domain C2, "Polarity").

The text is cut into clauses. Each clause gives at most a few signs by general rules: negators to the left of a payment
word (up to twelve characters away) or to its right, words of completeness, of part, of promise and question, the
insurer as the only payer. The signs are then weighed in their order. Forgiveness is not payment. Only FULL leaves a
set, so what is not clearly full never becomes FULL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from procuratorate_node import payment_words as words
from procuratorate_node.cases.records import VICTIM, CaseFile, Compensation, Party, RowRef


class Sign(Enum):
    """What one clause says."""

    FULL = auto()  # Everything is paid.
    INSURED = auto()  # Everything the insurer owes is paid; says nothing of the offender.
    PARTIAL = auto()  # Some is paid, and it says that it is not all.
    REST = auto()  # A rest is open.
    PAID = auto()  # Paid, no word about whether that is all.
    SUM = auto()  # A sum is paid, no word about whether that is all.
    NOT = auto()  # Not paid.
    ABSENT = auto()  # Circumstances under which nobody pays; any payment outweighs them.
    BROKEN = auto()  # An agreement or receipt is forged, revoked, regretted.
    FORGIVEN = auto()


@dataclass(frozen=True, slots=True)
class Reading:
    """The signs of a text in their order."""

    signs: tuple[Sign, ...]

    def last(self, *wanted: Sign) -> int:
        """Return the position of the last such sign, -1 without one."""
        return max((i for i, s in enumerate(self.signs) if s in wanted), default=-1)


def compensation_of(text: str) -> Compensation:
    """Return the state a note or a passage states; UNKNOWN for a text that says nothing about payment."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace(",", "，").replace(";", "；")
    folded = re.sub(r"(?<=\d)，(?=\d{3})", "", folded)
    folded = words.QUESTION.sub(_answered, words.THAT_PART.sub("", folded))
    agreed = words.AGREED_AND_REAL.search(folded)
    if agreed is not None:
        return Compensation.FULL if int(agreed["real"]) >= int(agreed["agreed"]) else Compensation.PARTIAL
    return _weigh(Reading(tuple(s for c in words.BREAKS.split(folded) if c for s in clause_signs(c))))


def _answered(found: re.Match[str]) -> str:
    """Turn a question about payment and its answer into a statement; other questions stay as they are."""
    answer = found["answer"]
    if words.ASKED_OF_MONEY.search(found[0]) is None or words.UNSURE.search(answer):
        return found[0]
    if words.NO_ANSWER.match(answer):
        return f"没有赔偿，{answer}"
    if words.YES_ANSWER.match(answer):
        return f"已赔偿，{answer}"
    return answer if words.ASKED_OF_MONEY.search(answer) else found[0]


def clause_signs(clause: str) -> list[Sign]:
    """Return what one clause without commas says, in the order it should be weighed."""
    signs = [Sign.FORGIVEN] if words.FORGIVEN.search(clause) and not words.NOT_FORGIVEN.search(clause) else []
    if words.BROKEN.search(clause):
        return [Sign.BROKEN]
    if words.NO_PROOF.search(clause):
        return [Sign.NOT]
    if words.UNSURE.search(clause):
        return []
    return [*_payment_signs(clause), *signs]


def _payment_signs(clause: str) -> list[Sign]:
    if words.REST.search(clause):
        return _rest_signs(clause)
    if words.NOT_ALL.search(clause):
        return [Sign.PARTIAL]
    if words.UNPAID_WORDS.search(clause) or words.NEGATED_END.search(clause) or _negated(clause):
        paid_before = words.SUM.search(clause) is not None and words.PART.search(clause) is not None
        return [Sign.PARTIAL] if paid_before else [Sign.NOT]
    if words.NO_AGREEMENT.search(clause):
        return [Sign.ABSENT]
    if _promised(clause):
        return [Sign.ABSENT] if words.ABSENT.search(clause) else []
    return _positive_signs(clause) or ([Sign.ABSENT] if words.ABSENT.search(clause) else [])


def _promised(clause: str) -> bool:
    """Tell whether payment is only promised, asked for or ordered: no word of a fact follows."""
    if words.DEADLINE.search(clause) and not words.DONE_ALREADY.search(clause):
        return True
    found = words.PROMISE.search(clause)
    return found is not None and words.FACT_MARK.search(clause[found.start() :]) is None


def _negated(clause: str) -> bool:
    found = words.NEGATED.search(clause)
    return found is not None and "谅解" not in found["gap"]


def _rest_signs(clause: str) -> list[Sign]:
    """Read a clause about a rest: paid as well, or open."""
    closed = words.FULL.search(clause) or re.search(rf"已[^，。；]{{0,6}}{words.PAY}", clause)
    if (
        closed
        and not _negated(clause)
        and not _promised_rest(clause)
        and not re.search(r"尚欠|还欠|仍欠|下欠|尚有|仍有|还有|还差|尚差", clause)
    ):
        return [Sign.FULL]
    return [Sign.REST]


def _promised_rest(clause: str) -> bool:
    """Tell whether the rest is due later: "余款约定年底付清" has a word of completion but no fact."""
    due = words.PROMISE.search(clause) or words.DEADLINE.search(clause)
    return due is not None and re.search(r"已|均|业已|实际|提前", clause) is None


def _positive_signs(clause: str) -> list[Sign]:
    part = words.PART.search(clause)
    cleared = part is not None and part[0] in words.BY_TURNS and words.CLEARED.search(clause) is not None
    if part is not None and re.search(words.PAY, clause) and not cleared:
        return [Sign.PARTIAL]
    only_insurer = words.INSURER.search(clause) is not None and words.OFFENDER.search(clause) is None
    if words.FULL.search(clause) or words.ALL_OWED.search(clause):
        return [Sign.FULL if not only_insurer else Sign.INSURED if words.STRONG_FULL.search(clause) else Sign.PARTIAL]
    if words.PAID.search(clause):
        return [Sign.PARTIAL if only_insurer else Sign.SUM if words.SUM.search(clause) else Sign.PAID]
    return []


def _weigh(reading: Reading) -> Compensation:
    """Weigh the signs: full payment must not be followed by anything open; any payment outweighs circumstances."""
    signs = set(reading.signs)
    full, insured = reading.last(Sign.FULL), reading.last(Sign.INSURED)
    open_after = reading.last(Sign.NOT, Sign.REST, Sign.PARTIAL)
    if reading.last(Sign.BROKEN) > full and not signs & {Sign.PARTIAL, Sign.SUM}:
        return Compensation.NOT
    if full >= 0 and full > open_after:
        return Compensation.FULL
    if insured >= 0 and open_after < 0:
        return Compensation.FULL
    if signs & {Sign.FULL, Sign.INSURED, Sign.PARTIAL, Sign.REST}:
        return Compensation.PARTIAL
    if signs & {Sign.PAID, Sign.SUM}:
        return _extent_unsaid(reading, signs)
    return Compensation.NOT if signs & {Sign.NOT, Sign.ABSENT} else Compensation.UNKNOWN


def _extent_unsaid(reading: Reading, signs: set[Sign]) -> Compensation:
    """Judge "paid" without an extent: forgiven or without a sum it is settled, a bare sum may be a part."""
    if reading.last(Sign.NOT) > reading.last(Sign.PAID, Sign.SUM):
        return Compensation.PARTIAL
    return Compensation.FULL if Sign.FORGIVEN in signs or Sign.SUM not in signs else Compensation.PARTIAL


def compensation_states(
    file: CaseFile, from_papers: Mapping[RowRef, Compensation] | None = None
) -> dict[RowRef, Compensation]:
    """Return the state of every victim row: its note, else the papers, else UNKNOWN.

    A note that says "all paid" against papers that say "nothing paid" is a CONFLICT: it stays in the set and is shown.
    """
    papers = from_papers or {}
    return {p.ref: _victim_state(p, papers) for p in file.parties if p.role == VICTIM}


def _victim_state(party: Party, papers: Mapping[RowRef, Compensation]) -> Compensation:
    said = papers.get(party.ref, Compensation.UNKNOWN)
    if not party.compensation.strip():
        return said
    noted = compensation_of(party.compensation)
    opposed = noted is Compensation.FULL and said is Compensation.NOT
    return Compensation.CONFLICT if opposed else noted
