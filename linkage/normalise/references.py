"""Fold the numbers of documents and cases (判决文号, 执行依据文号, 案号), so that two offices' spellings meet."""

from __future__ import annotations

import unicodedata

# Brackets around the year differ between offices, or are missing; some of them have no compatibility form.
_DROPPED = frozenset("()[]{}<>〔〕【】〈〉《》「」『』〖〗﹝﹞⟨⟩（）")
_INVISIBLE = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))


def fold_reference(text: str) -> str:
    """Return a document number without brackets, blanks and invisible characters, half-width, in upper case.

    "（2022）江 7425 刑初 1 号" and "[2022]江7425刑初1号" become "2022江7425刑初1号"; "" stays "".
    """
    upper = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _kept(text)).upper())
    # Again, because a circled or bracketed sign unfolds into brackets, and because dropping may join an accent.
    return unicodedata.normalize("NFKC", _kept(upper))


def _kept(text: str) -> str:
    return "".join(c for c in text if c not in _DROPPED and unicodedata.category(c) not in _INVISIBLE)
