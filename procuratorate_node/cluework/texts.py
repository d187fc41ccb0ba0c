"""Free texts that officers write about a clue: short, printable, and without a person's number."""

from __future__ import annotations

import unicodedata
from typing import Final

from linkage.audit.entry import reject_personal
from linkage.errors import AuditError, InputError

LONGEST: Final = 500


def plain_text(text: str, *, what: str = "理由 reason") -> str:
    """Return the text without outer blanks. Raises InputError for one too long, unprintable or with a person's number.

    Names cannot be told from other words, so the rule to write none stays with the officer.
    """
    found = unicodedata.normalize("NFC", text).strip()
    if len(found) > LONGEST or any(not c.isprintable() and c != "\n" for c in found):
        raise InputError(f"{what}：至多 {LONGEST} 字，不含控制字符", f"{what}: at most {LONGEST} printable characters")
    try:
        reject_personal(found)
    except AuditError:
        raise InputError(
            f"{what}：不得写入证件号码或电话号码",
            f"{what}: it must not hold a citizen or telephone number",
            hint_zh="删去号码后重新填写；个人信息只留在案卷里",
            hint_en="leave the number out; personal values stay in the case file",
        ) from None
    return found
