"""A text in two languages; Chinese is the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CHINESE: Final = "zh"
ENGLISH: Final = "en"
LANGUAGES: Final = (CHINESE, ENGLISH)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str

    def within(self, language: str) -> str:
        return self.en if language == ENGLISH else self.zh


def pair(text: str) -> Text:
    """Return both halves of "中文 | English", as commands and stored texts hold them; one half stands for both."""
    zh, _, en = text.partition(" | ")
    return Text(zh.strip(), en.strip() or zh.strip())
