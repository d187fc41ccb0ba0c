"""Single cells of the procuratorate's files: dates, sums, yes and no. Each returns None for what it cannot read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

DATE = re.compile(r"(\d{4})\s*[-./年]?\s*(\d{1,2})\s*[-./月]?\s*(\d{1,2})\s*日?(?:[ T].*)?")
PLAIN_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
MONEY = re.compile(r"(?:人民币|RMB|[¥￥])?([\d,]+(?:\.\d+)?)(万)?(?:余|多)?元?(?:整|人民币)?", re.IGNORECASE)
YES = frozenset({"是", "Y", "YES", "1", "已死亡", "死亡", "T", "TRUE"})
NO = frozenset({"否", "N", "NO", "0", "未死亡", "无", "F", "FALSE", "健在"})


def fold(cell: str) -> str:
    """Return a cell as NFKC without outer spaces; for values of closed lists, never for names."""
    return unicodedata.normalize("NFKC", cell).strip()


def parse_date(cell: str) -> date | None:
    """Read 2026-01-05, 20260105, 2026.1.5, 2026/1/5 or 2026年1月5日, perhaps with a time behind it."""
    text = fold(cell)
    found = PLAIN_DATE.fullmatch(text) or DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_money(cell: str) -> float | None:
    """Read a sum in yuan: 3100, 3,100.50, 3100元, 1.2万元."""
    found = MONEY.fullmatch(fold(cell).replace(" ", ""))
    if found is None:
        return None
    return float(found[1].replace(",", "")) * (10_000 if found[2] else 1)


def parse_yes_no(cell: str) -> bool | None:
    text = fold(cell).upper()
    if text in YES:
        return True
    return False if text in NO else None


def fold_cause(cell: str) -> str:
    """Return a charge or cause for comparison: NFKC, no spaces, no trailing 罪, 案 kept (petitions name cases)."""
    text = re.sub(r"\s+", "", fold(cell)).replace(",", "、")
    return text.removesuffix("罪")
