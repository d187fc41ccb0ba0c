"""Read the cell of a citizen number into a state and up to 18 certain digits (domain C1 D1-D8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from linkage.normalise.births import agrees
from linkage.normalise.characters import clean_cell
from linkage.normalise.checkdigit import (
    check_character,
    has_check,
    has_form,
    has_province,
    is_valid,
    real_date,
    upgrade,
)
from linkage.normalise.person import Birth, IdState, IdType
from linkage.normalise.repairs import repairs_of

_PLAIN = re.compile(r"[0-9]{17}[0-9X]")
_LABEL = re.compile(r"^(?:ID|NO|(?:居民|公民|二代)?身份(?:证|号)?(?:件)?(?:号码?)?|证件?号?码?|残疾人?证号?码?)[:.]?")
_QUOTES = "'\"`‘’“”′＇"
_DROPPED = re.compile(r"[\s\-‐‑‒–—―﹣]+")
_MASK = "*×✕✖✗╳X#?_□○●•■〇◯…▇█〓"
_MASKED = re.compile(rf"^[0-9{re.escape(_MASK)}]+$")
_SCIENTIFIC = re.compile(r"^(\d)(?:\.(\d+))?E\+?(\d{1,2})$")
_DISCERT = re.compile(r"^([0-9]{17}[0-9X])([1-7])([1-4])([A-Z0-9]{0,4})$")
_FPR15 = re.compile(r"^[A-Z]{3}\d{12}$")
_PASSPORT = re.compile(r"^(?:[EGDSPHMTKL]\d{7,10}|E[A-Z]\d{7})$")
_USCC = re.compile(r"^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$")
_OCR = str.maketrans("OQDILSBZ", "00011582")
_UNKNOWN = "?" * 18


@dataclass(frozen=True, slots=True, repr=False)
class Number:
    """Hold what one number cell gives. `digits` is "" or 18 characters, "?" where a digit is not certain."""

    state: IdState = IdState.ABSENT
    kind: IdType = IdType.NONE
    number: str = ""
    digits: str = ""
    repairs: tuple[str, ...] = ()
    damaged: str = ""  # The characters that repairs may start from; "" where nothing is to be repaired.

    def __repr__(self) -> str:
        return f"Number(state={self.state.value}, kind={self.kind.value})"


def read_number(cell: str, *, as_of: date, stated: Birth, sex: str = "") -> Number:
    """Read one cell. `stated` and `sex` are what the row says apart from it; they narrow repairs, never make a key.

    Passports, old foreign cards (FPR15) and credit codes have no 18-digit number: state ABSENT with their type.
    A number that passes the check but names no province is BAD_CHECK without repairs.
    """
    found = read_digits(cell, as_of=as_of, stated=stated)
    if not found.damaged:
        return found
    repairs = repairs_of(found.damaged, as_of=as_of, stated=stated, sex=sex)
    return replace(found, repairs=repairs, damaged="")


def read_digits(cell: str, *, as_of: date, stated: Birth) -> Number:
    """Read one cell without looking for repairs: they take longer than everything else and encoding needs none."""
    if _PLAIN.fullmatch(cell):
        return _from_18(cell, as_of=as_of, stated=stated)
    text = _cleaned(cell)
    if found := _SCIENTIFIC.match(text):
        return _from_scientific(found, as_of)
    text = _DROPPED.sub("", text)
    if len(text) == 18 and text[:17].isdigit() and text[:17].isascii() and text[17] in _MASK:
        return _last_place(text, as_of=as_of, stated=stated)
    if (text.isdigit() and text.isascii()) or has_form(text):
        return _from_digits(text, as_of=as_of, stated=stated)
    if _MASKED.match(text) and any(char in _MASK for char in text[:-1]) and not _DISCERT.match(text):
        return _from_mask(text)
    return _from_letters(text, as_of=as_of, stated=stated)


def _cleaned(cell: str) -> str:
    """Apply D1 and the Cyrillic part of D2; of several numbers in a cell keep the first."""
    text = clean_cell(cell).upper().strip(_QUOTES + " ").replace("Х", "X")
    text = _LABEL.sub("", text).strip(_QUOTES + " :")
    text = re.split(r"[、,;/|，；（(]", text, maxsplit=1)[0].strip()
    return text[:-2] if re.fullmatch(r"\d{15,18}\.0", text) else text


def _kind(number: str) -> IdType:
    if number[:2] in ("81", "82", "83"):
        return IdType.HMT18
    return IdType.FPR18 if number[0] == "9" else IdType.CN18


def _from_digits(text: str, *, as_of: date, stated: Birth) -> Number:
    if len(text) == 18:
        return _from_18(text, as_of=as_of, stated=stated)
    if len(text) == 15:
        return _from_15(text, as_of=as_of, stated=stated)
    if 20 <= len(text) <= 24:
        return _from_letters(text, as_of=as_of, stated=stated)
    return _from_wrong_length(text, as_of=as_of, stated=stated)


def _from_18(text: str, *, as_of: date, stated: Birth) -> Number:
    if is_valid(text, as_of):
        return Number(IdState.VALID, _kind(text), text, text)
    if has_check(text):
        # A substitution or swap always breaks the check, so there is nothing to repair here.
        state = IdState.BAD_DATE if has_province(text) else IdState.BAD_CHECK
        return Number(state, _kind(text), "", text)
    if text.endswith("000"):
        return Number(IdState.EXCEL_LOST, _kind(text), "", text[:15] + "???")
    return Number(IdState.BAD_CHECK, _kind(text), "", text, damaged=text)


def _from_15(text: str, *, as_of: date, stated: Birth) -> Number:
    """Upgrade a 15-digit number, unless it is rather the beginning of an 18-digit one (then the date tells)."""
    old = real_date("19" + text[6:12], as_of)
    cut = real_date(text[6:14], as_of)
    if old and not (cut and agrees(stated, cut) and not agrees(stated, old)) and has_province(text):
        number = upgrade(text)
        return Number(IdState.UPGRADED, IdType.CN15, number, number)
    if cut:
        return Number(IdState.TRUNCATED, _kind(text), "", text + "???")
    return Number(IdState.BAD_DATE, IdType.CN15, "", f"{text[:6]}19{text[6:]}?")


def _from_wrong_length(text: str, *, as_of: date, stated: Birth) -> Number:
    """Keep what is certain of 6-19 digits: the beginning, or the end when the first six digits were cut off."""
    if not 6 <= len(text) <= 19:
        return Number()
    damaged = text if len(text) >= 17 else ""
    if len(text) <= 12 and real_date(text[:8], as_of) and not has_province(text):
        return Number(IdState.TRUNCATED, IdType.CN18, "", ("??????" + text).ljust(18, "?"))
    if len(text) >= 16 and not real_date(text[6:14], as_of):
        text = text[:6]  # A digit was lost or doubled somewhere before the end: what follows is shifted.
    sure = text[: 14 if len(text) == 19 else 17].ljust(18, "?")
    return Number(IdState.TRUNCATED, _kind(text), "", sure, damaged=damaged)


def _last_place(text: str, *, as_of: date, stated: Birth) -> Number:
    """Read X, ×, * and the like in the last place as X when the check says so (D2), else as a mask or an error."""
    if text[17] == "X" or check_character(text[:17]) == "X" or text[17] in "×✕✖✗╳":
        return _from_18(text[:17] + "X", as_of=as_of, stated=stated)
    return _from_mask(text)


def _from_mask(text: str) -> Number:
    """Keep visible digits by position; with a wrong number of stars align both ends (D6)."""
    marks = "".join("?" if char in _MASK else char for char in text)
    if text[-1] == "X" and text[-2:] != "XX":
        marks = marks[:-1] + "X"
    if len(marks) == 20 and re.fullmatch(r"[1-7][1-4]", marks[18:]):
        marks = marks[: marks.index("?")] + "?" * 14  # Perhaps a certificate: then the end is category and grade.
    if len(marks) == 15:
        digits = re.match(r"[^?]{0,6}", marks)[0].ljust(18, "?")  # type: ignore[index]  # The pattern fits everything.
    elif len(marks) == 18:
        digits = marks
    else:
        head, tail = marks[: marks.index("?")], marks[marks.rindex("?") + 1 :]
        digits = head + "?" * (18 - len(head) - len(tail)) + tail if len(head) + len(tail) < 18 else _UNKNOWN
    seen = digits != _UNKNOWN
    return Number(IdState.MASKED, _kind(digits) if seen else IdType.NONE, "", digits if seen else "")


def _from_scientific(found: re.Match[str], as_of: date) -> Number:
    """Keep the digits that are the same at both ends of the interval the rounded mantissa stands for (D7)."""
    mantissa, exponent = found[1] + (found[2] or ""), int(found[3])
    if exponent == 14 and len(mantissa) >= 13:
        whole = mantissa.ljust(15, "0")[:15]
        return _from_15(whole, as_of=as_of, stated=Birth())
    if exponent != 17:
        return Number(IdState.EXCEL_LOST)
    value = int(mantissa[:18].ljust(18, "0"))
    if len(mantissa) >= 16:
        low, high = value - 64, value + 64  # A 53-bit number of this size is exact to 64.
    elif len(mantissa) >= 13:
        low, high = value - 500, value + 999  # Fifteen digits, cut or rounded; trailing zeros are not shown.
    else:
        half = 5 * 10 ** (17 - len(mantissa))  # Shown rounded to a few digits.
        low, high = value - half, value + half - 1
    same = next((i for i, (a, b) in enumerate(zip(str(low), str(high), strict=True)) if a != b), 18)
    return Number(IdState.EXCEL_LOST, _kind(str(value)), "", str(value)[: min(same, 15)].ljust(18, "?"))


def _from_letters(text: str, *, as_of: date, stated: Birth) -> Number:
    """Read certificates (D3), other papers, and letters an OCR or a hand put for digits (D8)."""
    if found := _DISCERT.match(text):
        inner = _from_18(found[1], as_of=as_of, stated=stated)
        if inner.state is IdState.VALID or (len(text) == 20 and real_date(text[6:14], as_of)):
            return Number(inner.state, IdType.DISCERT, inner.number, inner.digits, damaged=inner.damaged)
    if _FPR15.match(text):
        return Number(IdState.ABSENT, IdType.FPR15)
    if _PASSPORT.match(text):
        return Number(IdState.ABSENT, IdType.PASSPORT)
    mended = text[:-1].translate(_OCR) + text[-1:].translate(_OCR) if len(text) == 18 else ""
    if is_valid(mended, as_of):
        return Number(IdState.VALID, _kind(mended), mended, mended)
    return Number(IdState.ABSENT, IdType.USCC if _USCC.match(text) else IdType.NONE)
