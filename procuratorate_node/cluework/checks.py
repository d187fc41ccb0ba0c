"""The verdict of the human check: is it a person, the right one, and do the facts hold (CAP-19, WD-K-6)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from linkage.errors import InputError

YES, NO, UNSURE = "yes", "no", "unsure"
ANSWERS: Final = (YES, NO, UNSURE)


@dataclass(frozen=True, slots=True)
class Check:
    """An officer's answers; `helped` and `searched` are the two questions on what other offices did (WD-K-6)."""

    person: str = UNSURE
    link: str = UNSURE
    facts: str = UNSURE
    helped: str = UNSURE
    searched: str = UNSURE

    def __post_init__(self) -> None:
        if any(getattr(self, f.name) not in ANSWERS for f in fields(self)):
            raise InputError("核查结论只能是 yes、no、unsure", "an answer of the check is yes, no or unsure")

    @property
    def wrong(self) -> tuple[str, ...]:
        """Return what the officer found to be wrong about the clue itself."""
        return tuple(name for name in ("person", "link", "facts") if getattr(self, name) == NO)

    @property
    def said(self) -> bool:
        """Tell whether any answer says something."""
        return any(getattr(self, f.name) != UNSURE for f in fields(self))


ALL_RIGHT: Final = Check(YES, YES, YES)
